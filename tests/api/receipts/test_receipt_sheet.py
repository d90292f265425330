"""A receipt as people read it, from the record's body alone."""

import json
from typing import Any

import pytest

from api.agreements.pdf import pdf_of
from api.agreements.sheet import Columns, Sheet
from api.receipts.reading import sheet_of
from api.receipts.words import TEXTS
from parking.sessions.models import SegmentKind
from parking.settlement.contracts.fees import FeeParty
from parking.settlement.kinds import Outcome
from parking.settlement.split import Why

LINE = {
    "kind": "RATE", "collectionId": "all", "lineId": "part", "from": "2026-01-05T08:00:00Z",
    "to": "2026-01-05T10:00:00Z", "quantity": 3, "unit": "PT40M", "unitAmountMinor": "50/3",
    "amountMinor": 50, "name": "Je 40 Minuten",
}  # fmt: skip
TAX = {
    **LINE, "kind": "TAX", "lineId": "vat", "amountMinor": 0, "unitAmountMinor": 0,
    "percent": "19", "taxMinor": 8, "basisMinor": 50, "name": "MwSt.",
}  # fmt: skip
MERCHANT = {
    "merchantId": 3, "merchant": "Bäckerei", "kind": "FIXED", "value": 20, "label": "Lunch",
    "paidMinor": 20,
}  # fmt: skip


def bill(**changes: Any) -> dict[str, Any]:
    return {
        "number": "2026-00000007", "kind": "CHARGE", "issuedAt": "2026-01-05T10:00:00Z",
        "currency": "EUR", "amountMinor": 50, "taxMinor": 8, "outcome": "COMPLETED",
        "reservation": {
            "id": 12, "startsAt": "2026-01-05T08:00:00Z", "endsAt": "2026-01-05T10:00:00Z",
            "startedAt": "2026-01-05T08:05:00Z", "endedAt": "2026-01-05T09:55:00Z", "plate": "",
            "place": "Hof <1>", "space": "A04", "timeZone": "Europe/Berlin",
            "rateTableVersion": 4,
        },
        "parties": {
            "driver": {"id": 1, "name": ""}, "lessor": {"id": 2, "name": "林悦"},
            "operator": {"id": 2, "name": "林悦"},
        },
        "stay": [{"kind": "BOOKED", "lines": [LINE, TAX]}, {"kind": "OVERSTAY", "lines": []}],
        "taxes": [{"name": "MwSt.", "percent": "19", "amountMinor": 8}],
        "shares": [
            {"party": "PLATFORM", "why": "PERCENT", "percent": "15", "basisMinor": 42,
             "amountMinor": 6},
            {"party": "OWNER", "why": "PERCENT", "percent": None, "basisMinor": 42,
             "amountMinor": 36},
            {"party": "TAX", "why": "TAX", "percent": None, "basisMinor": 50, "amountMinor": 8},
        ],
        "split": {"ownerMinor": 36, "propertyMinor": 0, "platformMinor": 6, "taxMinor": 8},
        "payments": {
            "rail": "stripe", "securedMinor": 10, "validationMinor": 20, "toppedUpMinor": 5,
            "receivableMinor": 15, "refundMinor": 0, "validations": [MERCHANT],
        },
        **changes,
    }  # fmt: skip


CREDIT = {
    "number": "2026-00000007-C1", "kind": "CREDIT", "corrects": "2026-00000007",
    "issuedAt": "2026-01-06T10:00:00Z", "currency": "EUR", "amountMinor": -20, "taxMinor": -3,
    "reason": "Too loud", "reservation": {"id": 12},
    "given": [{"to": "DRIVER", "merchantId": None, "amountMinor": 15},
              {"to": "MERCHANT", "merchantId": 3, "amountMinor": 5}],
}  # fmt: skip


def sheet(*bodies: dict[str, Any], language: str = "en", locale: str = "") -> Sheet:
    records = [
        {"number": each["number"], "body": json.dumps(each), "digest": "ab" * 32} for each in bodies
    ]
    return sheet_of(records, language, locale)


