"""The tables of the library, the same in SQLite and in PostgreSQL, and what brings an older library up to them.

A document row is live in the generations [added, removed). Its text lies in blocks, so that a passage of a yearbook is read as fast
as one of a leaflet. Wide columns stand last: SQLite reads a row from its beginning, and looking at the narrow ones never touches the
wide. A passage id names one passage for ever, also after it is gone.
"""

import json

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    bindparam,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import UserDefinedType

BLOCK = 2048  # characters of a text that are stored together


class _Untyped(UserDefinedType):
    """What SQLite keeps as it is given."""

    cache_ok = True

    def get_col_spec(self) -> str:
        return ""


SCALAR = _Untyped().with_variant(JSON(), "postgresql")  # a number, a text, or nothing
PACKED = _Untyped().with_variant(LargeBinary(), "postgresql")
TEXT = Text().with_variant(Text(collation="C"), "postgresql")  # ordered by the numbers of its characters, as in SQLite
NUMBER = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts up INTEGER alone

schema = MetaData()

state = Table("state", schema, Column("key", TEXT, primary_key=True), Column("value", SCALAR), sqlite_with_rowid=False)

files = Table(
    "files", schema, Column("path", TEXT, primary_key=True), Column("root", TEXT, nullable=False), Column("source", TEXT, nullable=False),
    Column("sha256", TEXT, nullable=False), Column("size", NUMBER, nullable=False), Column("mtime_ns", NUMBER, nullable=False),
    Column("rules", TEXT, nullable=False), Column("texts", Integer, nullable=False), Column("problems", TEXT, nullable=False),
    sqlite_with_rowid=False)
Index("file_content", files.c.sha256)

raws = Table("raws", schema, Column("row", NUMBER, primary_key=True), Column("original", TEXT, nullable=False),
             Column("text", PACKED, nullable=False))

documents = Table(
    "documents", schema, Column("row", NUMBER, primary_key=True), Column("id", TEXT, nullable=False), Column("path", TEXT, nullable=False),
    Column("source", TEXT, nullable=False), Column("raw", ForeignKey(raws.c.row), nullable=False),
    Column("added", Integer, nullable=False), Column("removed", Integer), Column("title", TEXT, nullable=False), Column("issuer", TEXT),
    Column("region", TEXT), Column("published", TEXT), Column("report_year", Integer), Column("number", TEXT), Column("origin", TEXT),
    Column("url", TEXT), Column("sections", PACKED, nullable=False), Column("pages", TEXT, nullable=False),
    Column("offsets", TEXT, nullable=False), sqlite_autoincrement=True)
NOW = documents.c.removed.is_(None)
GONE = documents.c.removed.is_not(None)
Index("document_now", documents.c.id, unique=True, sqlite_where=NOW, postgresql_where=NOW)
Index("document_path", documents.c.path, sqlite_where=NOW, postgresql_where=NOW)
Index("document_id", documents.c.id)
Index("document_life", documents.c.added, documents.c.removed)
Index("document_removed", documents.c.removed, sqlite_where=GONE, postgresql_where=GONE)
Index("document_raw", documents.c.raw)

texts = Table(
    "texts", schema, Column("document", ForeignKey(documents.c.row, ondelete="CASCADE"), primary_key=True),
    Column("start", Integer, primary_key=True), Column("text", PACKED, nullable=False))

passages = Table(
    "passages", schema, Column("id", NUMBER, primary_key=True),
    Column("document", ForeignKey(documents.c.row, ondelete="CASCADE"), nullable=False), Column("start", Integer, nullable=False),
    Column("stop", Integer, nullable=False), Column("page", Integer), Column("section", TEXT, nullable=False), sqlite_autoincrement=True)
Index("passage_document", passages.c.document)

corrections = Table(
    "corrections", schema, Column("document", TEXT, primary_key=True), Column("field", TEXT, primary_key=True), Column("value", SCALAR),
    sqlite_with_rowid=False)

# A document, by its id, is withdrawn in the generations [since, until): it is kept, and answers nothing.
withdrawals = Table(
    "withdrawals", schema, Column("document", TEXT, primary_key=True), Column("since", Integer, primary_key=True, autoincrement=False),
    Column("until", Integer), sqlite_with_rowid=False)

# From each older format to the next, in the words of its day; the present one's number is how many there are and one.
_WITHDRAWALS = """CREATE TABLE withdrawals (
    document TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER, PRIMARY KEY (document, since)) WITHOUT ROWID"""
_PACKING = ""  # from there on texts are packed as they are written; those that lie there already stay readable as they are
STEPS = (_WITHDRAWALS, _PACKING)
FORMAT = len(STEPS) + 1


class _List(TypeDecorator):
    """A list of any length as one parameter."""

    impl = Text
    cache_ok = True

    def __init__(self, item: type) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect):
        return dialect.type_descriptor(ARRAY(self.item()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value, dialect):
        return list(value) if dialect.name == "postgresql" else json.dumps(list(value))


class _Among(FunctionElement):
    name = "among"
    inherit_cache = True


@compiles(_Among, "sqlite")
def _among_sqlite(element, compiler, **options) -> str:
    column, wanted = element.clauses
    return f"{compiler.process(column, **options)} IN (SELECT value FROM json_each({compiler.process(wanted, **options)}))"


@compiles(_Among, "postgresql")
def _among_postgresql(element, compiler, **options) -> str:
    column, wanted = element.clauses
    return f"{compiler.process(column, **options)} = ANY({compiler.process(wanted, **options)})"


def among(column: ColumnElement, name: str) -> ColumnElement:
    """The condition that a column's value is one of a parameter of that name, a list of any length: SQLite takes no more than 32,766
    parameters."""
    return _Among(column, bindparam(name, type_=_List(BigInteger if column.type.python_type is int else Text)))
