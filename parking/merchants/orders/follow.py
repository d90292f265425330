"""What becomes of orders by what happens to their bookings, and to their turn in a queue."""

from datetime import datetime
from functools import partial
from typing import Any

from parking.accounts.viewer import SYSTEM
from parking.clock import rfc3339
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.merchants.kinds import OrderState, OrderStep
from parking.merchants.orders.again import IS_TRIED, ORDER, tried
from parking.merchants.orders.bays import Plan, WalkedBay, ways_of
from parking.merchants.orders.decisions import LIVE, REASONS, after_reservation
from parking.merchants.orders.desk import Desk
from parking.merchants.orders.place import carry_out
from parking.merchants.orders.record import FREED, order_by_id, record_order
from parking.merchants.queries import unit_by_id
from parking.merchants.records import OrderRecord
from parking.reservations.models import ReservationState
from parking.reservations.record import locked_reservation
from parking.reservations.records import ReservationRecord
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

FOLLOWED_MAX = 200
"""So many orders are followed in one go."""

_IS_TRIED = IS_TRIED.format(row="o", now="$1")
_CHANGED = f"""
SELECT o.id FROM merchant_order o JOIN reservation r ON r.id = o.reservation_id
 WHERE o.state = 'BOOKED' AND o.reservation_state IN ('PENDING_PAYMENT', 'CONFIRMED', 'ACTIVE')
   AND (o.reservation_state <> r.state OR o.space_id <> r.space_id OR o.ends_at <> r.ends_at)
   AND {_IS_TRIED}
 ORDER BY o.id LIMIT {FOLLOWED_MAX}
"""
_TURNED = f"""
SELECT o.id FROM merchant_order o WHERE o.state = 'WAITLISTED' AND NOT o.is_due AND {_IS_TRIED}
   AND (EXISTS (SELECT 1 FROM waitlist_entry w WHERE w.wish_id = o.waitlist_entry_id
                   AND w.state NOT IN ('WAITING', 'LEFT'))
        OR NOT EXISTS (SELECT 1 FROM waitlist_entry w WHERE w.wish_id = o.waitlist_entry_id
                          AND w.state = 'WAITING'))
 ORDER BY o.id LIMIT {FOLLOWED_MAX}
"""
"""Where a place has offered something, or nothing is waited for any more (`decisions.turn_of`)."""


async def follow_orders(desk: Desk) -> int:
    """Take every order on whose booking or turn has changed; how many. Any number of workers may
    call it."""
    sql, now = database(), desk.clock.now()
    changed, turned = await sql.fetch(_CHANGED, now), await sql.fetch(_TURNED, now)
    for row in changed:
        follow = partial(_follow_booking, row["id"], desk)
        await tried(ORDER, row["id"], partial(retried, follow), desk.clock)
    for row in turned:
        await tried(ORDER, row["id"], partial(carry_out, row["id"], desk), desk.clock)
    return len(changed) + len(turned)


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
    [bay] = await Plan(ways).bays(sql, [space_id])
    return bay


def is_followed(order: OrderRecord) -> bool:
    """Whether its booking may still change something."""
    return order.state is OrderState.BOOKED and order.reservation_state in LIVE
