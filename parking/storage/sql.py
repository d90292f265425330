"""Statements by hand, written once for both dialects.

- Placeholders are `$1, $2 …`. A literal must not contain `$` and a digit.
- Times go in as aware datetimes. Out of SQLite they come as text: read them with `as_time`.
- Truth values come out of SQLite as 0 and 1: read them with `bool`.
- A list goes in as one value: `WHERE id {sql.any_of("$1")}`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal, Protocol, cast

from tortoise.backends.base.client import TransactionalDBClient
from tortoise.connection import get_connections

CONNECTION = "default"

Dialect = Literal["sqlite", "postgres"]


class Client(Protocol):
    """What `Sql` needs of an engine."""

    async def fetch(self, query: str, values: Sequence[Any]) -> list[dict[str, Any]]:
        """Rows of one statement."""

    async def run(self, query: str, values: Sequence[Any]) -> int:
        """Rows affected by one statement."""

    async def run_many(self, query: str, rows: Sequence[Sequence[Any]]) -> None:
        """One statement for each of `rows`."""


class Sql:
    """One connection, or one transaction, to speak SQL to.

    Raises `IntegrityError` when a constraint says no, `Contended` when the transaction should be
    run again, `Unreachable` when there is no database to speak to, else `OperationalError`.
    """

    __slots__ = ("_client", "dialect")

    def __init__(self, client: Any) -> None:
        self._client: Client = client
        self.dialect: Dialect = client.capabilities.dialect

    @property
    def is_transaction(self) -> bool:
        """Whether what is written here is undone if something later fails."""
        return isinstance(self._client, TransactionalDBClient)

    async def fetch(self, query: str, *args: Any) -> list[dict[str, Any]]:
        """All rows, each as a dictionary; also for `INSERT … RETURNING`."""
        return await self._client.fetch(query, args)

    async def fetch_one(self, query: str, *args: Any) -> dict[str, Any] | None:
        """The first row, or None."""
        rows = await self._client.fetch(query, args)
        return rows[0] if rows else None

    async def execute(self, query: str, *args: Any) -> int:
        """Execute one statement; the number of rows inserted, updated or deleted."""
        return await self._client.run(query, args)

    async def execute_many(self, query: str, rows: Sequence[Sequence[Any]]) -> None:
        """Execute one statement for each of `rows`, in one go: all or none."""
        if rows:
            await self._client.run_many(query, rows)

    def any_of(self, placeholder: str) -> str:
        """The condition to be in the list given for `placeholder`, as in `id {any_of("$1")}`."""
        if self.dialect == "sqlite":
            return f"IN (SELECT value FROM json_each({placeholder}))"
        return f"= ANY({placeholder})"


def database() -> Sql:
    """The database: inside a `transaction()` that transaction, else each statement on its own."""
    return Sql(get_connections().get(CONNECTION))


def as_time(value: Any) -> datetime:
    """A time that came out of the database, as an aware datetime in UTC."""
    instant = value if isinstance(value, datetime) else datetime.fromisoformat(cast(str, value))
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def as_time_or_none(value: Any) -> datetime | None:
    """Like `as_time`, for a column that may be null."""
    return None if value is None else as_time(value)
