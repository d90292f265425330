"""What a stay costs: as agreed, and what differs from it, each amount the sum of its lines."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parking.listings.cancellation import FREE_UNTIL_START, TIERED, UNUSED_PART
from parking.rates.document import parse_tariff
from parking.rates.lines import recompute, total_minor
from parking.rates.price import price
from parking.rates.tariff import Overstay, Tariff
from parking.sessions.models import SegmentKind
from parking.sessions.pricing import Agreed, Contract, price_stay, stay_lines
from parking.windows import Window

TEN = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")

HOURLY = parse_tariff(
    """{"currency": "EUR", "collections": [
        {"id": "day", "lines": [
            {"id": "hour", "type": "INCREMENTING_RATE", "amountMinor": 200, "increment": "PT1H"}]},
        {"id": "booking", "adds": true, "lines": [
            {"id": "fee", "type": "FLAT_RATE", "amountMinor": 100}]}]}"""
)
"""2.00 each started hour, and 1.00 for booking."""
GRACE = timedelta(minutes=10)


def at(minutes: int) -> datetime:
    return TEN + timedelta(minutes=minutes)


def agreed(tariff: Tariff, ends: int) -> Agreed:
    priced = price(tariff, Window(TEN, at(ends)), BERLIN, now=at(-180))
    return Agreed(at(ends), priced.amount_minor, priced.lines)


def contract(tariff: Tariff = HOURLY, ends: tuple[int, ...] = (120,)) -> Contract:
    """From ten for two hours, then the extensions; 5.00 for the two hours at `HOURLY`."""
    return Contract(
        starts_at=TEN,
        agreed=[agreed(tariff, end) for end in ends],
        booked_at=at(-180),
        tariff=tariff,
        zone=BERLIN,
        cancellation=FREE_UNTIL_START,
    )


def amounts(started: int, ended: int, booked: Contract) -> dict[SegmentKind, int]:
    """By kind of part; each proven from its own lines."""
    parts = price_stay(at(started), at(ended), booked)
    for each in parts:
        assert recompute(each.lines) == each.amount_minor
    found: dict[SegmentKind, int] = {}
    for each in parts:
        found[each.part.kind] = found.get(each.part.kind, 0) + each.amount_minor
    assert sum(found.values()) == total_minor(stay_lines(parts))
    return found


EARLY, BOOKED = SegmentKind.EARLY, SegmentKind.BOOKED
EXTENSION, OVERSTAY = SegmentKind.EXTENSION, SegmentKind.OVERSTAY


@pytest.mark.parametrize(
    ("started", "ended", "expected"),
    [
        (0, 120, {BOOKED: 500}),
        (30, 60, {BOOKED: 500}),
        (-10, 120, {EARLY: 200, BOOKED: 500}),
        (0, 121, {BOOKED: 500, OVERSTAY: 200}),
        (0, 180, {BOOKED: 500, OVERSTAY: 200}),
        (0, 181, {BOOKED: 500, OVERSTAY: 400}),
        (-10, 121, {EARLY: 200, BOOKED: 500, OVERSTAY: 200}),
    ],
)
def test_without_rules_of_its_own_time_beyond_the_booking_costs_what_an_extension_would(
    started: int, ended: int, expected: dict[SegmentKind, int]
) -> None:
    """The booking fee is charged once."""
    assert amounts(started, ended, contract()) == expected


def test_an_extension_costs_what_it_was_quoted_to_add() -> None:
    found = amounts(0, 150, contract(ends=(120, 180, 240)))
    assert found == {BOOKED: 500, EXTENSION: 200 + 200}


def test_a_cap_that_is_reached_makes_further_time_free() -> None:
    capped = replace(HOURLY, max_minor=500)
    assert amounts(-10, 300, contract(capped)) == {EARLY: 0, BOOKED: 500, OVERSTAY: 0}


RULES = [
    ("within the grace", Overstay(grace=GRACE), 130, 0),
    ("beyond it, all counts", Overstay(grace=GRACE), 131, 200),
    ("half as much again", Overstay(percent=Decimal(150)), 150, 300),
    ("double", Overstay(percent=Decimal(200)), 181, 800),
    ("each started hour and a fee", Overstay(fee_minor=1000), 150, 1200),
    ("fee and half", Overstay(percent=Decimal(150), fee_minor=1000), 150, 1300),
]


@pytest.mark.parametrize(
    ("rule", "ended", "expected"), [each[1:] for each in RULES], ids=[each[0] for each in RULES]
)
def test_overstaying_costs_by_the_tariffs_rule(rule: Overstay, ended: int, expected: int) -> None:
    """The booking fee is not charged again."""
    found = amounts(0, ended, contract(replace(HOURLY, overstay=rule)))
    assert found == {BOOKED: 500, OVERSTAY: expected}


def test_overstaying_may_have_rates_of_its_own() -> None:
    own = parse_tariff(
        """{"currency": "EUR", "collections": [{"id": "late", "lines": [
            {"id": "minute", "type": "INCREMENTING_RATE", "amountMinor": 5,
             "increment": "PT1M"}]}]}"""
    )
    rule = Overstay(collections=own.collections, percent=Decimal(200))
    assert amounts(0, 150, contract(replace(HOURLY, overstay=rule)))[OVERSTAY] == 300


def test_free_minutes_and_a_ceiling_are_for_who_keeps_to_the_time() -> None:
    lenient = replace(HOURLY, max_minor=500, overstay=Overstay(percent=Decimal(150)))
    assert amounts(0, 150, contract(lenient))[OVERSTAY] == 300


LEAVES = [
    ("nothing back after the start", FREE_UNTIL_START, 30, 500),
    ("nothing back, tiers or not", TIERED, 30, 500),
    ("80 % of half, less no fee", replace(UNUSED_PART, fee_minor=0), 60, 500 - 200),
    ("80 % of half, less a fee", replace(UNUSED_PART, fee_minor=150), 60, 500 - 50),
    ("at the end", UNUSED_PART, 120, 500),
]


@pytest.mark.parametrize(
    ("terms", "ended", "expected"), [each[1:] for each in LEAVES], ids=[each[0] for each in LEAVES]
)
def test_leaving_early_gives_back_what_the_terms_say(
    terms: object, ended: int, expected: int
) -> None:
    booked = replace(contract(), cancellation=terms)  # type: ignore[arg-type]
    assert amounts(0, ended, booked) == {BOOKED: expected}


def test_the_grace_after_booking_does_not_make_a_stay_free() -> None:
    """Who books, parks and leaves within ten minutes has parked."""
    just_booked = replace(contract(), booked_at=at(-1))
    assert amounts(0, 5, just_booked) == {BOOKED: 500}


@given(started=st.integers(-15, 100), lasted=st.integers(0, 400), percent=st.integers(50, 300))
def test_a_longer_stay_never_costs_less_and_every_line_follows(
    started: int, lasted: int, percent: int
) -> None:
    rule = Overstay(percent=Decimal(percent), grace=GRACE)
    booked = contract(replace(HOURLY, overstay=rule), (120, 150))
    shorter = sum(amounts(started, started + lasted, booked).values())
    longer = sum(amounts(started, started + lasted + 7, booked).values())
    assert 0 < shorter <= longer


def test_who_comes_after_the_booked_end_and_leaves_at_once_has_not_overstayed() -> None:
    booked = contract(replace(HOURLY, overstay=Overstay(fee_minor=1000)))
    assert amounts(130, 130, booked)[BOOKED] == 500
