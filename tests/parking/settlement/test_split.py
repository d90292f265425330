"""Dividing a cost: tables, the published examples, and that no unit is ever lost."""

import json
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from parking.rates.document import parse_tariff
from parking.rates.price import price
from parking.sessions.models import SegmentKind
from parking.settlement.contracts.fees import DEFAULT_TERMS, Fee, FeeParty, FeeTerms
from parking.settlement.outcomes import Price, cancelled, completed
from parking.settlement.split import Parts, parts_of, shares, split_cost, unsplit
from parking.settlement.tax import StayPart, counted, tax_of
from parking.windows import Window
from tests.parking.settlement.lines import (
    FROM,
    TO,
    added_tax,
    included_tax,
    rate,
    surcharge,
)
from tests.support.shared_data import shared_data

BOOKED, EXTENSION, OVERSTAY = SegmentKind.BOOKED, SegmentKind.EXTENSION, SegmentKind.OVERSTAY
HALF_EACH = FeeTerms(Fee(3333), Fee(3333))

SPLITS: list[tuple[str, FeeTerms, int, Parts]] = [
    ("the default", DEFAULT_TERMS, 1000, Parts(850, 0, 150)),
    ("the remainder is the owner's", HALF_EACH, 100, Parts(34, 33, 33)),
    ("or somebody else's", FeeTerms(Fee(3333), Fee(3333), remainder_to=FeeParty.PLATFORM), 101,
     Parts(33, 33, 35)),
    ("a fixed fee", FeeTerms(Fee(1000, 35)), 1000, Parts(865, 0, 135)),
    ("no more than the owner has", FeeTerms(Fee(1000, 200), Fee(0, 50)), 100, Parts(0, 0, 100)),
    ("the property's comes second", FeeTerms(Fee(0, 60), Fee(0, 60)), 100, Parts(0, 40, 60)),
    ("everything", FeeTerms(Fee(10_000)), 99, Parts(0, 0, 99)),
    ("nothing", DEFAULT_TERMS, 0, Parts()),
]  # fmt: skip


@pytest.mark.parametrize(("name", "terms", "cost", "wanted"), SPLITS)
def test_a_cost_is_divided(name: str, terms: FeeTerms, cost: int, wanted: Parts) -> None:
    lines = counted([StayPart(BOOKED, (rate(cost),))])
    assert split_cost(cost, 0, terms, lines) == wanted, name


def test_overstaying_is_divided_by_its_own_share() -> None:
    terms = FeeTerms(Fee(1500), overstay_owner_basis_points=7000)
    stay = [StayPart(BOOKED, (rate(400),)), StayPart(OVERSTAY, (rate(201),))]
    assert split_cost(601, 0, terms, counted(stay)) == Parts(340 + 141, 0, 60 + 60)


def test_an_extension_counts_once_though_the_whole_stay_is_priced_anew() -> None:
    terms = FeeTerms(Fee(1000), assign={"reservation": FeeParty.PLATFORM})
    fee = surcharge("reservation", 100, "fees")
    stay = [
        StayPart(BOOKED, (rate(400), fee)),
        StayPart(EXTENSION, (rate(600), fee, surcharge("agreed-before", -500))),
    ]
    cost = completed(tuple(stay))
    assert cost.amount_minor == 700
    assert split_cost(700, 0, terms, cost.counted) == Parts(540, 0, 160)


def test_overstaying_without_a_rule_of_its_own_costs_the_difference() -> None:
    terms = FeeTerms(Fee(1000), overstay_owner_basis_points=5000)
    tax = included_tax(64, 400)
    stay = (
        StayPart(BOOKED, (rate(400), tax)),
        StayPart(OVERSTAY, (rate(600), included_tax(96, 600), surcharge("agreed-before", -400))),
    )
    cost = completed(stay)
    assert (cost.amount_minor, cost.tax_minor) == (600, 96)
    assert split_cost(600, 96, terms, cost.counted) == Parts(303 + 84, 0, 33 + 84, 96)


def test_what_is_not_due_gives_back_its_tax() -> None:
    agreed = Price(1190, (rate(1190), included_tax(190, 1190)), FROM, TO)
    cost = cancelled(agreed, 595)
    assert (cost.amount_minor, cost.tax_minor) == (595, 95)
    assert split_cost(595, 95, DEFAULT_TERMS, cost.counted) == Parts(425, 0, 75, 95)


def test_each_share_says_how_it_was_reckoned() -> None:
    lines = counted([StayPart(BOOKED, (rate(1190), included_tax(190, 1190)))])
    found = shares(1190, 190, FeeTerms(Fee(1250, 5)), lines)
    told = [
        (each.party, each.why, each.basis_minor, each.percent, each.amount_minor) for each in found
    ]
    assert told == [
        ("OWNER", "PERCENT", 1000, "87.5", 875),
        ("PLATFORM", "PERCENT", 1000, "12.5", 125),
        ("PLATFORM", "FIXED", 5, None, 5),
        ("OWNER", "FIXED", 5, None, -5),
        ("TAX", "TAX", 1190, None, 190),
    ]


def oracle(name: str) -> dict[str, Any]:
    """A worked example of APDS, as it was printed."""
    cases = json.loads(shared_data("apds/worked_examples_oracle.json").read_text())
    return next(case for case in cases if case["id"] == name)


def percents(share: float) -> str:
    return str(Decimal(str(share)) * 100)


def minor(amount: float | str) -> int:
    return int(Decimal(str(amount)) * 100)


