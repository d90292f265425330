"""A task may be cancelled anywhere in a transaction; the database stays usable."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from tortoise.context import TortoiseContext
from tortoise.transactions import in_transaction

from parking.storage.database import config_for, sqlite_path
from parking.storage.sql import database as db
from parking.storage.transactions import transaction
from tests.support.churn import INSERT, NOW, churn

CANCELLATIONS = 1_500
USABLE_SECONDS_MAX = 20
STUCK_SECONDS = 2


async def two_rows(number: int) -> None:
    """One transaction of two rows, one of them in a savepoint."""
    async with transaction() as sql:
        await sql.execute(INSERT, f"task:{number}", "first", NOW)
        async with transaction() as inner:
            await inner.execute(INSERT, f"task:{number}", "second", NOW)
        await sql.fetch("SELECT count(*) FROM audit_entry")


@pytest.mark.usefixtures("database")
async def test_1500_cancellations_leave_whole_transactions_and_a_usable_database() -> None:
    cut = await churn(two_rows, CANCELLATIONS, together=20)
    assert CANCELLATIONS / 10 < cut < CANCELLATIONS, "the moments must hit inside and outside"
    async with asyncio.timeout(USABLE_SECONDS_MAX):
        await asyncio.gather(*(two_rows(-number) for number in range(1, 21)))
        halves = await db().fetch(
            "SELECT actor FROM audit_entry GROUP BY actor HAVING count(*) <> 2"
        )
        done = await db().fetch("SELECT count(DISTINCT actor) AS n FROM audit_entry")
    assert halves == []
    assert done[0]["n"] >= CANCELLATIONS - cut + 20


@asynccontextmanager
async def stock_tortoise(url: str) -> AsyncIterator[TortoiseContext]:
    """The same database through Tortoise's own engine, as a control."""
    config = config_for(url)
    connection = config["connections"]["default"]
    if url.startswith("sqlite"):
        connection["engine"] = "tortoise.backends.sqlite"
        connection["credentials"] = {"file_path": str(sqlite_path(url))}
    else:
        connection["engine"] = "tortoise.backends.asyncpg"
        connection["credentials"] |= {"minsize": 2, "maxsize": 2}
    context = TortoiseContext()
    with context:
        await context.init(config)
        yield context
        if pool := getattr(context.db(), "_pool", None):
            pool.terminate()  # close() would wait for the connections that are lost
            del pool
            gc.collect()
        else:
            await context.close_connections()


async def stock_two_rows(number: int) -> None:
    async with in_transaction() as client:
        for verb in ("first", "second"):
            await client.execute_query(
                "INSERT INTO audit_entry (actor, verb, subject, at) "
                f"VALUES ('task:{number}', '{verb}', 'x', CURRENT_TIMESTAMP)"
            )


@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_control_stock_tortoise_is_unusable_after_cancellations(database_url: str) -> None:
    async with stock_tortoise(database_url):
        await churn_until_stuck()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(STUCK_SECONDS):
                await stock_two_rows(0)


async def churn_until_stuck() -> None:
    """Cancel, two at a time for two connections, until a transaction no longer ends by itself."""
    with suppress(TimeoutError):
        async with asyncio.timeout(10):
            await churn(stock_two_rows, CANCELLATIONS, together=2)
