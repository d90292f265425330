"""Taking in what a rail tells of a payment: the row, the ledger and the orders in one transaction.

The one way by which an answer, a look-up and a webhook come in, in whatever order.
"""

from datetime import datetime

from parking.clock import Clock
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.ledger.accounts import driver, escrow, external
from parking.ledger.refusals import PendingExpired
from parking.ledger.transfers import Movement, hold, transfer, void
from parking.settlement.debts import collect_debts
from parking.settlement.kinds import PaymentState, RailOrderKind
from parking.settlement.payments.attempts import forgive_payment, is_fruitful
from parking.settlement.payments.records import PaymentRecord
from parking.settlement.payments.rows import (
    REASON_CHARACTERS_MAX,
    change_payment,
    expiry_of,
    order_rail,
    payment_by_id,
)
from parking.settlement.payments.rules import BOOKED, Effect, Turn, turn
from parking.settlement.rails.port import RailPayment, Told
from parking.settlement.topics import person_money_topic, tell_money
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction

SECURE = "secure"
TOP_UP = "top_up"


async def take_in(payment_id: int, told: RailPayment, *, clock: Clock, bus: Bus) -> PaymentRecord:
    """Write what the rail told, and what follows; the payment as it is then."""

    async def once() -> PaymentRecord:
        async with HeldBus(bus) as held, transaction() as sql:
            payment = await payment_by_id(sql, payment_id)
            return await take_in_here(sql, payment, told, clock.now(), held)

    return await retried(once)


async def take_in_here(
    sql: Sql, payment: PaymentRecord, told: RailPayment, at: datetime, bus: Bus
) -> PaymentRecord:
    """`take_in` in the caller's transaction; `bus` holds its messages until the commit."""
    following = turn(
        payment.state, payment.purpose, told.told, is_secured=payment.secured_at is not None
    )
    after = _after(payment, told, following, at)
    if after != payment:
        names = ("state", "rail_reference", "action", "reason", "captured_minor", "expires_at")
        after = await change_payment(
            sql, payment, at, **{name: getattr(after, name) for name in names}
        )
        await tell_payment(sql, bus, after)
    for effect in sorted(following.effects):
        await _do(sql, effect, after, at, bus)
    if is_fruitful(payment, after):
        await forgive_payment(sql, after)
    return after


def _after(
    payment: PaymentRecord, told: RailPayment, following: Turn, at: datetime
) -> PaymentRecord:
    is_taken = following.state is PaymentState.CAPTURED
    is_held = Effect.HOLD in following.effects
    captured = min(told.captured_minor or payment.amount_minor, payment.amount_minor)
    return payment._replace(
        state=following.state,
        rail_reference=payment.rail_reference or told.reference or None,
        action=told.action if following.state is PaymentState.ACTION_NEEDED else "",
        reason=told.reason[:REASON_CHARACTERS_MAX] if told.told is Told.DECLINED else "",
        captured_minor=max(captured, payment.captured_minor) if is_taken else 0,
        expires_at=expiry_of(payment, told.expires_at, at) if is_held else payment.expires_at,
    )


async def _do(sql: Sql, effect: Effect, payment: PaymentRecord, at: datetime, bus: Bus) -> None:
    match effect:
        case Effect.HOLD:
            await _hold(sql, payment, at)
        case Effect.VOID:
            await void_hold(sql, payment, at, "the rail does not hold it any more")
        case Effect.CREDIT:
            await _credit(sql, payment, at, bus)
        case Effect.RELEASE:
            await order_release(sql, payment, at)


async def _hold(sql: Sql, payment: PaymentRecord, at: datetime) -> None:
    """Pending until the booking is confirmed: it is nobody's yet."""
    assert payment.reservation_id is not None, "what is for a booking names it"
    assert payment.expires_at is not None, "what is authorised has an expiry"
    entries = {
        external(payment.rail, payment.currency): -payment.amount_minor,
        escrow(payment.reservation_id, payment.currency): payment.amount_minor,
    }
    movement = Movement(payment.public_id, SECURE, entries, f"reservation:{payment.reservation_id}")
    await hold(sql, movement, at, payment.expires_at)


async def void_hold(sql: Sql, payment: PaymentRecord, at: datetime, reason: str) -> None:
    """Give up what the ledger keeps for an authorised payment, if it still does."""
    if payment.purpose not in BOOKED:
        return
    try:
        await void(sql, payment.public_id, f"{payment.public_id}:void", at, reason)
    except PendingExpired:
        return


async def _credit(sql: Sql, payment: PaymentRecord, at: datetime, bus: Bus) -> None:
    """What came in is the driver's; debts are paid from it first."""
    entries = {
        external(payment.rail, payment.currency): -payment.captured_minor,
        driver(payment.person_id, payment.currency): payment.captured_minor,
    }
    subject = f"person:{payment.person_id}"
    public_id = f"{payment.public_id}:in"
    await transfer(sql, Movement(public_id, TOP_UP, entries, subject), at)
    await collect_debts(sql, payment.person_id, payment.currency, public_id, at, bus)


async def order_release(sql: Sql, payment: PaymentRecord, at: datetime) -> None:
    """Have the rail give up what it reserved, or might reserve; once more when it did so before
    an answer came that was still on its way."""
    key = f"{payment.public_id}:release"
    await sql.execute(
        "UPDATE rail_order SET state = 'DUE', due_at = $2, done_at = NULL, attempts = 0,"
        " generation = generation + 1 WHERE key = $1 AND state IN ('DONE', 'FAILED')",
        key,
        at,
    )
    await order_rail(
        sql, RailOrderKind.RELEASE, key, payment.rail, payment.currency, payment.amount_minor, at,
        payment_id=payment.id,
    )  # fmt: skip


async def tell_payment(sql: Sql, bus: Bus, payment: PaymentRecord) -> None:
    """Tell the driver's followers that there is a new version, in the transaction that makes it."""
    topic = person_money_topic(payment.person_id)
    await tell_money(
        sql, bus, payment.changed_at, topic, payment_id=payment.id, version=payment.version
    )
