"""The records in either database."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from web.records.database import connect


@pytest.fixture
def engine(tmp_path, database_url) -> Iterator[Engine]:
    """Records with nothing in them."""
    engine = connect(tmp_path, database_url)
    yield engine
    engine.dispose()
