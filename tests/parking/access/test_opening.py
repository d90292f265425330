"""From when a bay opens to its driver."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from parking.access.check import Outcome, in_words
from parking.access.opening import on_display, opens_at

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def at(minutes: float) -> datetime:
    """So many minutes from noon."""
    return NOON + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("others", "minutes"),
    [([], -15), ([-20], -15), ([-5], -5), ([0], 0), ([30], 0), ([-30, -2], -2)],
)
def test_a_bay_opens_when_nobody_elses_window_is_in_the_way(
    others: list[int], minutes: int
) -> None:
    assert opens_at(NOON, [at(each) for each in others]) == at(minutes)


@pytest.mark.parametrize(
    ("opens", "now", "shown"),
    [(NOON, at(-60), "13:00"), (NOON, at(-24 * 60), "01-05 13:00"), (NOON, NOON, "")],
)
def test_a_display_shows_the_clock_of_the_place(opens: datetime, now: datetime, shown: str) -> None:
    assert on_display(opens, BERLIN, now) == shown


def test_the_words_for_a_reader_stay_short() -> None:
    said = in_words(Outcome.NOT_YET, "01-05 13:00")
    assert said == "NOT_YET: the booking has not begun; from 01-05 13:00"
    assert len(said.encode()) <= 64
