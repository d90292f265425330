"""A guest says "I am here": what comes of it at each moment, and who hears of it."""

from datetime import timedelta

import pytest

from parking.access.linked import Means
from parking.access.models import CommandCause
from parking.clock import TestClock
from parking.errors import Conflict
from parking.merchants.kinds import OrderStep, Payer
from parking.merchants.models import MerchantOrderEvent
from parking.merchants.orders.arrival import ARRIVE_AHEAD, Arrival, arrival_of, arrive
from parking.merchants.orders.live import orders_at_place, orders_of_merchant, stream_orders
from parking.merchants.orders.telling import tell_orders
from parking.merchants.records import OrderRecord
from parking.occupancy.models import LockState
from parking.reservations.due import miss_no_shows
from parking.reservations.limits import DEFAULTS
from parking.reservations.models import ReservationState as State
from parking.reservations.records import ReservationRecord
from parking.storage.sql import database as db
from tests.parking.merchants.orders.test_locks import equip
from tests.support.bays import Bays
from tests.support.mall import Mall, make_mall

RAISED, LOWERED = LockState.RAISED, LockState.LOWERED
EARLY = timedelta(minutes=15)


@pytest.fixture
async def bays(mall: Mall) -> Bays:
    return Bays(mall.garage, mall.clock, mall.bus)


async def press(mall: Mall, order: OrderRecord) -> tuple[Arrival, OrderRecord]:
    booked = await mall.booking(order)
    outcome = await arrive(booked, clock=mall.clock, bus=mall.bus)
    return outcome, await mall.order(order.id)


async def orders_down(order: OrderRecord) -> int:
    rows = await db().fetch(
        "SELECT cause FROM lock_command WHERE reservation_id = $1 AND target = 'LOWERED'",
        order.reservation_id,
    )
    assert all(row["cause"] == CommandCause.HOLDER for row in rows)
    return len(rows)


async def test_the_arm_goes_down_and_merchant_and_operator_see_it(mall: Mall, bays: Bays) -> None:
    await equip(bays, 3, RAISED)
    order = await mall.take(mall.ordered())
    mall.clock.advance(hours=2, minutes=40)
    followed = [
        orders_of_merchant(mall.merchant, mall.merchant_id),
        await orders_at_place(mall.operator, mall.garage.place_id),
    ]
    viewers = (mall.merchant, mall.operator)
    streams = [stream_orders(v, w, mall.bus) for v, w in zip(viewers, followed, strict=True)]
    for stream in streams:
        await anext(stream)
    outcome, order = await press(mall, order)
    assert (outcome, order.arrived_at) == (Arrival.OPENING, mall.clock.now())
    assert await orders_down(order) == 1
    for stream in streams:
        [seen] = (await anext(stream)).orders
        assert seen.arrived_at == order.arrived_at


async def test_pressing_again_tells_nobody_and_lowers_an_arm_that_was_put_up(
    mall: Mall, bays: Bays
) -> None:
    lock = await equip(bays, 3, RAISED)
    order = await mall.take(mall.ordered())
    mall.clock.advance(hours=2, minutes=40)
    _, first = await press(mall, order)
    await bays.see(LOWERED, lock, 3)
    assert (await press(mall, order))[0] is Arrival.OPEN
    await bays.see(RAISED, lock, 3)
    outcome, again = await press(mall, order)
    assert (outcome, again.version) == (Arrival.OPENING, first.version)
    told = await MerchantOrderEvent.filter(order_id=order.id, kind=OrderStep.ARRIVING).count()
    assert (told, await orders_down(order)) == (1, 2)


async def test_who_comes_early_is_known_and_waits(mall: Mall, bays: Bays) -> None:
    await equip(bays, 3, RAISED)
    order = await mall.take(mall.ordered())
    mall.clock.advance(hours=2)
    outcome, order = await press(mall, order)
    assert (outcome, order.arrived_at) == (Arrival.EARLY, mall.clock.now())
    assert await orders_down(order) == 0
    mall.clock.advance(minutes=30)
    assert (await press(mall, order))[0] is Arrival.OPENING


async def test_the_guest_before_is_not_disturbed(mall: Mall, bays: Bays) -> None:
    await equip(bays, 3, RAISED)
    order = await mall.take(mall.ordered())
    mall.clock.advance(hours=2, minutes=35)
    await bays.book(3, State.ACTIVE, starts=timedelta(hours=-1), hours=1.1)
    outcome, order = await press(mall, order)
    assert (outcome, await orders_down(order)) == (Arrival.IN_USE, 0)


