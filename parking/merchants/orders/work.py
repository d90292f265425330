"""What an order is carried out in: one transaction over the places that it is about, which are
locked in the order of their ids.

What seldom changes (unit, contracts, the walks on the plan) is read before, so that nobody waits
for it: an edit at the same moment is as good as one a moment later. What the order is, and which
bays are idle, is read under the locks. A place's lock is everybody's who parks there, sensors
included; so only those are taken that seem to be needed, and all where that turns out to be too few
(`FartherNeeded`).
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import NamedTuple

from parking.accounts.viewer import Viewer
from parking.merchants.kinds import OrderState
from parking.merchants.orders.agreed import usable_places
from parking.merchants.orders.bays import Plan, ways_of
from parking.merchants.orders.decisions import period
from parking.merchants.orders.desk import Desk
from parking.merchants.orders.idle import wanted_at
from parking.merchants.orders.record import order_by_id
from parking.merchants.queries import unit_by_id
from parking.merchants.records import OrderRecord, UnitRecord
from parking.reservations.availability import first_idle
from parking.reservations.record import BookingChange, changing_bookings
from parking.reservations.waiting import read_wish
from parking.storage.faults import Contended
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried
from parking.windows import Window


class FartherNeeded(Exception):
    """The places that were locked are not enough; run it again with all of the unit's."""


class Work(NamedTuple):
    """What an order is carried out with. `place_ids` are the unit's where the merchant has a
    contract, best first, as far as they are locked; `has_farther`: there are more."""

    change: BookingChange
    order: OrderRecord
    unit: UnitRecord
    place_ids: Sequence[int]
    has_farther: bool
    plan: Plan
    desk: Desk

    def require_all(self) -> None:
        """Raises FartherNeeded unless all places of the unit are locked."""
        if self.has_farther:
            raise FartherNeeded


async def working(
    order_id: int, desk: Desk, do: Callable[[Work], Awaitable[None]], *, has_all: bool = False
) -> None:
    """Do it in a transaction; with few locks first, unless it `has_all` from the beginning."""

    async def near() -> None:
        async with _working_on(order_id, desk, has_all=False) as work:
            await do(work)

    async def everywhere() -> None:
        async with _working_on(order_id, desk, has_all=True) as work:
            await do(work)

    if has_all:
        await retried(everywhere)
        return
    try:
        await retried(near)
    except FartherNeeded:
        await retried(everywhere)


@asynccontextmanager
async def _working_on(order_id: int, desk: Desk, *, has_all: bool) -> AsyncIterator[Work]:
    """Lock where the order's parking is, and those places of its unit where it may come to be."""
    sql, now = database(), desk.clock.now()
    order = await existing(sql, order_id)
    unit = await unit_by_id(sql, order.unit_id)
    assert unit is not None, "an order keeps its unit"
    mine = await usable_places(sql, unit, now)
    reach = mine if has_all else await _reach(sql, order, unit, mine, now)
    locked = {*reach, *await _held(sql, order)}
    plan = Plan(await ways_of(sql, unit, order.wanted))
    if reach:
        await plan.learn(sql, reach)
    async with changing_bookings(sorted(locked), desk.clock, desk.bus) as change:
        if (await existing(change.sql, order_id)).version != order.version:
            raise Contended(f"order {order_id} has changed meanwhile; run it again")
        places = [each for each in mine if each in locked]
        yield Work(change, order, unit, places, len(places) < len(mine), plan, desk)


async def existing(sql: Sql, order_id: int) -> OrderRecord:
    """The order as it is now."""
    order = await order_by_id(sql, order_id)
    assert order is not None, "orders are never deleted"
    return order


def guest_of(order: OrderRecord) -> Viewer:
    """For whom the bay is booked: the guest, and as one whom the merchant brings, so that what is
    offered to the merchant's members is open to them."""
    assert order.person_id is not None, "who parks is a person"
    return Viewer(person_id=order.person_id, roles={order.organisation_id: frozenset()})


def period_of(order: OrderRecord, unit: UnitRecord, now: datetime) -> Window | None:
    """What is parked for an order's service; None when that is over."""
    assert order.service_at is not None, "what is placed was told when it is"
    return period(order.service_at, order.service_ends_at, unit, now)


async def _reach(
    sql: Sql, order: OrderRecord, unit: UnitRecord, mine: Sequence[int], now: datetime
) -> Sequence[int]:
    """Of the unit's places those up to the first that seems to have a bay; none where nothing new
    is looked for."""
    if not order.is_due or order.state is not OrderState.PENDING:
        return []
    window = period_of(order, unit, now)
    if window is None:
        return mine[:1]
    for index, place_id in enumerate(mine[:-1]):
        wanted = wanted_at(place_id, window, order.plate, order.wanted)
        if await first_idle(sql, guest_of(order), wanted, now) is not None:
            return mine[: index + 1]
    return mine


async def _held(sql: Sql, order: OrderRecord) -> set[int]:
    """Where the order has a bay, or waits for one."""
    held = set[int]() if order.place_id is None else {order.place_id}
    if order.waitlist_entry_id is not None:
        held |= {each.place_id for each in await read_wish(sql, order.waitlist_entry_id)}
    return held
