"""From days and times of day to instants: the one that is meant, or why there is none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from parking.merchants.sms.day_parts import DAY
from parking.merchants.sms.results import AHEAD_DAYS_MAX, STAY_HOURS_MAX, Field, Problem, Trouble

_DAY = timedelta(days=1)
JUST_PAST = timedelta(minutes=30)
"""A time that has only just passed is still today's: the guest is at the door."""
PAIR_MINUTES_MAX = 12 * 60
"""A range of times of day is never longer: 22:00-01:00 is three hours, 9-8 is eleven."""


@dataclass(frozen=True, slots=True)
class Here:
    """Where and when the text is read."""

    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        """The local date."""
        return self.now.astimezone(self.zone).date()

    def instants(self, day: date, minute: int) -> list[datetime]:
        """The instants (UTC) at which clocks show this: none, one or two."""
        local = datetime.combine(day + minute // DAY * _DAY, datetime.min.time()) + timedelta(
            minutes=minute % DAY
        )
        both = [local.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
        shown = [at for at in both if at.astimezone(self.zone).replace(tzinfo=None) == local]
        return sorted(set(shown))

    def shown(self, day: date, minute: int) -> str:
        """`2026-11-21 19:30`, also of a time that does not exist."""
        there = day + minute // DAY * _DAY
        hour, rest = divmod(minute % DAY, 60)
        return f"{there.isoformat()} {hour:02}:{rest:02}"

    def local_text(self, instant: datetime, *, with_offset: bool = False) -> str:
        """The same of an instant, with its offset from UTC on request."""
        local = instant.astimezone(self.zone)
        offset = local.isoformat(timespec="minutes")[16:] if with_offset else ""
        return f"{local:%Y-%m-%d %H:%M}{offset}"


def begin(
    days: Sequence[date] | None, minutes: Sequence[int], here: Here, *, is_row: bool = True
) -> tuple[datetime, int] | Problem:
    """The instant (UTC) meant, and which of `minutes` it was.

    Of all that a time of day may mean, the one that still lies ahead on the day said counts. Two
    that do are a question to the sender. Without a day it is today or, when nothing is left of
    today, tomorrow.
    """
    if days is None:
        days = (here.today, here.today + _DAY)
    elif not is_row and len(days) > 1:
        return Problem(Field.DATE, Trouble.EITHER, tuple(day.isoformat() for day in days))
    for day in days:
        ahead = _ahead(here, day, minutes)
        if len(ahead) > 1:
            said = tuple(here.shown(day, minute) for minute in ahead)
            return Problem(Field.TIME, Trouble.EITHER, said)
        if ahead:
            return _instant(here, day, ahead[0])
    last = here.shown(days[0], minutes[-1]) if days else ""
    return Problem(Field.TIME, Trouble.PAST, (last,))


def _ahead(here: Here, day: date, minutes: Sequence[int]) -> list[int]:
    """Which of the times still lie ahead; when none does, which have only just passed."""
    for grace in (timedelta(0), JUST_PAST):
        found = [minute for minute in minutes if _is_ahead(here, day, minute, grace)]
        if found:
            return found
    return []


def _is_ahead(here: Here, day: date, minute: int, grace: timedelta) -> bool:
    """One that does not exist is still ahead, so that it is told and not passed over."""
    instants = here.instants(day, minute)
    if instants:
        return instants[-1] >= here.now - grace
    return day >= here.today


def _instant(here: Here, day: date, minute: int) -> tuple[datetime, int] | Problem:
    instants, shown = here.instants(day, minute), here.shown(day, minute)
    if not instants:
        return Problem(Field.TIME, Trouble.SKIPPED, (shown,))
    if len(instants) > 1:
        said = tuple(here.local_text(at, with_offset=True) for at in instants)
        return Problem(Field.TIME, Trouble.TWICE, said)
    return is_near(instants[0], here) or (instants[0], minute)


def is_near(instant: datetime, here: Here) -> Problem | None:
    """The problem of an instant that is past or too far ahead."""
    shown = (here.local_text(instant),)
    if instant < here.now - JUST_PAST:
        return Problem(Field.TIME, Trouble.PAST, shown)
    if instant > here.now + AHEAD_DAYS_MAX * _DAY:
        return Problem(Field.TIME, Trouble.TOO_FAR, shown)
    return None


def pairs(starts: Sequence[int], ends: Sequence[int]) -> list[tuple[int, int]]:
    """Begins and ends (minutes) that fit: the shortest stay that is possible, at both halves of the
    day where both fit as well."""
    found = list(_pairs(starts, ends))
    least = min((end - start for start, end in found), default=0)
    return [pair for pair in found if pair[1] - pair[0] == least]


def _pairs(starts: Sequence[int], ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    for start in starts:
        for end in sorted({each + days for each in ends for days in (-DAY, 0, DAY)}):
            if 0 < end - start <= PAIR_MINUTES_MAX:
                yield start, end
                break


def end_of_stay(start: datetime, minutes_later: int, here: Here) -> datetime | Problem:
    """The end that clocks show so much later than they showed the start."""
    local = start.astimezone(here.zone)
    minute = local.hour * 60 + local.minute + minutes_later
    instants = [at for at in here.instants(local.date(), minute) if at > start]
    if not instants:
        return Problem(Field.END, Trouble.SKIPPED, (here.shown(local.date(), minute),))
    return instants[0]


def is_too_long(start: datetime, end: datetime) -> bool:
    """Whether nobody can mean a stay like this."""
    return end - start > timedelta(hours=STAY_HOURS_MAX)
