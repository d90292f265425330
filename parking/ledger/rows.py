"""Reading and writing the ledger's tables, inside the caller's transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from parking.ledger.accounts import LIMITS, Account
from parking.ledger.guards import guarded
from parking.ledger.models import TransferKind
from parking.ledger.records import (
    ACCOUNT_COLUMNS,
    SELECT_TRANSFERS,
    AccountRow,
    TransferRecord,
    account_row,
    transfer_record,
)
from parking.ledger.rules import Entries
from parking.storage.locks import lock_ledger_accounts
from parking.storage.sql import Sql

INSERT_ACCOUNT = (
    "INSERT INTO ledger_account (name, kind, currency, is_tracked, minimum_minor, maximum_minor,"
    " created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name, currency) DO NOTHING"
)
INSERT_TRANSFER = (
    "INSERT INTO ledger_transfer (public_id, kind, code, reason, subject, actor, input_hash, at,"
    " expires_at, pending_id, corrects_id)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    " ON CONFLICT (public_id) DO NOTHING RETURNING id"
)
INSERT_POSTING = (
    "INSERT INTO ledger_posting (transfer_id, account_id, amount_minor, is_pending, at)"
    " VALUES ($1, $2, $3, $4, $5)"
)
INSERT_SEAL = "INSERT INTO ledger_seal (transfer_id) VALUES ($1)"
SELECT_ENTRIES = (
    "SELECT a.name, a.currency, p.amount_minor FROM ledger_posting p"
    " JOIN ledger_account a ON a.id = p.account_id"
)


async def hold_accounts(
    sql: Sql, accounts: Iterable[Account], at: datetime
) -> dict[Account, AccountRow]:
    """The accounts as they stand, made where there are none yet. Those that are tracked are locked
    until the transaction ends, in the order of their ids; the others are not."""
    wanted = list(accounts)
    found = await _locked(sql, wanted)
    missing = [account for account in wanted if account not in found]
    if missing:
        # In one order for everybody, so that two who make the same ones never wait in a ring.
        await sql.execute_many(INSERT_ACCOUNT, [_new_account(each, at) for each in sorted(missing)])
        found = await _locked(sql, wanted)
    return found


async def _locked(sql: Sql, accounts: Sequence[Account]) -> dict[Account, AccountRow]:
    names = sorted({account.name for account in accounts})
    currencies = sorted({account.currency for account in accounts})
    rows = map(account_row, await lock_ledger_accounts(sql, ACCOUNT_COLUMNS, names, currencies))
    return {row.account: row for row in rows if row.account in accounts}


def _new_account(account: Account, at: datetime) -> tuple[Any, ...]:
    kind = account.kind
    is_tracked, minimum, maximum = LIMITS[kind]
    return account.name, kind, account.currency, is_tracked, minimum, maximum, at


async def find_transfer(
    sql: Sql, which: int | str, *, is_locked: bool = False
) -> TransferRecord | None:
    """The transfer of this id, or of this public id; locked until the transaction ends."""
    column = "id" if isinstance(which, int) else "public_id"
    lock = " FOR NO KEY UPDATE" if is_locked and sql.dialect == "postgres" else ""
    row = await sql.fetch_one(f"{SELECT_TRANSFERS} WHERE t.{column} = $1{lock}", which)
    return None if row is None else transfer_record(row)


async def find_resolution(sql: Sql, pending_id: int) -> TransferRecord | None:
    """What resolved a pending transfer."""
    row = await sql.fetch_one(f"{SELECT_TRANSFERS} WHERE t.pending_id = $1", pending_id)
    return None if row is None else transfer_record(row)


async def entries_of(sql: Sql, transfer_id: int) -> dict[Account, int]:
    """What a transfer moves, or would."""
    return entries_in(await sql.fetch(f"{SELECT_ENTRIES} WHERE p.transfer_id = $1", transfer_id))


def entries_in(rows: Iterable[Mapping[str, Any]]) -> dict[Account, int]:
    """Rows of `SELECT_ENTRIES`, summed by account."""
    entries: dict[Account, int] = {}
    for row in rows:
        account = Account(row["name"], row["currency"])
        entries[account] = entries.get(account, 0) + row["amount_minor"]
    return entries


async def write_transfer(
    sql: Sql, draft: TransferRecord, entries: Entries, accounts: Mapping[Account, AccountRow]
) -> TransferRecord | None:
    """Write transfer, postings and seal; None, and nothing is written, when its public id is in
    use. The draft's id does not count. Raises what `guarded` raises."""
    is_pending = draft.kind is TransferKind.PENDING
    with guarded():
        made = await sql.fetch(INSERT_TRANSFER, *draft[1:])
        if not made:
            return None
        record = draft._replace(id=made[0]["id"])
        postings = sorted(
            (record.id, accounts[account].id, amount, is_pending, record.at)
            for account, amount in entries.items()
        )
        await sql.execute_many(INSERT_POSTING, postings)
        await sql.execute(INSERT_SEAL, record.id)
    return record
