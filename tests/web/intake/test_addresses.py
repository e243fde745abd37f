"""Which addresses may be fetched."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.intake.addresses import LONGEST, AddressRefused, is_public, resolve, target

# Every block that is not the open internet, as IANA's registries of special-purpose addresses list them.
CLOSED_V4 = ["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.2.0/24", "192.168.0.0/16",
             "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"]
CLOSED_V6 = ["::/128", "::1/128", "::/96", "100::/64", "2001::/32", "2001:db8::/32", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"]
OPEN = ["8.8.8.8", "114.114.114.114", "1.1.1.1", "172.32.0.1", "192.169.0.1", "2606:4700::1111", "240e::1"]


def inside(blocks):
    """Addresses of any of some blocks."""
    return st.one_of([st.integers(int(n[0]), int(n[-1])).map(type(n[0])) for n in map(ip_network, blocks)])


@given(inside(CLOSED_V4 + CLOSED_V6))
def test_no_address_of_a_closed_block_is_public(address):
    assert not is_public(address)


@given(inside(CLOSED_V4))
def test_no_way_around_by_ipv6(address):
    number = int(address)
    for base, shift in ((0xFFFF << 32, 0), (0x0064FF9B << 96, 0), (0x2002 << 112, 80), (0, 0)):
        assert not is_public(IPv6Address(base | number << shift))


@pytest.mark.parametrize("text", OPEN)
def test_the_open_internet_is_public(text):
    address = ip_address(text)
    assert is_public(address)
    if isinstance(address, IPv4Address):
        assert is_public(IPv6Address(f"::ffff:{text}"))
        assert is_public(IPv6Address(f"64:ff9b::{text}"))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "[::1]", "[::ffff:10.0.0.1]",
                                  "10.1.2.3", "169.254.169.254", "0.0.0.0", "[fe80::1%25eth0]"])
def test_a_host_of_this_network_is_refused_however_it_is_written(host):
    with pytest.raises(AddressRefused) as caught:
        resolve(target(f"http://{host}/报告.pdf"))
    assert caught.value.code in ("address_private", "host_unknown", "bad_address")


def test_one_closed_address_among_open_ones_is_enough_to_refuse(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("8.8.8.8", "10.0.0.1")])
    with pytest.raises(AddressRefused, match="QA_FETCH_NETWORKS") as caught:
        resolve(target("http://report.example/"))
    assert caught.value.detail["address"] == "10.0.0.1"
    assert len(resolve(target("http://report.example/"), [ip_network("10.0.0.0/24")])) == 2


def test_an_unknown_host_is_said():
    with pytest.raises(AddressRefused) as caught:
        resolve(target("http://nowhere.invalid/"))
    assert caught.value.code == "host_unknown"


@pytest.mark.parametrize("url", ["", "报告", "ftp://a.example/x", "file:///etc/passwd", "//a.example/x", "http://", "http:///x", "http://u:p@a.example/",
                                 "http://u@a.example/", "http://a.example:99999/", "http://a.example:port/", "http://[::1/", "http://a..example/",
                                 "http://a.example/" + "x" * LONGEST, "gopher://a.example/", "javascript:alert(1)"])
def test_what_is_no_web_address_is_refused(url):
    with pytest.raises(AddressRefused) as caught:
        target(url)
    assert caught.value.code == "bad_address"


def test_an_address_is_taken_apart():
    found = target(" https://政府.example:8443/报告 一.pdf?年=2020#第一节 ")
    assert (found.scheme, found.host, found.port) == ("https", "xn--mxtq1m.example", 8443)
    assert found.path == "/%E6%8A%A5%E5%91%8A%20%E4%B8%80.pdf?%E5%B9%B4=2020"
    assert found.authority == "xn--mxtq1m.example:8443"
    assert found.url == "https://政府.example:8443/报告 一.pdf?年=2020"
    assert target("http://[2606:4700::1111]/a%20b?c=%E6").path == "/a%20b?c=%E6"
    assert target("http://[2606:4700::1111]").authority == "[2606:4700::1111]"


@given(st.text())
def test_anything_is_an_address_or_refused(text):
    for url in (text, f"http://{text}", f"http://a.example/{text}"):
        try:
            found = target(url)
        except AddressRefused:
            continue
        assert found.scheme in ("http", "https")
        assert found.path.isascii()
        assert not set(" \r\n") & set(found.path + found.authority)
