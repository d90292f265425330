"""Carrying out what an order asks: its bay is booked, its lock raised, or all is given back.

One transaction over the places that it takes: what the order had is released, the idle bay nearest
on foot is reserved and confirmed for the guest (CLAIMS D4 to D8), and the order says so. None idle:
the next place by rank, then the waitlists of all of them (D14). Never half an order (D15).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from parking.accounts.viewer import SYSTEM, Viewer
from parking.errors import Refusal
from parking.merchants.kinds import OrderState, OrderStep, Payer, Reason
from parking.merchants.orders.decisions import REASONS, Turn, refusal, turn_of
from parking.merchants.orders.desk import Desk
from parking.merchants.orders.idle import Idle, idle_nearest_first, wanted_at
from parking.merchants.orders.paying import NoCredit, promise
from parking.merchants.orders.raising import first_look, raise_now
from parking.merchants.orders.record import FREED, record_order
from parking.merchants.orders.release import entries_of, release
from parking.merchants.orders.work import Work, existing, guest_of, period_of, working
from parking.merchants.records import OrderRecord
from parking.reservations.confirm import confirm_in
from parking.reservations.funding import NotFunded
from parking.reservations.holding import For, book_in
from parking.reservations.limits import BookingLimits
from parking.reservations.models import WaitlistState
from parking.reservations.offering import serve_first, serve_place
from parking.reservations.quote import Request
from parking.reservations.record import BookingChange, locked_reservation
from parking.reservations.records import ReservationRecord
from parking.reservations.refusals import WindowTaken
from parking.reservations.waiting import Filters
from parking.reservations.waitlist import join_each
from parking.storage.faults import Contended
from parking.storage.sql import Sql, database
from parking.windows import Window

PAY_BEFORE = timedelta(minutes=15)
"""A guest who pays does so by then before the start; after that the bay is given to others."""
REASON_CHARACTERS_MAX = 500


async def carry_out(order_id: int, desk: Desk) -> None:
    """Do what is due for an order, or what its turn in a queue asks for; nothing when nothing is.
    Any number may try at a time."""
    if not await _is_wanted(order_id, desk):
        return
    try:
        await working(order_id, desk, _do)
    except (NoCredit, NotFunded) as unpaid:
        await refuse(order_id, _reason(unpaid), unpaid.message, desk)


async def refuse(order_id: int, reason: Reason, why: str, desk: Desk) -> None:
    """End an order that cannot be booked; what it has is given back."""

    async def do(work: Work) -> None:
        if work.order.state in (OrderState.PENDING, OrderState.WAITLISTED):
            await _refuse(work.change, work.order, reason, why)

    await working(order_id, desk, do)


async def _is_wanted(order_id: int, desk: Desk) -> bool:
    """Looked at without a lock: most messages that come twice ask for nothing."""
    sql = database()
    order = await existing(sql, order_id)
    return order.is_due or await _turn(sql, order, desk.clock.now()) is not None


async def _turn(sql: Sql, order: OrderRecord, now: datetime) -> Turn | None:
    if order.is_due or order.state is not OrderState.WAITLISTED:
        return None
    return turn_of(await entries_of(sql, order), now)


async def _do(work: Work) -> None:
    """Under the locks of the places."""
    change, order = work.change, work.order
    if order.is_due:
        await _carry_out(work)
        return
    match await _turn(change.sql, order, change.at):
        case Turn.TAKEN:
            await _adopt(work)
        case Turn.OFFERED:
            await _take_turn(work)
        case Turn.AGAIN:
            await _carry_out(work)
        case Turn.OVER:
            await _refuse(change, order, Reason.FULL, REASONS[Reason.FULL])


async def _carry_out(work: Work) -> None:
    """Release, then book, wait or refuse."""
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
    columns = {} if order.reservation_id is not None else await _taken(change, order)
    kept = columns.get("reservation_id", order.reservation_id)
    await _note(change, order, OrderStep.KEPT, {"reservation": kept},
                **{**columns, "state": state, "is_due": False, "look_at": None})  # fmt: skip


async def _taken(change: BookingChange, order: OrderRecord) -> dict[str, Any]:
    """The columns of an order whose guest took what a queue offered, of the best place."""
    [entry, *_] = [
        each
        for each in await entries_of(change.sql, order)
        if each.state is WaitlistState.TAKEN and each.reservation_id is not None
    ]
    assert entry.reservation_id is not None, "what was taken is a booking"
    booked = await locked_reservation(change.sql, entry.reservation_id)
    return {
        **FREED,
        **_parked(booked.window),
        "place_id": booked.place_id,
        "space_id": booked.space_id,
        "reservation_id": booked.id,
        "reservation_state": booked.state.value,
    }


async def _adopt(work: Work) -> None:
    """The guest was faster than we, and took what a queue offered: it leaves the others."""
    change, order = work.change, work.order
    columns = await _taken(change, order)
    booked = columns["reservation_id"]
    entries = await entries_of(change.sql, order)
    [mine] = [each.id for each in entries if each.reservation_id == booked]
    await release(change, order, "another place's offer was taken", but=mine)
    detail = {"reservation": booked, "place": columns["place_id"], "by": "guest"}
    await _note(change, order, OrderStep.BOOKED, detail, state=OrderState.BOOKED,
                **{**columns, "look_at": change.at})  # fmt: skip


async def _take_turn(work: Work) -> None:
    """Book where a queue offers a bay; all other turns are given back. A better place is looked at
    once more, as its queue stands: where both have one now, the better counts."""
    change, order, limits = work.change, work.order, work.desk.limits
    for entry in await entries_of(change.sql, order):
        if entry.state is WaitlistState.OFFERED:
            break
        if entry.state is WaitlistState.WAITING:
            await serve_place(change, entry.place_id, limits)
    entries = await entries_of(change.sql, order)
    offered = [each.place_id for each in entries if each.state is WaitlistState.OFFERED]
    await release(change, order, "its turn has come")
    await _place(work, offered)


async def _place(work: Work, offered: Sequence[int] = ()) -> None:
    """Book, wait or refuse. `offered` are the places where it is the order's turn, best first."""
    change, order, unit = work.change, work.order, work.unit
    window = period_of(order, unit, change.at)
    why = await _refusal(work, window)
    if why is not None or window is None:
        await _refuse_free(change, order, why or Reason.PAST, REASONS[why or Reason.PAST])
        return
    for place_id in (each for each in offered if each in work.place_ids):
        if await book_at(work, place_id, window, has_turn=True):
            return
    for place_id in work.place_ids:
        if await book_at(work, place_id, window):
            return
    work.require_all()
    await _wait(work, window)