def values(told: Sheet) -> dict[str, str]:
    return {row.label: row.value for part in told.parts for row in part.rows}


def tables(told: Sheet) -> list[Columns]:
    return [part.columns for part in told.parts if part.columns]


def test_each_line_names_its_rate_line_and_what_follows_from_what() -> None:
    [lines, _] = tables(sheet(bill()))
    assert lines.rows[0] == (
        "Je 40 Minuten [all/part]", "Mon 5 Jan 2026 09:00 – 11:00", "3 × 40 min", "€0.50 / 3",
        "€0.50",
    )  # fmt: skip
    assert lines.rows[1][0] == "MwSt. 19 % [all/vat]"
    assert lines.total[-1] == "€0.50"


def test_it_says_how_it_was_paid_and_by_whom() -> None:
    told = values(sheet(bill()))
    assert told["Paid with"] == "Stripe"
    assert told["Paid by Bäckerei · Lunch"] == "€0.20"
    assert told["Taken from the wallet at the end"] == "€0.05"
    assert told["Not covered at the end, owed"] == "€0.15"
    assert (told["MwSt. 19 %"], told["Without tax"]) == ("€0.08", "€0.42")
    assert told["Driver"] == "(no name given)"
    assert "Operator of the place" not in told


def test_a_right_is_paid_by_its_issuer_and_by_who_carries_the_rest() -> None:
    body = bill()
    right = {"rightId": 5, "carrierId": 4, "carrier": "Harbour", "carriedMinor": 12}
    body["payments"]["validations"] = [MERCHANT | right, MERCHANT | right | {"carriedMinor": 0}]
    told = values(sheet(body))
    assert told["Paid by Bäckerei + Harbour · Lunch"] == "€0.20"
    assert told["Paid by Bäckerei · Lunch"] == "€0.20"


def test_the_shares_come_to_the_whole() -> None:
    [_, shares] = tables(sheet(bill()))
    assert shares.rows == (
        ("Platform", "15 % of €0.42", "€0.06"), ("Lessor", "what is left of €0.42", "€0.36"),
        ("Tax", "tax in €0.50", "€0.08"),
    )  # fmt: skip
    assert shares.total[-1] == "€0.50"


def test_what_was_given_back_is_listed() -> None:
    told = values(sheet(bill(), CREDIT))
    assert told["2026-00000007-C1, Tue 6 Jan 2026 11:00"] == "-€0.20: Too loud"
    assert told["Charged after that"] == "€0.30"


def test_a_credit_note_stands_for_itself() -> None:
    told = sheet(CREDIT)
    assert told.title == "Credit note"
    rows = values(told)
    assert (rows["Corrects the receipt"], rows["Reason"]) == ("2026-00000007", "Too loud")
    assert (rows["Driver"], rows["Merchant"]) == ("€0.15", "€0.05")


def test_amounts_follow_the_locale_and_words_the_language() -> None:
    told = values(sheet(bill(), language="zh", locale="de"))
    assert told["不含税"] == "0,42\xa0€"


def test_where_nobody_came_there_is_no_stay() -> None:
    booked = {**bill()["reservation"], "startedAt": None, "endedAt": None}
    told = values(sheet(bill(outcome="NO_SHOW", reservation=booked)))
    assert told["Outcome"] == "not used"
    assert "Stay" not in told


@pytest.mark.parametrize("language", ["en", "zh"])
def test_there_are_words_for_everything(language: str) -> None:
    keys = {*Outcome, *FeeParty, *(f"stay_{each}" for each in SegmentKind)}
    keys |= {f"why_{each}" for each in Why}
    assert keys <= TEXTS[language].keys()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_same_record_is_the_same_file(language: str) -> None:
    written = pdf_of(sheet(bill(), CREDIT, language=language))
    assert written == pdf_of(sheet(bill(), CREDIT, language=language))
    assert written.startswith(b"%PDF-")
