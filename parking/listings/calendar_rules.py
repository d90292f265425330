"""Rules by which an event of a calendar repeats: weekly windows, and instances one by one."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from parking.listings.calendar_events import Happening, NotReadable, listed, shown_time
from parking.listings.calendar_writing import WEEKDAYS
from parking.listings.new import EXCEPTIONS_MAX
from parking.listings.openings import WINDOW_DAYS_MAX
from parking.listings.records import WindowRecord

WEEKLY_PARTS = {"FREQ", "INTERVAL", "BYDAY", "WKST", "UNTIL", "COUNT"}
EXPANDED_FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
EXPANDED_PARTS = WEEKLY_PARTS | {"BYMONTH", "BYMONTHDAY"}
INTERVAL_MAX = 366
LEAP_YEAR = 2024
EXPANDED_YEARS_MAX = 10
"""A rule that is no weekly window began at most so long ago."""


def is_weekly(rule: Any) -> bool:
    """Whether it repeats every week (or day) on the same days, and so is a window."""
    days = [str(day) for day in listed(rule.get("BYDAY"))]
    return (
        _part(rule, "FREQ") in ("WEEKLY", "DAILY")
        and _interval(rule) == 1
        and set(rule) <= WEEKLY_PARTS
        and all(day in WEEKDAYS for day in days)
    )


def weekly_window(happening: Happening, rule: Any, zone: ZoneInfo, since: datetime) -> WindowRecord:
    """The window of an event that `is_weekly`; what lies before `since` does not matter.

    Raises `NotReadable`.
    """
    if happening.zone_key not in (None, zone.key):
        message = (
            f"it repeats in the time zone {happening.zone_key}, the place is in {zone.key};"
            " say its times in the place's zone"
        )
        raise NotReadable("OTHER_TIME_ZONE", message)
    if happening.length > timedelta(days=WINDOW_DAYS_MAX):
        raise NotReadable("TOO_LONG", f"it lasts longer than {WINDOW_DAYS_MAX} days")
    days = _days(happening, rule)
    first, minute = happening.start.date(), happening.start_minute
    last = _last_date(happening, rule, days, zone)
    if last is not None and last < first:
        raise NotReadable("EMPTY", "it never takes place: its COUNT is 0, or its UNTIL too early")
    return WindowRecord(
        sum(1 << day for day in days),
        minute,
        minute + happening.length // timedelta(minutes=1),
        first if datetime.combine(first, datetime.min.time()) > since else None,
        last,
    )


def _days(happening: Happening, rule: Any) -> list[int]:
    named = {WEEKDAYS.index(str(day)) for day in listed(rule.get("BYDAY"))}
    if named:
        return sorted(named)
    return [happening.start.weekday()] if _part(rule, "FREQ") == "WEEKLY" else list(range(7))


def _last_date(happening: Happening, rule: Any, days: list[int], zone: ZoneInfo) -> date | None:
    """The last day on which it begins, by COUNT or UNTIL."""
    start = happening.start
    count, until = _part(rule, "COUNT"), _part(rule, "UNTIL")
    if count is not None:
        offsets = sorted((day - start.weekday()) % 7 for day in days)
        weeks, rest = divmod(int(count) - 1, len(offsets))
        return start.date() + timedelta(days=7 * weeks + offsets[rest])
    if until is None or not isinstance(until, datetime):
        return until if isinstance(until, date) else None
    end, _ = shown_time(until, zone, None)
    return end.date() if end.time() >= start.time() else end.date() - timedelta(days=1)


def instances(
    happening: Happening, rule: Any, zone: ZoneInfo, since: datetime, until: datetime
) -> list[datetime]:
    """Local starts of the instances of any other rule that end after `since` and begin by `until`;
    at most one more than a listing may have. Raises `NotReadable` for a rule without end."""
    _require_followable(rule)
    count, last = _part(rule, "COUNT"), _part(rule, "UNTIL")
    if count is None and last is None:
        message = "it repeats without end, and not simply every week; give UNTIL or COUNT"
        raise NotReadable("RRULE_ENDLESS", message)
    if happening.start < since - timedelta(days=366 * EXPANDED_YEARS_MAX):
        message = f"it began more than {EXPANDED_YEARS_MAX} years ago; let it begin later"
        raise NotReadable("RRULE_UNSUPPORTED", message)
    end = until if last is None else min(_until(last, zone), until)
    found: list[datetime] = []
    for start in takewhile(lambda at: at <= end, _every(happening, rule, end)):
        if start + happening.length > since:
            found.append(start)
        if len(found) > EXCEPTIONS_MAX:
            break
    return found


def _require_followable(rule: Any) -> None:
    """A rule that never comes true would be looked for until the year 9999: about a second."""
    if _part(rule, "FREQ") not in EXPANDED_FREQUENCIES:
        raise NotReadable("RRULE_UNSUPPORTED", "it repeats more often than daily")
    unknown = sorted(set(rule) - EXPANDED_PARTS)
    if unknown or not 1 <= _interval(rule) <= INTERVAL_MAX:
        what = ", ".join(unknown) or f"an INTERVAL outside 1 to {INTERVAL_MAX}"
        raise NotReadable("RRULE_UNSUPPORTED", f"it has {what}; say it in simpler rules")
    months = [int(each) for each in listed(rule.get("BYMONTH"))] or list(range(1, 13))
    days = [abs(int(each)) for each in listed(rule.get("BYMONTHDAY"))] or [1]
    longest = max((monthrange(LEAP_YEAR, each)[1] for each in months if 1 <= each <= 12), default=0)
    if min(days) > longest:
        raise NotReadable("EMPTY", "it never takes place: no such month has such a day")


def _every(happening: Happening, rule: Any, end: datetime) -> Any:
    plain = type(rule)(rule)
    plain.pop("COUNT", None)
    plain["UNTIL"] = [end]  # so that a rule that never comes true ends, too
    found = iter(rrulestr(plain.to_ical().decode(), dtstart=happening.start))
    count = _part(rule, "COUNT")
    return found if count is None else (at for _, at in zip(range(int(count)), found, strict=False))


def _until(last: Any, zone: ZoneInfo) -> datetime:
    end = shown_time(last, zone, None)[0]
    return end if isinstance(last, datetime) else end + timedelta(days=1, seconds=-1)


def _interval(rule: Any) -> int:
    interval = _part(rule, "INTERVAL")
    return 1 if interval is None else int(interval)


def _part(rule: Any, name: str) -> Any:
    values = listed(rule.get(name))
    return values[0] if values else None
