"""Windows and exceptions as iCalendar: out, in, and what is wrong with a file."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parking.listings.calendar_reading import SINGLES_MAX, CalendarRead, read_calendar
from parking.listings.calendar_writing import listing_calendar
from parking.listings.content import Schedule
from parking.listings.models import ExceptionKind
from parking.listings.openings import openings
from parking.listings.records import ExceptionRecord, WindowRecord
from parking.windows import Window
from tests.parking.listings.offers import NOW, listing

BERLIN = ZoneInfo("Europe/Berlin")
EVERY_DAY = 0b1111111
WEEKEND = 0b1100000


def opened(schedule: Schedule, zone: ZoneInfo = BERLIN) -> list[Window]:
    """When it is open from now on, over both changes of the clocks."""
    end = NOW + timedelta(days=200)
    return openings(schedule.windows, schedule.exceptions, (None, None), zone, NOW, end)


def event(*lines: str, uid: str = "u") -> str:
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT"])


def calendar(*events: str) -> str:
    return "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x", *events, "END:VCALENDAR"])


def read(*events: str, zone: ZoneInfo = BERLIN) -> CalendarRead:
    return read_calendar(calendar(*events), zone, NOW)


def exception(kind: ExceptionKind, start: str, end: str, note: str = "") -> ExceptionRecord:
    return ExceptionRecord(kind, datetime.fromisoformat(start), datetime.fromisoformat(end), note)


OPEN, CLOSED = ExceptionKind.OPEN, ExceptionKind.CLOSED

SCHEDULES = {
    "always": Schedule(),
    "nights": Schedule((WindowRecord(WEEKEND, 22 * 60, 30 * 60),)),
    "seasons": Schedule(
        (
            WindowRecord(EVERY_DAY, 480, 1080, None, date(2026, 12, 31)),
            WindowRecord(0b0011111, 600, 960, date(2027, 1, 1), None),
        )
    ),
    "exceptions": Schedule(
        (WindowRecord(EVERY_DAY, 480, 1080),),
        (
            exception(CLOSED, "2026-12-24T00:00", "2026-12-27T00:00", "Christmas; shut"),
            exception(OPEN, "2026-12-31T18:00", "2027-01-01T06:00", "Fireworks"),
            exception(CLOSED, "2027-02-01T09:15", "2027-02-01T10:00"),
        ),
    ),
    "closed only": Schedule((), (exception(CLOSED, "2026-11-01T00:00", "2026-11-02T00:00"),)),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_what_is_exported_and_imported_again_is_open_at_the_same_times(name: str) -> None:
    schedule = SCHEDULES[name]
    text = listing_calendar(listing(), schedule)
    back = read_calendar(text, BERLIN, NOW)
    assert back.problems == []
    assert opened(back.schedule) == opened(schedule)
    assert back.schedule.exceptions == schedule.exceptions


minutes = st.integers(0, 1439)
windows = st.builds(
    lambda days, begin, length, first: WindowRecord(days, begin, begin + length, first, None),
    st.integers(1, EVERY_DAY), minutes, st.integers(1, 2880),
    st.one_of(st.none(), st.dates(date(2026, 10, 1), date(2027, 2, 1))),
)  # fmt: skip


def around(kind: ExceptionKind, hours: int, length: int) -> ExceptionRecord:
    start = datetime(2026, 10, 18, 0, 30) + timedelta(hours=hours)  # noqa: DTZ001 - local
    return ExceptionRecord(kind, start, start + timedelta(minutes=length), "")


exceptions = st.builds(
    around, st.sampled_from(ExceptionKind), st.integers(0, 4000), st.integers(1, 5000)
)


@settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(
    st.lists(windows, min_size=1, max_size=4),
    st.lists(exceptions, max_size=4),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai"]),
)
def test_any_schedule_survives_the_way_out_and_in(
    weekly: list[WindowRecord], single: list[ExceptionRecord], name: str
) -> None:
    zone, schedule = ZoneInfo(name), Schedule(tuple(weekly), tuple(single))
    back = read_calendar(listing_calendar(listing(zone), schedule), zone, NOW)
    assert not back.has_errors
    assert opened(back.schedule, zone) == opened(schedule, zone)


def test_an_export_names_zone_rule_and_instances_left_out() -> None:
    text = listing_calendar(listing(), SCHEDULES["exceptions"])
    assert "BEGIN:VTIMEZONE" in text
    assert "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU" in text.replace("\r\n ", "")
    assert "20261225T080000" in text.replace("\r\n ", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


WEEKDAYS = 0b0011111


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            ["DTSTART;TZID=Europe/Berlin:20260105T080000",
             "DTEND;TZID=Europe/Berlin:20260105T180000",
             "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"],
            WindowRecord(WEEKDAYS, 480, 1080),
        ),
        (
            ["DTSTART:20261102T080000", "DURATION:PT10H", "RRULE:FREQ=DAILY;COUNT=10"],
            WindowRecord(EVERY_DAY, 480, 1080, date(2026, 11, 2), date(2026, 11, 11)),
        ),
        (
            ["DTSTART:20261102T080000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=WE,FR;COUNT=3"],
            WindowRecord(0b0010100, 480, 540, date(2026, 11, 2), date(2026, 11, 11)),
        ),
        (
            ["DTSTART;TZID=Europe/Berlin:20260105T220000",
             "DTEND;TZID=Europe/Berlin:20260106T060000",
             "RRULE:FREQ=WEEKLY;UNTIL=20261130T210000Z"],
            WindowRecord(1, 1320, 1800, None, date(2026, 11, 30)),
        ),
        (
            ["DTSTART;TZID=Europe/Berlin:20260105T220000",
             "DTEND;TZID=Europe/Berlin:20260106T060000",
             "RRULE:FREQ=WEEKLY;UNTIL=20261130T205959Z"],
            WindowRecord(1, 1320, 1800, None, date(2026, 11, 29)),
        ),
        (
            ["DTSTART;VALUE=DATE:20260103", "RRULE:FREQ=WEEKLY;BYDAY=SA,SU"],
            WindowRecord(WEEKEND, 0, 1440),
        ),
        (["DTSTART;VALUE=DATE:20261103"], WindowRecord(
            0b10, 0, 1440, date(2026, 11, 3), date(2026, 11, 3)
        )),
    ],
)  # fmt: skip
def test_weekly_and_daily_events_are_windows(lines: list[str], expected: WindowRecord) -> None:
    result = read(event(*lines))
    assert (result.schedule.windows, result.problems) == ((expected,), [])


WEEKLY = event(
    "DTSTART;TZID=Europe/Berlin:20260105T080000", "DURATION:PT10H", "RRULE:FREQ=DAILY", uid="w"
)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["DTSTART:20261101T190000Z", "DTEND:20261101T200000Z", "SUMMARY:Match"],
         [exception(OPEN, "2026-11-01T20:00", "2026-11-01T21:00", "Match")]),
        (["DTSTART;TZID=America/New_York:20261101T190000", "DURATION:PT1H"],
         [exception(OPEN, "2026-11-02T01:00", "2026-11-02T02:00")]),
        (["DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261227", "CATEGORIES:x,closed"],
         [exception(CLOSED, "2026-12-24T00:00", "2026-12-27T00:00")]),
        (["DTSTART:20261101T190000", "DURATION:PT1H", "RRULE:FREQ=MONTHLY;COUNT=2"],
         [exception(OPEN, "2026-11-01T19:00", "2026-11-01T20:00"),
          exception(OPEN, "2026-12-01T19:00", "2026-12-01T20:00")]),
        (["DTSTART:20261101T190000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=3",
          "EXDATE:20261115T190000", "RDATE:20261120T190000"],
         [exception(OPEN, "2026-11-01T19:00", "2026-11-01T20:00"),
          exception(OPEN, "2026-11-20T19:00", "2026-11-20T20:00"),
          exception(OPEN, "2026-11-29T19:00", "2026-11-29T20:00")]),
        (["DTSTART:20261101T120000", "DURATION:PT1H", "CATEGORIES:CLOSED",
          "RRULE:FREQ=WEEKLY;UNTIL=20261108T120000"],
         [exception(CLOSED, "2026-11-01T12:00", "2026-11-01T13:00"),
          exception(CLOSED, "2026-11-08T12:00", "2026-11-08T13:00")]),
        (["DTSTART:20261101T190000", "DURATION:PT1H", "STATUS:CANCELLED"], []),
        (["DTSTART:20201101T190000", "DURATION:PT1H"], []),  # over long ago
    ],
)  # fmt: skip
def test_other_events_are_exceptions(lines: list[str], expected: list[ExceptionRecord]) -> None:
    result = read(WEEKLY, event(*lines))
    assert (list(result.schedule.exceptions), result.problems) == (expected, [])


def test_a_moved_and_a_cancelled_instance_leave_their_time() -> None:
    zone = "TZID=Europe/Berlin"
    moved = event(
        f"RECURRENCE-ID;{zone}:20261102T080000", f"DTSTART;{zone}:20261102T100000",
        f"DTEND;{zone}:20261102T200000", uid="w",
    )  # fmt: skip
    gone = event(
        f"RECURRENCE-ID;{zone}:20261103T080000", f"DTSTART;{zone}:20261103T080000",
        f"DTEND;{zone}:20261103T180000", "STATUS:CANCELLED", uid="w",
    )  # fmt: skip
    schedule = read(moved, gone, WEEKLY).schedule
    days = openings(
        schedule.windows, schedule.exceptions, (None, None), BERLIN,
        datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 5, tzinfo=UTC),
    )  # fmt: skip
    assert [(w.starts_at.hour, w.ends_at.hour, w.starts_at.day) for w in days] == [
        (9, 19, 2),
        (7, 17, 4),
    ]


def test_an_instance_left_out_while_another_event_is_open_is_told() -> None:
    other = event("DTSTART:20260105T090000", "DURATION:PT2H", "RRULE:FREQ=DAILY", uid="o")
    left_out = WEEKLY.replace("\nEND", "\nEXDATE;TZID=Europe/Berlin:20261224T080000\nEND")
    result = read(left_out, other)
    assert [(p.line, p.uid, p.code, p.is_warning) for p in result.problems] == [
        (4, "w", "OVERLAP", True)
    ]
    assert result.schedule.exceptions == (
        exception(CLOSED, "2026-12-24T08:00", "2026-12-24T18:00"),
    )


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["SUMMARY:x"], "NO_START"),
        (["DTSTART:2026"], "BAD_VALUE"),
        (["DTSTART:20261101T190000"], "NO_END"),
        (["DTSTART:20261101T190030", "DURATION:PT1H"], "NOT_WHOLE_MINUTES"),
        (["DTSTART:20261101T190000", "DTEND:20261101T190000"], "EMPTY"),
        (["DTSTART:20261101T190000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY"], "OTHER_TIME_ZONE"),
        (["DTSTART:20261101T190000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=0"], "EMPTY"),
        (["DTSTART:20261101T190000", "DURATION:PT1H", "RRULE:FREQ=DAILY;UNTIL=20261031"],
         "EMPTY"),
        (["DTSTART:20261101T190000", "DURATION:PT1H",
          "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31;COUNT=5"], "EMPTY"),
        (["DTSTART:20261101T190000", "DURATION:PT1H", "RRULE:FREQ=MONTHLY;BYSETPOS=9;COUNT=5"],
         "RRULE_UNSUPPORTED"),
        (["DTSTART:20261101T190000", "DURATION:PT1H", "RRULE:FREQ=DAILY;INTERVAL=0;COUNT=5"],
         "RRULE_UNSUPPORTED"),
        (["DTSTART;TZID=Nowhere/Land:20261101T190000", "DURATION:PT1H"], "OTHER_TIME_ZONE"),
        (["DTSTART:20261101T190000", "DURATION:PT1H", "EXDATE;TZID=Mars:20261101T190000"],
         "OTHER_TIME_ZONE"),
        (["DTSTART:20261101T190000", "DURATION:P8D", "RRULE:FREQ=WEEKLY"], "TOO_LONG"),
        (["DTSTART:20261101T190000", "DURATION:PT1H", "RRULE:FREQ=MONTHLY"], "RRULE_ENDLESS"),
        (["DTSTART:20261101T190000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;INTERVAL=2"],
         "RRULE_ENDLESS"),
        (["DTSTART:20261101T190000", "DURATION:PT1M", "RRULE:FREQ=SECONDLY;COUNT=9"],
         "RRULE_UNSUPPORTED"),
        (["DTSTART:00010101T190000", "DURATION:PT1M", "RRULE:FREQ=YEARLY;COUNT=9"],
         "RRULE_UNSUPPORTED"),
        (["DTSTART:20261101T190000", "DURATION:PT1H", "RRULE:FREQ=NEVER"], "BAD_VALUE"),
        (["DTSTART:20261101T190000", "DURATION:PT1H", "RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"],
         "RRULE_UNSUPPORTED"),
        (["DTSTART:20261101T190000", "DURATION:PT1H", "RECURRENCE-ID:20261101T190000"],
         "NO_MASTER"),
        (["DTSTART:20261101T190000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=99999999999"],
         "BAD_VALUE"),
        (["DTSTART:20261101T190000", "DURATION:PT1H", "RRULE:FREQ=MONTHLY;BYDAY=99MO;COUNT=2"],
         "BAD_VALUE"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_line_and_uid(lines: list[str], code: str) -> None:
    result = read(WEEKLY, event(*lines, uid="bad-one"))
    assert [(p.line, p.uid, p.code) for p in result.problems] == [(10, "bad-one", code)]
    assert result.has_errors


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("", 1, "NOT_A_CALENDAR"),
        ("garbage", 1, "NOT_A_CALENDAR"),
        ("\0\0", 1, "NOT_A_CALENDAR"),
        (calendar(WEEKLY).replace("DURATION:PT10H", "no colon here"), 4, "BAD_VALUE"),
        (calendar(WEEKLY).replace("END:VCALENDAR", ""), 1, "NOT_A_CALENDAR"),
        (WEEKLY, 1, "NOT_A_CALENDAR"),
        (calendar(), 0, "NOTHING_OPEN"),
        (calendar(event("DTSTART;VALUE=DATE:20201103")), 0, "NOTHING_OPEN"),
        (calendar(*(WEEKLY for _ in range(51))), 0, "TOO_MANY"),
        (calendar(*(WEEKLY for _ in range(1001))), 0, "TOO_LARGE"),
        ("x" * 600_000, 0, "TOO_LARGE"),
    ],
    ids=range(11),
)
def test_files_that_are_no_use_are_told_as_such(text: str, line: int, code: str) -> None:
    result = read_calendar(text, BERLIN, NOW)
    assert (result.problems[0].line, result.problems[0].code) == (line, code)
    assert result.has_errors


def test_a_crowd_of_single_times_is_refused_before_they_are_compared() -> None:
    dates = ",".join(["20261102T190000"] * (SINGLES_MAX + 1))
    crowd = event("DTSTART:20261101T190000", "DURATION:PT1H", f"RDATE:{dates}")
    left_out = event("DTSTART:20261102T190000", "DURATION:PT1H", "EXDATE:20261102T190000", uid="v")
    result = read(crowd, left_out)
    assert [(p.line, p.code) for p in result.problems] == [(0, "TOO_MANY")]
    assert len(result.schedule.exceptions) == SINGLES_MAX + 3
    endless = event("DTSTART:20261101T190000", "DURATION:PT1H", f"EXDATE:{dates}")
    assert (4, "TOO_MANY") in [(p.line, p.code) for p in read(endless).problems]


def test_a_files_own_time_zones_are_not_taken_up() -> None:
    """They would hold for the files of others: the parser keeps them by name."""
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Mine\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
        "TZOFFSETFROM:+0500\nTZOFFSETTO:+0500\nEND:STANDARD\nEND:VTIMEZONE"
    )
    mine = event("DTSTART;TZID=Mine:20261101T190000", "DURATION:PT1H")
    for events in ((zone, mine), (mine,)):
        result = read(*events)
        assert [problem.code for problem in result.problems] == ["OTHER_TIME_ZONE"]


def test_a_zone_may_have_the_name_that_windows_gives_it() -> None:
    given = event("DTSTART;TZID=W. Europe Standard Time:20250106T080000", "DURATION:PT1H",
        "RRULE:FREQ=DAILY",
    )  # fmt: skip
    assert read(given).schedule.windows == (WindowRecord(EVERY_DAY, 480, 540),)


def test_an_availability_of_rfc_7953_is_read_too() -> None:
    text = calendar(
        "BEGIN:VAVAILABILITY", "UID:v", "BEGIN:AVAILABLE", "UID:a", "DTSTART:20260105T080000",
        "DTEND:20260105T120000", "RRULE:FREQ=WEEKLY;BYDAY=MO", "END:AVAILABLE", "END:VAVAILABILITY",
    )  # fmt: skip
    assert read_calendar(text, BERLIN, NOW).schedule.windows == (WindowRecord(1, 480, 720),)
