"""Accounts: kept with their passwords hashed, and never without an administrator."""

import pytest
from sqlalchemy import text

from web.records.accounts import ADMINISTRATOR, VIEWER, AccountError, Accounts, first_administrator

PASSWORD = "云溪 and a long one"


@pytest.fixture
def accounts(engine) -> Accounts:
    return Accounts(engine)


def test_an_account_enters_with_its_own_password_only(accounts, engine):
    made = accounts.add("李", PASSWORD, VIEWER)
    assert accounts.check("李", PASSWORD) == made
    assert accounts.check("李", PASSWORD + "x") is None
    assert accounts.check("王", PASSWORD) is None
    assert not made.is_administrator
    with engine.connect() as connection:
        assert PASSWORD not in str(connection.execute(text("SELECT * FROM accounts")).all())


def test_a_new_password_changes_the_stamp(accounts):
    before = accounts.add("李", PASSWORD, VIEWER)
    accounts.set_password("李", PASSWORD[::-1])
    assert accounts.check("李", PASSWORD) is None
    assert accounts.check("李", PASSWORD[::-1]).stamp != before.stamp


@pytest.mark.parametrize(("name", "password", "role", "code"), [
    ("李", PASSWORD, VIEWER, "account_exists"), ("", PASSWORD, VIEWER, "name_invalid"), (" 王", PASSWORD, VIEWER, "name_invalid"),
    ("王\n", PASSWORD, VIEWER, "name_invalid"), ("x" * 65, PASSWORD, VIEWER, "name_invalid"), ("王", "short", VIEWER, "password_unfit"),
    ("王", "x" * 257, VIEWER, "password_unfit"), ("王", PASSWORD, "owner", "role_unknown")])
def test_what_is_no_account_is_refused(accounts, name, password, role, code):
    accounts.add("李", PASSWORD, VIEWER)
    with pytest.raises(AccountError) as caught:
        accounts.add(name, password, role)
    assert caught.value.code == code
    assert [account.name for account in accounts.all()] == ["李"]


def test_the_last_administrator_stays(accounts):
    accounts.add("李", PASSWORD, ADMINISTRATOR)
    for change in (lambda: accounts.remove("李"), lambda: accounts.set_role("李", VIEWER)):
        with pytest.raises(AccountError, match="最后一个管理员"):
            change()
    accounts.add("王", PASSWORD, ADMINISTRATOR)
    accounts.set_role("李", VIEWER)
    accounts.remove("李")
    assert [account.name for account in accounts.all()] == ["王"]
    with pytest.raises(AccountError, match="没有名为"):
        accounts.remove("李")


def test_the_first_administrator_is_made_once(accounts):
    password = first_administrator(accounts)
    assert accounts.check("admin", password).is_administrator
    assert first_administrator(accounts) is None
