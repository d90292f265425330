"""Money for people in tests, and what is in an account."""

from collections import defaultdict
from datetime import UTC, datetime
from itertools import count

from parking.accounts.viewer import SYSTEM, Viewer
from parking.clock import TestClock
from parking.events.bus import InProcessBus
from parking.ledger.accounts import Account, driver, external
from parking.ledger.balances import balance
from parking.ledger.transfers import Movement, transfer
from parking.money import Money
from parking.settlement.merchants import set_merchant_credit
from parking.settlement.payments.wallet import credit_wallet
from parking.storage.sql import database
from parking.storage.transactions import transaction

FILLED = datetime(2026, 1, 1, tzinfo=UTC)
PLENTY = 1_000_000
"""10,000.00 in a currency of two decimals."""

_numbers = count(1)


async def fill_wallet(
    who: Viewer | int, amount_minor: int = PLENTY, currency: str = "EUR", at: datetime = FILLED
) -> None:
    """Put money into somebody's wallet, from nowhere; debts are paid from it."""
    person_id = who if isinstance(who, int) else who.person_id
    assert person_id is not None, "only people have wallets"
    money, bus = Money(amount_minor, currency), InProcessBus()
    async with transaction() as sql:
        await credit_wallet(sql, person_id, money, f"filled:{next(_numbers)}", at, bus)


async def empty_wallet(who: Viewer, currency: str = "EUR", at: datetime = FILLED) -> None:
    """Take out all that is in somebody's wallet."""
    assert who.person_id is not None
    left, mine = await in_wallet(who, currency), driver(who.person_id, currency)
    entries = {mine: -left, external("wallet", currency): left}
    async with transaction() as sql:
        await transfer(sql, Movement(f"emptied:{next(_numbers)}", "test", entries), at)


async def give_credit(
    organisation_id: int, amount_minor: int = PLENTY, currency: str = "EUR"
) -> None:
    """Let a merchant promise so much."""
    credit, clock = Money(amount_minor, currency), TestClock(FILLED)
    await set_merchant_credit(SYSTEM, organisation_id, credit, clock=clock)


async def in_wallet(who: Viewer | int, currency: str = "EUR") -> int:
    """What the person has."""
    person_id = who if isinstance(who, int) else who.person_id
    assert person_id is not None
    return await in_account(driver(person_id, currency))


async def in_account(account: Account) -> int:
    """What is posted."""
    return (await balance(database(), account)).posted_minor


async def postings(subject: str) -> dict[str, dict[str, int]]:
    """What moved about something (`reservation:12`): by transfer, the account and its amount."""
    rows = await database().fetch(
        "SELECT t.public_id, a.name, p.amount_minor FROM ledger_transfer t"
        " JOIN ledger_posting p ON p.transfer_id = t.id"
        " JOIN ledger_account a ON a.id = p.account_id"
        " WHERE t.subject = $1 AND NOT p.is_pending ORDER BY t.id, a.name",
        subject,
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[row["public_id"]][row["name"]] = row["amount_minor"]
    return dict(found)
