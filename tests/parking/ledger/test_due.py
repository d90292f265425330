"""Pending transfers expire by the clock, once, however many workers look."""

import asyncio
from datetime import timedelta

import pytest

from parking.ledger.balances import Balance
from parking.ledger.due import expire_due
from parking.ledger.refusals import PendingExpired
from parking.ledger.transfers import post, void
from parking.storage.transactions import transaction
from tests.parking.ledger.books import ALICE, AT, LATER, POCKET, count, fund, of, reserve

pytestmark = pytest.mark.usefixtures("database")

JUST_BEFORE = LATER - timedelta(microseconds=1)


async def held(number: int = 1) -> None:
    """So many pending transfers of 10 from Alice, who has 100."""
    await fund(ALICE, 100)
    for n in range(number):
        await reserve(f"hold:{n}", ALICE, POCKET, 10)


async def test_at_its_expiry_what_was_held_is_free_again() -> None:
    await held(2)
    assert await expire_due(JUST_BEFORE) == 0
    assert await of(ALICE) == Balance(100, 20)
    assert await expire_due(LATER) == 2
    assert await of(ALICE) == Balance(100, 0)
    assert await expire_due(LATER) == 0


async def test_what_has_expired_can_no_longer_be_resolved() -> None:
    await held()
    await expire_due(LATER)
    async with transaction() as sql:
        with pytest.raises(PendingExpired):
            await post(sql, "hold:0", "post", JUST_BEFORE)
        with pytest.raises(PendingExpired):
            await void(sql, "hold:0", "void", JUST_BEFORE)


async def test_what_was_resolved_does_not_expire() -> None:
    await held(2)
    async with transaction() as sql:
        await post(sql, "hold:0", "post", AT)
        await void(sql, "hold:1", "void", AT)
    assert await expire_due(LATER) == 0
    assert await count("ledger_open") == 0


async def test_a_lot_at_a_time() -> None:
    await held(3)
    assert [await expire_due(LATER, 2) for _ in range(3)] == [2, 1, 0]


async def test_several_workers_let_each_expire_once() -> None:
    await held(8)
    done = await asyncio.gather(*(expire_due(LATER) for _ in range(4)))
    assert sum(done) == 8
    assert await of(ALICE) == Balance(100, 0)
