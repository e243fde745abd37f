"""Keys of programs that use the API: what each may do, how often, and how often it did."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import JSON, Column, Engine, ForeignKey, Integer, String, Table, func, insert, select, update

from qa.errors import NotFound, ServiceError
from web.records.database import Moment, now, schema, upsert

ASK, READ, WRITE = "ask", "read", "write"
SCOPES = (ASK, READ, WRITE)
PREFIX = "rq_"  # what all keys begin with, so that one is known for one wherever it turns up
LONGEST_NAME = 64
PER_MINUTE, PER_DAY = 60, 10_000
MOST = 2**31 - 1  # calls that a limit may allow

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
    """:ivar scopes: what it may do, of :data:`SCOPES`: ask questions, read documents, change them.
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

    @property
    def limits(self) -> str:
        """``60/min 10000/day``"""
        return f"{self.per_minute}/min {self.per_day}/day"


@dataclass(frozen=True, slots=True)
class Use:
    """How much a key was used.

    :ivar calls: of each day of a period, the latest last.
    :ivar last: the latest day on which it was used at all.
    """

    calls: tuple[int, ...]
    last: date


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
        _check_limits(per_minute, per_day)
        key_id, token = secrets.token_hex(4), secrets.token_urlsafe(32)
        secret = f"{PREFIX}{key_id}_{token}"
        with self._engine.begin() as connection:
            connection.execute(insert(_table).values(
                id=key_id, name=name.strip(), digest=_digest(secret), scopes=[scope for scope in SCOPES if scope in scopes],
                per_minute=per_minute, per_day=per_day, created=now()))
        return self.find(key_id), secret

    def find(self, key_id: str) -> Key:
        """:raises NotFound: there is none of that id."""
        with self._engine.connect() as connection:
            row = connection.execute(select(_table).where(_table.c.id == key_id)).first()
        if row is None:
            raise NotFound("key_unknown", f"没有编号为 {key_id} 的密钥。 There is no key {key_id}.", id=key_id)
        return _key(row)

    def page(self, offset: int = 0, limit: int | None = None) -> tuple[list[Key], int]:
        """A page of all keys, newest first, revoked ones too, and how many there are in all."""
        wanted = select(_table).order_by(_table.c.created.desc(), _table.c.id).offset(offset).limit(limit)
        with self._engine.connect() as connection:
            keys = [_key(row) for row in connection.execute(wanted)]
            return keys, connection.execute(select(func.count()).select_from(_table)).scalar_one()

    def check(self, secret: str) -> Key | None:
        """The key with that secret, if it is not revoked."""
        key_id = secret.removeprefix(PREFIX).partition("_")[0]
        with self._engine.connect() as connection:
            row = connection.execute(select(_table).where(_table.c.id == key_id)).first()
        if row is None or row.revoked or not hmac.compare_digest(row.digest, _digest(secret)):
            return None
        return _key(row)

    def limit(self, key_id: str, per_minute: int, per_day: int) -> None:
        """Let a key make so many calls from now on.

        :raises KeyRefused: ``key_limit_invalid``.
        """
        _check_limits(per_minute, per_day)
        with self._engine.begin() as connection:
            connection.execute(update(_table).where(_table.c.id == key_id).values(per_minute=per_minute, per_day=per_day))

    def revoke(self, key_id: str) -> Key:
        """Make a key useless, for good.

        :raises NotFound: as :meth:`find`.
        """
        found = self.find(key_id)
        with self._engine.begin() as connection:
            connection.execute(update(_table).where(_table.c.id == key_id, _table.c.revoked.is_(None)).values(revoked=now()))
        return found

    def count(self, key: Key, calls: int = 1) -> None:
        """Note that a key was used.

        :param calls: as how many calls this counts.
        """
        with self._engine.begin() as connection:
            connection.execute(upsert(_usage).values(key=key.id, day=_today().isoformat(), calls=calls).on_conflict_do_update(
                index_elements=["key", "day"], set_={"calls": _usage.c.calls + calls}))

    def usage(self, days: int) -> dict[str, Use]:
        """The use in the last so many days, by this machine's clock, of every key that was ever used, by its id."""
        period = [(_today() - timedelta(days=before)).isoformat() for before in reversed(range(days))]
        latest = select(_usage.c.key, func.max(_usage.c.day)).group_by(_usage.c.key)
        with self._engine.connect() as connection:
            calls = {(row.key, row.day): row.calls for row in connection.execute(select(_usage).where(_usage.c.day >= period[0]))}
            return {key: Use(tuple(calls.get((key, day), 0) for day in period), date.fromisoformat(last))
                    for key, last in connection.execute(latest)}


def _check_limits(per_minute: int, per_day: int) -> None:
    if not (1 <= per_minute <= MOST and 1 <= per_day <= MOST):
        raise KeyRefused("key_limit_invalid", "每分钟和每天的次数都应是正整数。 The calls a minute and a day are to be positive whole numbers.")


def _today() -> date:
    return now().astimezone().date()


def _key(row) -> Key:
    return Key(row.id, row.name, tuple(row.scopes), row.per_minute, row.per_day, row.created, row.revoked)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
