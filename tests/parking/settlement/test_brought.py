"""Who pays for a stay whose guest was brought and never took it: a table; nothing is left over."""

from datetime import UTC, datetime, timedelta

import pytest

from parking.rates.lines import LineKind, PricedLine, recompute
from parking.sessions.models import SegmentKind
from parking.settlement.brought import without_guest
from parking.settlement.funds import Paid
from parking.settlement.kinds import ValidationKind
from parking.settlement.outcomes import Cost, completed
from parking.settlement.records import ValidationRecord
from parking.settlement.tax import StayPart

MERCHANT, SHOP = 7, 9
AT = datetime(2026, 1, 5, tzinfo=UTC)


def cost(booked_minor: int, *overstays_minor: int) -> Cost:
    """What was booked, and overstays of an hour each."""
    overstays = [StayPart(SegmentKind.OVERSTAY, (_line(each),)) for each in overstays_minor]
    return completed((StayPart(SegmentKind.BOOKED, (_line(booked_minor),)), *overstays))


def _line(amount: int) -> PricedLine:
    until = AT + timedelta(hours=1)
    return PricedLine(LineKind.RATE, "day", "hour", AT, until, amount, unit_amount_minor=amount)


def promise(paid: int, most: int = 600) -> Paid:
    """By who booked; worth what was booked."""
    made = ValidationRecord(1, MERCHANT, ValidationKind.FREE, 0, "", None, None, AT, None, None, 12)
    return Paid(made._replace(most_minor=most, covered_minor=most), paid)


def kindness(paid: int) -> Paid:
    """By another shop, which promised so much and no more."""
    return Paid(
        ValidationRecord(2, SHOP, ValidationKind.AMOUNT, paid, "", None, None, AT, None, None, 12),
        paid,
    )


PAID = [
    ("nothing is left", (600,), [promise(600)], 10_000, [600], 600),
    ("the merchant pays an overstay", (600, 200), [promise(600)], 10_000, [800], 800),
    ("as far as it may", (600, 200), [promise(600)], 650, [650], 650),
    ("not at all", (600, 200), [promise(600)], 600, [600], 600),
    ("less than nothing is left elsewhere", (600, 200), [promise(600)], 100, [600], 600),
    ("what it promised is beyond it", (600, 200), [promise(250)], 250, [250], 250),
    ("after another shop", (600, 200), [promise(600), kindness(150)], 10_000, [650, 150], 800),
    ("nobody promised", (600,), [], 10_000, [], 0),
    ("a shop alone", (600,), [kindness(150)], 10_000, [150], 150),
    ("at a price of nothing", (0, 200), [promise(0, 0)], 10_000, [200], 200),
]


@pytest.mark.parametrize(("name", "amounts", "paid", "room", "shown", "left"), PAID)
def test_the_guest_pays_nothing(
    name: str, amounts: tuple[int, ...], paid: list[Paid], room: int, shown: list[int], left: int
) -> None:
    found, payers = without_guest(cost(*amounts), paid, {MERCHANT: room, SHOP: 10_000})
    assert [each.amount_minor for each in payers] == shown, name
    assert found.amount_minor == sum(shown) == left
    assert recompute(found.lines) == left
