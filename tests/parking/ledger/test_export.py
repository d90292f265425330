"""The books for other programs."""

import csv
import io
import json
from datetime import datetime
from typing import Any

import pytest

from parking.ledger import export as export_module
from parking.ledger.accounts import Account, external
from parking.ledger.correct import correct
from parking.ledger.export import ExportFormat, export
from parking.ledger.transfers import post, void
from parking.storage.snapshots import snapshot
from parking.storage.transactions import transaction
from tests.parking.ledger.books import (
    ALICE,
    AT,
    BOB,
    LATER,
    OUTSIDE,
    POCKET,
    between,
    fund,
    move,
    reserve,
)

DOLLARS = Account(ALICE.name, "USD")
IN_ORDER = ["fund:driver:1", "usd", "hold", "drop", "post", "void", "said", "back"]


@pytest.fixture(autouse=True)
async def _books(database: str) -> None:
    await fund(ALICE, 100)
    await move("usd", external("wallet", "USD"), DOLLARS, 5)
    await reserve("hold", OUTSIDE, POCKET, 70)
    await reserve("drop", OUTSIDE, POCKET, 7)
    async with transaction() as sql:
        await post(sql, "hold", "post", AT, between(OUTSIDE, POCKET, 60))
        await void(sql, "drop", "void", AT, 'he said "no",\nthen left')
    await move("said", ALICE, BOB, 9, LATER, subject="reservation:7")
    async with transaction() as sql:
        await correct(sql, "said", "back", LATER, "a mistake")


async def text(file_format: ExportFormat, *limits: Any) -> str:
    async with snapshot() as sql:
        return "".join([piece async for piece in export(sql, file_format, *limits)])


async def rows(*limits: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(await text(ExportFormat.CSV, *limits))))


async def lines(*limits: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (await text(ExportFormat.JSONL, *limits)).splitlines()]


async def test_csv_has_a_row_for_each_posting_and_one_for_what_moves_nothing() -> None:
    found = await rows()
    assert list(dict.fromkeys(row["transfer"] for row in found)) == IN_ORDER
    first = [(row["account"], row["currency"], row["amount_minor"]) for row in found[:2]]
    assert first == [("external:wallet", "EUR", "-100"), ("driver:1", "EUR", "100")]
    [voided] = [row for row in found if row["transfer"] == "void"]
    assert (voided["account"], voided["amount_minor"], voided["resolves"]) == ("", "", "drop")
    assert voided["reason"] == 'he said "no",\nthen left'


async def test_json_lines_have_one_transfer_each() -> None:
    found = {line["transfer"]: line for line in await lines()}
    assert list(found) == IN_ORDER
    assert found["hold"]["expires_at"] == "2026-01-05T08:10:00Z"
    assert (found["post"]["resolves"], found["back"]["corrects"]) == ("hold", "said")
    assert found["said"]["subject"] == "reservation:7"
    assert found["usd"]["postings"] == [
        {"account": "external:wallet", "currency": "USD", "amount_minor": -5},
        {"account": "driver:1", "currency": "USD", "amount_minor": 5},
    ]


@pytest.mark.parametrize(
    ("from_at", "until_at", "expected"),
    [(LATER, None, ["said", "back"]), (None, LATER, IN_ORDER[:6]), (AT, AT, [])],
)
async def test_a_period_is_half_open(
    from_at: datetime | None, until_at: datetime | None, expected: list[str]
) -> None:
    assert [line["transfer"] for line in await lines(from_at, until_at)] == expected


async def test_one_currency_has_its_own_postings_and_resolutions() -> None:
    assert [line["transfer"] for line in await lines(None, None, "USD")] == ["usd"]
    in_euro = [line["transfer"] for line in await lines(None, None, "EUR")]
    assert in_euro == [each for each in IN_ORDER if each != "usd"]


async def test_it_comes_in_pieces_and_nothing_is_missing_or_double(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = await lines()
    small = export_module.SELECT_BATCH.replace("LIMIT 1000", "LIMIT 3")
    monkeypatch.setattr(export_module, "SELECT_BATCH", small)
    assert await lines() == whole
