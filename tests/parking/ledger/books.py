"""Accounts and movements for tests of the ledger."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from parking.ledger.accounts import Account, driver, escrow, external, owner
from parking.ledger.balances import Balance, balance
from parking.ledger.transfers import Movement, TransferRecord, hold, transfer
from parking.storage.sql import database
from parking.storage.transactions import transaction

AT = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=10)
EUR = "EUR"
OUTSIDE, ALICE, BOB = external("wallet", EUR), driver(1, EUR), driver(2, EUR)
POCKET, LESSOR = escrow(7, EUR), owner(3, EUR)


def between(payer: Account, payee: Account, amount_minor: int) -> dict[Account, int]:
    """Entries that move an amount from one to the other."""
    return {payer: -amount_minor, payee: amount_minor}


def movement(public_id: str, entries: Mapping[Account, int], **more: Any) -> Movement:
    """A movement whose code does not matter."""
    return Movement(public_id, "test", entries, **more)


async def move(
    public_id: str,
    payer: Account,
    payee: Account,
    amount_minor: int,
    at: datetime = AT,
    **more: Any,
) -> TransferRecord:
    """A transfer in a transaction of its own."""
    async with transaction() as sql:
        wanted = movement(public_id, between(payer, payee, amount_minor), **more)
        return await transfer(sql, wanted, at)


async def reserve(
    public_id: str, payer: Account, payee: Account, amount_minor: int, expires_at: datetime = LATER
) -> TransferRecord:
    """A pending transfer in a transaction of its own."""
    async with transaction() as sql:
        wanted = movement(public_id, between(payer, payee, amount_minor))
        return await hold(sql, wanted, AT, expires_at)


async def fund(account: Account, amount_minor: int, public_id: str = "") -> TransferRecord:
    """Money from outside."""
    outside = external("wallet", account.currency)
    return await move(public_id or f"fund:{account.name}", outside, account, amount_minor)


async def of(account: Account) -> Balance:
    """What is in the account."""
    return await balance(database(), account)


async def count(table: str) -> int:
    """Rows of a table."""
    row = await database().fetch_one(f"SELECT COUNT(*) AS found FROM {table}")
    assert row is not None
    return int(row["found"])
