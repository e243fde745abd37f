"""Keys of the API on the command line."""

import pytest

from web import keys
from web.records.audit import Audit
from web.records.database import connect
from web.records.keys import Keys


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs a command; its exit code and what it said."""
    monkeypatch.setenv("QA_HOME", str(tmp_path))

    def go(*arguments: str) -> tuple[int, str]:
        code = keys.main(arguments)
        said = capsys.readouterr()
        return code, said.out + said.err

    return go


def test_a_key_is_made_listed_and_revoked(run, tmp_path):
    assert run("list")[1].startswith("还没有密钥")
    code, said = run("create", "客服机器人", "--scopes", "ask", "--per-minute", "5")
    secret = said.splitlines()[0]  # the rest stands in standard error, so that a script may read the key
    key = Keys(connect(tmp_path)).check(secret)
    assert code == 0
    assert (key.name, key.scopes, key.per_minute) == ("客服机器人", ("ask",), 5)
    listed = run("list")[1]
    assert key.id in listed and "5/min" in listed and secret not in listed
    assert run("revoke", key.id)[0] == 0
    assert Keys(connect(tmp_path)).check(secret) is None
    assert "已撤销" in run("list")[1]
    assert [change.action for change in Audit(connect(tmp_path)).page()[0]] == ["key_revoke", "key_create"]


def test_what_cannot_be_done_is_said(run):
    code, said = run("revoke", "00000000")
    assert code == 2
    assert "没有编号为" in said