async def test_who_is_late_and_says_so_has_time_to_drive_in(mall: Mall, bays: Bays) -> None:
    """With a control: who does not say so loses the bay at that instant."""
    await equip(bays, 3, RAISED)
    await equip(bays, 2, RAISED)
    order, other = [await mall.take(mall.ordered(ref)) for ref in "12"]
    mall.clock.advance(hours=2, minutes=45)
    mall.clock.advance(seconds=DEFAULTS.no_show.total_seconds() - 30)
    assert (await press(mall, order))[0] is Arrival.OPENING
    mall.clock.advance(seconds=60)
    await miss_no_shows(mall.clock, mall.bus)
    assert (await mall.booking(order)).state is State.CONFIRMED
    assert (await mall.booking(other)).state is State.NO_SHOW
    with pytest.raises(Conflict) as given_up:
        await press(mall, other)
    assert given_up.value.code == "GIVEN_UP"


async def test_one_who_has_not_paid_is_known_and_not_let_in(
    database: str, clock: TestClock
) -> None:
    mall = await make_mall(clock, payer=Payer.GUEST)
    order = await mall.take(mall.ordered(begin=2))
    outcome, order = await press(mall, order)
    assert (outcome, order.arrived_at) == (Arrival.UNPAID, clock.now())


async def test_the_shop_hears_of_it(mall: Mall) -> None:
    unit_id = await mall.unit(told_phone="+491709999999")
    order = await mall.take(mall.ordered(begin=2), unit_id=unit_id)
    await press(mall, order)
    await tell_orders(mall.clock, lambda booked: f"https://berth.example/b/{booked.id}")
    rows = await db().fetch("SELECT topic, recipient FROM notice ORDER BY id")
    assert ("ORDER_ARRIVING", "+491709999999") in [(e["topic"], e["recipient"]) for e in rows]
    assert "PARKING_BOOKED" in [each["topic"] for each in rows]


async def test_another_time_is_another_arrival(mall: Mall) -> None:
    order = await mall.take(mall.ordered(begin=2))
    _, order = await press(mall, order)
    mall.clock.advance(minutes=1)
    order = await mall.take(mall.ordered(begin=9))
    assert order.arrived_at is None


def means(booked: ReservationRecord, **values: bool) -> Means:
    given = {"is_let_in": True, "has_lock": True, **values}
    return Means(
        may_extend=True,
        may_confirm=False, may_cancel=True, may_move_lock=True, has_reader=False, is_open=True,
        opens_at=booked.starts_at - EARLY, **given,
    )  # fmt: skip


async def test_what_comes_of_it_at_each_moment(mall: Mall) -> None:
    booked = await mall.booking(await mall.take(mall.ordered()))
    starts, minute = booked.starts_at, timedelta(minutes=1)
    paid, here = booked._replace(state=State.CONFIRMED), means(booked)
    table = [
        (paid, starts - ARRIVE_AHEAD - minute, here, RAISED, "TOO_FAR_AHEAD"),
        (paid, starts - ARRIVE_AHEAD, here, RAISED, Arrival.EARLY),
        (paid, starts - EARLY - minute, here, RAISED, Arrival.EARLY),
        (paid, starts - EARLY, here, RAISED, Arrival.OPENING),
        (paid, starts - EARLY, here, LockState.UNKNOWN, Arrival.OPENING),
        (paid, starts - EARLY, here, LOWERED, Arrival.OPEN),
        (paid, starts, means(booked, has_lock=False), LockState.UNKNOWN, Arrival.OPEN),
        (paid, starts - EARLY, means(booked, is_let_in=False), RAISED, Arrival.IN_USE),
        (paid, booked.ends_at, here, RAISED, "BOOKING_OVER"),
        (booked._replace(state=State.ACTIVE), starts, here, LOWERED, Arrival.PARKED),
        (booked._replace(state=State.NO_SHOW), starts, here, RAISED, "GIVEN_UP"),
        (booked._replace(state=State.CANCELLED), starts, here, RAISED, "BOOKING_OVER"),
        (booked._replace(state=State.COMPLETED), starts, here, RAISED, "BOOKING_OVER"),
        (booked._replace(state=State.PENDING_PAYMENT), starts, here, RAISED, Arrival.UNPAID),
    ]
    for of, now, given, lock, expected in table:
        try:
            came: str = arrival_of(of, given, lock, now)
        except Conflict as refused:
            came = refused.code
        assert came == expected, (of.state, now)
