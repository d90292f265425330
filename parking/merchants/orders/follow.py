"""What becomes of orders by what happens to their bookings, and to their turn in a queue."""

import logging
from datetime import datetime
from functools import partial
from typing import Any

from parking.accounts.viewer import SYSTEM
from parking.clock import rfc3339
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.merchants.kinds import OrderState, OrderStep, Reason
from parking.merchants.orders.bays import WalkedBay, walked_bays, ways_of
from parking.merchants.orders.decisions import LIVE, REASONS, after_reservation
from parking.merchants.orders.desk import Desk
from parking.merchants.orders.place import carry_out, refuse
from parking.merchants.orders.record import FREED, order_by_id, record_order
from parking.merchants.queries import unit_by_id
from parking.merchants.records import OrderRecord
from parking.reservations.models import ReservationState, WaitlistState
from parking.reservations.record import locked_reservation
from parking.reservations.records import ReservationRecord
from parking.reservations.waiting import WaitlistEntry, read_entries
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

FOLLOWED_MAX = 200
"""So many orders are followed in one go."""

_CHANGED = f"""
SELECT o.id FROM merchant_order o JOIN reservation r ON r.id = o.reservation_id
 WHERE o.state = 'BOOKED' AND o.reservation_state IN ('PENDING_PAYMENT', 'CONFIRMED', 'ACTIVE')
   AND (o.reservation_state <> r.state OR o.space_id <> r.space_id OR o.ends_at <> r.ends_at)
 ORDER BY o.id LIMIT {FOLLOWED_MAX}
"""
_TURNED = f"""
SELECT o.id FROM merchant_order o JOIN waitlist_entry w ON w.id = o.waitlist_entry_id
  LEFT JOIN reservation r ON r.id = w.reservation_id
 WHERE o.state = 'WAITLISTED' AND NOT o.is_due AND w.state <> 'WAITING'
 ORDER BY o.id LIMIT {FOLLOWED_MAX}
"""

log = logging.getLogger(__name__)


async def follow_orders(desk: Desk) -> int:
    """Take every order on whose booking or turn has changed; how many. Any number of workers may
    call it."""
    sql = database()
    changed, turned = await sql.fetch(_CHANGED), await sql.fetch(_TURNED)
    for row in changed:
        await _safely(row["id"], partial(_follow_booking, row["id"], desk))
    for row in turned:
        await _safely(row["id"], partial(_follow_turn, row["id"], desk))
    return len(changed) + len(turned)


async def _safely(order_id: int, work: Any) -> None:
    try:
        await retried(work)
    except Exception:  # the others' bookings are not this one's fault
        log.exception("following order %s failed", order_id)


async def _follow_booking(order_id: int, desk: Desk) -> None:
    """In a transaction of its own, without the lock of the place: the order's version guards it."""
    async with HeldBus(desk.bus) as held, transaction() as sql:
        order = await order_by_id(sql, order_id)
        if order is None or not is_followed(order) or order.reservation_id is None:
            return
        booked = await locked_reservation(sql, order.reservation_id)
        if booked.state == order.reservation_state:
            await _follow_bay(sql, held, order, booked, desk.clock.now())
            return
        after = after_reservation(booked.state, booked.cancelled_by)
        columns: dict[str, Any] = {"state": after.state, "reservation_state": booked.state.value}
        if after.state is not OrderState.BOOKED:
            columns |= {
                **FREED,
                "place_id": None,
                "is_due": after.state is OrderState.PENDING,
            }
        if booked.state not in LIVE or booked.state == "ACTIVE":
            columns["look_at"] = None
        if after.reason is not None:
            columns |= {"reason_code": after.reason.value, "reason": REASONS[after.reason]}
        detail = {"reservation": booked.id, "reservation_state": booked.state.value}
        await record_order(
            sql, held, order, after.step, SYSTEM.actor, desk.clock.now(), detail, **columns
        )


