"""When payouts are due, by the clocks of the organisation's time zone. Pure.

A payout is made at 06:00 local time of its day: every day, on a weekday, or on a day of the month.
One of the month that falls on a Saturday or Sunday is made on the Monday after, for banks do
nothing before (holidays are not known). It holds what was settled before the midnight with which
its day begins (of the month: before it is moved), less the delay in calendar days; so what it
holds does not depend on when a worker comes to it.

Found in the wild (CLAIMS, "payout"), as data in `PRESETS`:

- "first Friday after 5 days" (support.parqex.com): WEEKLY, Friday, 5 days of delay;
- "first business day of the month after the booking ends" (yourparkingspace): MONTHLY, the 1st,
  no delay.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from parking.clock import as_utc
from parking.settlement.figures.periods import ONE_DAY, midnight
from parking.settlement.kinds import PayoutSchedule

PAYOUT_HOUR = 6
"""Local time; the night's settlements are through, and no zone's clocks change then."""
SATURDAY, SUNDAY = 6, 7
SEARCH_DAYS_MAX = 40
"""A month and a weekend: in so many days there is always a payout."""


class Rhythm(NamedTuple):
    """`day` is the ISO weekday (1 Monday to 7) of a WEEKLY one, the day of the month (1 to 28) of a
    MONTHLY one."""

    schedule: PayoutSchedule
    day: int = 1
    delay_days: int = 0


class DuePayout(NamedTuple):
    """Made at `at`, of what was settled before `settled_before`; aware UTC."""

    at: datetime
    settled_before: datetime


PRESETS: Mapping[str, Rhythm] = {
    "first-friday-after-5-days": Rhythm(PayoutSchedule.WEEKLY, 5, 5),
    "first-business-day-of-next-month": Rhythm(PayoutSchedule.MONTHLY, 1, 0),
}


def next_due(rhythm: Rhythm, zone: ZoneInfo, after: datetime) -> DuePayout:
    """The first payout after the instant."""
    first = after.astimezone(zone).date() - timedelta(days=3)
    days = (first + timedelta(days=number) for number in range(SEARCH_DAYS_MAX))
    return next(due for due in _due_on(rhythm, zone, days) if due.at > after)


def last_due(rhythm: Rhythm, zone: ZoneInfo, until: datetime) -> DuePayout:
    """The last payout up to the instant: when a worker comes late, one makes up for all that were
    missed."""
    last = until.astimezone(zone).date()
    days = (last - timedelta(days=number) for number in range(SEARCH_DAYS_MAX))
    return next(due for due in _due_on(rhythm, zone, days) if due.at <= until)


def _due_on(rhythm: Rhythm, zone: ZoneInfo, days: Iterator[date]) -> Iterator[DuePayout]:
    for day in days:
        if _is_named(rhythm, day):
            made = _business_day(day) if rhythm.schedule is PayoutSchedule.MONTHLY else day
            at = datetime(made.year, made.month, made.day, PAYOUT_HOUR, tzinfo=zone)
            until = midnight(day - timedelta(days=rhythm.delay_days), zone)
            yield DuePayout(as_utc(at), until)


def _is_named(rhythm: Rhythm, day: date) -> bool:
    match rhythm.schedule:
        case PayoutSchedule.DAILY:
            return True
        case PayoutSchedule.WEEKLY:
            return day.isoweekday() == rhythm.day
        case PayoutSchedule.MONTHLY:
            return day.day == rhythm.day


def _business_day(day: date) -> date:
    while day.isoweekday() in (SATURDAY, SUNDAY):
        day += ONE_DAY
    return day
