"""What each kind of rail order does: look whether it is done, ask, write the answer."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from parking.clock import Clock
from parking.errors import BerthError
from parking.events.bus import Bus
from parking.ledger.accounts import external, receivable
from parking.ledger.balances import balance
from parking.ledger.transfers import Movement, transfer
from parking.settlement.kinds import PaymentState, RailOrderKind, RailOrderState
from parking.settlement.payments.news import take_in_here, tell_payment
from parking.settlement.payments.prepare import in_change, rail_of
from parking.settlement.payments.records import OrderRecord, PaymentRecord
from parking.settlement.payments.refunds import return_to_wallet
from parking.settlement.payments.rows import account_by_id, ask_of, change_payment, payment_by_id
from parking.settlement.rails.order_payout import perform_payout
from parking.settlement.rails.order_rows import end_order
from parking.settlement.rails.order_rules import CAPTURE_WAITS, key_of, refused
from parking.settlement.rails.port import Ask, Rail, RailPayment, RailRefused, Rails, Told
from parking.storage.sql import Sql, database

CAPTURE_FAILED = "capture_failed"
PAID_OTHERWISE = "nothing is owed any more: it was paid otherwise, and nothing was asked for"
_RESERVED = frozenset({Told.AUTHORISED, Told.ACTION_NEEDED})


class NotYet(BerthError):
    """Something else comes first; try again after `pause`."""

    code = "NOT_YET"

    def __init__(self, message: str, pause: timedelta = CAPTURE_WAITS) -> None:
        super().__init__(message)
        self.pause = pause


async def perform(order: OrderRecord, rails: Rails, clock: Clock, bus: Bus) -> None:
    """Do one order and write how it ended. Raises RailUnreachable and NotYet."""
    rail = rail_of(rails, order.rail)
    if order.kind is RailOrderKind.PAYOUT:
        await perform_payout(order, rail, clock, bus)
        return
    assert order.payment_id is not None, "every other order is about a payment"
    payment = await payment_by_id(database(), order.payment_id)
    account = await account_by_id(database(), payment.payment_account_id)
    await _WORK[order.kind](order, payment, ask_of(payment, account), rail, clock, bus)


def is_repeated(order: OrderRecord) -> bool:
    """Whether it may have been done before without our knowing."""
    return order.attempts > 1 or order.generation > 0


async def _authorise(
    order: OrderRecord, payment: PaymentRecord, ask: Ask, rail: Rail, clock: Clock, bus: Bus
) -> None:
    told = await rail.look_up(ask) if is_repeated(order) else None
    if told is None and not await _is_debtor(payment):
        given_up = RailPayment(Told.RELEASED, "")
        await _end(order, payment.id, given_up, RailOrderState.DONE, clock, bus, PAID_OTHERWISE)
        return
    if told is None:
        asked = replace(ask, key=key_of(order._replace(key=ask.key)))
        try:
            told = await rail.authorise(asked)
        except RailRefused as error:
            told = RailPayment(Told.DECLINED, "", reason=error.message)
    if told.told is Told.PROCESSING:
        raise NotYet("the rail is still at it")
    is_declined = told.told is Told.DECLINED
    state = RailOrderState.FAILED if is_declined else RailOrderState.DONE
    note = f"{told.reason or 'declined'}; the debt stays until it is paid" if is_declined else ""
    await _end(order, payment.id, told, state, clock, bus, note)


async def _is_debtor(payment: PaymentRecord) -> bool:
    """Whether there is still something to be paid; it may have come in by another way."""
    debt = await balance(database(), receivable(payment.person_id, payment.currency))
    return debt.posted_minor < 0


async def _capture(
    order: OrderRecord, payment: PaymentRecord, ask: Ask, rail: Rail, clock: Clock, bus: Bus
) -> None:
    told = await rail.look_up(ask) if is_repeated(order) else None
    error = ""
    if told is None or told.told is Told.AUTHORISED:
        try:
            told = await rail.capture(ask, order.amount_minor, key_of(order))
        except RailRefused as refusal:
            told, error = await rail.look_up(ask), refusal.message
    if told is not None and told.told is Told.CAPTURED:
        await _end(order, payment.id, told, RailOrderState.DONE, clock, bus)
    elif told is not None and told.told is Told.AUTHORISED:
        todo = "the money is still reserved; capture it at the rail, or try the order again"
        await _needs_person(order, refused(order, error, todo), clock, bus)
    elif told is not None and told.told is Told.PROCESSING:
        raise NotYet("the rail is still at it")
    else:
        await _uncaptured(order, payment.id, error or "it is not reserved any more", clock, bus)


async def _uncaptured(
    order: OrderRecord, payment_id: int, error: str, clock: Clock, bus: Bus
) -> None:
    """The booking has its money from the platform now, and the driver owes it."""
    todo = (
        "the booking is confirmed and its amount is now a debt of the driver's, who cannot book "
        "before it is paid; ask them to pay, or credit the charge"
    )

    async def once(sql: Sql, held: Bus) -> None:
        at = clock.now()
        told = refused(order, error, todo)
        if not await end_order(sql, order, RailOrderState.NEEDS_PERSON, at, error=told):
            return
        payment = await payment_by_id(sql, payment_id)
        failed = await change_payment(
            sql, payment, at, state=PaymentState.FAILED, reason=error[:500]
        )
        await _owe(sql, failed, at)
        await tell_payment(sql, held, failed)

    await in_change(once, bus)


async def _owe(sql: Sql, payment: PaymentRecord, at: datetime) -> None:
    entries = {
        external(payment.rail, payment.currency): payment.amount_minor,
        receivable(payment.person_id, payment.currency): -payment.amount_minor,
    }
    subject = f"reservation:{payment.reservation_id}"
    await transfer(sql, Movement(f"{payment.public_id}:owed", CAPTURE_FAILED, entries, subject), at)


async def _release(
    order: OrderRecord, payment: PaymentRecord, ask: Ask, rail: Rail, clock: Clock, bus: Bus
) -> None:
    told = await rail.look_up(ask)
    if told is not None and told.told in _RESERVED:
        try:
            told = await rail.release(replace(ask, reference=told.reference), key_of(order))
        except RailRefused as refusal:
            told = await rail.look_up(ask)
            if told is not None and told.told in _RESERVED:
                todo = "the driver's money is still reserved; cancel the payment at the rail"
                await _needs_person(order, refused(order, refusal.message, todo), clock, bus)
                return
    if told is not None and told.told is Told.PROCESSING:
        raise NotYet("the rail is still at it")
    await _end(order, payment.id, told, RailOrderState.DONE, clock, bus)


async def _refund(
    order: OrderRecord, payment: PaymentRecord, ask: Ask, rail: Rail, clock: Clock, bus: Bus
) -> None:
    if payment.state is PaymentState.FAILED:
        await _unrefunded(order, payment, "nothing was taken", RailOrderState.FAILED, clock, bus)
        return
    if payment.state is not PaymentState.CAPTURED:
        raise NotYet("what is to be given back is not taken yet")
    try:
        reference = await rail.look_up_refund(ask, order.key) if is_repeated(order) else None
        reference = reference or await rail.refund(ask, order.amount_minor, key_of(order))
    except RailRefused as refusal:
        todo = (
            "the money is in the driver's wallet instead, who can spend it there; nothing more "
            "has to be done unless they ask for it"
        )
        told = refused(order, refusal.message, todo)
        await _unrefunded(order, payment, told, RailOrderState.NEEDS_PERSON, clock, bus)
        return
    await _refunded(order, reference, clock, bus)


async def _refunded(order: OrderRecord, reference: str, clock: Clock, bus: Bus) -> None:
    async def once(sql: Sql, held: Bus) -> None:
        at = clock.now()
        if not await end_order(sql, order, RailOrderState.DONE, at, reference=reference):
            return
        payment = await payment_by_id(sql, order.payment_id or 0)
        refunded = payment.refunded_minor + order.amount_minor
        after = await change_payment(sql, payment, at, refunded_minor=refunded)
        await tell_payment(sql, held, after)

    await in_change(once, bus)


async def _unrefunded(
    order: OrderRecord,
    payment: PaymentRecord,
    told: str,
    state: RailOrderState,
    clock: Clock,
    bus: Bus,
) -> None:
    async def once(sql: Sql, held: Bus) -> None:
        if await end_order(sql, order, state, clock.now(), error=told):
            await return_to_wallet(sql, order, payment.person_id, clock.now(), held)

    await in_change(once, bus)


async def _end(
    order: OrderRecord,
    payment_id: int,
    told: RailPayment | None,
    state: RailOrderState,
    clock: Clock,
    bus: Bus,
    error: str = "",
) -> None:
    """Write what the rail told and how the order ended, together."""

    async def once(sql: Sql, held: Bus) -> None:
        at = clock.now()
        if told is not None:
            await take_in_here(sql, await payment_by_id(sql, payment_id), told, at, held)
        reference = None if told is None else told.reference
        await end_order(sql, order, state, at, reference=reference, error=error)

    await in_change(once, bus)


async def _needs_person(order: OrderRecord, told: str, clock: Clock, bus: Bus) -> None:
    async def once(sql: Sql, _: Bus) -> None:
        await end_order(sql, order, RailOrderState.NEEDS_PERSON, clock.now(), error=told)

    await in_change(once, bus)


Work = Callable[[OrderRecord, PaymentRecord, Ask, Rail, Clock, Bus], Awaitable[None]]

_WORK: dict[RailOrderKind, Work] = {
    RailOrderKind.AUTHORISE: _authorise,
    RailOrderKind.CAPTURE: _capture,
    RailOrderKind.RELEASE: _release,
    RailOrderKind.REFUND: _refund,
}
