"""The proof in short: many orders with duplicates, reordering, reschedules, cancellations, failing
locks and a full mall; each ends in exactly one state, in the bay that a brute force finds nearest.
"""

import random
from collections import Counter
from datetime import timedelta
from typing import NamedTuple

import pytest

from berth.ledger_work import verify_books
from parking.clock import TestClock
from parking.merchants.kinds import Demand, OrderState
from parking.merchants.models import MerchantOrder, MerchantOrderEvent
from parking.merchants.orders import take
from parking.merchants.orders.due import carry_out_due, run_orders
from parking.merchants.orders.locks import LOCK_FAILED
from parking.merchants.orders.ordered import Ordered
from parking.merchants.records import OrderRecord
from parking.reservations.models import Reservation
from parking.reservations.offering import serve_waitlists
from parking.settlement.settle import settle_ended
from tests.support.bays import Bays
from tests.support.mall import Mall, make_mall
from tests.support.orders import break_lock, brute_walks, killed, locks_of

ORDERS = 60
SEED = 20261121
SLOTS = (3.0, 4.0, 30.0, 54.0)
"""Services begin at so many hours from now: the first two in each other's way."""
LIVE = ("PENDING_PAYMENT", "CONFIRMED", "ACTIVE")


class Message(NamedTuple):
    """One that the merchant's system sends; `told` None cancels."""

    minute: int
    ref: str
    told: Ordered | None


def messages(mall: Mall, chance: random.Random) -> list[Message]:
    """Each order with what becomes of it, and some of it twice."""
    sent = []
    for number in range(ORDERS):
        ref = f"{number:03}"
        hours = chance.choice(SLOTS)
        wants = Demand.NO if number % 10 == 9 else Demand.YES
        sent.append(Message(0, ref, mall.ordered(ref, hours, demand=wants)))
        if number % 4 == 1:
            moved = mall.ordered(ref, chance.choice(SLOTS), demand=wants, party=5)
            sent.append(Message(1, ref, moved))
        if number % 6 == 2:
            sent.append(Message(2, ref, None))
    return sent + chance.sample(sent, len(sent) // 4)


def newest(sent: list[Message]) -> dict[str, Message]:
    """What each order comes to, whatever the order of arrival."""
    return {each.ref: each for each in sorted(sent, key=lambda each: each.minute)}


async def idle_bays(mall: Mall, order: OrderRecord) -> set[int]:
    """The bays that nobody but this order has in its period, place by place."""
    taken = {
        each.space_id
        for each in await Reservation.filter(state__in=LIVE)
        if each.id != order.reservation_id
        and order.starts_at is not None
        and order.ends_at is not None
        and each.starts_at < order.ends_at
        and each.blocked_until > order.starts_at
    }
    return {*mall.garage.space_ids, *mall.lot.space_ids} - taken


async def assert_nearest(mall: Mall, order: OrderRecord, walks: dict[int, float]) -> None:
    """The bay is the nearest idle one of the first place that has any."""
    idle = await idle_bays(mall, order)
    for estate in (mall.garage, mall.lot):
        there = idle.intersection(estate.space_ids)
        if there:
            assert order.space_id == min(there, key=lambda each: walks[each])
            assert order.walk_metres == pytest.approx(walks[order.space_id])
            return
    raise AssertionError("a bay was booked where none is idle")


async def send(mall: Mall, message: Message, monkeypatch: pytest.MonkeyPatch, dies: bool) -> int:
    """Send a message; where it `dies`, the process ends right after it was recorded."""
    stamp = mall.clock.now() + timedelta(minutes=message.minute - 3)
    with monkeypatch.context() as patch:
        if dies:
            patch.setattr(take, "carry_out", killed)
        if message.told is None:
            return (await mall.cancel(message.ref, stamp)).id
        return (await mall.take(message.told, stamp)).id


async def test_every_order_ends_in_one_state_in_the_nearest_bay(
    database: str, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    mall = await make_mall(clock, garage=8, lot=3)
    bays = Bays(mall.garage, clock, mall.bus)
    locks, walks = await locks_of(mall, bays), await brute_walks(mall)
    chance = random.Random(SEED)
    sent = messages(mall, chance)
    chance.shuffle(sent)
    for number, message in enumerate(sent):
        dies = number % 9 == 4
        before = await MerchantOrder.get_or_none(order_ref=message.ref)
        made = await send(mall, message, monkeypatch, dies)
        if dies:
            await carry_out_due(mall.desk)
        order = await mall.order(made)
        has_moved = before is None or before.reservation_id != order.reservation_id
        if order.state is OrderState.BOOKED and has_moved:
            await assert_nearest(mall, order, walks)
    assert await break_lock(mall, locks[-1])
    for _ in range(3):
        clock.advance(minutes=2)
        await serve_waitlists(clock, mall.bus)
        await run_orders(mall.desk)
    await assert_ends(mall, newest(sent))
    await settle_ended(clock, mall.bus)
    assert (await verify_books(clock)).findings == []
    await assert_moved_on(mall, mall.garage.space_ids[-1])


async def assert_moved_on(mall: Mall, broken: int) -> None:
    """Who still has the bay whose lock fails has no other to go to; the others have moved."""
    assert await MerchantOrderEvent.filter(kind="order_moved").count() > 0
    for each in await MerchantOrder.filter(space_id=broken, state=OrderState.BOOKED):
        order = await mall.order(each.id)
        assert order.reason_code == LOCK_FAILED
        assert await idle_bays(mall, order) == {broken}


async def assert_ends(mall: Mall, wanted: dict[str, Message]) -> None:
    orders = {each.order_ref: each for each in await MerchantOrder.all()}
    assert set(orders) == set(wanted)
    held = Counter(each.reservation_id for each in orders.values() if each.reservation_id)
    live = {each.id for each in await Reservation.filter(state__in=LIVE)}
    assert set(held) == live
    assert max(held.values()) == 1
    seen = Counter(each.state for each in orders.values())
    for ref, message in wanted.items():
        assert orders[ref].state in ends_of(message), (ref, message, orders[ref].state)
        events = await MerchantOrderEvent.filter(order_id=orders[ref].id).count()
        assert events == orders[ref].version
    assert min(seen[each] for each in (OrderState.BOOKED, OrderState.WAITLISTED)) > 3
    assert seen[OrderState.PENDING] == 0


def ends_of(message: Message) -> tuple[OrderState, ...]:
    """The states that the newest message may lead to."""
    if message.told is None:
        return (OrderState.CANCELLED,)
    if message.told.demand is Demand.NO:
        return (OrderState.UNWANTED,)
    return (OrderState.BOOKED, OrderState.WAITLISTED)
