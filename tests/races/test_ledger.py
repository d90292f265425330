"""Many at the last of one account, and several at one pending transfer: never below zero, never
double. The locks make it smooth, the database's guards make it true."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from parking.ledger import rows, transfers
from parking.ledger.refusals import LedgerRefusal
from parking.ledger.transfers import post, void
from parking.ledger.verify import verify
from parking.storage.database import connect, disconnect
from parking.storage.sql import Sql
from parking.storage.sql import database as db
from parking.storage.transactions import retried, transaction
from tests.parking.ledger.books import ALICE, AT, BOB, POCKET, count, fund, move, of, reserve

CLIENTS = 50
UNITS = 20
MEETING_SECONDS_MAX = 60

Try = Callable[[], Awaitable[Any]]


async def told(attempts: list[Try]) -> Counter[str]:
    """All at once, each run again when the database says so; how often each end came, and whether
    it was a look under the lock that told it or a guard of the database."""

    async def one(attempt: Try) -> str:
        try:
            await retried(attempt)
        except LedgerRefusal as refusal:
            is_guards = isinstance(refusal.__cause__, IntegrityError)
            return f"{refusal.code} by guard" if is_guards else refusal.code
        return "OK"

    return Counter(await asyncio.gather(*map(one, attempts)))


def spend(number: int, amount_minor: int = 1) -> Try:
    return lambda: move(f"spend:{number}", ALICE, BOB, amount_minor)


def resolve(number: int) -> Try:
    async def attempt() -> None:
        async with transaction() as sql:
            if number % 2:
                await post(sql, "hold", f"resolve:{number}", AT)
            else:
                await void(sql, "hold", f"resolve:{number}", AT)

    return attempt


async def test_the_last_of_an_account_is_spent_once(database: str) -> None:
    await fund(ALICE, UNITS)
    ended = await told([spend(number) for number in range(CLIENTS)])
    assert ended == {"OK": UNITS, "INSUFFICIENT_FUNDS": CLIENTS - UNITS}
    assert (await of(ALICE), await of(BOB)) == ((0, 0), (UNITS, 0))
    assert await verify(db(), AT) == []


async def test_the_same_transfer_from_many_is_one(database: str) -> None:
    await fund(ALICE, UNITS)
    assert await told([spend(1)] * CLIENTS) == {"OK": CLIENTS}
    assert (await of(BOB)).posted_minor == 1
    assert await count("ledger_transfer") == 2


async def test_a_pending_transfer_is_resolved_by_one_of_many(database: str) -> None:
    await fund(ALICE, 200)
    await reserve("hold", ALICE, POCKET, 70)
    ended = await told([resolve(number) for number in range(CLIENTS)])
    assert ended["OK"] == 1
    assert ended["ALREADY_POSTED"] + ended["ALREADY_VOIDED"] == CLIENTS - 1
    assert (await of(ALICE)).held_minor == 0
    assert await verify(db(), AT) == []


@pytest.fixture
async def unlocked(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Two have looked before either writes, because nobody locks; Alice has 300, 70 of it held.

    PostgreSQL only: a SQLite transaction is alone even without a row lock.
    """
    await connect(postgres_url)
    await fund(ALICE, 300)
    await fund(BOB, 1)
    await reserve("hold", ALICE, POCKET, 70)
    both = asyncio.Barrier(2)

    async def meet() -> None:
        await asyncio.wait_for(both.wait(), MEETING_SECONDS_MAX)

    find, resolution = transfers.find_transfer, transfers.find_resolution

    async def look(sql: Sql, columns: str, names: Any, currencies: Any) -> list[dict[str, Any]]:
        found = await sql.fetch(
            f"SELECT {columns} FROM ledger_account WHERE name = ANY($1) AND currency = ANY($2)",
            names,
            currencies,
        )
        await meet()
        return found

    async def look_for(sql: Sql, which: int | str, **_is_locked: bool) -> Any:
        return await find(sql, which)

    async def look_and_wait(sql: Sql, pending_id: int) -> Any:
        found = await resolution(sql, pending_id)
        await meet()
        return found

    monkeypatch.setattr(rows, "lock_ledger_accounts", look)
    monkeypatch.setattr(transfers, "find_transfer", look_for)
    monkeypatch.setattr(transfers, "find_resolution", look_and_wait)
    yield
    await disconnect()


SPEND_ALL = [spend(1, 230), spend(2, 230)]
POST_BOTH = [resolve(1), resolve(3)]


@pytest.mark.usefixtures("unlocked")
async def test_without_the_lock_the_database_says_no_to_the_second_spender() -> None:
    assert await told(SPEND_ALL) == {"OK": 1, "INSUFFICIENT_FUNDS by guard": 1}
    assert await of(ALICE) == (70, 70)


@pytest.mark.usefixtures("unlocked")
async def test_control_without_lock_and_limit_it_is_spent_twice() -> None:
    await db().execute("ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_minimum")
    assert await told(SPEND_ALL) == {"OK": 2}
    assert await of(ALICE) == (-160, 70)
    assert "LIMIT" in {finding.code for finding in await verify(db(), AT)}


@pytest.mark.usefixtures("unlocked")
async def test_without_the_lock_the_database_says_no_to_the_second_resolution() -> None:
    assert await told(POST_BOTH) == {"OK": 1, "ALREADY_POSTED by guard": 1}
    assert await of(POCKET) == (70, 0)


@pytest.mark.usefixtures("unlocked")
async def test_control_without_lock_key_and_trigger_it_is_posted_twice() -> None:
    for statement in (
        "ALTER TABLE ledger_transfer DROP CONSTRAINT ledger_transfer_pending_id_key",
        "ALTER TABLE ledger_transfer DISABLE TRIGGER ledger_transfer_resolving",
    ):
        await db().execute(statement)
    assert await told(POST_BOTH) == {"OK": 2}
    assert await of(POCKET) == (140, 0)
    assert "RESOLVED_TWICE" in {finding.code for finding in await verify(db(), AT)}
