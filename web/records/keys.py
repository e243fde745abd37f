"""Keys of programs that use the API: what each may do, how often, and how often it did."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import JSON, Column, Engine, ForeignKey, Integer, String, Table, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from qa.errors import ServiceError
from web.records.database import Moment, now, schema

ASK, READ = "ask", "read"
SCOPES = (ASK, READ)
PREFIX = "rq_"  # what all keys begin with, so that one is known for one wherever it turns up
LONGEST_NAME = 64
PER_MINUTE, PER_DAY = 60, 10_000

_table = Table(
    "api_keys", schema, Column("id", String(8), primary_key=True), Column("name", String(LONGEST_NAME), nullable=False),
    Column("digest", String(64), nullable=False), Column("scopes", JSON, nullable=False),
    Column("per_minute", Integer, nullable=False), Column("per_day", Integer, nullable=False),
    Column("created", Moment, nullable=False), Column("revoked", Moment))
_usage = Table(
    "api_key_usage", schema, Column("key", ForeignKey(_table.c.id), primary_key=True), Column("day", String(10), primary_key=True),
    Column("calls", Integer, nullable=False))


@dataclass(frozen=True, slots=True)
class Key:
    """:ivar scopes: what it may do, of :data:`SCOPES`: ask questions, read documents.
    :ivar per_minute, per_day: calls that it may make.
    :ivar revoked: since when it is of no use any more, or None.
    """

    id: str
    name: str
    scopes: tuple[str, ...]
    per_minute: int
    per_day: int
    created: datetime
    revoked: datetime | None


class KeyRefused(ServiceError):
    """A key cannot be made or changed as asked."""


class Keys:
    """All keys. Of each only a hash is kept: it is 256 random bits, which needs no slow one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(self, name: str, scopes: Sequence[str], per_minute: int = PER_MINUTE, per_day: int = PER_DAY) -> tuple[Key, str]:
        """A new key and its secret, which is not to be had again.

        :raises KeyRefused: ``key_name_invalid``, ``scope_unknown`` or ``key_limit_invalid``.
        """
        if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
            raise KeyRefused("key_name_invalid", f"密钥的名称应为 1 到 {LONGEST_NAME} 个字。 A key's name has 1 to {LONGEST_NAME} characters.")
        if not scopes or set(scopes) - set(SCOPES):
            raise KeyRefused("scope_unknown", f"权限可选：{'、'.join(SCOPES)}，至少选一项。 Choose at least one scope of {', '.join(SCOPES)}.")
        if per_minute < 1 or per_day < 1:
            raise KeyRefused("key_limit_invalid", "每分钟和每天的次数都应是正整数。 The calls a minute and a day are to be positive whole numbers.")
        key_id, token = secrets.token_hex(4), secrets.token_urlsafe(32)
        secret = f"{PREFIX}{key_id}_{token}"
        with self._engine.begin() as connection:
            connection.execute(insert(_table).values(
                id=key_id, name=name.strip(), digest=_digest(secret), scopes=[scope for scope in SCOPES if scope in scopes],
                per_minute=per_minute, per_day=per_day, created=now()))
        return self._find(key_id), secret

    def all(self) -> list[Key]:
        """Every key, newest first, revoked ones too."""
        with self._engine.connect() as connection:
            return [_key(row) for row in connection.execute(select(_table).order_by(_table.c.created.desc(), _table.c.id))]

    def check(self, secret: str) -> Key | None:
        """The key with that secret, if it is not revoked."""
        key_id = secret.removeprefix(PREFIX).partition("_")[0]
        with self._engine.connect() as connection:
            row = connection.execute(select(_table).where(_table.c.id == key_id)).first()
        if row is None or row.revoked or not hmac.compare_digest(row.digest, _digest(secret)):
            return None
        return _key(row)

    def revoke(self, key_id: str) -> Key:
        """Make a key useless, for good.

        :raises KeyRefused: ``key_unknown``.
        """
        found = self._find(key_id)
        with self._engine.begin() as connection:
            connection.execute(update(_table).where(_table.c.id == key_id, _table.c.revoked.is_(None)).values(revoked=now()))
        return found

    def count(self, key: Key) -> None:
        """Note that a key was used."""
        today = now().date().isoformat()
        with self._engine.begin() as connection:
            connection.execute(upsert(_usage).values(key=key.id, day=today, calls=1).on_conflict_do_update(
                index_elements=["key", "day"], set_={"calls": _usage.c.calls + 1}))

    def usage(self, days: int) -> dict[str, int]:
        """Calls of the last so many days, by the id of the key."""
        first = (now() - timedelta(days=days - 1)).date().isoformat()
        wanted = select(_usage.c.key, func.sum(_usage.c.calls).label("calls")).where(_usage.c.day >= first).group_by(_usage.c.key)
        with self._engine.connect() as connection:
            return {row.key: row.calls for row in connection.execute(wanted)}

    def _find(self, key_id: str) -> Key:
        with self._engine.connect() as connection:
            row = connection.execute(select(_table).where(_table.c.id == key_id)).first()
        if row is None:
            raise KeyRefused("key_unknown", f"没有编号为 {key_id} 的密钥。 There is no key {key_id}.", id=key_id)
        return _key(row)


def _key(row) -> Key:
    return Key(row.id, row.name, tuple(row.scopes), row.per_minute, row.per_day, row.created, row.revoked)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
