"""The worker's look at the locks of booked orders: raised when it is time, and when one fails, the
order moves on to the next nearest bay (CLAIMS D7, D15, D17)."""

import logging
from datetime import datetime
from functools import partial
from typing import NamedTuple

from parking.access.watch_facts import bays_to_watch
from parking.accounts.viewer import SYSTEM
from parking.merchants.kinds import OrderState, OrderStep
from parking.merchants.orders.bays import broken_locks, nearest_first
from parking.merchants.orders.desk import Desk
from parking.merchants.orders.idle import idle_nearest_first, wanted_at
from parking.merchants.orders.place import book_at
from parking.merchants.orders.raising import LATER, Look, look_of, order_up
from parking.merchants.orders.record import FREED, order_by_id, record_order, set_look_at
from parking.merchants.orders.release import release
from parking.merchants.orders.work import Work, existing, guest_of, working
from parking.merchants.records import OrderRecord
from parking.reservations.models import ReservationState
from parking.reservations.reassign import move_in
from parking.reservations.record import locked_reservation
from parking.reservations.records import ReservationRecord
from parking.reservations.replacement import booked_bay, candidates, is_fair, serves
from parking.reservations.rules import has_lapsed
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction
from parking.windows import Window

LOOKED_AT_MAX = 200
"""So many arms are looked at in one go."""
LOCK_FAILED = "LOCK_FAILED"
"""The reason code of an order that stays where its lock fails, for want of another bay."""
_WORDS = "its lock fails, and no other bay is free; the bay stays the guest's"

log = logging.getLogger(__name__)


async def look_at_locks(desk: Desk) -> int:
    """Look at every arm whose time has come; how many. Any number of workers may call it."""
    rows = await database().fetch(
        "SELECT id FROM merchant_order WHERE look_at IS NOT NULL AND look_at <= $1"
        f" ORDER BY look_at, id LIMIT {LOOKED_AT_MAX}",
        desk.clock.now(),
    )
    for row in rows:
        try:
            await _look_at(row["id"], desk)
        except Exception:  # the others' arms are not this one's fault
            log.exception("looking at the lock of order %s failed", row["id"])
            await retried(partial(_postpone, row["id"], desk))
    return len(rows)


async def _look_at(order_id: int, desk: Desk) -> None:
    if not await _waits(order_id, desk):
        await working(order_id, desk, _look)


async def _waits(order_id: int, desk: Desk) -> bool:
    """Whether nothing is to be done but to look again later: so it is mostly, and nobody has to
    wait for that."""
    sql, now = database(), desk.clock.now()
    order = await existing(sql, order_id)
    looked = await _looked(sql, order, now)
    if looked is not None and looked.look is not Look.WAIT:
        return False
    await set_look_at(sql, order, None if looked is None else looked.next_at)
    return True


async def _look(work: Work) -> None:
    change, order = work.change, work.order
    if order.look_at is None or order.look_at > change.at:
        return
    looked = await _looked(change.sql, order, change.at)
    if looked is None:
        await set_look_at(change.sql, order, None)
    elif looked.look is Look.MOVE_ON:
        await _move_on(work, looked.booked, looked.next_at)
    else:
        await _raise(work, looked.booked, looked)


class _Looked(NamedTuple):
    """The booking whose bay waits, and what is done about its arm."""

    booked: ReservationRecord
    look: Look
    next_at: datetime | None


async def _looked(sql: Sql, order: OrderRecord, now: datetime) -> _Looked | None:
    """None once the bay does not wait for the guest any more."""
    booked = await _waiting_booking(sql, order, now)
    if booked is None:
        return None
    [bay] = await bays_to_watch(sql, now, 0, [booked.space_id])
    is_broken = bool(await broken_locks(sql, [booked.space_id]))
    look, next_at = look_of(
        bay, is_broken=is_broken, reservation_id=booked.id, starts_at=booked.starts_at, now=now
    )
    return _Looked(booked, look, next_at)


async def _waiting_booking(sql: Sql, order: OrderRecord, now: datetime) -> ReservationRecord | None:
    if order.state is not OrderState.BOOKED or order.reservation_id is None or order.is_due:
        return None
    booked = await locked_reservation(sql, order.reservation_id)
    waits = (ReservationState.PENDING_PAYMENT, ReservationState.CONFIRMED)
    return booked if booked.state in waits and not has_lapsed(booked, now) else None


