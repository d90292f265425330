"""Forgetting the guest of an order: name, phone and plate, wherever the platform keeps them for the
order: in the order itself, its bookings, stays and turns in queues, in what was sent to the guest,
and in the SMS by which the merchant told of them. That there was an order, and what became of it,
stays; so do the lease agreement and the receipts of a booking, which are records of what was agreed
and paid.

By the worker `keep_for` after the order ended, or at once when merchant or guest ask for it.
"""

import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from parking.accounts.audit import record_audit
from parking.accounts.viewer import SYSTEM, Viewer
from parking.clock import Clock
from parking.errors import Conflict, NotFound
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.merchants.kinds import OrderState, OrderStep
from parking.merchants.orders.decisions import LIVE
from parking.merchants.orders.record import order_by_id, order_by_reservation, record_order
from parking.merchants.records import OrderRecord
from parking.merchants.rules import is_guest, may_read_orders, require_orderer
from parking.notices.erasing import erase_notices
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

ERASED_AT_ONCE_MAX = 200
"""So many orders are forgotten in one go of the worker."""
PERSONAL = ("guest_name", "guest_phone", "plate")
_ENDED = f"""
SELECT id FROM merchant_order
 WHERE (guest_name <> '' OR guest_phone <> '' OR plate <> '') AND changed_at < $1
   AND (ends_at IS NULL OR ends_at < $1) AND (service_at IS NULL OR service_at < $1)
 ORDER BY changed_at, id LIMIT {ERASED_AT_ONCE_MAX}
"""
_BOOKING = (
    "UPDATE reservation SET guest_name = '' WHERE id = $1",
    # A car that still stands there leaves by its plate.
    "UPDATE reservation SET plate = '' WHERE id = $1 AND state <> 'ACTIVE'",
    "UPDATE session SET plate = '' WHERE reservation_id = $1 AND state = 'ENDED'",
    # By the index of a listing's quotes.
    (
        "UPDATE quote SET plate = '' WHERE reservation_id = $1"
        " AND listing_id = (SELECT listing_id FROM reservation WHERE id = $1)"
    ),
)
"""What a booking and its stay know of the guest."""
_QUEUES = """
UPDATE waitlist_entry SET plate = '' WHERE wish_id = $1 AND state NOT IN ('WAITING', 'OFFERED')
"""

log = logging.getLogger(__name__)


def is_over(order: OrderRecord, now: datetime) -> bool:
    """Whether nobody needs to know any more whose order it is. A guest who stands in the bay of an
    order that was cancelled does, until the parking ends."""
    if order.is_due or order.state in (OrderState.PENDING, OrderState.WAITLISTED):
        return False
    if order.reservation_state not in LIVE:
        return True
    is_kept = order.state is not OrderState.BOOKED
    return is_kept and (order.ends_at is None or order.ends_at <= now)


def may_erase_now(order: OrderRecord, now: datetime) -> bool:
    """Whether it is over, and there is something to forget."""
    return is_over(order, now) and any(getattr(order, name) for name in PERSONAL)


async def erase_guest(viewer: Viewer, order_id: int, *, clock: Clock, bus: Bus) -> None:
    """Forget an order's guest at once: for who may send the merchant's orders, and for the guest.
    Again changes nothing.

    Raises NotFound, NotPermitted, and Conflict `ORDER_OPEN` for an order that is not over.
    """

    async def once() -> None:
        async with HeldBus(bus) as held, transaction() as sql:
            order = await order_by_id(sql, order_id)
            if order is None:
                raise NotFound("there is no such order")
            _require_eraser(viewer, order)
            await _erase_over(sql, held, order, viewer, clock.now())

    await retried(once)


async def erase_guest_of_booking(
    viewer: Viewer, reservation_id: int, *, clock: Clock, bus: Bus
) -> None:
    """The same, for who holds the booking's link (`viewer`). Raises NotFound where the booking was
    made for no order, and Conflict `ORDER_OPEN`."""

    async def once() -> None:
        async with HeldBus(bus) as held, transaction() as sql:
            order = await order_by_reservation(sql, reservation_id)
            if order is None:
                raise NotFound("this booking was made for no order")
            await _erase_over(sql, held, order, viewer, clock.now())

    await retried(once)


