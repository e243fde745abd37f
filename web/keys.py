"""Keys of the API on the command line: ``python -m qa keys list | create | revoke``."""

import argparse
import sys
from collections.abc import Sequence

from web.console import ACTOR, run
from web.records.audit import Audit
from web.records.keys import ASK, PER_DAY, PER_MINUTE, READ, SCOPES, Key, Keys

MONTH = 30  # days of use that are listed


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    :returns: as :func:`qa.exits.code_of`.
    """
    given = parser().parse_args(arguments)
    return run(lambda records: _run(Keys(records), Audit(records), given))


def parser() -> argparse.ArgumentParser:
    """The parser of the commands."""
    root = argparse.ArgumentParser(prog="python -m qa keys", description="管理接口密钥 · keys of the API")
    add = root.add_subparsers(dest="action", metavar="ACTION", required=True).add_parser
    add("list", help=f"列出密钥和近 {MONTH} 天的调用次数 · list keys and their calls of the last {MONTH} days")
    create = add("create", help="新建密钥，只显示这一次 · make a key, which is shown only now")
    create.add_argument("name", metavar="NAME", help="用途，如 客服机器人 · what it is for")
    create.add_argument("--scopes", nargs="+", choices=SCOPES, default=[ASK, READ], help="权限 · what it may do")
    create.add_argument("--per-minute", type=int, default=PER_MINUTE, help="每分钟次数 · calls a minute")
    create.add_argument("--per-day", type=int, default=PER_DAY, help="每天次数 · calls a day")
    add("revoke", help="撤销密钥 · make a key useless").add_argument("id", metavar="ID")
    return root


def _run(keys: Keys, audit: Audit, given: argparse.Namespace) -> str:
    if given.action == "list":
        used = {key_id: sum(use.calls) for key_id, use in keys.usage(MONTH).items()}
        return "\n".join(_line(key, used.get(key.id, 0)) for key in keys.page()[0]) or "还没有密钥。 There is no key yet."
    if given.action == "create":
        key, secret = keys.create(given.name, given.scopes, given.per_minute, given.per_day)
        audit.note(ACTOR, "key_create", key.name, id=key.id, scopes=list(key.scopes))
        print("请妥善保存，以后不再显示。 Keep it safe: it is not shown again.", file=sys.stderr)  # beside what a script reads
        return secret
    key = keys.revoke(given.id)
    audit.note(ACTOR, "key_revoke", key.name, id=key.id)
    return f"已撤销 revoked: {key.id} {key.name}"


def _line(key: Key, used: int) -> str:
    state = f"已撤销 revoked {key.revoked:%Y-%m-%d}" if key.revoked else "有效 valid"
    return "\t".join((key.id, key.name, ",".join(key.scopes), key.limits, state, f"{used}"))


if __name__ == "__main__":
    sys.exit(main())