async def _raise(work: Work, booked: ReservationRecord, looked: _Looked) -> None:
    change, order = work.change, work.order
    if looked.look is Look.RAISE:
        command_id = await order_up(change, booked.space_id, booked.id)
        if command_id is not None:
            order = await record_order(
                change.sql, change.bus, order, OrderStep.LOCK_ORDERED, SYSTEM.actor, change.at,
                {"command": command_id},
            )  # fmt: skip
    await set_look_at(change.sql, order, looked.next_at)


async def _move_on(work: Work, booked: ReservationRecord, next_at: datetime | None) -> None:
    """To the next nearest bay of the place, else of the next place; where there is none, the order
    keeps its bay: a booked bay without an arm is more than a turn in a queue."""
    if await _move_within(work, booked):
        return
    work.require_all()
    if await _move_elsewhere(work, booked):
        return
    change, order = work.change, work.order
    if order.reason_code != LOCK_FAILED:
        order = await record_order(
            change.sql, change.bus, order, OrderStep.LOCK_FAILED, SYSTEM.actor, change.at,
            {"space": booked.space_id}, reason_code=LOCK_FAILED, reason=_WORDS,
        )  # fmt: skip
    await set_look_at(change.sql, order, next_at)


async def _move_within(work: Work, booked: ReservationRecord) -> bool:
    """The booking itself moves: its price, its payment and the guest's link stay."""
    change, order = work.change, work.order
    sql = change.sql
    now_at = await booked_bay(sql, booked)
    found = [
        each.space_id
        for each in await candidates(sql, booked, change.at)
        if serves(now_at, each) and is_fair(now_at, each)
    ]
    walked = await work.plan.bays(sql, found)
    fine = [each for each in nearest_first(walked, order.wanted) if not each.is_broken]
    if not fine:
        return False
    best = fine[0]
    await move_in(change, SYSTEM, booked, "the lock of the bay fails", best.space_id)
    await record_order(
        sql, change.bus, order, OrderStep.MOVED, SYSTEM.actor, change.at,
        {"from": now_at.number, "to": best.number, "walk_metres": best.metres},
        space_id=best.space_id, walk_metres=best.metres, look_at=change.at,
        reason_code="", reason="",
    )  # fmt: skip
    return True


async def _move_elsewhere(work: Work, booked: ReservationRecord) -> bool:
    """Another place has a bay: it is booked there, and all that was paid here goes back."""
    others = [each for each in work.place_ids if each != booked.place_id]
    for place_id in others:
        if await _has_room(work, place_id, booked):
            await _rebook(work, place_id, booked)
            return True
    return False


async def _rebook(work: Work, place_id: int, booked: ReservationRecord) -> None:
    """Nobody who waits there is overtaken: the order had its bay before."""
    change, order = work.change, work.order
    await release(change, order, "the lock of the bay fails")
    if not await book_at(work, place_id, _left_of(work, booked), has_turn=True):
        await record_order(
            change.sql, change.bus, order, OrderStep.REPLACED, SYSTEM.actor, change.at,
            state=OrderState.PENDING, is_due=True, place_id=None, **FREED,
        )  # fmt: skip


async def _has_room(work: Work, place_id: int, booked: ReservationRecord) -> bool:
    order = work.order
    wanted = wanted_at(place_id, _left_of(work, booked), order.plate, order.wanted)
    idle = await idle_nearest_first(
        work.change.sql, guest_of(order), work.plan, wanted, order.wanted, clock=work.desk.clock
    )
    return any(not each.bay.is_broken for each in idle)


def _left_of(work: Work, booked: ReservationRecord) -> Window:
    """What is left of the period, which may have begun without the guest."""
    return Window(max(booked.starts_at, work.change.at), booked.ends_at)


async def _postpone(order_id: int, desk: Desk) -> None:
    async with transaction() as sql:
        order = await order_by_id(sql, order_id)
        if order is not None and order.look_at is not None:
            await set_look_at(sql, order, desk.clock.now() + LATER)
