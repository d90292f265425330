"""The books looked at from the ground: everything is rebuilt from the postings and compared.

It trusts no balance, no seal, no trigger and no index. Tables are read in batches, so memory stays
the same however long the books are; give it a `parking.storage.snapshots.snapshot` to see them all
at one instant.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from parking.ledger.accounts import CREDITED, LIMITS, Account
from parking.ledger.findings import Finding, Findings
from parking.ledger.models import TransferKind
from parking.ledger.records import (
    ACCOUNT_COLUMNS,
    TRANSFER_COLUMNS,
    AccountRow,
    TransferRecord,
    account_row,
    transfer_record,
)
from parking.ledger.rules import input_hash
from parking.storage.sql import Sql

BATCH_ROWS = 1_000
EXPIRY_LATE_MAX = timedelta(minutes=1)
"""The worker has let a pending transfer expire by then, even after a start anew."""

SELECT_BATCH = (
    f"SELECT {TRANSFER_COLUMNS},"
    " CASE WHEN s.transfer_id IS NULL THEN 0 ELSE 1 END AS is_sealed,"
    " CASE WHEN o.transfer_id IS NULL THEN 0 ELSE 1 END AS is_open, q.kind AS resolved_kind"
    " FROM ledger_transfer t LEFT JOIN ledger_seal s ON s.transfer_id = t.id"
    " LEFT JOIN ledger_open o ON o.transfer_id = t.id"
    " LEFT JOIN ledger_transfer q ON q.id = t.pending_id"
    f" WHERE t.id > $1 ORDER BY t.id LIMIT {BATCH_ROWS}"
)
SELECT_POSTINGS = (
    "SELECT p.transfer_id, p.amount_minor, p.is_pending, a.name, a.currency,"
    " CASE WHEN p.at = t.at THEN 1 ELSE 0 END AS is_timely"
    " FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id"
    " JOIN ledger_transfer t ON t.id = p.transfer_id"
    " WHERE p.transfer_id {wanted}"
)
SELECT_RESOLUTIONS = f"SELECT {TRANSFER_COLUMNS} FROM ledger_transfer t WHERE t.pending_id"
SELECT_ACCOUNTS = (
    f"SELECT {ACCOUNT_COLUMNS} FROM ledger_account WHERE id > $1 ORDER BY id LIMIT {BATCH_ROWS}"
)
SUM_POSTED = (
    "SELECT account_id, SUM(amount_minor) AS total FROM ledger_posting"
    " WHERE account_id > $1 AND account_id <= $2 AND NOT is_pending GROUP BY account_id"
)
SUM_HELD = (
    "SELECT p.account_id, -SUM(p.amount_minor) AS total FROM ledger_posting p"
    " WHERE p.account_id > $1 AND p.account_id <= $2 AND p.is_pending AND p.amount_minor < 0"
    " AND NOT EXISTS (SELECT 1 FROM ledger_transfer r WHERE r.pending_id = p.transfer_id)"
    " GROUP BY p.account_id"
)


async def verify(sql: Sql, at: datetime) -> list[Finding]:
    """Everything that is wrong with the books at this instant; nothing when they are right."""
    findings = Findings()
    async for transfer in _transfers(sql):
        findings.extend(_faults(transfer, at))
    totals: dict[str, int] = {}
    async for account in _accounts(sql):
        currency = account.row.account.currency
        totals[currency] = totals.get(currency, 0) + account.posted_minor
        findings.extend(_account_faults(account))
    for currency, total in sorted(totals.items()):
        if total:
            findings.add(
                "BOOKS_UNBALANCED", f"all accounts in {currency} sum to {total}; it must be zero"
            )
    return findings.told()


class _Transfer(NamedTuple):
    """A transfer with everything that belongs to it."""

    record: TransferRecord
    is_sealed: bool
    is_open: bool
    resolved_kind: str | None
    postings: list[Mapping[str, Any]]
    resolutions: list[TransferRecord]
    resolution_entries: dict[Account, int]

    @property
    def entries(self) -> dict[Account, int]:
        return {_account(row): row["amount_minor"] for row in self.postings}


class _Rebuilt(NamedTuple):
    """An account, and what its postings come to."""

    row: AccountRow
    posted_minor: int
    held_minor: int


async def _transfers(sql: Sql) -> AsyncIterator[_Transfer]:
    last = 0
    while batch := await sql.fetch(SELECT_BATCH, last):
        last = batch[-1]["id"]
        ids = [row["id"] for row in batch]
        pending = [row["id"] for row in batch if row["kind"] == TransferKind.PENDING]
        resolutions = await _resolutions(sql, pending)
        posts = [each.id for found in resolutions.values() for each in found]
        postings = await _postings(sql, ids + posts)
        for row in batch:
            resolved = resolutions.get(row["id"], [])
            moved = [each for one in resolved for each in postings.get(one.id, [])]
            yield _Transfer(
                transfer_record(row), bool(row["is_sealed"]), bool(row["is_open"]),
                row["resolved_kind"],
                postings.get(row["id"], []), resolved,
                {_account(each): each["amount_minor"] for each in moved},
            )  # fmt: skip


async def _resolutions(sql: Sql, pending: list[int]) -> dict[int, list[TransferRecord]]:
    found: dict[int, list[TransferRecord]] = {}
    if pending:
        for row in await sql.fetch(f"{SELECT_RESOLUTIONS} {sql.any_of('$1')}", pending):
            found.setdefault(row["pending_id"], []).append(transfer_record(row))
    return found


async def _postings(sql: Sql, transfer_ids: list[int]) -> dict[int, list[Mapping[str, Any]]]:
    found: dict[int, list[Mapping[str, Any]]] = {}
    query = SELECT_POSTINGS.format(wanted=sql.any_of("$1"))
    for row in await sql.fetch(query, transfer_ids):
        found.setdefault(row["transfer_id"], []).append(row)
    return found


async def _accounts(sql: Sql) -> AsyncIterator[_Rebuilt]:
    last = 0
    while batch := await sql.fetch(SELECT_ACCOUNTS, last):
        begin, last = last, batch[-1]["id"]
        posted = {
            r["account_id"]: int(r["total"]) for r in await sql.fetch(SUM_POSTED, begin, last)
        }
        held = {r["account_id"]: int(r["total"]) for r in await sql.fetch(SUM_HELD, begin, last)}
        for row in map(account_row, batch):
            yield _Rebuilt(row, posted.get(row.id, 0), held.get(row.id, 0))


def _account(row: Mapping[str, Any]) -> Account:
    return Account(row["name"], row["currency"])


def _faults(transfer: _Transfer, at: datetime) -> Iterator[Finding]:
    yield from _whole_faults(transfer)
    if transfer.record.kind is TransferKind.PENDING:
        yield from _pending_faults(transfer, at)


def _whole_faults(transfer: _Transfer) -> Iterator[Finding]:
    """What every transfer must be by itself."""
    record, postings = transfer.record, transfer.postings
    name = f"transfer {record.public_id} (number {record.id})"
    sums: dict[str, int] = {}
    for row in postings:
        sums[row["currency"]] = sums.get(row["currency"], 0) + row["amount_minor"]
    for currency, total in sums.items():
        if total:
            message = f"{name}: its postings in {currency} sum to {total}; it must be zero"
            yield Finding("UNBALANCED", message)
    moves = record.kind not in {TransferKind.VOID, TransferKind.EXPIRE}
    if moves is not bool(postings):
        has = "has no postings" if moves else "has postings"
        yield Finding("POSTINGS", f"{name}: a {record.kind} that {has}")
    is_pending = record.kind is TransferKind.PENDING
    if any(bool(row["is_pending"]) is not is_pending or not row["is_timely"] for row in postings):
        yield Finding("POSTINGS", f"{name}: a posting is of another phase or time than it")
    if transfer.resolved_kind not in {None, TransferKind.PENDING}:
        yield Finding("NOT_PENDING", f"{name}: it resolves a {transfer.resolved_kind}")
    if not transfer.is_sealed:
        yield Finding("UNSEALED", f"{name}: it was never looked at by the database")
    if record.input_hash != input_hash(record.kind, record, transfer.entries, record.pending_id):
        message = f"{name}: it is not what was asked for; its input hash is another's"
        yield Finding("INPUT_HASH", message)


def _pending_faults(transfer: _Transfer, at: datetime) -> Iterator[Finding]:
    """How a pending transfer was resolved: at most once, in time, with no more than it held."""
    record, resolutions = transfer.record, transfer.resolutions
    name = f"pending transfer {record.public_id} (number {record.id})"
    assert record.expires_at is not None
    if len(resolutions) > 1:
        ids = ", ".join(each.public_id for each in resolutions)
        yield Finding("RESOLVED_TWICE", f"{name}: resolved {len(resolutions)} times, by {ids}")
    if transfer.is_open is bool(resolutions):
        listed = "is still listed as open" if resolutions else "is not listed as open"
        yield Finding("OPEN_LIST", f"{name}: {listed}")
    if not resolutions and record.expires_at + EXPIRY_LATE_MAX < at:
        yield Finding("OUTLIVES_EXPIRY", f"{name}: expired at {record.expires_at}, still holds")
    for each in resolutions:
        is_late = each.at >= record.expires_at
        if each.kind is not TransferKind.VOID and is_late is (each.kind is TransferKind.POST):
            when = "after its expiry" if is_late else "before its expiry"
            yield Finding("EXPIRY", f"{name}: a {each.kind} {when} by {each.public_id}")
    for account, amount in transfer.resolution_entries.items():
        reserved = transfer.entries.get(account, 0)
        if amount * reserved <= 0 or abs(amount) > abs(reserved):
            message = f"{name}: {amount} posted for {account}, {reserved} reserved"
            yield Finding("EXCEEDS_PENDING", message)


def _account_faults(account: _Rebuilt) -> Iterator[Finding]:
    """An account's row against its postings and against the chart."""
    row, name = account.row, str(account.row.account)
    posted, held = account.posted_minor, account.held_minor
    shown, rebuilt = (row.balance_minor, row.held_minor), (posted, held)
    if shown != (rebuilt if row.is_tracked else (0, 0)):
        yield Finding(
            "BALANCE",
            f"{name}: its row says {row.balance_minor}, {row.held_minor} held;"
            f" its postings come to {posted}, {held} held",
        )
    try:
        limits = LIMITS[row.account.kind]
    except ValueError:
        yield Finding("CHART", f"{name}: there is no such account in the chart")
        return
    if row.account.kind in CREDITED and row.minimum_minor is not None and row.minimum_minor <= 0:
        limits = limits._replace(minimum_minor=row.minimum_minor)
    if (row.is_tracked, row.minimum_minor, row.maximum_minor) != limits:
        yield Finding("CHART", f"{name}: its limits are not those of the chart")
    if limits.minimum_minor is not None and posted - held < limits.minimum_minor:
        yield Finding("LIMIT", f"{name}: {posted - held} is below its limit")
    if limits.maximum_minor is not None and posted > limits.maximum_minor:
        yield Finding("LIMIT", f"{name}: {posted} is above its limit")
