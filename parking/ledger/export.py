"""The books for other programs: CSV, a line for each posting; JSON Lines, one for each transfer."""

import csv
import io
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import orjson

from parking.clock import rfc3339
from parking.ledger.balances import BEGINNING, END
from parking.ledger.records import TRANSFER_COLUMNS, TransferRecord, transfer_record
from parking.storage.sql import Sql

BATCH_ROWS = 1_000

CSV_COLUMNS = (
    "at", "transfer", "kind", "code", "subject", "account", "currency", "amount_minor", "reason",
    "actor", "expires_at", "resolves", "corrects", "number",
)  # fmt: skip

SELECT_BATCH = (
    f"SELECT {TRANSFER_COLUMNS}, p.public_id AS resolves, c.public_id AS corrects"
    " FROM ledger_transfer t LEFT JOIN ledger_transfer p ON p.id = t.pending_id"
    " LEFT JOIN ledger_transfer c ON c.id = t.corrects_id"
    " WHERE (t.at, t.id) > ($1, $2) AND t.at < $3 AND ($4 = '' OR EXISTS ("
    " SELECT 1 FROM ledger_posting l JOIN ledger_account a ON a.id = l.account_id"
    " WHERE l.transfer_id = COALESCE(t.pending_id, t.id) AND a.currency = $4))"
    f" ORDER BY t.at, t.id LIMIT {BATCH_ROWS}"
)
SELECT_POSTINGS = (
    "SELECT p.transfer_id, a.name AS account, a.currency, p.amount_minor FROM ledger_posting p"
    " JOIN ledger_account a ON a.id = p.account_id"
    " WHERE p.transfer_id {wanted} AND ($2 = '' OR a.currency = $2) ORDER BY p.transfer_id,"
    " p.amount_minor, p.id"
)


class ExportFormat(StrEnum):
    """How the books are written."""

    CSV = "csv"
    JSONL = "jsonl"


class Entry(NamedTuple):
    """A transfer as it is exported; `resolves` and `corrects` are public ids."""

    record: TransferRecord
    resolves: str | None
    corrects: str | None
    postings: list[Mapping[str, Any]]


async def export(
    sql: Sql,
    file_format: ExportFormat,
    from_at: datetime | None = None,
    until_at: datetime | None = None,
    currency: str = "",
) -> AsyncIterator[str]:
    """Pieces of text, in the order of (at, number), of what was made within [from_at, until_at);
    with a currency only its postings, and transfers that have some. What is pending is told with
    kind PENDING: its postings are a reservation. Memory stays the same however much there is; give
    it a `parking.storage.snapshots.snapshot` to have it as of one instant."""
    if file_format is ExportFormat.CSV:
        yield _csv_text([CSV_COLUMNS])
    async for batch in _batches(sql, from_at or BEGINNING, until_at or END, currency):
        if file_format is ExportFormat.CSV:
            yield _csv_text([row for entry in batch for row in _csv_rows(entry)])
        else:
            yield "".join(_json_line(entry) for entry in batch)


async def _batches(
    sql: Sql, from_at: datetime, until_at: datetime, currency: str
) -> AsyncIterator[list[Entry]]:
    position = (from_at, 0)
    while rows := await sql.fetch(SELECT_BATCH, *position, until_at, currency):
        records = [transfer_record(row) for row in rows]
        position = (records[-1].at, records[-1].id)
        postings: dict[int, list[Mapping[str, Any]]] = {record.id: [] for record in records}
        query = SELECT_POSTINGS.format(wanted=sql.any_of("$1"))
        for posting in await sql.fetch(query, list(postings), currency):
            postings[posting["transfer_id"]].append(posting)
        yield [
            Entry(record, row["resolves"], row["corrects"], postings[record.id])
            for record, row in zip(records, rows, strict=True)
        ]


def _fields(entry: Entry) -> dict[str, Any]:
    record = entry.record
    return {
        "at": rfc3339(record.at),
        "transfer": record.public_id,
        "kind": record.kind.value,
        "code": record.code,
        "subject": record.subject,
        "reason": record.reason,
        "actor": record.actor,
        "expires_at": rfc3339(record.expires_at) if record.expires_at else None,
        "resolves": entry.resolves,
        "corrects": entry.corrects,
        "number": record.id,
    }


def _csv_rows(entry: Entry) -> list[list[Any]]:
    """What moves nothing has one row, without an account."""
    fields = _fields(entry)
    return [
        [{**fields, **posting}.get(column) for column in CSV_COLUMNS]
        for posting in entry.postings or [{}]
    ]


def _csv_text(rows: Any) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _json_line(entry: Entry) -> str:
    postings = [
        {name: posting[name] for name in ("account", "currency", "amount_minor")}
        for posting in entry.postings
    ]
    line = {**_fields(entry), "postings": postings}
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE).decode()
