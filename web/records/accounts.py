"""Who may enter the library, and as what."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import Column, Engine, Integer, String, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from qa.errors import QuestionError
from web.records.database import Moment, now, schema

VIEWER, ADMINISTRATOR = "viewer", "administrator"
ROLES = (VIEWER, ADMINISTRATOR)
SHORTEST, LONGEST = 10, 256  # characters of a password
LONGEST_NAME = 64

_hasher = PasswordHasher()

_table = Table(
    "accounts", schema, Column("id", Integer, primary_key=True), Column("name", String(LONGEST_NAME), unique=True, nullable=False),
    Column("password", String(256), nullable=False), Column("role", String(16), nullable=False),
    Column("created", Moment, nullable=False))


@dataclass(frozen=True, slots=True)
class Account:
    """:ivar role: one of :data:`ROLES`; an administrator may change what a viewer may only see.
    :ivar stamp: changes with the password, so that sessions opened before end.
    """

    id: int
    name: str
    role: str
    created: datetime
    stamp: str

    @property
    def is_administrator(self) -> bool:
        return self.role == ADMINISTRATOR


class AccountError(QuestionError):
    """An account cannot be made or changed as asked."""


class Accounts:
    """All accounts. Names are compared as they are written."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> list[Account]:
        """Every account, by name."""
        with self._engine.connect() as connection:
            return [_account(row) for row in connection.execute(select(_table).order_by(_table.c.name))]

    def find(self, account_id: int) -> Account | None:
        """The account of that number."""
        with self._engine.connect() as connection:
            row = connection.execute(select(_table).where(_table.c.id == account_id)).first()
        return _account(row) if row else None

    def named(self, name: str) -> Account:
        """:raises AccountError: ``account_unknown``."""
        with self._engine.connect() as connection:
            row = connection.execute(select(_table).where(_table.c.name == name)).first()
        if row is None:
            raise AccountError("account_unknown", f"没有名为“{name}”的账号。 There is no account “{name}”.", name=name)
        return _account(row)

    def check(self, name: str, password: str) -> Account | None:
        """The account of that name if the password is its own. Takes as long for a name that does not exist."""
        with self._engine.connect() as connection:
            row = connection.execute(select(_table).where(_table.c.name == name)).first()
        try:
            _hasher.verify(row.password if row else _nobody(), password[:LONGEST])
        except VerifyMismatchError:
            return None
        return _account(row) if row else None

    def add(self, name: str, password: str, role: str) -> Account:
        """:raises AccountError: ``account_exists``, ``name_invalid``, ``role_unknown`` or ``password_unfit``."""
        _check_role(role)
        _check_password(password)
        if not name.strip() or name != name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
            raise AccountError("name_invalid", f"账号名应为 1 到 {LONGEST_NAME} 个字，首尾没有空格。 An account's name has 1 to "
                               f"{LONGEST_NAME} characters and no space around it.", name=name)
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(_table).values(
                    name=name, password=_hasher.hash(password), role=role, created=now()))
        except IntegrityError as error:
            raise AccountError("account_exists", f"账号“{name}”已经有了。 There is an account “{name}” already.", name=name) from error
        return self.named(name)

    def set_password(self, name: str, password: str) -> None:
        """:raises AccountError: ``account_unknown`` or ``password_unfit``. Ends the sessions of the account."""
        _check_password(password)
        self._change(name, password=_hasher.hash(password))

    def set_role(self, name: str, role: str) -> None:
        """:raises AccountError: ``account_unknown``, ``role_unknown`` or ``last_administrator``."""
        _check_role(role)
        if role != ADMINISTRATOR:
            self._check_not_last(name)
        self._change(name, role=role)

    def remove(self, name: str) -> None:
        """:raises AccountError: ``account_unknown`` or ``last_administrator``."""
        self._check_not_last(name)
        with self._engine.begin() as connection:
            connection.execute(delete(_table).where(_table.c.name == name))

    def _change(self, name: str, **values: str) -> None:
        self.named(name)
        with self._engine.begin() as connection:
            connection.execute(update(_table).where(_table.c.name == name).values(**values))

    def _check_not_last(self, name: str) -> None:
        administrators = {account.name for account in self.all() if account.is_administrator}
        self.named(name)
        if administrators == {name}:
            raise AccountError("last_administrator", "这是最后一个管理员，请先另设一个管理员。 This is the last administrator; make another one first.")


def first_administrator(accounts: Accounts) -> str | None:
    """The password of a new account ``admin`` where there is no account yet, else None."""
    if accounts.all():
        return None
    password = secrets.token_urlsafe(12)
    try:
        accounts.add("admin", password, ADMINISTRATOR)
    except AccountError as error:
        if error.code != "account_exists":  # another process was first
            raise
        return None
    return password


def _account(row) -> Account:
    return Account(row.id, row.name, row.role, row.created, row.password[-16:])


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise AccountError("role_unknown", f"没有“{role}”这种角色，可选：{'、'.join(ROLES)}。 There is no role “{role}”; choose of "
                           f"{', '.join(ROLES)}.", role=role)


def _check_password(password: str) -> None:
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccountError("password_unfit", f"密码应有 {SHORTEST} 到 {LONGEST} 个字符。 A password has {SHORTEST} to {LONGEST} characters.")


@lru_cache(maxsize=1)
def _nobody() -> str:
    """Checked in the place of an unknown name's hash, so that it takes as long to refuse as a known name."""
    return _hasher.hash(secrets.token_urlsafe())
