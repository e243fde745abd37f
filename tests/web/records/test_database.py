"""The database of the records, made by whoever comes first."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import inspect

from web.records.database import connect, schema

AT_ONCE = 8


@pytest.mark.parametrize("attempt", range(5))
def test_several_may_make_it_at_once(tmp_path, attempt):
    ready = Barrier(AT_ONCE)

    def make():
        ready.wait()
        return inspect(connect(tmp_path)).get_table_names()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        made = [pool.submit(make) for _ in range(AT_ONCE)]
    assert [set(each.result()) for each in made] == [set(schema.tables)] * AT_ONCE
