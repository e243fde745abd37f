"""Which addresses may be fetched: http and https, of hosts outside this network."""

import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote, urlsplit

from qa.errors import QuestionError

Ip = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

PORTS = {"http": 80, "https": 443}
LONGEST = 2000  # characters
_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?")
_NAT64 = ip_network("64:ff9b::/96")


class AddressRefused(QuestionError):
    """An address that is not fetched; the message says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address, taken apart.

    :ivar host: a name, or an IP address without brackets.
    :ivar path: path and query, percent-encoded.
    """

    url: str
    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Host and port as the header ``Host`` names them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def target(url: str) -> Target:
    """An address that is written as it should be.

    :raises AddressRefused: ``bad_address``.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port or PORTS[parts.scheme]
        host = (parts.hostname or "").encode("idna" if not _is_ip(parts.hostname) else "ascii").decode()
    except (ValueError, KeyError) as error:  # a UnicodeError is a ValueError
        raise _bad(url) from error
    if not (_is_ip(host) or _NAME.fullmatch(host)) or parts.username is not None or parts.password is not None or len(url) > LONGEST:
        raise _bad(url)
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~") + (f"?{quote(parts.query, safe='/%:@!$&()*+,;=~?[]')}" if parts.query else "")
    return Target(parts._replace(fragment="").geturl(), parts.scheme, host, port, path)


def resolve(to: Target, allowed: Sequence[Network] = ()) -> list[Ip]:
    """The addresses of a target's host, every one of which may be connected to.

    :param allowed: networks that may be reached although they are no public ones.
    :raises AddressRefused: ``host_unknown``, or ``address_private`` where any of them may not be.
    """
    try:
        found = socket.getaddrinfo(to.host, to.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressRefused("host_unknown", f"找不到主机 {to.host}，请检查网址。 The host {to.host} cannot be found: check the address.",
                             host=to.host) from error
    addresses = list(dict.fromkeys(ip_address(place[0].partition("%")[0]) for *_, place in found))
    for address in addresses:
        if not (is_public(address) or any(address in network for network in allowed)):
            raise AddressRefused(
                "address_private", f"主机 {to.host} 在内部网络（{address}），不能从那里收录；确需收录时，管理员可设置 QA_FETCH_NETWORKS。"
                f" The host {to.host} is in a private network ({address}) and is not fetched from; where it should be, set"
                " QA_FETCH_NETWORKS.", host=to.host, address=str(address))
    return addresses


def is_public(address: Ip) -> bool:
    """Whether an address is one of the open internet: not private, loopback, link-local, multicast, reserved or
    unspecified, nor an IPv6 address that leads to such an IPv4 address."""
    if isinstance(address, IPv6Address):
        inner = IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address.ipv4_mapped or address.sixtofour
        if inner:
            return is_public(inner)
        if address.teredo or address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _is_ip(host: str | None) -> bool:
    try:
        ip_address(host or "")
    except ValueError:
        return False
    return True


def _bad(url: str) -> AddressRefused:
    return AddressRefused("bad_address", "请填写以 http:// 或 https:// 开头、不含账号密码的完整网址。"
                          " Give a whole address that begins with http:// or https:// and holds no account or password.", url=url[:LONGEST])
