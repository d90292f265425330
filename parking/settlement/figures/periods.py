"""Calendar periods of a time zone as instants: what figures over time are counted in. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from parking.clock import as_utc
from parking.errors import InvalidInput

PERIODS_MAX = 400
"""More than a year of days; a longer time is asked for in weeks or months."""
ONE_DAY = timedelta(days=1)
DAY_MIN, DAY_MAX = date(2000, 1, 1), date(2999, 1, 1)


class Every(StrEnum):
    """How long a period is, by the calendar."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"


@dataclass(frozen=True, slots=True)
class Period:
    """`[first, until)` in local dates, `[starts_at, ends_at)` in instants (aware UTC)."""

    first: date
    until: date
    starts_at: datetime
    ends_at: datetime


def periods(first: date, until: date, every: Every, zone: ZoneInfo) -> list[Period]:
    """The whole of `[first, until)`, cut at midnights, Mondays (ISO 8601) or firsts of the month.

    The first and the last period are shorter where they begin or end in the middle of one. Raises
    InvalidInput for a time that is empty or too long.
    """
    checked_day("firstDay", first)
    checked_day("untilDay", until)
    if until <= first:
        message = "The end is the first day after; it must lie behind the first day."
        raise InvalidInput("untilDay", message)
    edges = [first]
    while edges[-1] < until:
        if len(edges) > PERIODS_MAX:
            message = f"That is more than {PERIODS_MAX} periods; ask for longer ones, or less time."
            raise InvalidInput("untilDay", message)
        edges.append(min(_next(edges[-1], every), until))
    return [
        Period(begin, end, midnight(begin, zone), midnight(end, zone))
        for begin, end in pairwise(edges)
    ]


def checked_day(field: str, day: date) -> date:
    """The day. Raises InvalidInput for one out of all reason, which no clock could show."""
    if not DAY_MIN <= day <= DAY_MAX:
        raise InvalidInput(field, f"Days lie between {DAY_MIN} and {DAY_MAX}.")
    return day


def _next(day: date, every: Every) -> date:
    match every:
        case Every.DAY:
            return day + ONE_DAY
        case Every.WEEK:
            return day + timedelta(days=7 - day.weekday())
        case Every.MONTH:
            return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a local day begins, in UTC. One that the clocks skip is the moment of
    the skip."""
    return as_utc(datetime(day.year, day.month, day.day, tzinfo=zone))