def test_the_disbursement_of_apds_comes_out_to_the_cent() -> None:
    """APDS Information Model 4.0, PaymentAssignment: two surcharges belong to other companies."""
    example = oracle("APDS-PAYASSIGN")
    assign = {"reservation": FeeParty.PLATFORM, "phone": FeeParty.PROPERTY}
    terms, whole = FeeTerms(Fee(0), assign=assign), Parts()
    for right in example["assigned_rights"]:
        base, tax = minor(right["base"]), minor(right["tax"])
        lines = [rate(base, "base"), added_tax(tax, base, str(Decimal(tax) / base * 100), "base")]
        extras = {key: right.get(f"surcharge_{key}", 0) for key in assign}
        lines += [surcharge(key, minor(extra), key) for key, extra in extras.items()]
        cost = completed((StayPart(BOOKED, tuple(lines)),))
        assert cost.amount_minor == minor(right["total"])
        whole = whole.plus(split_cost(cost.amount_minor, cost.tax_minor, terms, cost.counted))
    wanted = example["expect"]
    assert whole == Parts(
        minor(wanted["placeowner_keeps"]), minor(wanted["phone.com"]),
        minor(wanted["reservation.com"]), minor(wanted["tax_authority"]),
    )  # fmt: skip
    assert whole.whole_minor == minor(wanted["collected"])


def test_the_taxes_of_apds_come_out_to_the_cent() -> None:
    """APDS use cases C.1.3.2.5: taxes of lines, then of the collection on what that comes to."""
    example = oracle("APDS-TAX")
    lines = [
        {"id": each["name"].replace(" ", "-"), "type": "FLAT_RATE",
         "amountMinor": minor(each["amount"]), "tax": {"percent": percents(each["tax"])}}
        for each in example["lines"]
    ]  # fmt: skip
    percent = percents(example["collection_tax"])
    tariff = parse_tariff({
        "currency": example["currency"],
        "collections": [{"id": "all", "lines": lines, "tax": {"percent": percent}}],
    })  # fmt: skip
    priced = price(tariff, Window(FROM, TO), ZoneInfo("UTC"), now=FROM)
    cost = completed((StayPart(BOOKED, tuple(priced.lines)),))
    assert cost.amount_minor == minor(example["expect_total"])
    net = sum(minor(each["amount"]) for each in example["lines"])
    assert cost.tax_minor == minor(example["expect_total"]) - net
    parts = split_cost(cost.amount_minor, cost.tax_minor, DEFAULT_TERMS, cost.counted)
    assert parts == Parts(3825, 0, 675, 665)


def test_the_parts_are_the_whole_whatever_the_numbers() -> None:
    random = Random(4)
    for _ in range(1_500):
        platform = random.randint(0, 10_000)
        terms = FeeTerms(
            Fee(platform, random.choice([0, 0, 7, 500])),
            Fee(random.randint(0, 10_000 - platform), random.choice([0, 3])),
            random.choice([None, random.randint(0, 10_000)]),
            random.choice([{}, {"fee": FeeParty.PROPERTY, "stay": FeeParty.OWNER}]),
            random.choice(list(FeeParty)),
        )
        booked, fee, over = (random.randint(0, 9_999) for _ in range(3))
        taxed = random.randint(0, booked)
        stay = [
            StayPart(BOOKED, (rate(booked), surcharge("fee", fee), included_tax(taxed, booked))),
            StayPart(OVERSTAY, (rate(over, "late"),)),
        ]
        lines, whole = counted(stay), booked + fee + over
        cost = random.choice([whole, random.randint(0, whole), 2 * whole])
        tax = tax_of(cost, lines)
        parts = split_cost(cost, tax, terms, lines)
        assert parts.whole_minor == cost
        assert parts.tax_minor == tax
        assert min(parts) >= 0
        given, left = random.randint(0, cost), parts
        while given:
            step = random.randint(1, given)
            back = unsplit(left, step)
            assert back.whole_minor == step
            assert all(0 <= part <= mine for part, mine in zip(back, left, strict=True))
            left, given = left.less(back), given - step


UNSPLITS = [
    (Parts(300, 40, 60, 0), 400, Parts(300, 40, 60, 0)),
    (Parts(300, 40, 60, 0), 40, Parts(30, 4, 6, 0)),
    (Parts(1, 1, 1, 1), 2, Parts(1, 1, 0, 0)),
    (Parts(0, 0, 10, 0), 3, Parts(0, 0, 3, 0)),
    (Parts(), 0, Parts()),
]


@pytest.mark.parametrize(("parts", "amount", "wanted"), UNSPLITS)
def test_everybody_gives_back_in_proportion(parts: Parts, amount: int, wanted: Parts) -> None:
    assert unsplit(parts, amount) == wanted


def test_nobody_gives_back_more_than_there_is() -> None:
    with pytest.raises(ValueError, match="can give back 5"):
        unsplit(Parts(1, 1, 1, 1), 5)
    with pytest.raises(ValueError, match="cannot hold 3"):
        split_cost(2, 3, DEFAULT_TERMS, ())


def test_shares_and_parts_are_the_same() -> None:
    lines = counted([StayPart(BOOKED, (rate(777),))])
    assert parts_of(shares(777, 0, HALF_EACH, lines)) == split_cost(777, 0, HALF_EACH, lines)


@pytest.mark.parametrize("rounded", [0, 1, 4])
def test_a_price_that_is_rounded_down_holds_no_more_tax_than_it_is(rounded: int) -> None:
    """Rounding comes after tax: 3 and 2 of tax are 0 in steps of ten."""
    lines = (rate(3), added_tax(2, 3, "66.6"), surcharge("rounding", rounded - 5))
    cost = completed((StayPart(BOOKED, lines),))
    assert (cost.amount_minor, cost.tax_minor) == (rounded, min(rounded, 2))
    parts = split_cost(rounded, cost.tax_minor, DEFAULT_TERMS, cost.counted)
    assert parts.whole_minor == rounded
