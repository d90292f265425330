"""What moved is told to who follows it, whatever becomes of the process that moved it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TypeVar

import orjson
import pytest

from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.events.bus import Bus, InProcessBus, Subscription
from parking.events.held import HeldBus
from parking.events.retention import EVENTS_KEPT
from parking.money import Money
from parking.occupancy.state import UpdateKind
from parking.settlement import relay as relays
from parking.settlement.live import follow_settlements, follow_wallets, followed
from parking.settlement.models import MoneyEvent
from parking.settlement.payments.wallet import credit_wallet
from parking.settlement.relay import LOOK_BACK, MoneyRelay, prune_money_events
from parking.settlement.settle import settle_ended
from parking.settlement.topics import person_money_topic, tell_money
from parking.storage.transactions import transaction
from tests.parking.settlement.till import Till

T = TypeVar("T")
LONG = 30.0
"""Seconds that a busy machine may take; a test that is right never waits so long."""
WHO = Viewer(person_id=7)
TOPIC = person_money_topic(7)

pytestmark = pytest.mark.usefixtures("database")


class DyingBus(InProcessBus):
    """Tells nobody of anything, as if the process died after each commit."""

    async def publish(self, topic: str, body: bytes) -> None:
        """Lose it."""


async def following(stream: AsyncIterator[T]) -> T:
    """The stream's next value."""
    return await asyncio.wait_for(anext(stream), LONG)


async def tell(clock: TestClock, version: int, bus: Bus | None = None) -> None:
    """Something of person 7's changes; unless there is a bus, the process dies after the commit."""
    async with HeldBus(bus or DyingBus()) as held, transaction() as sql:
        await tell_money(sql, held, clock.now(), TOPIC, version=version)


async def earn(clock: TestClock, public_id: str, bus: Bus) -> None:
    """One unit of money comes into the wallet of person 7."""
    async with HeldBus(bus) as held, transaction() as sql:
        await credit_wallet(sql, 7, Money(100, "EUR"), public_id, clock.now(), held)


async def versions(messages: Subscription, count: int) -> list[int]:
    """What so many messages tell."""
    bodies = [(await following(messages)).body for _ in range(count)]
    return [orjson.loads(body)["version"] for body in bodies if body is not None]


async def test_a_settlement_that_a_crash_swallowed_reaches_who_follows_it(till: Till) -> None:
    booked, clock, bus = await till.book(), till.stage.clock, till.stage.bus
    await till.stay(minutes=119)
    relay, driver = MoneyRelay(bus, clock), till.stage.lease.driver
    await relay.run_once()
    stream = follow_settlements(driver, await followed(driver, booked), bus)
    assert (await following(stream)).settlements == []
    assert await settle_ended(clock, DyingBus()) == 1
    assert await relay.run_once() == 1
    told = await following(stream)
    assert (told.kind, told.settlements) == (UpdateKind.DELTA, [await till.settlement(booked)])


async def test_a_wallet_that_a_crash_left_untold_is_told(clock: TestClock) -> None:
    bus = InProcessBus()
    relay, stream = MoneyRelay(bus, clock), follow_wallets(WHO, bus)
    assert await following(stream) == []
    await earn(clock, "first", DyingBus())
    assert await relay.run_once() == 1
    assert [each.balance_minor for each in await following(stream)] == [100]


async def test_what_was_told_already_is_not_told_again_by_streams(clock: TestClock) -> None:
    bus = InProcessBus()
    relay, stream = MoneyRelay(bus, clock), follow_wallets(WHO, bus)
    await following(stream)
    await earn(clock, "first", bus)
    await following(stream)
    assert await relay.run_once() == 1
    await earn(clock, "second", bus)
    assert [each.balance_minor for each in await following(stream)] == [200]


async def test_each_change_is_relayed_once(clock: TestClock) -> None:
    relay = MoneyRelay(InProcessBus(), clock)
    await tell(clock, 1)
    assert [await relay.run_once() for _ in range(2)] == [1, 0]


async def test_what_was_rolled_back_is_never_told(clock: TestClock) -> None:
    with pytest.raises(RuntimeError):
        async with HeldBus(InProcessBus()) as held, transaction() as sql:
            await tell_money(sql, held, clock.now(), TOPIC, version=1)
            raise RuntimeError("the machine stumbles")
    assert await MoneyRelay(InProcessBus(), clock).run_once() == 0


async def test_control_without_its_row_nobody_would_hear(clock: TestClock) -> None:
    """The row is what outlives the process."""
    await tell(clock, 1)
    await MoneyEvent.all().delete()
    assert await MoneyRelay(InProcessBus(), clock).run_once() == 0


async def test_a_topic_is_told_in_the_order_of_its_changes(clock: TestClock) -> None:
    bus = InProcessBus()
    for version in range(1, 6):
        await tell(clock, version)
    async with bus.subscribe(TOPIC) as messages:
        await MoneyRelay(bus, clock).run_once()
        assert await versions(messages, 5) == [1, 2, 3, 4, 5]


async def test_one_that_commits_after_a_later_one_is_told_still(clock: TestClock) -> None:
    """Ids are taken before the commit, so they may come in any order."""
    bus = InProcessBus()
    relay = MoneyRelay(bus, clock)
    async with bus.subscribe(TOPIC) as messages:
        for key in (2, 1):
            body = f'{{"version":{key}}}'
            await MoneyEvent.create(id=key, at=clock.now(), topics=f'["{TOPIC}"]', body=body)
            assert await relay.run_once() == 1
        assert await versions(messages, 2) == [2, 1]


async def test_a_backlog_is_told_lot_by_lot_however_long_it_takes(
    clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relays, "TOLD_AT_ONCE_MAX", 2)
    relay = MoneyRelay(InProcessBus(), clock)
    assert await relay.run_once() == 0
    for version in range(1, 6):
        await tell(clock, version)
    told = []
    for _ in range(4):
        told.append(await relay.run_once())
        clock.advance(seconds=LOOK_BACK.total_seconds() * 2)
    assert told == [2, 2, 1, 0]


async def test_a_relay_that_slept_looks_back_to_when_it_last_looked(clock: TestClock) -> None:
    relay = MoneyRelay(InProcessBus(), clock)
    assert await relay.run_once() == 0
    clock.advance(seconds=LOOK_BACK.total_seconds() * 2)
    await tell(clock, 1)
    clock.advance(seconds=LOOK_BACK.total_seconds() * 5)
    assert await relay.run_once() == 1


async def test_a_new_relay_does_not_tell_old_news(clock: TestClock) -> None:
    await tell(clock, 1)
    clock.advance(seconds=LOOK_BACK.total_seconds() + 1)
    assert await MoneyRelay(InProcessBus(), clock).run_once() == 0


async def test_what_is_old_is_forgotten(clock: TestClock) -> None:
    await tell(clock, 1)
    clock.advance(seconds=(EVENTS_KEPT + timedelta(seconds=1)).total_seconds())
    await tell(clock, 2)
    assert await prune_money_events(clock.now()) == 1
    assert await MoneyEvent.all().count() == 1
