"""Dates that come again: a part of RFC 5545's RRULE, worked out in the place's local time. Pure.

`FREQ=DAILY` or `WEEKLY`, with `INTERVAL`, `BYDAY` (plain weekdays) and either `COUNT` or `UNTIL`,
for a year at most. Each turn has the wall-clock times of the first: a stay from 22:00 to 06:00 is
that when the clocks change, too. A time that does not exist (the clocks go forward) is read by the
offset before the change, and one that comes twice is the first (RFC 5545 section 3.3.5).
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, WEEKLY, rrule

from parking.errors import InvalidInput
from parking.windows import Window

RULE_CHARACTERS_MAX = 200
SPAN_DAYS_MAX = 366
TURNS_MAX = 366
INTERVAL_MAX = 52
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_FREQUENCIES = {"DAILY": DAILY, "WEEKLY": WEEKLY}
_KNOWN = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST")
_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?")


class Recurrence(NamedTuple):
    """A rule. `until` is local to the place and counts itself; weekdays are 0 for Monday to 6."""

    frequency: int
    interval: int
    turn_count: int | None
    until: datetime | None
    weekdays: tuple[int, ...]
    week_start: int


def parse_rule(text: str, zone: ZoneInfo) -> Recurrence:
    """The rule in a text such as `FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10`. Raises InvalidInput."""
    parts = _parts(text)
    if ("COUNT" in parts) == ("UNTIL" in parts):
        raise _fault("give either COUNT or UNTIL, so that it ends")
    if parts.get("FREQ") not in _FREQUENCIES:
        raise _fault("FREQ must be DAILY or WEEKLY")
    return Recurrence(
        frequency=_FREQUENCIES[parts["FREQ"]],
        interval=_number(parts, "INTERVAL", INTERVAL_MAX) or 1,
        turn_count=_number(parts, "COUNT", TURNS_MAX),
        until=_until(parts["UNTIL"], zone) if "UNTIL" in parts else None,
        weekdays=_weekdays(parts.get("BYDAY", "")),
        week_start=_weekdays(parts.get("WKST", "MO"))[0],
    )


def turns(rule: Recurrence, first: Window, zone: ZoneInfo) -> list[Window]:
    """The windows of the rule in UTC, beginning with the first that fits it.

    Raises InvalidInput when there is none, they go on for more than a year, or overlap each other.
    """
    try:
        return _turns(rule, first, zone)
    except OverflowError:
        raise _fault("it goes on beyond the year 9999; let it begin and end earlier") from None


def _turns(rule: Recurrence, first: Window, zone: ZoneInfo) -> list[Window]:
    begins = first.starts_at.astimezone(zone).replace(tzinfo=None, fold=0)
    wall = first.ends_at.astimezone(zone).replace(tzinfo=None, fold=0) - begins
    lasts = wall if wall > timedelta(0) else first.duration
    fraction = timedelta(microseconds=begins.microsecond)  # dateutil's dates have none
    dates = rrule(
        rule.frequency, dtstart=begins, interval=rule.interval, count=rule.turn_count,
        until=rule.until, byweekday=rule.weekdays or None, wkst=rule.week_start,
    )  # fmt: skip
    found: list[Window] = []
    for start in dates:
        if len(found) >= TURNS_MAX or start - begins > timedelta(days=SPAN_DAYS_MAX):
            raise _fault(f"it goes on for more than {SPAN_DAYS_MAX} days; end it earlier")
        turn = start + fraction
        found.append(first if turn == begins else _window(turn, turn + lasts, zone))
    if not found:
        raise _fault("it has no date; let it begin on one of its own days")
    if any(a.ends_at > b.starts_at for a, b in pairwise(found)):
        raise _fault("each turn must end before the next begins; shorten the window")
    return found


def _window(start: datetime, end: datetime, zone: ZoneInfo) -> Window:
    begins = start.replace(tzinfo=zone).astimezone(UTC)
    # A short stay in the hour that is left out would end as it begins: it keeps its length then.
    ends = max(end.replace(tzinfo=zone).astimezone(UTC), begins)
    return Window(begins, ends if ends > begins else begins + (end - start))


def _parts(text: str) -> Mapping[str, str]:
    plain = text.strip().upper().removeprefix("RRULE:")
    if not plain or len(plain) > RULE_CHARACTERS_MAX:
        raise _fault(f"give 1 to {RULE_CHARACTERS_MAX} characters, as FREQ=WEEKLY;COUNT=10")
    parts: dict[str, str] = {}
    for part in plain.split(";"):
        name, equals, value = part.partition("=")
        if not equals or name not in _KNOWN or name in parts or not value:
            known = ", ".join(_KNOWN)
            raise _fault(f"{part!r} is not understood; known, each once, are {known}")
        parts[name] = value
    return parts


def _number(parts: Mapping[str, str], name: str, most: int) -> int | None:
    text = parts.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise _fault(f"{name} must be 1 to {most}")
    return int(text)


def _weekdays(text: str) -> tuple[int, ...]:
    names = text.split(",") if text else []
    if any(name not in WEEKDAYS for name in names):
        raise _fault(f"days are {', '.join(WEEKDAYS)}; nothing may stand before them")
    return tuple(sorted({WEEKDAYS.index(name) for name in names}))


def _until(text: str, zone: ZoneInfo) -> datetime:
    """Local to the place. A date counts all of its day."""
    found = _UNTIL.fullmatch(text)
    try:
        if found is None:
            raise ValueError(text)
        day = date.fromisoformat(found[1])
        if found[2] is None:
            return datetime.combine(day, time.max)
        instant = datetime.combine(day, time.fromisoformat(found[2]))
        if not found[3]:
            return instant
        return instant.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None, fold=0)
    except (ValueError, OverflowError):
        raise _fault("UNTIL must be as 20261231 or 20261231T220000Z") from None


def _fault(message: str) -> InvalidInput:
    return InvalidInput("rule", f"the rule cannot be used: {message}")
