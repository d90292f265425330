"""Settling happens once, whoever tries how often and whatever stops in between."""

import asyncio
from functools import partial
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from parking.errors import InvalidInput
from parking.events.bus import InProcessBus
from parking.reservations.confirm import confirm
from parking.reservations.funding import NotFunded
from parking.settlement import settle
from parking.settlement.models import EscrowAccount, Settlement
from parking.settlement.settle import settle_ended, settle_in
from parking.settlement.topics import (
    organisation_money_topic,
    person_money_topic,
    place_money_topic,
    settlement_topic,
)
from parking.storage.transactions import retried, transaction
from tests.parking.reservations.steps import BUS, held
from tests.parking.settlement.till import Till, whole
from tests.support.wallets import fill_wallet


async def ended(till: Till) -> int:
    """A stay that waits to be settled."""
    booked = await till.book()
    await till.stay(minutes=119)
    return booked


async def once(till: Till, reservation_id: int) -> bool:
    async with transaction() as sql:
        return await settle_in(sql, reservation_id, till.stage.clock.now(), till.stage.bus)


async def cancelled(till: Till) -> int:
    """A booking that waits to be settled since it was cancelled."""
    booked = await till.book()
    await till.cancel(booked)
    return booked


async def test_those_that_cannot_be_settled_hold_up_nobody(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of them than one go looks at; the control makes one go of a run, and the good one waits
    for ever."""
    monkeypatch.setattr(settle, "SETTLED_MAX", 2)
    broken = [await cancelled(till) for _ in range(5)]
    await EscrowAccount.filter(reservation_id__in=broken).update(contract="not JSON")
    await fill_wallet(till.stage.lease.driver, 400)
    good = await cancelled(till)
    with monkeypatch.context() as control:
        control.setattr(settle, "PAGES_MAX", 1)
        with pytest.raises(InvalidInput, match="no JSON"):
            await till.settle()
        assert not await Settlement.all().exists()
    with pytest.raises(InvalidInput, match="no JSON"):
        await till.settle()
    assert [each.reservation_id for each in await Settlement.all()] == [good]


async def test_many_workers_settle_once(till: Till) -> None:
    booked = await ended(till)
    tries = [retried(partial(once, till, booked)) for _ in range(6)]
    assert sorted(await asyncio.gather(*tries)) == [False] * 5 + [True]
    assert whole(await till.settlement(booked)) == (400, 0, 0, 0, 300, 40, 60, 0, 0)
    assert await till.settle() == 0


async def test_without_its_lock_the_second_runs_into_the_database(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the claim is what keeps the second out, and the database is behind it."""

    async def always(*_: Any) -> bool:
        return True

    monkeypatch.setattr(settle, "claim_escrow", always)
    booked = await ended(till)
    assert await once(till, booked)
    with pytest.raises(IntegrityError):
        await once(till, booked)
    assert await Settlement.all().count() == 1


async def test_what_stops_in_the_middle_leaves_nothing_and_is_done_later(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked = await ended(till)
    with monkeypatch.context() as broken:

        async def stopped(*_: Any) -> int:
            raise RuntimeError("the power went")

        broken.setattr(settle, "issue_charge", stopped)
        with pytest.raises(RuntimeError):
            await till.settle()
    assert "split" not in await till.moved(booked)
    assert await Settlement.all().count() == 0
    assert await till.settle() == 1
    assert whole(await till.settlement(booked))[4] == 300


class DeafBus(InProcessBus):
    """Fails at the first word after the commit."""

    async def publish(self, topic: str, body: bytes) -> None:
        raise ConnectionError("nobody hears")


async def test_what_stops_after_the_commit_is_done(till: Till) -> None:
    booked = await ended(till)
    with pytest.raises(ConnectionError):
        await settle_ended(till.stage.clock, DeafBus())
    assert await till.settle() == 0
    assert whole(await till.settlement(booked))[4] == 300


async def test_one_that_cannot_be_settled_keeps_no_other_waiting(till: Till) -> None:
    stuck = await ended(till)
    other = await till.book(1, 2)
    await till.stay(minutes=59)
    await EscrowAccount.filter(reservation_id=stuck).update(contract="{broken")
    with pytest.raises(Exception, match="no JSON"):
        await till.settle()
    assert [row.reservation_id for row in await Settlement.all()] == [other]


async def test_everybody_concerned_is_told_after_the_commit(till: Till) -> None:
    booked, lease = await ended(till), till.stage.lease
    assert lease.driver.person_id is not None
    topics = [
        settlement_topic(booked), person_money_topic(lease.driver.person_id),
        organisation_money_topic(lease.lessor_id), place_money_topic(lease.estate.place_id),
    ]  # fmt: skip
    async with till.stage.bus.subscribe(*topics) as messages:
        await till.settle()
        heard = [await asyncio.wait_for(anext(messages), 10) for _ in topics]
    assert {each.topic for each in heard} == set(topics)


async def test_the_last_money_is_spent_once(till: Till) -> None:
    """Two bookings at the same moment, and money for one of them."""
    lease, clock = till.stage.lease, till.stage.clock
    holds = [await held(lease, clock, 1, 9, space=space) for space in (0, 1)]
    tries = [
        confirm(lease.driver, each, clock=clock, bus=BUS, funding=till.stage.funding)
        for each in holds
    ]
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(each is None for each in done) == 1
    assert sum(isinstance(each, NotFunded) for each in done) == 1
    assert await till.wallet() == 400


async def test_the_books_balance_after_all_of_it(till: Till) -> None:
    await ended(till)
    missed = await till.book(1, 8)
    await till.cancel(await till.book(20, 21))
    await till.miss(15)
    await fill_wallet(till.stage.lease.other, 10)
    await till.settle()
    assert (await till.settlement(missed)).cost_minor == 1_400
    await till.audit()
