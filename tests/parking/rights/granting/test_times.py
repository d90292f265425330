"""Weekdays and hours by the place's clock: over midnight, and when the clocks are changed."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from parking.rights.granting.times import day_at, time_fault
from parking.rights.refusals import Why
from parking.rights.terms import DayWindow, Terms

BERLIN, SAMOA = ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Apia")
MON, TUE, FRI, SAT, SUN = 1, 2, 5, 6, 7
SHOP = DayWindow(time(9), time(18))
NIGHT = DayWindow(time(22), time(2))
ROUND = DayWindow(time(6), time(6))
"""From six to six: the whole day, which begins at six."""
EARLY = DayWindow(time(2), time(3))
WEEKDAYS, HOURS = Why.OUTSIDE_WEEKDAYS, Why.OUTSIDE_HOURS


def berlin(text: str, fold: int = 0) -> datetime:
    """A time on Berlin's clock, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("weekdays", "windows", "shown", "fault"),
    [
        ((), (), "2026-06-06 03:00", None),
        ((SAT,), (), "2026-06-06 00:00", None),
        ((SAT,), (), "2026-06-05 23:59", WEEKDAYS),
        ((SAT,), (), "2026-06-07 00:00", WEEKDAYS),
        # A window of the day has its beginning and not its end.
        ((), (SHOP,), "2026-06-05 08:59", HOURS),
        ((), (SHOP,), "2026-06-05 09:00", None),
        ((), (SHOP,), "2026-06-05 17:59", None),
        ((), (SHOP,), "2026-06-05 18:00", HOURS),
        ((MON, TUE), (SHOP,), "2026-06-05 12:00", WEEKDAYS),
        ((MON, TUE), (SHOP,), "2026-06-05 20:00", WEEKDAYS),
        ((FRI,), (SHOP,), "2026-06-05 20:00", HOURS),
        ((), (SHOP, NIGHT), "2026-06-05 20:00", HOURS),
        ((), (SHOP, NIGHT), "2026-06-05 23:00", None),
        # What lies behind midnight is the evening's before.
        ((FRI,), (NIGHT,), "2026-06-05 21:59", HOURS),
        ((FRI,), (NIGHT,), "2026-06-05 22:00", None),
        ((FRI,), (NIGHT,), "2026-06-06 01:59", None),
        ((FRI,), (NIGHT,), "2026-06-06 02:00", WEEKDAYS),
        ((FRI,), (NIGHT,), "2026-06-05 01:00", HOURS),
        ((SAT,), (NIGHT,), "2026-06-06 01:00", HOURS),
        ((SUN,), (NIGHT,), "2026-06-08 01:00", None),
        ((FRI,), (ROUND,), "2026-06-06 05:59", None),
        ((FRI,), (ROUND,), "2026-06-06 06:00", WEEKDAYS),
        ((FRI,), (ROUND,), "2026-06-05 05:59", HOURS),
    ],
)
def test_weekdays_and_hours(
    weekdays: tuple[int, ...], windows: tuple[DayWindow, ...], shown: str, fault: Why | None
) -> None:
    terms = Terms(weekdays=weekdays, windows=windows)
    assert time_fault(terms, BERLIN, berlin(shown)) is fault


def test_an_hour_that_the_clocks_skip_grants_nothing() -> None:
    terms = Terms(windows=(EARLY,))
    instants = [datetime(2026, 3, 29, hour, 30, tzinfo=UTC) for hour in range(3)]
    assert [time_fault(terms, BERLIN, each) for each in instants] == [HOURS] * 3


def test_an_hour_that_comes_twice_grants_twice() -> None:
    terms = Terms(windows=(EARLY,))
    first, second = berlin("2026-10-25 02:30"), berlin("2026-10-25 02:30", fold=1)
    assert first != second
    assert [time_fault(terms, BERLIN, each) for each in (first, second)] == [None, None]


def test_the_weekday_is_the_places_wherever_the_driver_is() -> None:
    noon = datetime(2026, 6, 5, 12, 0, tzinfo=UTC)  # a Friday; Saturday 01:00 in Samoa
    assert day_at(SAMOA, noon) == date(2026, 6, 6)
    assert time_fault(Terms(weekdays=(SAT,)), SAMOA, noon) is None
    assert time_fault(Terms(weekdays=(SAT,)), BERLIN, noon) is WEEKDAYS