async def _follow_bay(
    sql: Sql, bus: Bus, order: OrderRecord, booked: ReservationRecord, now: datetime
) -> None:
    """Somebody else moved the booking to another bay, or the guest stays longer."""
    columns: dict[str, Any] = {"ends_at": booked.ends_at}
    step, detail = OrderStep.EXTENDED, {"until": rfc3339(booked.ends_at)}
    if booked.space_id != order.space_id:
        bay = await _bay(sql, order, booked.space_id)
        step, detail = OrderStep.MOVED, {"to": bay.number}
        waits = booked.state != ReservationState.ACTIVE
        columns |= {
            "space_id": booked.space_id,
            "walk_metres": bay.metres,
            "look_at": now if waits else None,
        }
    elif booked.ends_at == order.ends_at:
        return
    await record_order(sql, bus, order, step, SYSTEM.actor, now, detail, **columns)


async def _bay(sql: Sql, order: OrderRecord, space_id: int) -> WalkedBay:
    unit = await unit_by_id(sql, order.unit_id)
    assert unit is not None, "an order keeps its unit"
    ways = await ways_of(sql, unit, order.wanted)
    return (await walked_bays(sql, ways, [space_id]))[space_id]


def is_followed(order: OrderRecord) -> bool:
    """Whether its booking may still change something."""
    return order.state is OrderState.BOOKED and order.reservation_state in LIVE


async def _follow_turn(order_id: int, desk: Desk) -> None:
    entry = await _entry(database(), order_id)
    if entry is None:
        return
    match entry.state:
        case WaitlistState.OFFERED:
            await carry_out(order_id, desk, has_turn=True)
        case WaitlistState.TAKEN:
            await _taken(order_id, desk)
        case WaitlistState.EXPIRED if entry.starts_at > desk.clock.now():
            await _again(order_id, desk)
        case WaitlistState.EXPIRED | WaitlistState.LEFT:
            await refuse(order_id, Reason.FULL, REASONS[Reason.FULL], desk)


async def _entry(sql: Sql, order_id: int) -> WaitlistEntry | None:
    order = await order_by_id(sql, order_id)
    if order is None or order.state is not OrderState.WAITLISTED or order.is_due:
        return None
    found = await read_entries(sql, "w.id = $1", order.waitlist_entry_id)
    return found[0] if found else None


async def _again(order_id: int, desk: Desk) -> None:
    """An offer lapsed before any worker came to take it, and there is time left: place it anew."""
    async with HeldBus(desk.bus) as held, transaction() as sql:
        order = await order_by_id(sql, order_id)
        if order is not None and order.state is OrderState.WAITLISTED and not order.is_due:
            columns = {**FREED, "place_id": None, "state": OrderState.PENDING, "is_due": True}
            await record_order(
                sql, held, order, OrderStep.REPLACED, SYSTEM.actor, desk.clock.now(), **columns
            )


async def _taken(order_id: int, desk: Desk) -> None:
    """The guest was faster than we, and took what the waitlist offered."""
    async with HeldBus(desk.bus) as held, transaction() as sql:
        order, entry = await order_by_id(sql, order_id), await _entry(sql, order_id)
        if order is None or entry is None or entry.reservation_id is None:
            return
        booked = await locked_reservation(sql, entry.reservation_id)
        columns = {**FREED, "state": OrderState.BOOKED, "place_id": booked.place_id}
        columns |= {
            "space_id": booked.space_id,
            "reservation_id": booked.id,
            "reservation_state": booked.state.value,
            "starts_at": booked.starts_at,
            "ends_at": booked.ends_at,
            "look_at": desk.clock.now(),
        }
        detail = {"reservation": booked.id, "place": booked.place_id, "by": "guest"}
        await record_order(
            sql, held, order, OrderStep.BOOKED, SYSTEM.actor, desk.clock.now(), detail, **columns
        )
