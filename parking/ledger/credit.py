"""How far an account may fall below zero: nothing unless said, for kinds that are given credit."""

from datetime import datetime

from parking.ledger.accounts import CREDITED, Account
from parking.ledger.records import AccountRow
from parking.ledger.refusals import InsufficientFunds
from parking.ledger.rows import hold_accounts
from parking.storage.sql import Sql


def room_minor(row: AccountRow) -> int:
    """How much can still be taken from an account that has a lower limit, in minor units."""
    assert row.minimum_minor is not None, "without a limit there is no end to it"
    return max(row.available_minor - row.minimum_minor, 0)


async def allow_credit(sql: Sql, account: Account, credit_minor: int, at: datetime) -> None:
    """Let the account owe up to `credit_minor`, in the caller's transaction.

    Raises InsufficientFunds when it owes more already, ValueError for a kind that has no credit or
    an amount below zero.
    """
    if account.kind not in CREDITED or credit_minor < 0:
        raise ValueError(f"{account} cannot have a credit of {credit_minor}")
    row = (await hold_accounts(sql, [account], at))[account]
    if row.available_minor + credit_minor < 0:
        raise InsufficientFunds(account, row.available_minor)
    await sql.execute(
        "UPDATE ledger_account SET minimum_minor = $2 WHERE id = $1", row.id, -credit_minor
    )
