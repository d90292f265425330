"""When a listing is open: against the clock on the wall, minute by minute."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parking.listings.models import ExceptionKind
from parking.listings.openings import begins_on, constant_offsets, openings
from parking.listings.records import ExceptionRecord, WindowRecord
from parking.windows import Window

BERLIN = ZoneInfo("Europe/Berlin")
EVERY_DAY = 0b1111111
SATURDAY = 0b0100000
ALWAYS = (None, None)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def closed(start: str, end: str) -> ExceptionRecord:
    return ExceptionRecord(ExceptionKind.CLOSED, local(start), local(end))


def opened(start: str, end: str) -> ExceptionRecord:
    return ExceptionRecord(ExceptionKind.OPEN, local(start), local(end))


def found(
    windows: list[WindowRecord],
    exceptions: list[ExceptionRecord],
    start: str,
    end: str,
    zone: ZoneInfo = BERLIN,
) -> list[tuple[str, str]]:
    """Openings as short texts in UTC."""
    result = openings(windows, exceptions, ALWAYS, zone, utc(start), utc(end))
    return [(f"{w.starts_at:%d %H:%M}", f"{w.ends_at:%d %H:%M}") for w in result]


NIGHT = WindowRecord(SATURDAY, 22 * 60, 30 * 60)
SMALL_HOURS = WindowRecord(EVERY_DAY, 2 * 60, 2 * 60 + 30)


@pytest.mark.parametrize(
    ("windows", "exceptions", "start", "end", "expected"),
    [
        # Clocks in Berlin go forward on 29 March 2026 at 01:00 UTC, back on 25 October.
        ([NIGHT], [], "2026-03-27", "2026-03-31", [("28 21:00", "29 04:00")]),  # 7 h
        ([NIGHT], [], "2026-10-23", "2026-10-27", [("24 20:00", "25 05:00")]),  # 9 h
        ([NIGHT], [], "2026-06-05", "2026-06-09", [("06 20:00", "07 04:00")]),  # 8 h
        ([SMALL_HOURS], [], "2026-03-28T12:00", "2026-03-29T12:00", []),  # never shown
        (
            [SMALL_HOURS], [], "2026-10-24T12:00", "2026-10-25T12:00",
            [("25 00:00", "25 00:30"), ("25 01:00", "25 01:30")],  # shown twice
        ),
        (
            [WindowRecord(EVERY_DAY, 150, 240)], [], "2026-03-28T12:00", "2026-03-29T12:00",
            [("29 01:00", "29 02:00")],  # 02:30 is not shown, 03:00 to 04:00 is
        ),
        ([], [], "2026-10-24", "2026-10-26", [("24 00:00", "26 00:00")]),  # always
        (
            [], [closed("2026-10-25T00:00", "2026-10-26T00:00")], "2026-10-24", "2026-10-27",
            [("24 00:00", "24 22:00"), ("25 23:00", "27 00:00")],  # a day of 25 h
        ),
        (
            [WindowRecord(EVERY_DAY, 0, 1440)], [], "2026-03-01", "2026-03-31",
            [("01 00:00", "31 00:00")],  # what touches is one
        ),
        (
            [WindowRecord(SATURDAY, 480, 720)], [opened("2026-06-06T11:00", "2026-06-06T14:00")],
            "2026-06-05", "2026-06-08", [("06 06:00", "06 12:00")],
        ),
        (
            [WindowRecord(SATURDAY, 480, 720)],
            [
                opened("2026-06-06T11:00", "2026-06-06T14:00"),
                closed("2026-06-06T11:30", "2026-06-06T12:30"),
            ],
            "2026-06-05", "2026-06-08", [("06 06:00", "06 09:30"), ("06 10:30", "06 12:00")],
        ),
        (
            [WindowRecord(0b0010000, 18 * 60, 78 * 60)], [], "2026-06-06", "2026-06-10",
            [("06 00:00", "08 04:00")],  # Friday evening to Monday 06:00
        ),
    ],
)  # fmt: skip
def test_openings_by_example(
    windows: list[WindowRecord],
    exceptions: list[ExceptionRecord],
    start: str,
    end: str,
    expected: list[tuple[str, str]],
) -> None:
    assert found(windows, exceptions, start, end) == expected


def test_windows_have_seasons() -> None:
    summer = WindowRecord(EVERY_DAY, 480, 540, date(2026, 6, 2), date(2026, 6, 3))
    assert found([summer], [], "2026-06-01", "2026-06-08") == [
        ("02 06:00", "02 07:00"),
        ("03 06:00", "03 07:00"),
    ]


def test_validity_cuts_what_lies_outside() -> None:
    validity = (utc("2026-06-02T06:30"), utc("2026-06-03T06:30"))
    daily = [WindowRecord(EVERY_DAY, 480, 540)]
    result = openings(daily, [], validity, BERLIN, utc("2026-06-01"), utc("2026-06-08"))
    assert result == [
        Window(utc("2026-06-02T06:30"), utc("2026-06-02T07:00")),
        Window(utc("2026-06-03T06:00"), utc("2026-06-03T06:30")),
    ]


def test_a_day_that_was_left_out_is_not_open() -> None:
    """Samoa had no 30 December 2011."""
    daily = [WindowRecord(EVERY_DAY, 480, 540)]
    result = found(daily, [], "2011-12-29T12:00", "2011-12-31T12:00", ZoneInfo("Pacific/Apia"))
    assert result == [("29 18:00", "29 19:00"), ("30 18:00", "30 19:00")]


# Changes of clocks: zone, and a day around which they happen.
CHANGES = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # by half an hour
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("America/Sao_Paulo", date(2018, 11, 4)),  # at midnight
    ("Africa/Casablanca", date(2026, 2, 15)),  # for Ramadan
    ("Asia/Shanghai", date(2026, 6, 1)),  # never
]
MINUTE = timedelta(minutes=1)

windows_of_week = st.builds(
    lambda days, begin, length: WindowRecord(days, begin, begin + length),
    st.integers(1, EVERY_DAY),
    st.integers(0, 1439),
    st.one_of(st.integers(1, 300), st.integers(301, 3 * 1440)),
)


def exceptions_around(day: date) -> st.SearchStrategy[ExceptionRecord]:
    midnight = datetime.combine(day, datetime.min.time())

    def build(kind: ExceptionKind, begin: int, length: int) -> ExceptionRecord:
        start = midnight + begin * MINUTE
        return ExceptionRecord(kind, start, start + length * MINUTE)

    return st.builds(
        build, st.sampled_from(ExceptionKind), st.integers(-1440, 2880), st.integers(1, 2000)
    )


def is_open(
    windows: list[WindowRecord], exceptions: list[ExceptionRecord], at: datetime, zone: ZoneInfo
) -> bool:
    """The definition itself: does the clock show a time in a window?"""
    shown = at.astimezone(zone).replace(tzinfo=None, fold=0)
    covering = {each.kind for each in exceptions if each.local_from <= shown < each.local_until}
    if ExceptionKind.CLOSED in covering:
        return False
    if ExceptionKind.OPEN in covering or not windows:
        return True
    midnight = shown.replace(hour=0, minute=0)
    return any(
        begins_on(window, midnight - timedelta(days=back))
        and window.minute_from <= (shown - midnight) // MINUTE + back * 1440 < window.minute_until
        for window in windows
        for back in range(8)
    )


@pytest.mark.parametrize(("name", "day"), CHANGES)
@settings(
    max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(data=st.data())
def test_openings_are_what_the_clock_on_the_wall_says(
    name: str, day: date, data: st.DataObject
) -> None:
    zone = ZoneInfo(name)
    windows = data.draw(st.lists(windows_of_week, max_size=3))
    exceptions = data.draw(st.lists(exceptions_around(day), max_size=3))
    start = datetime.combine(day, datetime.min.time(), UTC) - timedelta(hours=20)
    end = start + timedelta(hours=44)
    result = openings(windows, exceptions, ALWAYS, zone, start, end)
    at = start
    while at < end:
        inside = any(at in each for each in result)
        assert inside == is_open(windows, exceptions, at, zone), at
        at += MINUTE
    assert all(a.ends_at < b.starts_at for a, b in pairwise(result))


def test_the_instant_of_a_change_is_found_to_the_second() -> None:
    parts = list(constant_offsets(BERLIN, utc("2026-03-28T17:23:11"), utc("2026-03-30")))
    assert [part for part, _ in parts] == [
        Window(utc("2026-03-28T17:23:11"), utc("2026-03-29T01:00")),
        Window(utc("2026-03-29T01:00"), utc("2026-03-30")),
    ]
    assert [offset // timedelta(hours=1) for _, offset in parts] == [1, 2]
