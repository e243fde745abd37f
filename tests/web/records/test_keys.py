"""Keys of the API."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from qa.errors import NotFound
from web.records import keys as module
from web.records.database import now
from web.records.keys import ASK, READ, KeyRefused, Keys, Use


@pytest.fixture
def keys(engine):
    return Keys(engine)


def test_a_key_is_known_by_its_secret_alone_which_is_not_kept(keys, engine):
    made, secret = keys.create(" 客服机器人 ", [READ, ASK], 5, 50)
    assert (made.name, made.scopes, made.per_minute, made.per_day) == ("客服机器人", (ASK, READ), 5, 50)
    assert Keys(engine).check(secret) == made
    other, another = keys.create("另一个", [READ])
    assert keys.check(another) == other
    for wrong in (secret[:-1], secret + "a", another.replace(other.id, made.id), made.id, f"rq_{made.id}_", ""):
        assert keys.check(wrong) is None
    with engine.connect() as connection:
        assert secret not in str(connection.execute(text("SELECT * FROM api_keys")).all())


def test_a_revoked_key_is_listed_and_of_no_use(keys):
    made, secret = keys.create("客服", [ASK])
    keys.revoke(made.id)
    keys.revoke(made.id)
    assert keys.check(secret) is None
    assert [key.revoked is not None for key in keys.page()[0]] == [True]


def test_keys_come_in_pages_newest_first(keys, monkeypatch):
    today = now()
    for number in range(3):
        monkeypatch.setattr(module, "now", lambda days=number: today + timedelta(days=days))
        keys.create(f"第{number}个", [ASK])
    page, total = keys.page(1, 1)
    assert ([key.name for key in page], total) == (["第1个"], 3)


def test_use_is_counted_by_key_and_day(keys, monkeypatch):
    one, _ = keys.create("甲", [ASK])
    two, _ = keys.create("乙", [ASK])
    keys.create("丙", [ASK])
    for key in (one, one, two):
        keys.count(key)
    today = now()
    monkeypatch.setattr(module, "now", lambda: today + timedelta(days=1))
    keys.count(one)
    first, second = (day.astimezone().date() for day in (today, today + timedelta(days=1)))
    assert keys.usage(2) == {one.id: Use((2, 1), second), two.id: Use((1, 0), first)}
    assert keys.usage(1) == {one.id: Use((1,), second), two.id: Use((0,), first)}


def test_a_limit_is_changed(keys):
    made, secret = keys.create("甲", [ASK], 5, 50)
    other, _ = keys.create("乙", [ASK], 5, 50)
    keys.limit(made.id, 7, 70)
    assert (keys.check(secret).per_minute, keys.check(secret).per_day) == (7, 70)
    assert keys.find(other.id) == other
    for limits in ((0, 1), (1, 0), (1, 2**31)):
        with pytest.raises(KeyRefused) as refused:
            keys.limit(made.id, *limits)
        assert refused.value.code == "key_limit_invalid"
    assert keys.find(made.id).per_day == 70


@pytest.mark.parametrize(("name", "scopes", "limits", "code"), [
    (" ", [ASK], (1, 1), "key_name_invalid"), ("长" * 65, [ASK], (1, 1), "key_name_invalid"), ("甲", [], (1, 1), "scope_unknown"),
    ("甲", ["admin"], (1, 1), "scope_unknown"), ("甲", [ASK], (0, 1), "key_limit_invalid"), ("甲", [ASK], (1, 0), "key_limit_invalid")])
def test_what_makes_no_key_is_refused(keys, name, scopes, limits, code):
    with pytest.raises(KeyRefused) as refused:
        keys.create(name, scopes, *limits)
    assert refused.value.code == code
    assert keys.page() == ([], 0)


def test_an_unknown_key_cannot_be_revoked(keys):
    with pytest.raises(NotFound, match="没有编号为"):
        keys.revoke("00000000")
