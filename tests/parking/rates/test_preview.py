"""A tariff shown as a table and as a curve."""

from datetime import UTC, datetime, timedelta

import pytest

from parking.errors import InvalidInput
from parking.rates.preview import HOURS_MAX, Point, Row, preview, require_priceable
from tests.parking.rates.tables import BERLIN, collection, each, tariff, tiers

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
TIERED = tariff(collection(*tiers(("PT1H", 300), ("PT4H", 650)), each(100, "PT2H30M")))


def test_the_table_names_each_length_at_which_the_price_changes() -> None:
    found = preview(TIERED, START, 8, BERLIN)
    assert found.rows == [Row(60, 300), Row(240, 650), Row(390, 750), Row(480, 850)]
    assert not found.is_cut
    assert found.currency == "EUR"


def test_the_curve_has_evenly_spaced_points() -> None:
    found = preview(TIERED, START, 8, BERLIN)
    assert found.points[:2] == [Point(5, 300), Point(10, 300)]
    assert found.points[-1] == Point(480, 850)


def test_a_table_that_would_be_endless_is_cut() -> None:
    found = preview(tariff(collection(each(1, "PT1M"))), START, HOURS_MAX, BERLIN)
    assert found.is_cut
    assert len(found.rows) == 200


@pytest.mark.parametrize("hours", [0, HOURS_MAX + 1, -1])
def test_hours_have_a_limit(hours: int) -> None:
    with pytest.raises(InvalidInput):
        preview(TIERED, START, hours, BERLIN)


@pytest.mark.parametrize(
    ("start", "length", "field"),
    [(START, timedelta(days=367), "endsAt"), (START.replace(year=9999), timedelta(1), "startsAt")],
)
def test_a_stay_beyond_measure_is_not_priced(
    start: datetime, length: timedelta, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        require_priceable(start, start if field == "startsAt" else start + length)
    assert caught.value.field == field
