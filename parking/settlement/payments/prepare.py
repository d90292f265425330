"""Asking a driver's bank: reserved before the booking's transaction, taken with it.

    prepare_payment   outside of every transaction: the row first, then the rail under its key
    secure_payment    in the booking's transaction: what is reserved goes into the escrow
    let_go            nobody needs it any more: given up here, and the rail told to

Whatever stops in between leaves a row from which the worker (`payments_due`) finds out the rest.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from parking.clock import Clock
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.ids import new_token
from parking.ledger.refusals import PendingExpired
from parking.ledger.transfers import post
from parking.reservations.funding import NotFunded
from parking.reservations.records import ReservationRecord
from parking.settlement.kinds import PaymentState, Purpose, RailOrderKind
from parking.settlement.payments.attempts import count_payment, forgive_payment
from parking.settlement.payments.news import order_release, take_in, tell_payment, void_hold
from parking.settlement.payments.records import PaymentAccountRecord, PaymentRecord
from parking.settlement.payments.refusals import (
    PaymentActionNeeded,
    PaymentDeclined,
    PaymentPending,
)
from parking.settlement.payments.rows import (
    account_by_id,
    ask_of,
    change_payment,
    insert_payment,
    order_rail,
    payment_by_id,
    waiting_payment,
)
from parking.settlement.payments.rules import IN_FLIGHT_MAX, WAITING
from parking.settlement.rails.outside import require_outside
from parking.settlement.rails.port import (
    Ask,
    Rail,
    RailPayment,
    RailRefused,
    Rails,
    RailUnreachable,
    Told,
)
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

T = TypeVar("T")

PUBLIC_ID_PREFIX = "pay_"
NOT_HEARD_OF = "the payment service had an error and knows nothing of this payment"


async def prepare_payment(
    reservation: ReservationRecord,
    purpose: Purpose,
    amount_minor: int,
    account: PaymentAccountRecord,
    *,
    rails: Rails,
    clock: Clock,
    bus: Bus,
) -> PaymentRecord:
    """Have an amount reserved on a bound account for a booking: an AUTHORISED payment.

    What is under way already for the same amount is gone on with, however often this is called and
    whatever became of the answers: nothing is reserved twice. Outside of every transaction. Raises
    PaymentActionNeeded, PaymentDeclined, PaymentPending and TooManyTries.
    """
    require_outside()
    payment, is_new = await _under_way(reservation, purpose, amount_minor, account, clock, bus)
    if payment.state is not PaymentState.AUTHORISED:
        payment = await ask_rail(payment, account, is_new=is_new, rails=rails, clock=clock, bus=bus)
    return require_reserved(payment)


def require_reserved(payment: PaymentRecord) -> PaymentRecord:
    """The payment when its money is reserved or taken, else the refusal that says what to do."""
    match payment.state:
        case PaymentState.AUTHORISED | PaymentState.CAPTURED:
            return payment
        case PaymentState.ACTION_NEEDED:
            raise PaymentActionNeeded(payment.action)
        case PaymentState.DECLINED:
            raise PaymentDeclined(payment.reason)
        case _:
            raise PaymentPending


async def _under_way(
    reservation: ReservationRecord,
    purpose: Purpose,
    amount_minor: int,
    account: PaymentAccountRecord,
    clock: Clock,
    bus: Bus,
) -> tuple[PaymentRecord, bool]:
    """The payment that this reservation waits for, and whether it is new; one for another amount
    is let go first."""
    sql, now = database(), clock.now()
    waiting = await waiting_payment(sql, reservation.id)
    if waiting is not None:
        is_same = (waiting.amount_minor, waiting.payment_account_id) == (amount_minor, account.id)
        if is_same and not _has_lapsed(waiting, now):
            return waiting, False
        await let_go(waiting.id, "another payment takes its place", clock=clock, bus=bus)
    made = await insert_counted(
        new_token(PUBLIC_ID_PREFIX),
        purpose,
        account,
        reservation.currency,
        amount_minor,
        now,
        reservation.id,
    )
    if made is None:  # the same driver, on another page, this very moment
        raise PaymentPending
    return await payment_by_id(sql, made), True


async def insert_counted(
    public_id: str,
    purpose: Purpose,
    account: PaymentAccountRecord,
    currency: str,
    amount_minor: int,
    at: datetime,
    reservation_id: int | None = None,
) -> int | None:
    """`insert_payment` of what a driver asks for, which is counted until its money has come.
    Raises TooManyTries."""

    async def once() -> int | None:
        async with transaction() as sql:
            made = await insert_payment(
                sql, public_id, purpose, account, currency, amount_minor, at, reservation_id
            )
            if made is not None:
                await count_payment(sql, account.person_id, at)
            return made

    return await retried(once)


def _has_lapsed(payment: PaymentRecord, now: datetime) -> bool:
    return payment.expires_at is not None and payment.expires_at <= now


async def ask_rail(
    payment: PaymentRecord,
    account: PaymentAccountRecord,
    *,
    is_new: bool,
    rails: Rails,
    clock: Clock,
    bus: Bus,
) -> PaymentRecord:
    """Ask for it, unless it `is_new` after looking what became of it; the payment as it is then.

    Raises PaymentPending when nothing is known; then it stays as it was, for the worker.
    """
    rail, ask = rail_of(rails, payment.rail), ask_of(payment, account)
    try:
        told = await _look_up_or_ask(rail, ask, is_new=is_new)
    except RailUnreachable as error:
        await _note(payment, error, rail, ask, clock, bus)
        raise PaymentPending from error
    return await take_in(payment.id, told, clock=clock, bus=bus)


async def _look_up_or_ask(rail: Rail, ask: Ask, *, is_new: bool) -> RailPayment:
    known = None if is_new else await rail.look_up(ask)
    if known is not None:
        return known
    try:
        return await rail.authorise(ask)
    except RailRefused as error:
        return RailPayment(Told.DECLINED, "", reason=error.message)


async def _note(
    payment: PaymentRecord, error: RailUnreachable, rail: Rail, ask: Ask, clock: Clock, bus: Bus
) -> None:
    """Remember that it was asked for. A rail that answered with an error of its own would repeat
    that under the same key: when it knows of no payment either, the next try is a new one."""
    is_absent = error.is_over and await _is_absent(rail, ask)

    async def once(sql: Sql, held: Bus) -> None:
        now = await payment_by_id(sql, payment.id)
        if now.state is PaymentState.CREATED:
            changes = {"state": PaymentState.FAILED, "reason": NOT_HEARD_OF} if is_absent else {}
            changed = await change_payment(sql, now, clock.now(), **changes)
            await tell_payment(sql, held, changed)
            if is_absent:
                await forgive_payment(sql, payment)

    await in_change(once, bus)


async def _is_absent(rail: Rail, ask: Ask) -> bool:
    try:
        return await rail.look_up(ask) is None
    except RailUnreachable:
        return False


async def secure_payment(
    sql: Sql, reservation_id: int, amount_minor: int, at: datetime
) -> PaymentRecord | None:
    """Move what is reserved into the reservation's escrow, in the caller's transaction, and have
    the rail take it; None when nothing of this amount is reserved.

    Raises NotFunded when it has lapsed, and Contended when somebody else changed the payment this
    very moment.
    """
    payment = await waiting_payment(sql, reservation_id)
    if payment is None or payment.state is not PaymentState.AUTHORISED:
        return None
    if payment.amount_minor != amount_minor:
        return None
    # The payment's row before the ledger's, as whoever gives it up does: they never wait in a ring.
    secured = await change_payment(sql, payment, at, secured_at=at)
    try:
        await post(sql, payment.public_id, f"{payment.public_id}:post", at)
    except PendingExpired as expired:
        message = "what your bank had reserved has lapsed; try again, and it is reserved anew"
        raise NotFunded(message) from expired
    await order_rail(
        sql, RailOrderKind.CAPTURE, f"{payment.public_id}:capture", payment.rail,
        payment.currency, amount_minor, at, payment_id=payment.id,
    )  # fmt: skip
    return secured


async def order_shortage(
    sql: Sql,
    account: PaymentAccountRecord,
    reservation_id: int,
    amount_minor: int,
    currency: str,
    at: datetime,
) -> PaymentRecord:
    """Have what a stay cost beyond its escrow taken from the bound account, in the caller's
    transaction; when it comes in it pays the debt."""
    public_id = f"{PUBLIC_ID_PREFIX}shortage:{reservation_id}:{new_token()[:12]}"
    made = await insert_payment(
        sql, public_id, Purpose.SHORTAGE, account, currency, amount_minor, at, reservation_id
    )
    assert made is not None, "a fresh public id"
    await order_rail(
        sql, RailOrderKind.AUTHORISE, f"{public_id}:ask", account.rail, currency, amount_minor, at,
        payment_id=made,
    )  # fmt: skip
    return await payment_by_id(sql, made)


async def let_go(
    payment_id: int, reason: str, *, clock: Clock, bus: Bus, state: PaymentState | None = None
) -> PaymentRecord:
    """Give up a payment that did not go into an escrow, unless it just did; the payment then.

    `state` is RELEASED unless it is known that there is nothing to release (FAILED).
    """

    async def once(sql: Sql, held: Bus) -> PaymentRecord:
        payment, at = await payment_by_id(sql, payment_id), clock.now()
        if payment.state not in WAITING or payment.secured_at is not None:
            return payment
        gone = await change_payment(
            sql, payment, at, state=state or PaymentState.RELEASED, action="", reason=reason
        )
        if payment.state is PaymentState.AUTHORISED:
            await void_hold(sql, payment, at, reason)
        if gone.state is PaymentState.RELEASED:
            # What is still on its way to the rail can only be released after it has arrived.
            is_asked = payment.state is not PaymentState.CREATED
            await order_release(sql, payment, at if is_asked else at + IN_FLIGHT_MAX)
        await tell_payment(sql, held, gone)
        return gone

    return await in_change(once, bus)


async def account_of(payment: PaymentRecord) -> PaymentAccountRecord:
    """With what it is paid."""
    return await account_by_id(database(), payment.payment_account_id)


def rail_of(rails: Rails, name: str) -> Rail:
    """Raises RailUnreachable for a rail that this program was not set up with (any more)."""
    rail = rails.get(name)
    if rail is None:
        raise RailUnreachable(
            f"the rail {name} is not set up; its settings are in docs/payments.md"
        )
    return rail


async def in_change(once: Callable[[Sql, Bus], Awaitable[T]], bus: Bus) -> T:
    """Run a transaction until nobody is in its way; its messages go out after the commit."""

    async def whole() -> T:
        async with HeldBus(bus) as held, transaction() as sql:
            return await once(sql, held)

    return await retried(whole)
