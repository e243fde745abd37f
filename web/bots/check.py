"""The bots on the command line: ``python -m qa bots list | check PLATFORM``."""

import argparse
import sys
from collections.abc import Sequence
from urllib.parse import urlencode

from urllib3 import PoolManager
from urllib3.exceptions import HTTPError

from qa.errors import ServiceError
from qa.exits import UNAVAILABLE, USAGE
from qa.settings import Settings
from web.bots.outgoing import Outgoing
from web.bots.platforms import PLATFORMS
from web.bots.shape import Platform

SECONDS = 10.0  # that the service may take
_BOTS = {kind.name: kind for kind in PLATFORMS}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    :returns: 0; 2 where settings are missing or wrong; 3 where the service did not take the test call.
    """
    given = parser().parse_args(arguments)
    try:
        settings = Settings.from_environment()
        return check(_BOTS[given.platform], settings, given.url) if given.action == "check" else show(settings)
    except ServiceError as error:
        print(error.message, file=sys.stderr)
        return USAGE


def parser() -> argparse.ArgumentParser:
    """The parser of these commands."""
    root = argparse.ArgumentParser(prog="python -m qa bots", description="消息平台的机器人。 The bots on messaging platforms.")
    add = root.add_subparsers(dest="action", metavar="ACTION", required=True).add_parser
    add("list", help="列出各平台是否已设置 · list the platforms, and whether each has its settings")
    command = add("check", help="检查设置，并向正在运行的服务发一个签了名的测试请求 · check settings, and send a signed test call to the running service")
    command.add_argument("platform", choices=_BOTS, metavar="PLATFORM", help="、".join(_BOTS))
    command.add_argument("--url", metavar="ADDRESS", help="服务的地址，默认为本机；可填公网地址，连同反向代理一起检查 · address of the service,"
                         " by default on this machine; give the public one to check the reverse proxy too")
    return root


def show(settings: Settings) -> int:
    """One line a platform: name, what is missing."""
    for kind in PLATFORMS:
        missing = kind.missing(settings)
        print(kind.name, f"缺少 missing: {', '.join(missing)}" if missing else "已设置 ready", sep="\t")
    return 0


def check(kind: type[Platform], settings: Settings, url: str | None) -> int:
    """Say what is missing, or whether the service takes a call that is signed with these settings."""
    if missing := kind.missing(settings):
        print(f"缺少设置 missing settings: {', '.join(missing)}", file=sys.stderr)
        return USAGE
    host = {"0.0.0.0": "127.0.0.1", "::": "127.0.0.1"}.get(settings.host, settings.host)
    site = (url or f"http://{host}:{settings.port}").rstrip("/")
    call, expected = kind(settings, Outgoing()).probe()
    address = f"{site}/bots/{kind.name}"
    try:
        response = PoolManager(timeout=SECONDS, retries=False).request(
            call.method, f"{address}?{urlencode(call.query)}", body=call.body, headers=dict(call.headers))
    except HTTPError as error:
        print(f"连不上 {address} ，请先启动服务（python -m qa serve）。 {address} cannot be reached ({type(error).__name__}); start the"
              " service first.", file=sys.stderr)
        return UNAVAILABLE
    if response.status != 200 or expected not in response.data.decode(errors="replace"):
        print(f"{address} 答复 {response.status}，没有接受测试请求，或没有连上平台：请检查服务启动时的设置是否与此处相同，以及两边的时钟；日志里有原因。"
              f" {address} answered {response.status} and did not take the test call, or is not connected to the platform: check that it was"
              " started with these settings, and both clocks; its log has the reason.",
              file=sys.stderr)
        return UNAVAILABLE
    print(f"{kind.name} 正常：{address} 接受了签名的测试请求。 {kind.name} works: {address} took the signed test call.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
