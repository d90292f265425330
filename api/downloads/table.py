"""A table as CSV (RFC 4180): UTF-8, a header line, CRLF, amounts as decimals. Pure but for its
rows, which come as they are read."""

import csv
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from typing import Any, Final, TypeAlias

from api.formats import decimal_text
from parking.clock import rfc3339

LINES_PER_PIECE: Final = 200
"""So many lines are sent at a time."""
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What spreadsheets take for a formula at the start of a text (OWASP, CSV injection)."""


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in minor units; its currency has a column of its own."""

    minor: int
    currency: str


Cell: TypeAlias = str | int | Amount | date | datetime | None


@dataclass(frozen=True, slots=True)
class Table:
    """A file's name without its ending, its columns, and its rows."""

    name: str
    columns: Sequence[str]
    rows: AsyncIterator[Sequence[Cell]]


async def written(table: Table) -> AsyncIterator[bytes]:
    """The file, piece by piece; never more of it in memory than one piece."""
    piece, lines = StringIO(), 1
    writer = csv.writer(piece)
    writer.writerow(table.columns)
    async for row in table.rows:
        writer.writerow([cell_text(cell) for cell in row])
        lines += 1
        if lines >= LINES_PER_PIECE:
            yield _taken(piece)
            lines = 0
    yield _taken(piece)


def cell_text(cell: Cell) -> str:
    """As it stands in the file: instants in RFC 3339 (UTC), days in ISO 8601, and before a text
    that a spreadsheet would run an apostrophe."""
    match cell:
        case None:
            return ""
        case Amount(minor, currency):
            return decimal_text(minor, currency)
        case datetime():
            return rfc3339(cell)
        case date():
            return cell.isoformat()
        case int():
            return str(cell)
        case _:
            return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def _taken(piece: StringIO) -> bytes:
    text = piece.getvalue()
    piece.seek(0)
    piece.truncate()
    return text.encode()


async def rows_of(rows: Sequence[Sequence[Any]]) -> AsyncIterator[Sequence[Cell]]:
    """Rows that are all there already."""
    for row in rows:
        yield row
