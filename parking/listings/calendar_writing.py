"""A listing's windows and exceptions as an iCalendar file (RFC 5545).

Windows are weekly events, exceptions single ones with the category OPEN or CLOSED. Times are local,
with the place's TZID. An instance that a closure covers is left out by EXDATE as well, so that
calendars which know nothing of the categories show what is meant.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from parking.listings.content import Schedule
from parking.listings.models import ExceptionKind
from parking.listings.new import DAY_MINUTES, EVERY_DAY
from parking.listings.openings import WINDOW_DAYS_MAX, begins_on
from parking.listings.records import ExceptionRecord, ListingRecord, WindowRecord

PRODUCT = "-//Berth//Listing//EN"
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WORDS = {ExceptionKind.OPEN: "Open", ExceptionKind.CLOSED: "Closed"}
ALWAYS = WindowRecord(EVERY_DAY, 0, DAY_MINUTES)
ANCHOR_DAYS = 14
"""An endless window begins so long before the listing was made: early enough not to matter."""
LEFT_OUT_DAYS_MAX = 31
"""Instances in longer closures are not named one by one."""


def listing_calendar(listing: ListingRecord, schedule: Schedule) -> str:
    """The file's text, with lines ending in CR LF. Reading it again gives the same openings."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", listing.name)
    calendar.add("x-wr-timezone", listing.time_zone)
    closures = [each for each in schedule.exceptions if each.kind is ExceptionKind.CLOSED]
    for number, window in enumerate(schedule.windows or (ALWAYS,), start=1):
        event = _event(listing, f"window-{number}")
        _put_window(event, window, listing, closures)
        calendar.add_component(event)
    for number, exception in enumerate(schedule.exceptions, start=1):
        event = _event(listing, f"exception-{number}")
        _put_exception(event, exception, listing.zone)
        calendar.add_component(event)
    calendar.add_missing_timezones()
    text: str = calendar.to_ical().decode()
    return text


def _event(listing: ListingRecord, name: str) -> Event:
    event = Event()
    event.add("uid", f"listing-{listing.id}-{name}@berth")
    event.add("dtstamp", listing.changed_at)
    return event


def _put_window(
    event: Event, window: WindowRecord, listing: ListingRecord, closures: list[ExceptionRecord]
) -> None:
    zone, begins = listing.zone, _first_day(window, listing)
    event.add("summary", WORDS[ExceptionKind.OPEN])
    event.add("categories", [ExceptionKind.OPEN.value])
    start = begins + timedelta(minutes=window.minute_from)
    length = timedelta(minutes=window.minute_until - window.minute_from)
    event.add("dtstart", start.replace(tzinfo=zone))
    event.add("dtend", (start + length).replace(tzinfo=zone))
    days = [name for bit, name in enumerate(WEEKDAYS) if window.weekdays >> bit & 1]
    rule: dict[str, object] = {"freq": "weekly", "byday": days}
    if window.last_date is not None:
        end = datetime.combine(window.last_date, datetime.max.time()).replace(microsecond=0)
        rule["until"] = end.replace(tzinfo=zone).astimezone(ZoneInfo("UTC"))
    event.add("rrule", rule)
    left_out = [at.replace(tzinfo=zone) for at in _left_out(window, begins, closures)]
    if left_out:
        event.add("exdate", left_out)


def _put_exception(event: Event, exception: ExceptionRecord, zone: ZoneInfo) -> None:
    event.add("summary", exception.note or WORDS[exception.kind])
    event.add("categories", [exception.kind.value])
    event.add("dtstart", exception.local_from.replace(tzinfo=zone))
    event.add("dtend", exception.local_until.replace(tzinfo=zone))


def _first_day(window: WindowRecord, listing: ListingRecord) -> datetime:
    """Midnight of the first day on which the window begins."""
    made = listing.created_at.astimezone(listing.zone).date() - timedelta(days=ANCHOR_DAYS)
    day = datetime.combine(window.first_date or made, datetime.min.time())
    while not window.weekdays >> day.weekday() & 1:
        day += timedelta(days=1)
    return day


def _left_out(
    window: WindowRecord, begins: datetime, closures: list[ExceptionRecord]
) -> Iterator[datetime]:
    """Starts of the window's instances that lie wholly in a closure."""
    for closure in closures:
        if closure.local_until - closure.local_from > timedelta(days=LEFT_OUT_DAYS_MAX):
            continue
        midnight = closure.local_from.replace(hour=0, minute=0)
        for back in range(-WINDOW_DAYS_MAX, LEFT_OUT_DAYS_MAX + 1):
            day = midnight + timedelta(days=back)
            start = day + timedelta(minutes=window.minute_from)
            end = day + timedelta(minutes=window.minute_until)
            is_inside = closure.local_from <= start and end <= closure.local_until
            if is_inside and day >= begins and begins_on(window, day):
                yield start
