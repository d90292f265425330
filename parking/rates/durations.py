"""Lengths of time in tariffs: exact ones (`PT90M`) and those of the calendar (`P1D`, `P1M`).

`PT24H` is 24 hours of physics. `P1D` ends at the same local time of the next day, so it has 23 or
25 hours when the clocks change.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from parking.clock import as_utc

_EXACT = re.compile(r"PT(?=\d)(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?", re.ASCII)
_NOMINAL = re.compile(r"P(\d{1,3})([DWM])", re.ASCII)


def exact_duration(text: str) -> timedelta:
    """The length of an ISO 8601 duration of hours, minutes and seconds. Raises ValueError."""
    found = _EXACT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not hours, minutes and seconds; write it like PT1H30M")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def duration_text(length: timedelta) -> str:
    """The ISO 8601 text of whole seconds: `PT1H30M`; nothing is `PT0S`."""
    seconds = length // timedelta(seconds=1)
    hours, rest = divmod(seconds, 3600)
    parts = ((hours, "H"), (rest // 60, "M"), (rest % 60, "S"))
    return "PT" + ("".join(f"{count}{unit}" for count, unit in parts if count) or "0S")


@dataclass(frozen=True, slots=True)
class Increment:
    """What is counted in started pieces: exactly one of `exact`, `days` and `months` is set."""

    exact: timedelta | None = None
    days: int = 0
    months: int = 0

    @property
    def text(self) -> str:
        """ISO 8601."""
        if self.exact is not None:
            return duration_text(self.exact)
        return f"P{self.months}M" if self.months else f"P{self.days}D"

    def end(self, start: datetime, count: int, zone: ZoneInfo) -> datetime:
        """When `count` pieces that begin at `start` are over, in UTC."""
        if self.exact is not None:
            return start + count * self.exact
        local = start.astimezone(zone)
        day = _later(local.date(), count * self.days, count * self.months)
        return as_utc(datetime.combine(day, local.time(), zone))

    def calendar_end(self, instant: datetime, zone: ZoneInfo) -> datetime:
        """The next local midnight at which a day, a week (Monday) or a month begins, in UTC."""
        today = instant.astimezone(zone).date()
        if self.months:
            day = _later(today.replace(day=1), 0, 1)
        elif self.days == 7:
            day = today + timedelta(days=7 - today.weekday())
        else:
            day = today + timedelta(days=1)
        return as_utc(datetime.combine(day, time(), zone))


def rough_length(increment: Increment) -> timedelta:
    """About how long it is, to compare: a day has 24 hours and a month 30 days."""
    return increment.exact or timedelta(days=increment.days + 30 * increment.months)


def parse_increment(text: str) -> Increment:
    """An increment such as `PT30M`, `P1D`, `P2W` or `P1M`. Raises ValueError."""
    found = _NOMINAL.fullmatch(text)
    if found is None:
        length = exact_duration(text)
        if not length:
            raise ValueError(f"{text!r} is no time at all; an increment is at least PT1S")
        return Increment(exact=length)
    count = int(found[1])
    if not count:
        raise ValueError(f"{text!r} is no time at all; an increment is at least P1D")
    if found[2] == "M":
        return Increment(months=count)
    return Increment(days=count * (7 if found[2] == "W" else 1))


def _later(day: date, days: int, months: int) -> date:
    """So many days or months later; a month that is too short ends on its last day."""
    if not months:
        return day + timedelta(days=days)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))
