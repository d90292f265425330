"""What follows from each kind of event that a rail sends; gives a sentence for the record."""

from parking.clock import Clock
from parking.events.bus import Bus
from parking.reservations.funding import Funding
from parking.settlement.disputes.chargebacks import take_in_chargeback
from parking.settlement.kinds import RailOrderKind, RailOrderState
from parking.settlement.payments.due import confirm_booking, look_up
from parking.settlement.payments.news import tell_payment
from parking.settlement.payments.prepare import in_change
from parking.settlement.payments.records import OrderRecord, PaymentRecord
from parking.settlement.payments.refunds import return_to_wallet
from parking.settlement.payments.rows import (
    change_payment,
    payment_at_rail,
    payment_by_id,
    payment_called,
)
from parking.settlement.payouts.pay import payout_failed
from parking.settlement.rails.order_rows import order_called
from parking.settlement.rails.port import EventKind, RailEvent, Rails, RailUnreachable
from parking.storage.sql import Sql, database

REFUND_FAILED = "failed"
NOT_OURS = "not one of ours"


async def handle(
    rail: str, event: RailEvent, rails: Rails, funding: Funding, clock: Clock, bus: Bus
) -> str:
    """Do what the event asks for; what was done. Raises RailUnreachable: try again later."""
    match event.kind:
        case EventKind.PAYMENT:
            return await _payment(rail, event, rails, funding, clock, bus)
        case EventKind.REFUND:
            return await _refund(rail, event, clock, bus)
        case EventKind.PAYOUT_FAILED:
            return await _payout(rail, event, clock, bus)
        case EventKind.DISPUTE_OPENED | EventKind.DISPUTE_CLOSED:
            return await _dispute(rail, event, clock, bus)
        case _:
            return "kept; Berth does nothing with this kind"


async def _payment(
    rail: str, event: RailEvent, rails: Rails, funding: Funding, clock: Clock, bus: Bus
) -> str:
    payment = await payment_of(rail, event)
    if payment is None:
        return NOT_OURS
    known = await look_up(payment, rails, clock, bus)
    is_confirmed = await confirm_booking(known, funding, clock, bus)
    return f"payment {known.public_id} is {known.state}" + (", booked" if is_confirmed else "")


async def payment_of(rail: str, event: RailEvent) -> PaymentRecord | None:
    """The payment that an event is about: by the rail's reference, or by our own key, which the
    rail tells even when the answer with its reference was lost."""
    found = await payment_at_rail(database(), rail, event.payment) if event.payment else None
    return found or (await payment_called(database(), event.key) if event.key else None)


async def _refund(rail: str, event: RailEvent, clock: Clock, bus: Bus) -> str:
    order = await order_called(database(), event.key) if event.key else None
    if order is None or order.rail != rail or order.kind is not RailOrderKind.REFUND:
        return "a refund that Berth did not order; look at the rail who made it"
    if event.status != REFUND_FAILED:
        return f"refund {order.key} is {event.status}"
    _require_ended(order)
    return await _bounced(order, event, clock, bus)


async def _bounced(order: OrderRecord, event: RailEvent, clock: Clock, bus: Bus) -> str:
    """A refund that was made has come back: the money is the driver's, in their wallet."""
    todo = (
        f"the refund came back ({event.reason or 'no reason given'}): the money is in the driver's "
        "wallet instead; nothing more has to be done unless they ask for it"
    )

    async def once(sql: Sql, held: Bus) -> bool:
        written = await sql.execute(
            "UPDATE rail_order SET state = $2, last_error = $3 WHERE id = $1 AND state = 'DONE'",
            order.id,
            RailOrderState.NEEDS_PERSON,
            todo,
        )
        if not written:
            return False
        at, payment = clock.now(), await payment_by_id(sql, order.payment_id or 0)
        refunded = max(payment.refunded_minor - order.amount_minor, 0)
        after = await change_payment(sql, payment, at, refunded_minor=refunded)
        await return_to_wallet(sql, order, payment.person_id, at, held)
        await tell_payment(sql, held, after)
        return True

    is_new = await in_change(once, bus)
    # One that is still DUE is looked up by its order, which finds that it failed.
    if not is_new:
        return f"refund {order.key}: known, or left to its order"
    return f"refund {order.key} is back in the wallet"


async def _payout(rail: str, event: RailEvent, clock: Clock, bus: Bus) -> str:
    order = await order_called(database(), event.key) if event.key else None
    if order is None or order.rail != rail or order.payout_id is None:
        return NOT_OURS
    _require_ended(order)
    payout_id = order.payout_id

    async def once(sql: Sql, held: Bus) -> None:
        reason = event.reason or f"the rail says: {event.name}"
        await payout_failed(sql, payout_id, reason, clock.now(), held)

    await in_change(once, bus)
    return f"payout {order.key} came back; it is owed again"


def _require_ended(order: OrderRecord) -> None:
    """What came back is only known to have gone when its order has ended. Raises RailUnreachable:
    the event waits, as the order is about to find out."""
    if order.state is RailOrderState.DUE:
        raise RailUnreachable(f"the order {order.key} is still under way")


async def _dispute(rail: str, event: RailEvent, clock: Clock, bus: Bus) -> str:
    payment = await payment_of(rail, event)
    return NOT_OURS if payment is None else await take_in_chargeback(payment, event, clock, bus)
