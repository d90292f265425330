"""What is in an account now, or was; and what happened in it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any, NamedTuple

from parking.ledger.accounts import Account
from parking.ledger.models import TransferKind
from parking.ledger.records import ACCOUNT_COLUMNS, AccountRow, account_row
from parking.storage.sql import Sql, as_time

LINES_MAX = 1_000
BEGINNING = datetime.min.replace(tzinfo=UTC)
END = datetime.max.replace(tzinfo=UTC)
LAST = 2**63 - 1
"""No posting has a greater id."""


class Balance(NamedTuple):
    """In minor units: what is posted, what of it pending transfers would take out, and the rest."""

    posted_minor: int
    held_minor: int

    @property
    def available_minor(self) -> int:
        """What can be spent."""
        return self.posted_minor - self.held_minor


EMPTY = Balance(0, 0)


class Position(NamedTuple):
    """Where a line stands in a statement; lines are in the order of (at, id)."""

    at: datetime
    posting_id: int


class StatementLine(NamedTuple):
    """One movement of an account; `balance_minor` is what was in it afterwards."""

    position: Position
    transfer_id: int
    public_id: str
    kind: TransferKind
    code: str
    subject: str
    reason: str
    corrects_id: int | None
    at: datetime
    amount_minor: int
    balance_minor: int


async def balance(sql: Sql, account: Account) -> Balance:
    """What is in the account; nothing in one that does not exist."""
    return (await balances(sql, [account]))[account]


async def balances(sql: Sql, accounts: Iterable[Account]) -> dict[Account, Balance]:
    """The same for several, in three statements at most."""
    wanted = list(accounts)
    rows = [row for row in await _rows(sql, wanted) if row.account in wanted]
    found = {row.account: Balance(row.balance_minor, row.held_minor) for row in rows}
    summed = {row.id: row.account for row in rows if not row.is_tracked}
    if summed:
        posted, held = await _posted(sql, list(summed)), await _held(sql, list(summed))
        for account_id, account in summed.items():
            found[account] = Balance(posted.get(account_id, 0), held.get(account_id, 0))
    return {account: found.get(account, EMPTY) for account in wanted}


async def balance_at(sql: Sql, account: Account, at: datetime) -> Balance:
    """What was in the account after everything that happened until and at this instant."""
    posted = await _posted_until(sql, account, Position(at, LAST))
    held = await sql.fetch_one(
        "SELECT COALESCE(-SUM(p.amount_minor), 0) AS held FROM ledger_posting p"
        " JOIN ledger_account a ON a.id = p.account_id"
        " LEFT JOIN ledger_transfer r ON r.pending_id = p.transfer_id AND r.at <= $3"
        " WHERE a.name = $1 AND a.currency = $2 AND p.at <= $3 AND p.is_pending"
        " AND p.amount_minor < 0 AND r.id IS NULL",
        account.name, account.currency, at,
    )  # fmt: skip
    assert held is not None
    return Balance(posted, int(held["held"]))


async def statement(
    sql: Sql,
    account: Account,
    from_at: datetime | None = None,
    until_at: datetime | None = None,
    limit: int = 100,
    after: Position | None = None,
) -> list[StatementLine]:
    """What moved in the account within [from_at, until_at), oldest first; the next page is `after`
    the last line's position. What is only reserved is no line."""
    start = after or Position(from_at or BEGINNING, 0)
    rows = await sql.fetch(
        "SELECT p.id, p.at, p.amount_minor, t.id AS transfer_id, t.public_id, t.kind, t.code,"
        " t.subject, t.reason, t.corrects_id FROM ledger_posting p"
        " JOIN ledger_account a ON a.id = p.account_id"
        " JOIN ledger_transfer t ON t.id = p.transfer_id"
        " WHERE a.name = $1 AND a.currency = $2 AND NOT p.is_pending"
        " AND (p.at, p.id) > ($3, $4) AND p.at < $5 ORDER BY p.at, p.id LIMIT $6",
        account.name, account.currency, *start, until_at or END, min(limit, LINES_MAX),
    )  # fmt: skip
    before = await _posted_until(sql, account, start) if rows else 0
    running = accumulate((row["amount_minor"] for row in rows), initial=before)
    next(running)
    return [_line(row, after) for row, after in zip(rows, running, strict=True)]


def _line(row: Mapping[str, Any], balance_minor: int) -> StatementLine:
    at = as_time(row["at"])
    return StatementLine(
        Position(at, row["id"]), row["transfer_id"], row["public_id"], TransferKind(row["kind"]),
        row["code"], row["subject"], row["reason"], row["corrects_id"], at, row["amount_minor"],
        balance_minor,
    )  # fmt: skip


async def _posted_until(sql: Sql, account: Account, position: Position) -> int:
    """What was in the account after the line at this position."""
    row = await sql.fetch_one(
        "SELECT COALESCE(SUM(p.amount_minor), 0) AS posted FROM ledger_posting p"
        " JOIN ledger_account a ON a.id = p.account_id"
        " WHERE a.name = $1 AND a.currency = $2 AND NOT p.is_pending"
        " AND (p.at, p.id) <= ($3, $4)",
        account.name, account.currency, *position,
    )  # fmt: skip
    assert row is not None
    return int(row["posted"])


async def _rows(sql: Sql, accounts: list[Account]) -> list[AccountRow]:
    names = sorted({account.name for account in accounts})
    currencies = sorted({account.currency for account in accounts})
    rows = await sql.fetch(
        f"SELECT {ACCOUNT_COLUMNS} FROM ledger_account"
        f" WHERE name {sql.any_of('$1')} AND currency {sql.any_of('$2')}",
        names, currencies,
    )  # fmt: skip
    return [account_row(row) for row in rows]


async def _posted(sql: Sql, account_ids: list[int]) -> dict[int, int]:
    rows = await sql.fetch(
        "SELECT account_id, SUM(amount_minor) AS posted FROM ledger_posting"
        f" WHERE account_id {sql.any_of('$1')} AND NOT is_pending GROUP BY account_id",
        account_ids,
    )
    return {row["account_id"]: int(row["posted"]) for row in rows}


async def _held(sql: Sql, account_ids: list[int]) -> dict[int, int]:
    rows = await sql.fetch(
        "SELECT p.account_id, -SUM(p.amount_minor) AS held FROM ledger_open o"
        " JOIN ledger_posting p ON p.transfer_id = o.transfer_id"
        f" WHERE p.account_id {sql.any_of('$1')} AND p.amount_minor < 0 GROUP BY p.account_id",
        account_ids,
    )
    return {row["account_id"]: int(row["held"]) for row in rows}
