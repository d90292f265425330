"""The worker's look at the locks of booked orders: raised when it is time, and when one fails, the
order moves on to the next nearest bay (CLAIMS D7, D15, D17)."""

import logging
from datetime import datetime
from functools import partial

from parking.access.watch_facts import bays_to_watch
from parking.accounts.viewer import SYSTEM
from parking.merchants.kinds import OrderState, OrderStep
from parking.merchants.orders.bays import broken_locks, nearest_first, walked_bays, ways_of
from parking.merchants.orders.desk import Desk
from parking.merchants.orders.idle import idle_nearest_first
from parking.merchants.orders.place import Work, book_at, guest_of, working_on
from parking.merchants.orders.raising import LATER, Look, Looked, look_of, order_up
from parking.merchants.orders.record import FREED, order_by_id, record_order, set_look_at
from parking.merchants.orders.release import release
from parking.reservations.models import ReservationState
from parking.reservations.reassign import move_in
from parking.reservations.record import locked_reservation
from parking.reservations.records import ReservationRecord
from parking.reservations.replacement import booked_bay, candidates, is_fair, serves
from parking.reservations.rules import has_lapsed
from parking.storage.sql import database
from parking.storage.transactions import retried, transaction

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
            await retried(partial(_look_at, row["id"], desk))
        except Exception:  # the others' arms are not this one's fault
            log.exception("looking at the lock of order %s failed", row["id"])
            await retried(partial(_postpone, row["id"], desk))
    return len(rows)


async def _look_at(order_id: int, desk: Desk) -> None:
    async with working_on(order_id, desk) as work:
        order, now = work.order, work.change.at
        if order.look_at is None or order.look_at > now:
            return
        booked = await _waiting_booking(work)
        if booked is None:
            await set_look_at(work.change.sql, order, None)
            return
        looked = await _looked(work, booked)
        if looked.look is Look.MOVE_ON:
            await _move_on(work, booked, looked.next_at)
        else:
            await _raise(work, booked, looked)


async def _waiting_booking(work: Work) -> ReservationRecord | None:
    """The reservation while its bay waits for the guest."""
    order = work.order
    if order.state is not OrderState.BOOKED or order.reservation_id is None or order.is_due:
        return None
    booked = await locked_reservation(work.change.sql, order.reservation_id)
    waits = (ReservationState.PENDING_PAYMENT, ReservationState.CONFIRMED)
    return booked if booked.state in waits and not has_lapsed(booked, work.change.at) else None


async def _looked(work: Work, booked: ReservationRecord) -> Looked:
    sql, now = work.change.sql, work.change.at
    [bay] = await bays_to_watch(sql, now, 0, [booked.space_id])
    is_broken = bool(await broken_locks(sql, [booked.space_id]))
    return look_of(
        bay, is_broken=is_broken, reservation_id=booked.id, starts_at=booked.starts_at, now=now
    )


async def _raise(work: Work, booked: ReservationRecord, looked: Looked) -> None:
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
    if await _move_within(work, booked) or await _move_elsewhere(work, booked):
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
    ways = await ways_of(sql, work.unit, order.wanted)
    walked = await walked_bays(sql, ways, found)
    fine = [each for each in nearest_first(walked.values(), order.wanted) if not each.is_broken]
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
    ways = await ways_of(change.sql, work.unit, order.wanted)
    moving = work._replace(has_turn=True)
    if not await book_at(moving, guest_of(order), ways, place_id, booked.window):
        await record_order(
            change.sql, change.bus, order, OrderStep.REPLACED, SYSTEM.actor, change.at,
            state=OrderState.PENDING, is_due=True, place_id=None, **FREED,
        )  # fmt: skip


async def _has_room(work: Work, place_id: int, booked: ReservationRecord) -> bool:
    order, sql = work.order, work.change.sql
    idle = await idle_nearest_first(
        sql, guest_of(order), await ways_of(sql, work.unit, order.wanted), place_id, booked.window,
        order.plate, order.wanted, clock=work.desk.clock,
    )  # fmt: skip
    return any(not each.bay.is_broken for each in idle)


async def _postpone(order_id: int, desk: Desk) -> None:
    async with transaction() as sql:
        order = await order_by_id(sql, order_id)
        if order is not None and order.look_at is not None:
            await set_look_at(sql, order, desk.clock.now() + LATER)
