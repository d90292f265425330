"""A receipt proves itself: whatever is changed in it is found."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from parking.listings.cancellation import CancellationTerms
from parking.rates.models import RateTable
from parking.settlement.receipts import recompute_receipt, require_digest
from tests.parking.settlement.till import Till, set_terms
from tests.support.leasing import HOURLY

TAXED = {
    **HOURLY,
    "tax": {"percent": "19", "included": True, "name": "VAT"},
    "overstay": {"percent": "150", "feeMinor": 100},
}


@pytest.fixture
async def body(till: Till) -> dict[str, Any]:
    """The bill of a stay that was extended and overstayed, with taxes."""
    await RateTable.all().update(document=json.dumps(TAXED))
    booked = await till.book()
    await till.extend(booked, 4)
    await till.stay(minutes=200)
    await till.settle()
    found = await till.settlement(booked)
    assert (found.cost_minor, found.secured_minor) == (600 + 300 + 100, 600)
    assert found.tax_minor == 96 + 64
    bill: dict[str, Any] = json.loads((await till.charges(booked))[0].body)
    return bill


async def test_it_says_all_that_a_receipt_says(body: dict[str, Any]) -> None:
    assert body["reservation"]["place"]
    assert [part["kind"] for part in body["stay"]] == ["BOOKED", "EXTENSION", "OVERSTAY"]
    assert body["taxes"][0]["name"] == "VAT"
    assert sum(each["amountMinor"] for each in body["taxes"]) == body["taxMinor"]
    assert sum(body["split"].values()) == body["amountMinor"]
    assert set(body["parties"]) == {"driver", "lessor", "operator"}
    receipt = recompute_receipt(body)
    assert (receipt.cost_minor, receipt.tax_minor) == (body["amountMinor"], body["taxMinor"])


def change_line(body: dict[str, Any]) -> None:
    body["stay"][0]["lines"][0]["amountMinor"] += 1


def change_quantity(body: dict[str, Any]) -> None:
    body["stay"][0]["lines"][0]["quantity"] += 1


def change_tax(body: dict[str, Any]) -> None:
    body["taxMinor"] += 1


def change_split(body: dict[str, Any]) -> None:
    body["split"]["ownerMinor"] -= 1
    body["split"]["platformMinor"] += 1


def change_fees(body: dict[str, Any]) -> None:
    body["fees"]["platform"]["percent"] = "20"


def change_payments(body: dict[str, Any]) -> None:
    body["payments"]["refundMinor"] += 1


def change_total(body: dict[str, Any]) -> None:
    body["amountMinor"] += 1


CHANGES = [
    change_line, change_quantity, change_tax, change_split, change_fees, change_payments,
    change_total,
]  # fmt: skip


async def test_whatever_is_changed_is_found(body: dict[str, Any]) -> None:
    text = json.dumps(body)
    for change in CHANGES:
        changed = json.loads(text)
        _require_fault(changed, change)


def _require_fault(body: dict[str, Any], change: Callable[[dict[str, Any]], None]) -> None:
    recompute_receipt(body)
    change(body)
    with pytest.raises(ValueError, match="says"):
        recompute_receipt(body)


def test_another_text_has_another_digest() -> None:
    with pytest.raises(ValueError, match="digest"):
        require_digest("{}", "0" * 64)


async def test_a_taxed_cancellation_gives_back_its_tax(till: Till) -> None:
    await RateTable.all().update(document=json.dumps(TAXED))
    await set_terms(CancellationTerms(grace_minutes=0, fee_minor=200))
    booked = await till.book()
    till.stage.clock.advance(minutes=1)
    await till.cancel(booked)
    await till.settle()
    found = await till.settlement(booked)
    assert (found.cost_minor, found.tax_minor, found.refund_minor) == (200, 32, 200)
