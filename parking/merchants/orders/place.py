"""Carrying out what an order asks: its bay is booked, its lock raised, or all is given back.

One transaction over all places of the unit: what the order had is released, the idle bay nearest on
foot is reserved and confirmed for the guest (CLAIMS D4 to D8), and the order says so. None idle:
the next place by rank, then the waitlist (D14). Never half an order (D15).
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from parking.accounts.viewer import SYSTEM, Viewer
from parking.errors import Refusal
from parking.merchants.kinds import OrderState, OrderStep, Payer, Reason
from parking.merchants.orders.agreed import contracted_places
from parking.merchants.orders.bays import Ways, ways_of
from parking.merchants.orders.decisions import REASONS, period, refusal
from parking.merchants.orders.desk import Desk
from parking.merchants.orders.idle import Idle, idle_nearest_first
from parking.merchants.orders.paying import NoCredit, promise
from parking.merchants.orders.raising import first_look, raise_now
from parking.merchants.orders.record import FREED, order_by_id, record_order
from parking.merchants.orders.release import release
from parking.merchants.queries import places_of_units, unit_by_id
from parking.merchants.records import OrderRecord, UnitRecord
from parking.reservations.confirm import confirm_in
from parking.reservations.funding import NotFunded
from parking.reservations.holding import For, book_in
from parking.reservations.limits import BookingLimits
from parking.reservations.offering import serve_first
from parking.reservations.quote import Request
from parking.reservations.record import BookingChange, changing_bookings
from parking.reservations.records import ReservationRecord
from parking.reservations.refusals import WindowTaken
from parking.reservations.waiting import Filters
from parking.reservations.waitlist import join_in
from parking.storage.faults import Contended
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried
from parking.windows import Window

PAY_BEFORE = timedelta(minutes=15)
"""A guest who pays does so by then before the start; after that the bay is given to others."""
REASON_CHARACTERS_MAX = 500


class Work(NamedTuple):
    """What an order is carried out with. `place_ids` are the unit's, best first, where the merchant
    has a contract. `has_turn`: the waitlist has just offered it a bay."""

    change: BookingChange
    order: OrderRecord
    unit: UnitRecord
    place_ids: Sequence[int]
    desk: Desk
    has_turn: bool = False


async def carry_out(order_id: int, desk: Desk, *, has_turn: bool = False) -> None:
    """Do what is due for an order; nothing when nothing is. Any number may try at a time."""

    async def once() -> None:
        async with working_on(order_id, desk, has_turn=has_turn) as work:
            order = work.order
            if order.is_due or (has_turn and order.state is OrderState.WAITLISTED):
                await _carry_out(work)

    try:
        await retried(once)
    except (NoCredit, NotFunded) as unpaid:
        await refuse(order_id, _reason(unpaid), unpaid.message, desk)


async def refuse(order_id: int, reason: Reason, why: str, desk: Desk) -> None:
    """End an order that cannot be booked; what it has is given back."""

    async def once() -> None:
        async with working_on(order_id, desk) as work:
            if work.order.state in (OrderState.PENDING, OrderState.WAITLISTED):
                await _refuse(work.change, work.order, reason, why)

    await retried(once)


@asynccontextmanager
async def working_on(order_id: int, desk: Desk, *, has_turn: bool = False) -> AsyncIterator[Work]:
    """Lock all places of the order's unit and the one where its parking is, and read it there."""
    sql = database()
    order = await _existing(sql, order_id)
    unit = await unit_by_id(sql, order.unit_id)
    assert unit is not None, "an order keeps its unit"
    wanted = set((await places_of_units(sql, [unit.id]))[unit.id])
    if order.place_id is not None:
        wanted.add(order.place_id)
    async with changing_bookings(sorted(wanted), desk.clock, desk.bus) as change:
        order = await _existing(change.sql, order_id)
        if order.place_id is not None and order.place_id not in wanted:
            raise Contended(f"order {order_id} has moved elsewhere meanwhile; run it again")
        mine = (await places_of_units(change.sql, [unit.id]))[unit.id]
        usable = await contracted_places(change.sql, unit.organisation_id, mine, change.at)
        places = [each for each in mine if each in wanted & usable]
        yield Work(change, order, unit, places, desk, has_turn)


