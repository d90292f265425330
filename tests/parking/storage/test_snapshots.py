"""A snapshot reads what was there at one instant, and writes nothing."""

import pytest
from tortoise.exceptions import BaseORMException

from parking.storage.snapshots import snapshot
from parking.storage.sql import database as db
from parking.storage.transactions import detached, transaction

NOTE = (
    "INSERT INTO ledger_account (name, kind, currency, created_at)"
    " VALUES ($1, 'TAX', 'EUR', '2026-01-05 08:00:00+00:00')"
)
COUNT = "SELECT COUNT(*) AS found FROM ledger_account"


async def write(name: str) -> None:
    async with transaction() as sql:
        await sql.execute(NOTE, name)


async def test_it_stays_at_its_instant_while_others_write(database: str) -> None:
    await write("tax:1")
    async with snapshot() as sql:
        assert await sql.fetch(COUNT) == [{"found": 1}]
        await detached(write("tax:2"))
        assert await sql.fetch(COUNT) == [{"found": 1}]
    assert await db().fetch(COUNT) == [{"found": 2}]


async def test_it_cannot_write(database: str) -> None:
    with pytest.raises(BaseORMException):
        async with snapshot() as sql:
            await sql.execute(NOTE, "tax:1")
    assert await db().fetch(COUNT) == [{"found": 0}]


async def test_lists_go_in_as_one_value(database: str) -> None:
    await write("tax:1")
    async with snapshot() as sql:
        query = f"SELECT name FROM ledger_account WHERE name {sql.any_of('$1')}"
        assert await sql.fetch(query, ["tax:1", "tax:2"]) == [{"name": "tax:1"}]


async def test_nothing_of_it_is_left_after_a_failure(database: str) -> None:
    for _ in range(40):  # more than the pool has
        with pytest.raises(RuntimeError):
            async with snapshot() as sql:
                await sql.fetch(COUNT)
                raise RuntimeError
    await write("tax:1")
    if database.startswith("sqlite"):
        [told] = await db().fetch("PRAGMA wal_checkpoint(TRUNCATE)")
        assert told["busy"] == 0, "somebody still reads what was there before"
