"""What merchants may promise: within the credit that the platform gives each of them.

Anybody can make an organisation, and what a merchant has promised is paid out to a lessor: without
credit nobody's promise is worth anything. Credit and payments are recorded by whoever runs the
platform, who is paid outside of Berth.
"""

from datetime import datetime

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, InvalidInput
from parking.ledger.accounts import external, merchant
from parking.ledger.credit import allow_credit, room_minor
from parking.ledger.refusals import InsufficientFunds
from parking.ledger.rows import hold_accounts
from parking.ledger.transfers import Movement, transfer
from parking.money import Money
from parking.places.currencies import CURRENCIES
from parking.places.rules import checked_text
from parking.settlement.rails.port import WALLET
from parking.settlement.rules import require_platform
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction

CREDIT_MINOR_MAX = 10**11
"""One thousand million in a currency of two decimals."""
MERCHANT_PAID = "merchant_paid"
KEY_CHARACTERS_MAX = 30


async def set_merchant_credit(
    viewer: Viewer, organisation_id: int, credit: Money, *, clock: Clock
) -> None:
    """Let a merchant's validations come to so much before it has paid for them. By the platform.

    Raises NotPermitted, InvalidInput, and Conflict `CREDIT_IN_USE` when it owes more already.
    """
    require_platform(viewer)
    _require_amount(credit, 0)
    account, at = merchant(organisation_id, credit.currency), clock.now()

    async def once() -> None:
        async with transaction() as sql:
            try:
                await allow_credit(sql, account, credit.amount_minor, at)
            except InsufficientFunds as owed:
                message = f"the merchant owes {-(owed.available_minor or 0)} minor units already"
                raise Conflict(message, code="CREDIT_IN_USE") from owed
            await _record(sql, viewer, "set_merchant_credit", organisation_id, credit, at)

    await retried(once)


async def record_merchant_payment(
    viewer: Viewer, organisation_id: int, paid: Money, key: str, *, clock: Clock
) -> None:
    """A merchant has paid for its validations, outside of Berth; the same `key`, such as the
    invoice's number, records it once. By the platform.

    Raises NotPermitted, InvalidInput, and TransferDiffers for a key of another payment.
    """
    require_platform(viewer)
    _require_amount(paid, 1)
    at, currency, amount = clock.now(), paid.currency, paid.amount_minor
    entries = {external(WALLET, currency): -amount, merchant(organisation_id, currency): amount}
    name = checked_text("key", key, KEY_CHARACTERS_MAX)
    subject = f"organisation:{organisation_id}"
    public_id = f"{MERCHANT_PAID}:{organisation_id}:{name}"
    movement = Movement(public_id, MERCHANT_PAID, entries, subject, actor=viewer.actor)

    async def once() -> None:
        async with transaction() as sql:
            await transfer(sql, movement, at)
            await _record(sql, viewer, "record_merchant_payment", organisation_id, paid, at)

    await retried(once)


async def require_credit(sql: Sql, organisation_id: int, currency: str, at: datetime) -> None:
    """Raises Conflict `NO_CREDIT` for a merchant that can pay nothing more."""
    account = merchant(organisation_id, currency)
    if not room_minor((await hold_accounts(sql, [account], at))[account]):
        raise Conflict(
            f"the organisation has no credit in {currency} for validations (left); it is given by "
            "whoever runs this platform",
            code="NO_CREDIT",
        )


def _require_amount(money: Money, least: int) -> None:
    if not least <= money.amount_minor <= CREDIT_MINOR_MAX:
        raise InvalidInput("amountMinor", f"expected {least} to {CREDIT_MINOR_MAX} minor units")
    if money.currency not in CURRENCIES:
        raise InvalidInput("currency", "expected an ISO 4217 code, such as EUR")


async def _record(
    sql: Sql, viewer: Viewer, verb: str, organisation_id: int, money: Money, at: datetime
) -> None:
    detail = {"amount_minor": money.amount_minor, "currency": money.currency}
    subject = f"organisation:{organisation_id}"
    await record_audit(sql, viewer, verb, subject, organisation_id, detail, at)
