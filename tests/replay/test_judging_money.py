"""The judge of the money of a booked replay finds what is wrong: the control of the proof."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import orjson
import pytest

from berth.replay.compare import Aspect
from berth.replay.declared import Visit
from berth.replay.expected import expected
from berth.replay.judging_money import (
    judge_balance,
    judge_books,
    judge_settlements,
    judge_verified,
    receipt_fault,
)
from berth.replay.purses import LACKING, Told, reckon
from berth.replay.renter import Renter
from berth.replay.settled import Books, Receipt, Settled, read_books
from berth.replay.shares import Divided
from parking.ledger.findings import Finding
from parking.settlement.models import ChargeRecord
from parking.storage.sql import database as connected
from tests.parking.settlement.till import Till

TEN = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return TEN + timedelta(minutes=minutes)


VISIT = Visit(3, "A", at(0), at(90), at(60))
"""Brings the price, 3.20, and overstays for 2.40, which are owed."""
RECKONED = reckon([VISIT], expected([VISIT]))
PARTS = Divided(223 + 142, 13, 33 + 60, 51 + 38)
SETTLED = Settled(
    outcome="COMPLETED", cost_minor=560, parts=PARTS, secured_minor=320, validation_minor=0,
    topped_up_minor=0, receivable_minor=240, refund_minor=0, escrow=("SETTLED", 0), receipts=(),
)  # fmt: skip
BOOKS = Books(
    accounts={
        "external:wallet": -320, "driver:30": 0, "receivable:30": -240, "escrow:1": 0,
        "owner:9:payable": 365, "property:9:payable": 13, "platform:revenue": 93,
        "tax:payable": 89,
    },
    days={("USD", "2026-01-05"): 0},
    unsettled=[],
    undone=[],
)  # fmt: skip


def judged(*found: Settled, told: tuple[Told, ...] = ()) -> list[Aspect]:
    renter = Renter(cast(Any, None), VISIT, "", "x", made=["x"], told=list(told))
    settlements = {"x": found}
    return [d.aspect for d in judge_settlements([VISIT], RECKONED, {3: renter}, settlements)]


def test_of_what_is_right_only_the_missing_receipt_is_told() -> None:
    assert judged(SETTLED) == [Aspect.RECEIPT]


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": "CANCELLED"},
        {"parts": replace(PARTS, owner_minor=364, platform_minor=94)},
        {"parts": replace(PARTS, tax_minor=88, property_minor=14)},
        {"topped_up_minor": 240, "receivable_minor": 0},
        {"escrow": ("SETTLED", 1)},
        {"escrow": ("OPEN", 0)},
    ],
)
def test_each_thing_that_is_wrong_is_found(changes: dict[str, Any]) -> None:
    assert judged(replace(SETTLED, **changes)) == [Aspect.MONEY, Aspect.RECEIPT]


def test_parts_that_are_not_the_whole_are_found_twice_over() -> None:
    for wrong in ({"secured_minor": 321}, {"refund_minor": 1}, {"cost_minor": 561}):
        found = judged(replace(SETTLED, **cast(Any, wrong)))
        assert found == [Aspect.MONEY, Aspect.MONEY, Aspect.RECEIPT]


def test_settlements_that_are_missing_too_many_or_nobodys_are_found() -> None:
    assert judged() == [Aspect.MONEY]
    assert judged(SETTLED, SETTLED) == [Aspect.MONEY]
    renter = Renter(cast(Any, None), VISIT, "", "x", made=["x"])
    found = judge_settlements([VISIT], RECKONED, {3: renter}, {"x": [SETTLED], "y": [SETTLED]})
    assert [each.found for each in found][-1] == "a settlement of y"


def test_a_refusal_that_should_not_have_been_is_found() -> None:
    assert judged(SETTLED, told=(Told(LACKING, 80),)) == [Aspect.RECEIPT, Aspect.MONEY]


def books(**changes: Any) -> list[str]:
    return [each.expected for each in judge_books(RECKONED, replace(BOOKS, **changes), {3: 30})]


def test_books_that_are_right_differ_in_nothing() -> None:
    assert books() == []


@pytest.mark.parametrize(
    ("account", "amount"),
    [
        ("external:wallet", -319),
        ("external:stripe", -1),
        ("driver:30", 1),
        ("driver:31", 1),
        ("receivable:30", 0),
        ("escrow:1", 1),
        ("owner:9:payable", 364),
        ("platform:revenue", 94),
        ("tax:payable", 88),
    ],
)
def test_an_account_that_has_something_else_is_found(account: str, amount: int) -> None:
    assert len(books(accounts={**BOOKS.accounts, account: amount})) == 1


def test_a_day_that_does_not_balance_a_payout_and_a_booking_unsettled_are_found() -> None:
    assert len(books(days={("USD", "2026-01-05"): 1, ("USD", "2026-01-06"): -1})) == 2
    assert len(books(unsettled=["reservation 1 (COMPLETED): 0 settlements"])) == 1
    assert len(books(undone=["order 1 (DUE): down"])) == 1
    assert len(books(paid_out_minor=5)) == 3
    assert len(list(judge_verified([Finding("HELD", "so and so")]))) == 1


async def test_the_books_and_receipts_of_a_settled_stay(till: Till) -> None:
    """A real settlement is read and found right; each change of its receipt is found."""
    reservation = await till.book()
    await till.stay()
    await till.settle()
    found = await read_books(connected())
    assert list(judge_balance(found)) == []
    assert found.of("escrow") == {str(reservation): 0}
    bill = await ChargeRecord.get()
    receipt = Receipt(bill.number, bill.amount_minor, bill.body, bill.digest)
    settled = replace(SETTLED, cost_minor=bill.amount_minor)
    assert receipt_fault(receipt, settled) is None
    assert receipt_fault(replace(receipt, digest="0" * 64), settled)
    assert receipt_fault(receipt, SETTLED)
    body = orjson.loads(bill.body)
    body["split"]["ownerMinor"] += 1
    changed = orjson.dumps(body).decode()
    digest = hashlib.sha256(changed.encode()).hexdigest()
    assert receipt_fault(replace(receipt, body=changed, digest=digest), settled)


async def test_a_booking_that_is_confirmed_and_not_settled_is_found(till: Till) -> None:
    await till.book()
    found = await read_books(connected())
    assert len(list(judge_balance(found))) == 2
    assert len(found.unsettled) == 1
