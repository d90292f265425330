"""The part of RRULE that recurring bookings know, in local time."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parking.errors import InvalidInput
from parking.reservations.recurrence import parse_rule, turns
from parking.windows import Window

BERLIN = ZoneInfo("Europe/Berlin")


def local(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def between(start: str, end: str) -> Window:
    return Window(local(start), local(end))


def starts(rule: str, first: Window, zone: ZoneInfo = BERLIN) -> list[str]:
    found = turns(parse_rule(rule, zone), first, zone)
    return [each.starts_at.astimezone(zone).strftime("%m-%d %H:%M") for each in found]


MONDAY = between("2026-01-05T09:00", "2026-01-05T17:00")


@pytest.mark.parametrize(
    ("rule", "dates"),
    [
        ("FREQ=DAILY;COUNT=3", ["01-05 09:00", "01-06 09:00", "01-07 09:00"]),
        ("FREQ=DAILY;INTERVAL=2;COUNT=3", ["01-05 09:00", "01-07 09:00", "01-09 09:00"]),
        ("FREQ=WEEKLY;COUNT=2", ["01-05 09:00", "01-12 09:00"]),
        ("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3", ["01-05 09:00", "01-07 09:00", "01-12 09:00"]),
        ("FREQ=WEEKLY;BYDAY=TU;COUNT=1", ["01-06 09:00"]),
        ("rrule:freq=weekly;until=20260119", ["01-05 09:00", "01-12 09:00", "01-19 09:00"]),
        ("FREQ=WEEKLY;UNTIL=20260119T080000Z", ["01-05 09:00", "01-12 09:00", "01-19 09:00"]),
        ("FREQ=WEEKLY;UNTIL=20260119T075959Z", ["01-05 09:00", "01-12 09:00"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU;COUNT=3",
         ["01-05 09:00", "01-18 09:00", "01-19 09:00"]),
    ],
)  # fmt: skip
def test_dates_of_a_rule(rule: str, dates: list[str]) -> None:
    assert starts(rule, MONDAY) == dates


def test_wall_clock_times_stay_when_the_clocks_change() -> None:
    night = between("2026-03-27T22:00", "2026-03-28T06:00")
    found = turns(parse_rule("FREQ=DAILY;COUNT=3", BERLIN), night, BERLIN)
    assert [each.duration.total_seconds() / 3600 for each in found] == [8, 7, 8]
    assert [each.starts_at.hour for each in found] == [21, 21, 20]


def test_the_night_of_25_hours() -> None:
    night = between("2026-10-23T22:00", "2026-10-24T06:00")
    found = turns(parse_rule("FREQ=DAILY;COUNT=3", BERLIN), night, BERLIN)
    assert [each.duration.total_seconds() / 3600 for each in found] == [8, 9, 8]


def test_a_time_that_does_not_exist_is_read_by_the_offset_before() -> None:
    early = between("2026-03-28T02:30", "2026-03-28T04:30")
    _, skipped, _ = turns(parse_rule("FREQ=DAILY;COUNT=3", BERLIN), early, BERLIN)
    assert skipped == Window(local("2026-03-29T03:30"), local("2026-03-29T04:30"))


def test_a_stay_inside_the_hour_that_is_left_out_keeps_its_length() -> None:
    early = between("2026-03-28T02:00", "2026-03-28T03:00")
    _, skipped = turns(parse_rule("FREQ=DAILY;COUNT=2", BERLIN), early, BERLIN)
    assert skipped == Window(local("2026-03-29T03:00"), local("2026-03-29T04:00"))


def test_a_time_that_comes_twice_is_the_first() -> None:
    early = between("2026-10-24T02:30", "2026-10-24T04:00")
    _, twice = turns(parse_rule("FREQ=DAILY;COUNT=2", BERLIN), early, BERLIN)
    assert twice.starts_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_first_turn_is_just_what_was_asked_for() -> None:
    again = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # 02:30 for the second time
    first = Window(again, again + timedelta(hours=1))
    found = turns(parse_rule("FREQ=DAILY;COUNT=2", BERLIN), first, BERLIN)
    assert found[0] == first
    assert found[1] == between("2026-10-26T02:30", "2026-10-26T03:30")


@pytest.mark.parametrize(
    "rule",
    [
        "", "nonsense", "FREQ=MONTHLY;COUNT=3", "COUNT=3", "FREQ=DAILY", "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=367", "FREQ=DAILY;COUNT=3;UNTIL=20260201", "FREQ=DAILY;COUNT=3;COUNT=4",
        "FREQ=WEEKLY;BYDAY=1MO;COUNT=3", "FREQ=WEEKLY;BYDAY=;COUNT=3", "FREQ=DAILY;UNTIL=tomorrow",
        "FREQ=DAILY;UNTIL=20261331", "FREQ=DAILY;INTERVAL=0;COUNT=2", "FREQ=DAILY;BYHOUR=9;COUNT=2",
        "FREQ=DAILY;COUNT=٣", "FREQ=DAILY;COUNT=3;" + "X" * 200,
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused(rule: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_rule(rule, BERLIN)
    assert refused.value.field == "rule"


@pytest.mark.parametrize(
    "rule",
    ["FREQ=WEEKLY;INTERVAL=2;COUNT=30", "FREQ=DAILY;UNTIL=20270201", "FREQ=DAILY;UNTIL=20250101"],
)
def test_a_rule_has_dates_and_ends_within_a_year(rule: str) -> None:
    with pytest.raises(InvalidInput):
        turns(parse_rule(rule, BERLIN), MONDAY, BERLIN)


def test_turns_must_not_overlap_each_other() -> None:
    long = between("2026-01-05T09:00", "2026-01-06T10:00")
    with pytest.raises(InvalidInput, match="before the next begins"):
        turns(parse_rule("FREQ=DAILY;COUNT=2", BERLIN), long, BERLIN)
    assert len(turns(parse_rule("FREQ=WEEKLY;COUNT=2", BERLIN), long, BERLIN)) == 2


@settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    seconds=st.integers(0, 365 * 86_400),
    minutes=st.integers(1, 20 * 60),
    count=st.integers(1, 60),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
)
def test_turns_are_in_order_and_begin_at_the_same_time_of_the_clock(
    seconds: int, minutes: int, count: int, zone: str
) -> None:
    there = ZoneInfo(zone)
    begins = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds, microseconds=1)
    first = Window(begins, begins + timedelta(minutes=minutes))
    found = turns(parse_rule(f"FREQ=DAILY;COUNT={count}", there), first, there)
    wall = begins.astimezone(there).time()
    assert len(found) == count
    assert all(a.ends_at <= b.starts_at for a, b in pairwise(found))
    same = [each.starts_at.astimezone(there).time() == wall for each in found]
    # Only in the hour that is left out, once a year, it cannot.
    assert found[0] == first
    assert same.count(False) <= 1


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        ("FREQ=DAILY;COUNT=3", between("2026-01-05T09:00", "9999-12-31T00:00")),
        ("FREQ=DAILY;COUNT=3", between("9999-12-30T20:00", "9999-12-31T04:00")),
        ("FREQ=DAILY;UNTIL=99991231T235959Z", MONDAY),
    ],
)
def test_the_end_of_time_is_refused(rule: str, first: Window) -> None:
    with pytest.raises(InvalidInput):
        turns(parse_rule(rule, BERLIN), first, BERLIN)
