"""Accounts on the command line: ``python -m qa users list | add | password | role | remove``."""

import argparse
import getpass
import sys
from collections.abc import Sequence

from web.console import ACTOR, run
from web.records.accounts import ADMINISTRATOR, ROLES, Accounts
from web.records.audit import Audit


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    :returns: as :func:`qa.exits.code_of`.
    """
    given = parser().parse_args(arguments)
    return run(lambda records: _run(Accounts(records), Audit(records), given))


def parser() -> argparse.ArgumentParser:
    """The parser of the commands."""
    root = argparse.ArgumentParser(prog="python -m qa users", description="管理后台账号 · accounts of the library")
    add = root.add_subparsers(dest="action", metavar="ACTION", required=True).add_parser
    add("list", help="列出账号 · list accounts")
    for action, meaning in (("add", "新增账号，密码从终端输入 · add an account; the password is asked for"),
                            ("password", "更改密码 · change a password"), ("role", "更改角色 · change a role"),
                            ("remove", "删除账号 · remove an account")):
        command = add(action, help=meaning)
        command.add_argument("name", metavar="NAME")
        if action == "add":
            command.add_argument("--role", choices=ROLES, default=ADMINISTRATOR)
        if action == "role":
            command.add_argument("role", choices=ROLES)
    return root


def _run(accounts: Accounts, audit: Audit, given: argparse.Namespace) -> str:
    if given.action == "list":
        return "\n".join(f"{account.name}\t{account.role}" for account in accounts.all()) or "还没有账号。 There is no account yet."
    if given.action == "add":
        accounts.add(given.name, _password(), given.role)
    elif given.action == "password":
        accounts.set_password(given.name, _password())
    elif given.action == "role":
        accounts.set_role(given.name, given.role)
    else:
        accounts.remove(given.name)
    audit.note(ACTOR, f"account_{given.action}", given.name)
    return f"已完成 done: {given.action} {given.name}"


def _password() -> str:
    """From the terminal without showing it, or the first line of what is piped in."""
    if sys.stdin.isatty():
        return getpass.getpass("密码 password: ")
    return sys.stdin.readline().rstrip("\n")


if __name__ == "__main__":
    sys.exit(main())
