"""Filling wallets from the command line."""

from uuid import uuid4

from berth.buses import make_bus
from berth.settings import Settings
from berth.tokens import person_called
from parking.accounts.audit import record_audit
from parking.accounts.viewer import SYSTEM
from parking.clock import Clock, SystemClock
from parking.events.bus import Bus
from parking.ledger.accounts import driver
from parking.ledger.balances import balance
from parking.money import Money
from parking.settlement.payments.prepare import in_change
from parking.settlement.payments.wallet import credit_wallet, name_of
from parking.storage.sql import Sql, database


async def fill_wallet(
    settings: Settings,
    who: str,
    amount_minor: int,
    currency: str,
    key: str = "",
    clock: Clock | None = None,
) -> int:
    """Put money into the wallet of a demo person or of somebody with an address; what is available
    there then, in minor units. Raises NobodyFound and InvalidInput."""
    person_id, at = await person_called(who), (clock or SystemClock()).now()
    money, public_id = Money(amount_minor, currency), name_of(SYSTEM, key or str(uuid4()))

    async def once(sql: Sql, held: Bus) -> None:
        await credit_wallet(sql, person_id, money, public_id, at, held)
        detail = {"amount_minor": amount_minor, "currency": currency, "transfer": public_id}
        subject = f"person:{person_id}"
        await record_audit(sql, SYSTEM, "fill_wallet", subject, None, detail, at)

    bus = make_bus(settings)
    try:
        await in_change(once, bus)
    finally:
        await bus.close()
    return (await balance(database(), driver(person_id, currency))).available_minor
