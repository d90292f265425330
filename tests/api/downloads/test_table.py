"""Files of tables: what stands in each cell, and how it is written."""

import csv
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from io import StringIO

import pytest

from api.downloads.table import LINES_PER_PIECE, Amount, Cell, Table, cell_text, rows_of, written


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""), (12, "12"), (-3, "-3"), ("plain", "plain"), (date(2026, 1, 5), "2026-01-05"),
        (datetime(2026, 1, 5, 8, tzinfo=UTC), "2026-01-05T08:00:00Z"),
        (Amount(-1250, "EUR"), "-12.50"), (Amount(1250, "JPY"), "1250"),
        (Amount(5, "KWD"), "0.005"),
    ],
)  # fmt: skip
def test_each_kind_has_one_form(cell: Cell, text: str) -> None:
    assert cell_text(cell) == text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_text_is_a_formula(text: str) -> None:
    assert cell_text(text) == f"'{text}"


async def test_it_is_rfc_4180_in_utf_8() -> None:
    rows = [('say "hi", all', Amount(1, "EUR")), ("two\nlines", None), ("林悦", 0)]
    found = await text_of(Table("t", ("name", "amount"), rows_of(rows)))
    assert found.startswith('name,amount\r\n"say ""hi"", all",0.01\r\n"two\nlines",\r\n')
    assert list(csv.reader(StringIO(found, newline="")))[-1] == ["林悦", "0"]


async def test_it_is_sent_as_it_is_read() -> None:
    read = 0

    async def rows() -> AsyncIterator[Sequence[Cell]]:
        nonlocal read
        for number in range(10 * LINES_PER_PIECE):
            read += 1
            yield (number,)

    pieces = written(Table("t", ("n",), rows()))
    await anext(pieces)
    assert read < LINES_PER_PIECE + 1
    rest = [piece async for piece in pieces]
    assert read == 10 * LINES_PER_PIECE
    assert len(rest) == 10


async def test_a_table_without_rows_has_its_header() -> None:
    assert await text_of(Table("t", ("a", "b"), rows_of([]))) == "a,b\r\n"


async def text_of(table: Table) -> str:
    return b"".join([piece async for piece in written(table)]).decode()
