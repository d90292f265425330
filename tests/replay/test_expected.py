"""What must come of visits: the checker's own reckoning, as tables worked out by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from berth.replay.declared import Visit
from berth.replay.expected import Act, Outcome, expected, moments

TEN = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return TEN + timedelta(minutes=minutes)


def visit(
    number: int, arrival: float, departure: float, declared: float | None, space: str = "A"
) -> Visit:
    until = None if declared is None else at(declared)
    return Visit(number, space, at(arrival), at(departure), until)


PRICES = [
    ("as declared", 60, 60, (320, 0, 0)),
    ("a second more is a quarter more", 60, 60 + 1 / 60, (320, 0, 0)),
    ("part of a quarter", 61, 61, (400, 0, 0)),
    ("half left unused", 60, 30, (320 - 80, 0, 80)),
    ("a third of an hour unused, in the driver's favour", 50, 30, (320 - 64, 0, 64)),
    ("within the grace", 60, 70, (320, 0, 0)),
    ("beyond it", 60, 71, (320 + 120, 120, 0)),
    ("an hour and a bit late", 60, 121, (320 + 600, 600, 0)),
]


@pytest.mark.parametrize(
    ("declared", "departure", "amounts"), [each[1:] for each in PRICES], ids=[p[0] for p in PRICES]
)
def test_the_price_of_a_visit(
    declared: float, departure: float, amounts: tuple[int, int, int]
) -> None:
    outcome = expected([visit(1, 0, departure, declared)])[1]
    assert outcome == Outcome(0, at(-30), *amounts)


def booked(*visits: Visit) -> list[tuple[int, datetime | None]]:
    found = expected(visits)
    return [(found[each.number].refusals, found[each.number].booked_at) for each in visits]


def test_a_bay_that_is_booked_for_longer_is_refused_until_the_car_has_left() -> None:
    """The first declared until 120 and leaves at 60."""
    assert booked(visit(1, 0, 60, 120), visit(2, 70, 100, 110)) == [(0, at(-30)), (1, at(70))]


def test_a_bay_that_was_left_before_one_books_ahead_is_free() -> None:
    assert booked(visit(1, 0, 30, 120), visit(2, 70, 100, 110)) == [(0, at(-30)), (0, at(40))]


def test_where_the_car_before_outstays_one_asks_on_arriving() -> None:
    assert booked(visit(1, 0, 60, 30), visit(2, 70, 100, 110)) == [(0, at(-30)), (0, at(70))]


def test_where_it_outstayed_long_ago_one_books_ahead() -> None:
    assert booked(visit(1, 0, 60, 30), visit(2, 80, 100, 110)) == [(0, at(-30)), (0, at(50))]


def test_a_later_car_that_booked_first_has_the_bay() -> None:
    """The second was refused because of the first, and on arriving because of the third."""
    found = booked(visit(1, 0, 40, 300), visit(2, 60, 70, 200), visit(3, 80, 90, 100))
    assert found == [(0, at(-30)), (2, None), (0, at(50))]


def test_bays_do_not_concern_each_other() -> None:
    assert booked(visit(1, 0, 60, 120), visit(2, 70, 100, 110, "B")) == [
        (0, at(-30)), (0, at(40)),
    ]  # fmt: skip


def test_who_declares_nothing_has_no_booking() -> None:
    assert booked(visit(1, 0, 60, None)) == [(0, None)]


def test_everything_happens_in_order_and_leaving_comes_before_arriving() -> None:
    script = moments([visit(1, 0, 60, 50), visit(2, 60, 90, 80, "B")])
    assert script == sorted(script, key=lambda each: (each.at, each.act, each.visit.number))
    at_sixty = [(each.act, each.visit.number) for each in script if each.at == at(60)]
    assert at_sixty == [(Act.LEAVE, 1), (Act.ARRIVE, 2)]
