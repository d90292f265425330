"""The embedded rail: money that Berth keeps for people, and how it comes into the wallet."""

import hashlib
from datetime import datetime

from parking.accounts.idempotency import check_key
from parking.accounts.rules import require_person
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, InvalidInput, KeyReused, NotPermitted
from parking.events.bus import Bus
from parking.ledger.accounts import driver, external
from parking.ledger.transfers import Movement, transfer
from parking.money import Money
from parking.places.currencies import CURRENCIES
from parking.settlement.debts import collect_debts
from parking.settlement.kinds import PaymentState, Purpose
from parking.settlement.limits import DEFAULTS, TOP_UP_MINOR_MAX, MoneyLimits
from parking.settlement.payments.accounts import own_account
from parking.settlement.payments.prepare import (
    PUBLIC_ID_PREFIX,
    ask_rail,
    in_change,
    insert_counted,
    require_reserved,
)
from parking.settlement.payments.records import PaymentAccountRecord, PaymentRecord
from parking.settlement.payments.rows import payment_called
from parking.settlement.rails.outside import require_outside
from parking.settlement.rails.port import (
    WALLET,
    Ask,
    BindingStarted,
    Bound,
    EventForged,
    PayOut,
    RailEvent,
    RailPayment,
    RailRefused,
    Rails,
    Told,
)
from parking.settlement.topics import person_money_topic, tell_money
from parking.storage.sql import Sql, database

TOP_UP = "top_up"
KEY_CHARACTERS = 32


class WalletRail:
    """The wallet as a rail: there is nobody else to ask, the ledger is all there is. What it pays
    out leaves Berth by whoever runs it, who hands the money over."""

    name = WALLET

    async def authorise(self, ask: Ask) -> RailPayment:
        return RailPayment(Told.CAPTURED, f"wallet:{ask.key}", ask.amount_minor)

    async def capture(self, ask: Ask, amount_minor: int, key: str) -> RailPayment:
        return RailPayment(Told.CAPTURED, f"wallet:{ask.key}", amount_minor)

    async def release(self, ask: Ask, key: str) -> RailPayment | None:
        return None

    async def look_up(self, ask: Ask) -> RailPayment | None:
        return None

    async def refund(self, ask: Ask, amount_minor: int, key: str) -> str:
        return f"wallet:{key}"

    async def look_up_refund(self, ask: Ask, key: str) -> str | None:
        return None

    async def pay_out(self, payout: PayOut) -> str:
        return f"wallet:{payout.key}"

    async def look_up_payout(self, payout: PayOut) -> str | None:
        return None

    async def begin_binding(self, person: str, customer: str, key: str) -> BindingStarted:
        raise RailRefused("everybody has a wallet; there is nothing to bind")

    async def finish_binding(self, person: str, reference: str) -> Bound:
        raise RailRefused("everybody has a wallet; there is nothing to bind")

    async def unbind(self, method: str) -> None:
        return None

    def read_event(self, body: bytes, signature: str, now: datetime) -> RailEvent:
        raise EventForged("the wallet sends no webhooks")

    async def close(self) -> None:
        return None


async def credit_wallet(
    sql: Sql,
    person_id: int,
    money: Money,
    public_id: str,
    at: datetime,
    bus: Bus,
    *,
    actor: str = "system",
) -> None:
    """Put money into a wallet by the embedded rail, in the caller's transaction; the same
    `public_id` again does nothing more. Debts are paid from it first. `bus` holds its messages
    until the commit. Raises InvalidInput, and TransferDiffers for another amount."""
    _require_amount(money)
    made = await sql.fetch("SELECT 1 FROM ledger_transfer WHERE public_id = $1", public_id)
    entries = {
        external(WALLET, money.currency): -money.amount_minor,
        driver(person_id, money.currency): money.amount_minor,
    }
    subject = f"person:{person_id}"
    await transfer(sql, Movement(public_id, TOP_UP, entries, subject, actor=actor), at)
    if not made:
        await collect_debts(sql, person_id, money.currency, public_id, at, bus)
        await tell_money(sql, bus, at, person_money_topic(person_id), currency=money.currency)


async def top_up(  # noqa: PLR0913 - each is one thing that a caller decides
    viewer: Viewer,
    money: Money,
    key: str,
    account_id: int | None,
    *,
    rails: Rails,
    clock: Clock,
    bus: Bus,
    may_embed: bool,
    limits: MoneyLimits = DEFAULTS,
) -> PaymentRecord | None:
    """Fill one's own wallet: from a bound account (the payment is returned, CAPTURED), or, where
    the program allows it (`may_embed`: development), from nowhere (None).

    `key` is the request's idempotency key: the same again takes nothing twice. Outside of every
    transaction. Raises InvalidInput, NotFound, NotPermitted, KeyReused, PaymentActionNeeded,
    PaymentDeclined, PaymentPending and TooManyTries.
    """
    require_outside()
    check_key(key)
    _require_amount(money, limits.top_up_minor)
    public_id = name_of(viewer, key)
    if account_id is not None:
        account = await own_account(database(), viewer, account_id)
        return await _charge(account, money, public_id, rails=rails, clock=clock, bus=bus)
    if not may_embed:
        raise NotPermitted(
            "a wallet is filled from a bound payment account; bind one and name it here"
        )
    await _embed(viewer, money, public_id, clock, bus)
    return None


def name_of(viewer: Viewer, key: str) -> str:
    """The public id of what this viewer asks for under this key."""
    digest = hashlib.sha256(f"{viewer.actor}\n{key}".encode()).hexdigest()
    return f"{PUBLIC_ID_PREFIX}{digest[:KEY_CHARACTERS]}"


async def _embed(viewer: Viewer, money: Money, public_id: str, clock: Clock, bus: Bus) -> None:
    person_id = require_person(viewer)

    async def once(sql: Sql, held: Bus) -> None:
        at = clock.now()
        await credit_wallet(sql, person_id, money, public_id, at, held, actor=viewer.actor)

    await in_change(once, bus)


async def _charge(
    account: PaymentAccountRecord,
    money: Money,
    public_id: str,
    *,
    rails: Rails,
    clock: Clock,
    bus: Bus,
) -> PaymentRecord:
    made = await insert_counted(
        public_id, Purpose.WALLET, account, money.currency, money.amount_minor, clock.now()
    )
    payment = await payment_called(database(), public_id)
    assert payment is not None, "it is there now, whoever made it"
    _require_same(payment, account, money)
    if payment.state in (PaymentState.CREATED, PaymentState.ACTION_NEEDED):
        payment = await ask_rail(
            payment, account, is_new=made is not None, rails=rails, clock=clock, bus=bus
        )
    if payment.state in (PaymentState.RELEASED, PaymentState.FAILED):
        raise Conflict(
            "this payment was given up; fill the wallet again under a fresh key",
            code="PAYMENT_GIVEN_UP",
        )
    return require_reserved(payment)


def _require_same(payment: PaymentRecord, account: PaymentAccountRecord, money: Money) -> None:
    known = (payment.payment_account_id, payment.amount_minor, payment.currency)
    if known != (account.id, money.amount_minor, money.currency):
        raise KeyReused("the idempotency key was used before with another input; take a fresh key")


def _require_amount(money: Money, minor_max: int = TOP_UP_MINOR_MAX) -> None:
    if not 0 < money.amount_minor <= minor_max:
        raise InvalidInput("amountMinor", f"expected 1 to {minor_max} minor units")
    if money.currency not in CURRENCIES:
        raise InvalidInput("currency", "expected an ISO 4217 code, such as EUR")