async def _refusal(work: Work, window: Window | None) -> Reason | None:
    if not work.place_ids:
        work.require_all()
        return Reason.NO_CONTRACT
    return refusal(window, work.unit, await _parked_that_day(work))


async def book_at(work: Work, place_id: int, window: Window, *, has_turn: bool = False) -> bool:
    """Book the nearest idle bay of a place; whether there was one.

    Who waits there already is served first, unless it is this order's turn. Bays with a lock that
    fails are left out; only who was offered one by the waitlist rather has that than nothing.
    """
    change, order, guest = work.change, work.order, guest_of(work.order)
    if not has_turn:
        # Nobody is left out: many orders may be for one phone number, the merchant's own.
        await serve_first(change, place_id, window, SYSTEM, work.desk.limits)
    wanted = wanted_at(place_id, window, order.plate, order.wanted)
    idle = await idle_nearest_first(
        change.sql, guest, work.plan, wanted, order.wanted, clock=work.desk.clock
    )
    for each in idle:
        if each.bay.is_broken and not has_turn:
            break  # they are the last
        booked = await _book(work, guest, each, window)
        if booked is not None:
            await _booked(work, booked, each)
            return True
    return False


async def _book(work: Work, guest: Viewer, idle: Idle, window: Window) -> ReservationRecord | None:
    """The bay, reserved and, where the merchant pays, confirmed; None when it is not to be had."""
    change, order, unit = work.change, work.order, work.unit
    is_brought = unit.payer is Payer.MERCHANT
    until = None if is_brought else hold_until(window, change.at, work.desk.limits)
    whom = For(guest_name=order.guest_name, hold_until=until, is_brought=is_brought)
    request = Request(idle.listing_id, idle.bay.space_id, window, order.plate)
    try:
        booked = await book_in(change, guest, request, whom, work.desk.limits)
    except WindowTaken as taken:  # the statement failed, and with it the transaction
        raise Contended("a bay was taken meanwhile; run it again") from taken
    except Refusal:
        return None
    if is_brought:
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
    if look_at == change.at and bay.has_lock:
        command_id, look_at = await raise_now(change, bay.space_id, booked.id, booked.starts_at)
    elif look_at == change.at:
        look_at = None
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


async def _wait(work: Work, window: Window) -> None:
    """Queue up at all places; which offers first has it (CLAIMS D14). Many orders may wait for one
    phone number: a merchant gives its own where a guest has none, and how many it sends is its
    contract's and quota's to limit."""
    change, order, needs = work.change, work.order, work.order.wanted
    filters = Filters(needs.is_ev or None, needs.is_accessible or None, needs.height_metres)
    places = list(work.place_ids)
    wish_id = await join_each(change, guest_of(order), places, window, order.plate, filters)
    columns = {**FREED, **_parked(window), "place_id": places[0], "waitlist_entry_id": wish_id}
    detail = {"place": places[0], "places": places, "waitlist_entry": wish_id}
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
