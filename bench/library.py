"""A library of spaces that is searched and booked, and the statements of a verb run bare.

The floor of a verb is what it says to the database itself: its statements are listened to once and
then run by the bare driver, as often and as many at a time, with other windows and keys.
"""

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import asyncpg

from bench.estates import Estate, build
from bench.machine import latencies
from parking.storage.database import connect, disconnect
from parking.storage.sql import Sql, database
from parking.storage.sqlite_statements import numbered
from parking.storage.urls import postgres_settings, sqlite_path
from tests.support.leasing import HOURLY
from tests.support.library import CURRENCY, Bookings, fill_library

SPACES_EACH = 100
BOOKINGS = Bookings(past=5, coming=5)
"""Ten bookings for each space: 100,000 for 10,000 spaces."""
FIRST_ID = 10_000_000
"""From here on, ids of what is made anew: no other number in a statement is one of them."""


async def prepare(url: str, places: int) -> None:
    """A migrated database with so many places, all of their spaces listed and booked."""
    await build(url, Estate(places, SPACES_EACH))
    await connect(url)
    try:
        sql = database()
        document = json.dumps(dict(HOURLY, currency=CURRENCY))
        await fill_library(sql, BOOKINGS, document, 1)
        await sql.execute("UPDATE space_state SET occupancy = 'FREE', status = 'AVAILABLE'")
        if sql.dialect == "postgres":
            await sql.execute("VACUUM ANALYZE")
            await sql.execute(f"ALTER SEQUENCE reservation_id_seq RESTART WITH {FIRST_ID}")
        else:
            await sql.execute(
                "INSERT INTO sqlite_sequence (name, seq) SELECT 'reservation', 0 WHERE NOT EXISTS"
                " (SELECT 1 FROM sqlite_sequence WHERE name = 'reservation')"
            )
            await sql.execute(
                "UPDATE sqlite_sequence SET seq = $1 WHERE name = 'reservation'", FIRST_ID
            )
    finally:
        await disconnect()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Sql]:
    """The database, as the program uses it."""
    await connect(url)
    try:
        yield database()
    finally:
        await disconnect()


@dataclass(frozen=True, slots=True)
class Said:
    """A statement of Berth's, what it was given and what it gave."""

    query: str
    arguments: tuple[Any, ...]
    rows: Sequence[Mapping[str, Any]] | None


@asynccontextmanager
async def listening() -> AsyncIterator[list[Said]]:
    """Everything that is said to the database meanwhile."""
    said: list[Said] = []
    fetch, execute, many = Sql.fetch, Sql.execute, Sql.execute_many

    async def heard_fetch(sql: Sql, query: str, *given: Any) -> list[dict[str, Any]]:
        rows = await fetch(sql, query, *given)
        said.append(Said(query, given, rows))
        return rows

    async def heard_one(sql: Sql, query: str, *given: Any) -> dict[str, Any] | None:
        rows = await heard_fetch(sql, query, *given)
        return rows[0] if rows else None

    async def heard_execute(sql: Sql, query: str, *given: Any) -> int:
        said.append(Said(query, given, None))
        return await execute(sql, query, *given)

    async def heard_many(sql: Sql, query: str, rows: Sequence[Sequence[Any]]) -> None:
        said.extend(Said(query, tuple(row), None) for row in rows)
        await many(sql, query, rows)

    heard = {
        "fetch": heard_fetch, "fetch_one": heard_one,
        "execute": heard_execute, "execute_many": heard_many,
    }  # fmt: skip
    before = {name: getattr(Sql, name) for name in heard}
    try:
        for name, each in heard.items():
            setattr(Sql, name, each)
        yield said
    finally:
        for name, each in before.items():
            setattr(Sql, name, each)


class Bare(Protocol):
    """The driver alone."""

    async def run(self, statements: Sequence[Said], given: Mapping[Any, Any] | None) -> None:
        """All statements in order. `given` has other values for those that were heard, by which
        they are one transaction; it learns the ids of new bookings."""

    async def close(self) -> None:
        """Hang up."""


class BarePostgres:
    """A pool of asyncpg's."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def run(self, statements: Sequence[Said], given: Mapping[Any, Any] | None) -> None:
        """As `Bare`."""
        async with self._pool.acquire() as connection:
            if given is None:
                for each in statements:
                    await connection.fetch(each.query, *each.arguments)
                return
            async with connection.transaction():
                known = dict(given)
                for each in statements:
                    rows = await connection.fetch(each.query, *_with(known, each.arguments))
                    _learn(known, each, rows)

    async def close(self) -> None:
        """Hang up."""
        await self._pool.close()


class BareSqlite:
    """sqlite3 in this very thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def run(self, statements: Sequence[Said], given: Mapping[Any, Any] | None) -> None:
        """As `Bare`."""
        execute, known = self._connection.execute, dict(given or {})
        if given is not None:
            execute("BEGIN IMMEDIATE")
        for each in statements:
            rows = execute(numbered(each.query), _with(known, each.arguments)).fetchall()
            _learn(known, each, [{"id": row[0]} for row in rows])
        if given is not None:
            execute("COMMIT")

    async def close(self) -> None:
        """Hang up."""
        self._connection.close()


def _with(known: Mapping[Any, Any], arguments: Sequence[Any]) -> list[Any]:
    return [_known(known, each) for each in arguments]


def _known(known: Mapping[Any, Any], value: Any) -> Any:
    if isinstance(value, list):
        return [_known(known, each) for each in value]
    return known.get(value, value) if isinstance(value, Hashable) else value


def _learn(known: dict[Any, Any], heard: Said, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows that were heard of have other ids now; later statements are to name these."""
    for before, now in zip(heard.rows or (), rows, strict=False):
        old = before.get("id")
        if isinstance(old, int) and old >= FIRST_ID:
            known[old] = now["id"]


async def bare(url: str, connections: int) -> Bare:
    """The driver that Berth itself uses for this database, with the same settings."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(sqlite_path(url), isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")
        return BareSqlite(connection)
    known = postgres_settings(url)
    names = ("host", "port", "user", "password", "database")
    pool = await asyncpg.create_pool(
        **{name: known[name] for name in names if known.get(name) is not None},
        min_size=connections,
        max_size=connections,
    )
    return BarePostgres(pool)


async def pace(
    work: Callable[[int], Awaitable[Any]], seconds: float, at_a_time: int, first: int = 0
) -> dict[str, float]:
    """How often a second `work` is done, so many at a time, and what each takes. It is given
    numbers from `first` on."""
    number, waits = first, list[float]()
    until = time.perf_counter() + seconds

    async def again() -> None:
        nonlocal number
        while (began := time.perf_counter()) < until:
            mine, number = number, number + 1
            await work(mine)
            waits.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(again() for _ in range(at_a_time)))
    taken = time.perf_counter() - began
    return {"a_second": len(waits) / taken, "count": len(waits), **latencies(waits)}
