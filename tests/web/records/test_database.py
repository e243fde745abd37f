"""The database of the records, made by whoever comes first."""

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from threading import Barrier

import pytest
from sqlalchemy import inspect

from web.records.accounts import Accounts
from web.records.database import KEPT_OPEN, connect, schema

AT_ONCE = 8


@pytest.mark.parametrize("attempt", range(5))
def test_several_may_make_it_at_once(tmp_path, database_url, attempt):
    ready = Barrier(AT_ONCE)

    def make():
        ready.wait()
        engine = connect(tmp_path, database_url)
        names = inspect(engine).get_table_names()
        engine.dispose()
        return names

    with ThreadPoolExecutor(AT_ONCE) as pool:
        made = [pool.submit(make) for _ in range(AT_ONCE)]
    assert [set(each.result()) for each in made] == [set(schema.tables)] * AT_ONCE


def test_connections_are_kept_open_and_do_not_cross_a_fork(engine):

    def used():
        with engine.connect() as connection:
            return connection.connection.dbapi_connection

    kept = used()
    assert used() is kept
    child = get_context("fork").Process(target=lambda: sys.exit(used() is kept))
    child.start()
    child.join()
    assert child.exitcode == 0
    assert used() is not kept


def test_more_may_be_open_at_once_than_are_kept(engine):
    with ExitStack() as stack:
        for _ in range(KEPT_OPEN + 3):
            stack.enter_context(engine.connect())
    assert engine.pool.checkedin() == KEPT_OPEN


def test_text_may_hold_nul(engine):
    assert Accounts(engine).check("李\0", "a long password") is None