async def _existing(sql: Sql, order_id: int) -> OrderRecord:
    order = await order_by_id(sql, order_id)
    assert order is not None, "orders are never deleted"
    return order


async def _carry_out(work: Work) -> None:
    """Under the locks of the places: release, then book, wait or refuse."""
    change, order = work.change, work.order
    is_free = await release(change, order, f"order {order.order_ref}: {order.state.lower()}")
    if not is_free:
        await _keep(change, order)
    elif order.state in (OrderState.PENDING, OrderState.WAITLISTED):
        await _place(work)
    else:
        await _note(change, order, OrderStep.RELEASED, {"place": order.place_id}, is_due=False,
                    place_id=None, **FREED)  # fmt: skip


async def _keep(change: BookingChange, order: OrderRecord) -> None:
    """The guest is, or was, in the bay: it is the order's for good."""
    is_ended = order.state is OrderState.CANCELLED or not order.wants_parking
    state = order.state if is_ended else OrderState.BOOKED
    detail = {"reservation": order.reservation_id}
    await _note(change, order, OrderStep.KEPT, detail, state=state, is_due=False, look_at=None)


async def _place(work: Work) -> None:
    change, order, unit = work.change, work.order, work.unit
    window = _period(work)
    why: Reason | None = Reason.NO_CONTRACT
    if work.place_ids:
        why = refusal(window, unit, await _parked_that_day(work))
    if why is not None or window is None:
        await _refuse_free(change, order, why or Reason.PAST, REASONS[why or Reason.PAST])
        return
    guest = guest_of(order)
    ways = await ways_of(change.sql, unit, order.wanted)
    for place_id in work.place_ids:
        if await book_at(work, guest, ways, place_id, window):
            return
    await _wait(work, guest, window)


def guest_of(order: OrderRecord) -> Viewer:
    """For whom the bay is booked: the guest, and as one whom the merchant brings, so that what is
    offered to the merchant's members is open to them."""
    assert order.person_id is not None, "who parks is a person"
    return Viewer(person_id=order.person_id, roles={order.organisation_id: frozenset()})


async def book_at(work: Work, guest: Viewer, ways: Ways, place_id: int, window: Window) -> bool:
    """Book the nearest idle bay of a place; whether there was one.

    Who waits there already is served first, unless it is this order's turn. Bays with a lock that
    fails are left out; only who was offered one by the waitlist rather has that than nothing.
    """
    change, order = work.change, work.order
    if not work.has_turn:
        await serve_first(change, place_id, window, guest, work.desk.limits)
    idle = await idle_nearest_first(
        change.sql, guest, ways, place_id, window, order.plate, order.wanted, clock=work.desk.clock
    )
    for each in idle:
        if each.bay.is_broken and not work.has_turn:
            break  # they are the last
        booked = await _book(work, guest, each, window)
        if booked is not None:
            await _booked(work, booked, each)
            return True
    return False


async def _book(work: Work, guest: Viewer, idle: Idle, window: Window) -> ReservationRecord | None:
    """The bay, reserved and, where the merchant pays, confirmed; None when it is not to be had."""
    change, order, unit = work.change, work.order, work.unit
    until = hold_until(window, change.at, work.desk.limits) if unit.payer is Payer.GUEST else None
    whom = For(guest_name=order.guest_name, hold_until=until)
    request = Request(idle.listing_id, idle.bay.space_id, window, order.plate)
    try:
        booked = await book_in(change, guest, request, whom, work.desk.limits)
    except WindowTaken as taken:  # the statement failed, and with it the transaction
        raise Contended("a bay was taken meanwhile; run it again") from taken
    except Refusal:
        return None
    if unit.payer is Payer.MERCHANT:
        await promise(change.sql, change.bus, unit, order, booked, change.at)
        booked = await confirm_in(change, guest, booked, work.desk.funding)
    return booked


def hold_until(window: Window, now: datetime, limits: BookingLimits) -> datetime:
    """How long a bay is kept for a guest who is to pay: until shortly before the start, at least as
    long as any hold."""
    return max(window.starts_at - PAY_BEFORE, now + limits.hold)


