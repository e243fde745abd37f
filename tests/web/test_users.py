"""Accounts on the command line."""

import io

import pytest

from web import users
from web.records.accounts import Accounts
from web.records.audit import Audit
from web.records.database import connect

PASSWORD = "a long password"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs a command with a password piped in; its exit code and what it said."""
    monkeypatch.setenv("QA_HOME", str(tmp_path))

    def go(*arguments: str, password: str = PASSWORD) -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
        code = users.main(arguments)
        said = capsys.readouterr()
        return code, said.out + said.err

    return go


def test_accounts_are_added_changed_listed_and_removed(run, tmp_path):
    assert run("list")[1].startswith("还没有账号")
    assert run("add", "李")[0] == 0
    assert run("add", "王", "--role", "viewer")[0] == 0
    assert run("list") == (0, "李\tadministrator\n王\tviewer\n")
    assert run("password", "王", password=PASSWORD * 2)[0] == 0
    assert Accounts(connect(tmp_path)).check("王", PASSWORD * 2)
    assert run("role", "王", "administrator")[0] == 0
    assert run("remove", "李")[0] == 0
    assert {change.actor for change in Audit(connect(tmp_path)).page()[0]} == {"command line"}


def test_what_cannot_be_done_is_said(run):
    run("add", "李")
    for command, words in ((("remove", "李"), "最后一个管理员"), (("add", "李"), "已经有了"), (("password", "王"), "没有名为")):
        code, said = run(*command)
        assert code == 2
        assert words in said


def test_a_database_that_is_away_is_no_bad_input(run, monkeypatch):
    monkeypatch.setenv("QA_DATABASE_URL", "postgresql://qa@127.0.0.1:1/qa")
    code, said = run("list")
    assert (code, "连接不上数据库" in said) == (3, True)
