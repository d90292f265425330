"""An agreement as people read it: as a page and as PDF."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.agreements.pdf import pdf_of
from api.agreements.reading import sheet_of
from api.agreements.sheet import Columns, Part, Row, Sheet
from parking.listings.cancellation import (
    FREE_UNTIL_START,
    TIERED,
    UNUSED_PART,
    CancellationTerms,
    terms_json,
)
from parking.rates.lines import LineKind, PricedLine, lines_json

STARTS = datetime(2026, 1, 5, 8, tzinfo=UTC)
ENDS = STARTS + timedelta(hours=3)
LINE = PricedLine(
    LineKind.RATE, "c", "hour", STARTS, ENDS, 1250, quantity=3, unit="PT1H", name="Hour"
)


def agreement(cancellation: CancellationTerms = TIERED) -> dict[str, Any]:
    terms = {
        "renter": {"person_id": 7, "name": "林悦", "guest_name": "Tante Erna"},
        "lessor": {"organisation_id": 1, "name": "Familie <b>Keller</b>"},
        "operator": {"organisation_id": 2, "name": "Stadtparken"},
        "place": {"id": 1, "name": "Hof", "address": "", "time_zone": "Europe/Berlin"},
        "space": {"id": 1, "number": "A04"},
        "vehicle": {"plate": ""},
        "window": {"starts_at": STARTS.isoformat(), "ends_at": ENDS.isoformat()},
        "price": {
            "amount_minor": 1250, "currency": "EUR", "lines": json.loads(lines_json([LINE])),
        },
        "cancellation": json.loads(terms_json(cancellation)),
        "listing": {
            "id": 1, "version": 3, "name": "Drive", "mode": "INSTANT", "turnover_minutes": 90,
        },
    }  # fmt: skip
    return {
        "terms": json.dumps(terms), "version": 2, "digest": "ab" * 32,
        "createdAt": STARTS.isoformat(), "renterAcceptedAt": STARTS.isoformat(),
        "lessorAcceptedAt": None,
    }  # fmt: skip


def values(sheet: Sheet) -> dict[str, str]:
    return {row.label: row.value for part in sheet.parts for row in part.rows}


def test_the_sheet_says_who_what_when_and_for_how_much() -> None:
    sheet = sheet_of(agreement(), "12", "en")
    told = values(sheet)
    assert told["From – until"] == "Mon 5 Jan 2026 09:00 – 12:00"
    assert told["Operator of the place"] == "Stadtparken"
    assert told["Kept free afterwards"] == "90 minutes"
    assert sheet.foot == f"Reservation 12 · version 2 · SHA-256 {'ab' * 32}"
    [columns] = [part.columns for part in sheet.parts if part.columns]
    assert columns.rows == (("Hour", "Mon 5 Jan 2026 09:00 – 12:00", "3 × 1 h", "€12.50"),)
    assert columns.total[-1] == "€12.50"


def test_who_has_not_accepted_is_said_to() -> None:
    rows = sheet_of(agreement(), "12", "en").parts[-1].rows
    assert [row.value for row in rows[:2]] == [
        "not accepted yet", "accepted Mon 5 Jan 2026 09:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("terms", "sentences"),
    [
        (FREE_UNTIL_START, ["Until the start: 100 % is given back.",
                            "After the start nothing is given back."]),
        (TIERED, ["More than 14 days before the start: 100 % is given back.",
                  "At least 8 days before the start: 50 % is given back.",
                  "Later before the start nothing is given back."]),
        (FREE_UNTIL_START, ["Who does not come owes 100 % of the price."]),
        (CancellationTerms(no_show_percent=50, no_show_fee_minor=500),
         ["Who does not come owes 50 % of the price, and €5.00."]),
        (UNUSED_PART, ["After the start: 80 % of the price of the unused time is given back.",
                       "A fee of €5.00 is kept from what is given back in part."]),
    ],
)  # fmt: skip
def test_the_terms_of_cancelling_are_sentences(
    terms: CancellationTerms, sentences: list[str]
) -> None:
    [part] = [each for each in sheet_of(agreement(terms), "12", "en").parts
              if each.title == "Cancellation"]  # fmt: skip
    assert set(sentences) <= set(part.sentences)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_pdf_is_the_same_for_the_same_sheet(language: str) -> None:
    sheet = sheet_of(agreement(), "12", language)
    written = pdf_of(sheet)
    assert written == pdf_of(sheet)
    assert written.startswith(b"%PDF-1.")
    assert language.encode() in written


def test_the_pdf_draws_markup_as_text() -> None:
    drawn = drawn_text(pdf_of(sheet_of(agreement(), "12", "en"), is_compressed=False))
    assert b"Familie <b>Keller</b>" in drawn
    assert "林悦".encode("utf-16-be") in drawn


def drawn_text(pdf: bytes) -> bytes:
    """What an uncompressed PDF shows, its pieces put together and their octal escapes undone."""
    shown = b"".join(re.findall(rb"\(((?:[^()\\]|\\.)*)\) Tj", pdf, re.DOTALL))
    return re.sub(rb"\\(\d{3})", lambda found: bytes([int(found[1], 8)]), shown)


def test_a_long_price_goes_on_on_the_next_page_and_odd_characters_are_drawn() -> None:
    rows = tuple((f"Line {n} 🚗", "09:00 – 10:00", "€1.00") for n in range(80))
    part = Part("Price", (Row("Ελληνικά", "Приве́т"),), Columns(("a", "b", "c"), rows, 1))
    drawn = pdf_of(Sheet("Title", "Sub", "en", "foot", (part,)), is_compressed=False)
    assert drawn.count(b"/Type /Page\n") >= 2
    assert b"Line 79" in drawn