async def _booked(work: Work, booked: ReservationRecord, idle: Idle) -> None:
    change, order, bay = work.change, work.order, idle.bay
    command_id: int | None = None
    look_at: datetime | None = first_look(work.unit, booked.starts_at, change.at)
    if look_at == change.at:
        command_id, look_at = await raise_now(change, bay.space_id, booked.id, booked.starts_at)
    detail = {
        "reservation": booked.id,
        "place": booked.place_id,
        "space": bay.number,
        "walk_metres": bay.metres,
        "command": command_id,
    }
    columns = {**FREED, **_parked(booked.window), "place_id": booked.place_id}
    columns |= {
        "state": OrderState.BOOKED,
        "is_due": False,
        "space_id": bay.space_id,
        "reservation_id": booked.id,
        "reservation_state": booked.state.value,
        "walk_metres": bay.metres,
        "look_at": look_at,
        "reason_code": "",
        "reason": "",
    }
    await _note(change, order, OrderStep.BOOKED, detail, **columns)


async def _wait(work: Work, guest: Viewer, window: Window) -> None:
    """Queue up for the best place. Many orders may wait for one phone number: a merchant gives its
    own where a guest has none, and how many it sends is its contract's and quota's to limit."""
    change, order = work.change, work.order
    place_id, needs = work.place_ids[0], order.wanted
    filters = Filters(needs.is_ev or None, needs.is_accessible or None, needs.height_metres)
    entry_id = await join_in(
        change, guest, place_id, window, order.plate, filters, is_limited=False
    )
    columns = {**FREED, **_parked(window), "place_id": place_id, "waitlist_entry_id": entry_id}
    detail = {"place": place_id, "waitlist_entry": entry_id}
    await _note(change, order, OrderStep.WAITLISTED, detail, state=OrderState.WAITLISTED,
                is_due=False, **columns)  # fmt: skip


async def _refuse(change: BookingChange, order: OrderRecord, reason: Reason, why: str) -> None:
    if await release(change, order, why[:REASON_CHARACTERS_MAX]):
        await _refuse_free(change, order, reason, why)
    else:
        await _keep(change, order)


async def _refuse_free(change: BookingChange, order: OrderRecord, reason: Reason, why: str) -> None:
    """REFUSED, of an order that holds nothing."""
    columns = {**FREED, "place_id": None, "reason_code": reason.value}
    await _note(
        change, order, OrderStep.REFUSED, {"reason": reason}, state=OrderState.REFUSED,
        is_due=False, reason=why[:REASON_CHARACTERS_MAX], **columns,
    )  # fmt: skip


async def _note(
    change: BookingChange,
    order: OrderRecord,
    step: OrderStep,
    detail: dict[str, Any],
    **columns: Any,
) -> OrderRecord:
    return await record_order(
        change.sql, change.bus, order, step, SYSTEM.actor, change.at, detail, **columns
    )


def _parked(window: Window) -> dict[str, datetime]:
    return {"starts_at": window.starts_at, "ends_at": window.ends_at}


def _period(work: Work) -> Window | None:
    assert work.order.service_at is not None, "what is placed was told when it is"
    return period(work.order.service_at, work.order.service_ends_at, work.unit, work.change.at)


async def _parked_that_day(work: Work) -> int:
    """How many other orders of the unit park on the service's day, by the clock of its best
    place; under the locks of its places, so it stays."""
    if work.unit.orders_per_day_max is None or work.order.service_at is None:
        return 0
    sql, service_at = work.change.sql, work.order.service_at
    [place] = await sql.fetch("SELECT time_zone FROM place WHERE id = $1", work.place_ids[0])
    day = service_at.astimezone(ZoneInfo(place["time_zone"])).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    [row] = await sql.fetch(
        "SELECT COUNT(*) AS parked FROM merchant_order WHERE unit_id = $1 AND id <> $2"
        " AND state IN ('BOOKED', 'WAITLISTED') AND service_at >= $3 AND service_at < $4",
        work.unit.id,
        work.order.id,
        day,
        day + timedelta(days=1),
    )
    return int(row["parked"])


def _reason(unpaid: Refusal) -> Reason:
    return Reason.NO_CREDIT if isinstance(unpaid, NoCredit) else Reason.NOT_FUNDED
