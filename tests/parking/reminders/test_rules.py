"""When drivers are told by the clock: the table, without a database."""

from datetime import UTC, datetime, time, timedelta

import pytest

from parking.notices.kinds import MUTABLE, URGENT
from parking.notices.kinds import NoticeTopic as Topic
from parking.notices.rules import QuietHours, quiet_ahead
from parking.reminders.rules import (
    ENDING,
    REMINDER,
    Rule,
    is_known,
    kept_until,
    late,
    reminded_before_quiet,
    rules,
)
from parking.reservations.limits import BookingLimits
from parking.windows import Window

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
LIMITS = BookingLimits()
LATE = late(LIMITS)


def at(minutes: float) -> datetime:
    """So many minutes from noon."""
    return NOON + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("rule", "first", "last"),
    [(REMINDER, -60, -1), (LATE, 10, 29), (ENDING, -15, -1)],
)
def test_a_rule_tells_in_its_time_and_not_outside(rule: Rule, first: int, last: int) -> None:
    """Of an anchor at noon, in minutes from it."""
    told = [minute for minute in range(-120, 120) if rule.is_open(NOON, at(minute))]
    assert (told[0], told[-1]) == (first, last)
    assert len(told) == last - first + 1


def test_who_is_late_hears_so_before_the_bay_is_given_up() -> None:
    short = late(BookingLimits(no_show=timedelta(minutes=8)))
    assert (short.opens, short.closes) == (timedelta(minutes=4), timedelta(minutes=8))
    assert kept_until(Window(NOON, at(120)), LIMITS) == at(30)
    assert kept_until(Window(NOON, at(20)), LIMITS) == at(20)


def test_who_booked_when_it_was_time_already_knows() -> None:
    assert is_known(REMINDER, NOON, at(-59))
    assert not is_known(REMINDER, NOON, at(-60))
    assert is_known(ENDING, NOON, at(-10))
    assert not is_known(LATE, NOON, at(1))


def test_what_cannot_wait_is_urgent_and_a_reminder_is_not() -> None:
    assert {Topic.PARKING_EARLY, LATE.topic, ENDING.topic} <= URGENT
    assert REMINDER.topic in MUTABLE
    assert [each.topic for each in rules(LIMITS)] == [
        Topic.PARKING_REMINDER, Topic.PARKING_LATE, Topic.PARKING_ENDING,
    ]  # fmt: skip


NIGHT = QuietHours(time(22), time(7), "Asia/Shanghai")  # 14:00 to 23:00 UTC
NAP = QuietHours(time(13), time(14), "UTC")
WITHIN = timedelta(minutes=15)


@pytest.mark.parametrize(
    ("quiet", "now", "expected"),
    [
        (NIGHT, at(104), None),
        (NIGHT, at(105), (at(120), at(660))),
        (NIGHT, at(119), (at(120), at(660))),
        (NIGHT, at(120), None),
        (NAP, at(50), (at(60), at(120))),
        (NAP, at(70), None),
        (QuietHours(time(0, 5), time(6), "UTC"), at(715), (at(725), at(1080))),
    ],
)
def test_quiet_hours_are_seen_coming(
    quiet: QuietHours, now: datetime, expected: tuple[datetime, datetime] | None
) -> None:
    assert quiet_ahead(quiet, now, WITHIN) == expected


def test_only_what_could_not_be_told_in_the_quiet_hours_is_told_before_them() -> None:
    """From 22:00 to 07:00: what starts by 23:00 is reminded of before; after 07:00 it may wait."""
    begin, end = at(600), at(1140)
    assert reminded_before_quiet(begin, end) == Window(at(660), at(1140))
    assert reminded_before_quiet(begin, at(660)) is None
