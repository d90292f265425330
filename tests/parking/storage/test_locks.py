"""Row locks are taken in key order, whatever the order asked for."""

import asyncio

import pytest

from parking.storage.locks import lock_places
from parking.storage.sql import database as db
from parking.storage.transactions import transaction
from tests.support.churn import NOW

TURNS = 60
PLACE = (
    "INSERT INTO place (id, organisation_id, name, kind, time_zone, currency, created_at) "
    "VALUES ($1, 1, 'p', 'LOT', 'UTC', 'EUR', $2)"
)
RAISE = "UPDATE place SET version = version + 1 WHERE id = $1"


@pytest.fixture(autouse=True)
async def two_places(database: str) -> str:
    await db().execute("INSERT INTO organisation (id, name, created_at) VALUES (1, 'o', $1)", NOW)
    await db().execute_many(PLACE, [(1, NOW), (2, NOW)])
    return database


async def raise_both(first: int, second: int) -> None:
    async with transaction() as sql:
        await lock_places(sql, [first, second, first])
        await sql.execute(RAISE, first)
        await asyncio.sleep(0)
        await sql.execute(RAISE, second)


async def test_crossing_transactions_never_deadlock() -> None:
    await asyncio.gather(
        *(raise_both(1, 2) for _ in range(TURNS)), *(raise_both(2, 1) for _ in range(TURNS))
    )
    versions = await db().fetch("SELECT version FROM place")
    assert versions == [{"version": 2 * TURNS}] * 2


async def test_unknown_places_and_none_are_no_error() -> None:
    async with transaction() as sql:
        await lock_places(sql, [])
        await lock_places(sql, [99])
