"""The place's clock: which date it is there, and whether a right is granted at this hour. Pure.

The rule is one sentence: it is granted exactly while the place's clock shows a time that lies in a
window of a weekday that counts. So on the day the clocks go forward an hour of a window may be
missing, and on the day they go back one may come twice, as on any sign in a shop's door. What lies
behind midnight in a window that goes over it belongs to the day before.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from parking.rights.refusals import Why
from parking.rights.terms import DayWindow, Terms

ONE_DAY = timedelta(days=1)


def day_at(zone: ZoneInfo, instant: datetime) -> date:
    """The date at the place at this instant (aware)."""
    return instant.astimezone(zone).date()


def time_fault(terms: Terms, zone: ZoneInfo, now: datetime) -> Why | None:
    """Why nothing is granted at this hour; None when it is. `now` is aware."""
    shown = now.astimezone(zone)
    if not terms.windows:
        return None if _counts(terms, shown.date()) else Why.OUTSIDE_WEEKDAYS
    begun = [day for window in terms.windows if (day := _begun(window, shown)) is not None]
    if any(_counts(terms, day) for day in begun):
        return None
    return Why.OUTSIDE_HOURS if _counts(terms, shown.date()) else Why.OUTSIDE_WEEKDAYS


def _begun(window: DayWindow, shown: datetime) -> date | None:
    """The date on which the window began that the clock shows, None outside of it."""
    clock = shown.time()
    if window.starts_at < window.ends_at:
        return shown.date() if window.starts_at <= clock < window.ends_at else None
    if clock >= window.starts_at:
        return shown.date()
    return shown.date() - ONE_DAY if clock < window.ends_at else None


def _counts(terms: Terms, day: date) -> bool:
    return not terms.weekdays or day.isoweekday() in terms.weekdays
