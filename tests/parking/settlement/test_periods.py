"""Calendar periods: without gaps, cut where the calendar cuts, right when the clocks change."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from parking.errors import InvalidInput
from parking.settlement.figures.period_rows import edges_of
from parking.settlement.figures.periods import PERIODS_MAX, Every, midnight, periods

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)

CUTS = [
    (date(2026, 1, 5), date(2026, 1, 7), Every.DAY, ["01-05", "01-06"]),
    # 2026-01-07 is a Wednesday.
    (date(2026, 1, 7), date(2026, 1, 20), Every.WEEK, ["01-07", "01-12", "01-19"]),
    (date(2026, 1, 5), date(2026, 1, 12), Every.WEEK, ["01-05"]),
    (date(2026, 1, 31), date(2026, 3, 2), Every.MONTH, ["01-31", "02-01", "03-01"]),
    (date(2026, 12, 31), date(2027, 1, 2), Every.MONTH, ["12-31", "01-01"]),
]


@pytest.mark.parametrize(("first", "until", "every", "begins"), CUTS)
def test_time_is_cut_by_the_calendar(
    first: date, until: date, every: Every, begins: list[str]
) -> None:
    cut = periods(first, until, every, BERLIN)
    assert [f"{each.first:%m-%d}" for each in cut] == begins
    assert (cut[0].first, cut[-1].until) == (first, until)
    assert all(before.ends_at == after.starts_at for before, after in pairwise(cut))
    assert len(edges_of(cut)) == len(cut) + 1


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)],
)
def test_a_day_is_as_long_as_the_clocks_make_it(day: date, hours: int) -> None:
    [only] = periods(day, day + DAY, Every.DAY, BERLIN)
    assert only.ends_at - only.starts_at == timedelta(hours=hours)


def test_a_midnight_that_the_clocks_skip_is_the_moment_of_the_skip() -> None:
    # In Beirut 2026-03-29 begins at 01:00: at 00:00 the clocks went forward.
    skipped = midnight(date(2026, 3, 29), ZoneInfo("Asia/Beirut"))
    assert skipped == datetime(2026, 3, 28, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "until", "every", "field"),
    [
        (date(2026, 1, 5), date(2026, 1, 5), Every.DAY, "untilDay"),
        (date(2026, 1, 5), date(2026, 1, 4), Every.DAY, "untilDay"),
        (date(2026, 1, 1), date(2026, 1, 1) + (PERIODS_MAX + 1) * DAY, Every.DAY, "untilDay"),
        (date(1, 1, 1), date(1, 1, 2), Every.DAY, "firstDay"),
        (date(2026, 1, 1), date.max, Every.MONTH, "untilDay"),
    ],
)
def test_no_time_and_too_much_of_it_are_refused(
    first: date, until: date, every: Every, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        periods(first, until, every, BERLIN)
    assert refused.value.field == field


def test_as_much_as_is_allowed_is_given() -> None:
    first = date(2026, 1, 1)
    assert len(periods(first, first + PERIODS_MAX * DAY, Every.DAY, BERLIN)) == PERIODS_MAX