async def erase_old_guests(clock: Clock, bus: Bus, keep_for: timedelta) -> int:
    """For the worker: forget the guests of orders that ended `keep_for` ago; how many. Any number
    of workers may call it."""
    rows = await database().fetch(_ENDED, clock.now() - keep_for)
    done = 0
    for row in rows:
        try:
            done += await retried(partial(_erase_old, row["id"], clock, bus))
        except Exception:  # the others' guests are not this one's fault
            log.exception("forgetting the guest of order %s failed; it is tried again", row["id"])
    return done


async def _erase_old(order_id: int, clock: Clock, bus: Bus) -> int:
    async with HeldBus(bus) as held, transaction() as sql:
        order = await order_by_id(sql, order_id)
        if order is None or not any(getattr(order, name) for name in PERSONAL):
            return 0
        # Whatever its state says: so long after its end nobody comes any more.
        await _erase(sql, held, order, SYSTEM, clock.now())
        return 1


async def _erase_over(sql: Sql, bus: Bus, order: OrderRecord, viewer: Viewer, at: datetime) -> None:
    if not is_over(order, at):
        message = "the order is still open; cancel it, or wait until the guest has left"
        raise Conflict(message, code="ORDER_OPEN")
    if may_erase_now(order, at):
        await _erase(sql, bus, order, viewer, at)


async def _erase(sql: Sql, bus: Bus, order: OrderRecord, viewer: Viewer, at: datetime) -> None:
    blank: dict[str, Any] = dict.fromkeys(PERSONAL, "")
    await record_order(sql, bus, order, OrderStep.ERASED, viewer.actor, at, **blank)
    for reservation_id in await _held(sql, order, "reservation", order.reservation_id):
        for statement in _BOOKING:
            await sql.execute(statement, reservation_id)
    for wish_id in await _held(sql, order, "waitlist_entry", order.waitlist_entry_id):
        await sql.execute(_QUEUES, wish_id)
    await erase_notices(sql, [f"order:{order.id}"], at)
    await _erase_sms(sql, order, at)
    subject = f"merchant_order:{order.id}"
    await record_audit(sql, viewer, "erase_guest", subject, order.organisation_id, {}, at)


async def _held(sql: Sql, order: OrderRecord, what: str, now: int | None) -> list[int]:
    """The ids of all bookings, or turns in queues, that it ever had; `now`: that it has."""
    rows = await sql.fetch(
        "SELECT detail FROM merchant_order_event WHERE order_id = $1 ORDER BY version", order.id
    )
    told = [json.loads(row["detail"]).get(what) for row in rows]
    return sorted({each for each in (*told, now) if isinstance(each, int)})


async def _erase_sms(sql: Sql, order: OrderRecord, at: datetime) -> None:
    """What the unit's senders wrote of it, also what was not clear, and how they were answered."""
    rows = await sql.fetch(
        "SELECT id, order_id, understood FROM sms_message WHERE unit_id = $1 AND text <> ''"
        " AND handled_at IS NOT NULL",
        order.unit_id,
    )
    about = [row["id"] for row in rows if _is_about(row, order)]
    for message_id in about:
        await sql.execute(
            "UPDATE sms_message SET text = '', understood = '', answer = '' WHERE id = $1",
            message_id,
        )
    await erase_notices(sql, [f"sms_message:{each}" for each in about], at, of_everybody=True)


def _is_about(row: Mapping[str, Any], order: OrderRecord) -> bool:
    if row["order_id"] is not None:
        return bool(row["order_id"] == order.id)
    said = json.loads(row["understood"] or "{}").get("order_ref") or ""
    return bool(said.casefold() == order.order_ref.casefold())


def _require_eraser(viewer: Viewer, order: OrderRecord) -> None:
    if is_guest(viewer, order):
        return
    if not may_read_orders(viewer, order.organisation_id):
        raise NotFound("there is no such order")
    require_orderer(viewer, order.organisation_id)
