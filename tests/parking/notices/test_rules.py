"""When a notice is sent, and when again."""

from datetime import UTC, datetime, time, timedelta

import pytest

from parking.notices.kinds import NoticeTopic
from parking.notices.rules import (
    Drop,
    Preference,
    QuietHours,
    SendNow,
    Wait,
    pause_after,
    quiet_end,
    retry_at,
    when,
)

NIGHT = QuietHours(time(22), time(7), "Asia/Shanghai")
LUNCH = QuietHours(time(12), time(13, 30), "UTC")
BERLIN = QuietHours(time(23), time(2, 30), "Europe/Berlin")
GIVE_UP = datetime(2026, 1, 5, 14, 0, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("quiet", "now", "end"),
    [
        (NIGHT, "2026-01-05T13:59", None),
        (NIGHT, "2026-01-05T14:00", "2026-01-05T23:00"),
        (NIGHT, "2026-01-05T22:59", "2026-01-05T23:00"),
        (NIGHT, "2026-01-05T23:00", None),
        (NIGHT, "2026-01-05T17:00", "2026-01-05T23:00"),
        (LUNCH, "2026-01-05T12:00", "2026-01-05T13:30"),
        (LUNCH, "2026-01-05T13:30", None),
        (LUNCH, "2026-01-05T11:59", None),
        # On 29 March 02:30 does not exist in Berlin: the clocks jump from 2 to 3 (01:00 UTC).
        (BERLIN, "2026-03-28T23:00", "2026-03-29T01:30"),
        # On 25 October it is 02:30 twice: at 00:30 and at 01:30 UTC.
        (BERLIN, "2026-10-24T22:00", "2026-10-25T00:30"),
        (BERLIN, "2026-10-25T01:10", "2026-10-25T01:30"),
    ],
)
def test_quiet_hours_end_as_the_clocks_show(quiet: QuietHours, now: str, end: str | None) -> None:
    assert quiet_end(quiet, at(now)) == (None if end is None else at(end))


BOOKED, WAITLISTED = NoticeTopic.PARKING_BOOKED, NoticeTopic.PARKING_WAITLISTED
MUTED = Preference(frozenset({BOOKED, WAITLISTED}))
SLEEPS = Preference(quiet=LUNCH)


@pytest.mark.parametrize(
    ("topic", "useful_until", "preference", "now", "expected"),
    [
        (WAITLISTED, None, Preference(), "2026-01-05T12:30", SendNow),
        (WAITLISTED, None, SLEEPS, "2026-01-05T12:30", Wait),
        (WAITLISTED, "2026-01-05T13:31", SLEEPS, "2026-01-05T12:30", Wait),
        (WAITLISTED, "2026-01-05T13:30", SLEEPS, "2026-01-05T12:30", Drop),
        (WAITLISTED, None, SLEEPS, "2026-01-05T14:00", SendNow),
        (WAITLISTED, None, MUTED, "2026-01-05T14:00", Drop),
        (BOOKED, None, SLEEPS, "2026-01-05T12:30", SendNow),
        (BOOKED, "2026-01-05T13:00", MUTED, "2026-01-05T12:30", SendNow),
    ],
)
def test_when_a_notice_is_sent(
    topic: NoticeTopic, useful_until: str | None, preference: Preference, now: str, expected: type
) -> None:
    until = None if useful_until is None else at(useful_until)
    assert isinstance(when(topic, until, preference, at(now)), expected)


@pytest.mark.parametrize(
    ("attempts", "chance", "seconds"),
    [(1, 0.0, 5), (1, 0.5, 7.5), (2, 0.0, 15), (3, 0.0, 45), (8, 0.0, 10_800), (99, 0.0, 10_800)],
)
def test_pauses_grow_and_spread(attempts: int, chance: float, seconds: float) -> None:
    assert pause_after(attempts, chance) == timedelta(seconds=seconds)


def test_the_last_attempt_is_made_when_it_is_given_up() -> None:
    now = GIVE_UP - timedelta(seconds=3)
    assert retry_at(1, GIVE_UP, now, chance=0.5) == GIVE_UP
    assert retry_at(2, GIVE_UP, GIVE_UP, chance=0.5) is None


@pytest.mark.parametrize(("wanted", "seconds"), [(1, 5), (60, 60), (10**6, 7200)])
def test_a_wanted_pause_is_kept_within_reason(wanted: int, seconds: int) -> None:
    now = GIVE_UP - timedelta(hours=2)
    again = retry_at(1, GIVE_UP, now, chance=0.0, wanted=timedelta(seconds=wanted))
    assert again == now + timedelta(seconds=seconds)
