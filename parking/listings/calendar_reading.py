"""An iCalendar file (RFC 5545) as windows and exceptions.

A weekly or daily event without end or with one is a window. A single event, and every instance of
another rule that ends, is an OPEN exception. An event with the category CLOSED is a CLOSED one, and
so are an EXDATE, and the time that a moved or cancelled instance leaves. End times are what the
clock shows (a calendar that adds an exact duration differs on the nights when clocks are changed).
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from parking.listings.calendar_events import (
    Happening,
    NotReadable,
    happening_of,
    is_cancelled,
    listed,
    listed_times,
    local_time,
)
from parking.listings.calendar_lines import Entry, Problem, Problems, entries, report_broken
from parking.listings.calendar_rules import instances, is_weekly, weekly_window
from parking.listings.content import Schedule
from parking.listings.models import ExceptionKind
from parking.listings.new import EXCEPTIONS_MAX, WINDOWS_MAX
from parking.listings.openings import WINDOW_DAYS_MAX, face_of, open_faces, without
from parking.listings.records import ExceptionRecord, WindowRecord
from parking.windows import joined

READ = ("DTSTART", "DTEND", "DURATION", "RRULE", "EXDATE", "RDATE", "RECURRENCE-ID", "STATUS")
EXPANDED_RULES_MAX = 20
"""Rules that are no weekly windows; each is followed day by day."""
SINGLES_MAX = 1_000
"""So many single times, and so many that are left out, are compared with each other."""
AHEAD = timedelta(days=366)
BEHIND = timedelta(days=WINDOW_DAYS_MAX + 1)
"""What is over for so long does not matter any more."""


@dataclass(frozen=True, slots=True)
class CalendarRead:
    """What a file says, and what is wrong with it; the schedule counts only without errors."""

    schedule: Schedule
    problems: list[Problem]

    @property
    def has_errors(self) -> bool:
        """Whether it cannot be taken as it is."""
        return any(not problem.is_warning for problem in self.problems)


@dataclass(slots=True)
class Reading:
    """What has been read so far; windows by the line of their event."""

    zone: ZoneInfo
    today: date
    problems: Problems = field(default_factory=Problems)
    windows: dict[int, WindowRecord] = field(default_factory=dict)
    exceptions: list[ExceptionRecord] = field(default_factory=list)
    left_out: list[tuple[Happening, datetime]] = field(default_factory=list)
    masters: dict[str, Happening] = field(default_factory=dict)
    expanded: int = 0

    @property
    def since(self) -> datetime:
        """What ended before does not matter."""
        return datetime.combine(self.today, datetime.min.time()) - BEHIND

    @property
    def until(self) -> datetime:
        """How far rules are followed."""
        return datetime.combine(self.today, datetime.min.time()) + AHEAD

    def leave_out(self, happening: Happening, start: datetime) -> None:
        """An instance that does not take place. Raises `NotReadable` for too many: each of them is
        compared with all others."""
        if len(self.left_out) >= SINGLES_MAX:
            raise NotReadable("TOO_MANY", f"more than {SINGLES_MAX} instances are left out")
        self.left_out.append((happening, start))

    def keep(self, exception: ExceptionRecord) -> None:
        """One more, if it is not over."""
        if exception.local_until > self.since:
            self.exceptions.append(exception)


def read_calendar(text: str, zone: ZoneInfo, now: datetime) -> CalendarRead:
    """The windows and exceptions of a file for a place in `zone`; problems name line and UID."""
    reading = Reading(zone, now.astimezone(zone).date())
    found = entries(text, reading.problems)
    # A moved instance is read after the event that it belongs to, wherever they stand.
    for entry in sorted(found, key=lambda each: "RECURRENCE-ID" in each.component):
        _try(entry, reading)
    if len(reading.exceptions) <= SINGLES_MAX:  # of more, the schedule says that they are too many
        _leave_out(reading)
    schedule = _schedule(reading)
    return CalendarRead(schedule, sorted(reading.problems.found, key=lambda each: each.line))


def _try(entry: Entry, reading: Reading) -> None:
    if report_broken(entry, READ, reading.problems):
        return
    try:
        _read(entry, reading)
    except NotReadable as why:
        reading.problems.add(entry.line, entry.uid, why.code, why.message)
    except (ValueError, OverflowError, TypeError, AttributeError, LookupError) as error:
        # What a property holds may be of any type: the file says so, not our code.
        message = " ".join(str(error).split())[:200]
        reading.problems.add(entry.line, entry.uid, "BAD_VALUE", message)


def _read(entry: Entry, reading: Reading) -> None:
    happening = happening_of(entry, reading.zone)
    if "RECURRENCE-ID" in entry.component:
        _read_moved(happening, reading)
    elif not is_cancelled(entry):
        reading.masters.setdefault(entry.uid, happening)
        _read_master(happening, reading)


def _read_master(happening: Happening, reading: Reading) -> None:
    component, zone = happening.entry.component, reading.zone
    rules = listed(component.get("RRULE"))
    if len(rules) > 1:
        raise NotReadable("RRULE_UNSUPPORTED", "it has several RRULEs; make an event of each")
    if not rules:
        reading.keep(happening.at(happening.start))
    elif happening.kind is ExceptionKind.OPEN and is_weekly(rules[0]):
        window = weekly_window(happening, rules[0], zone, reading.since)
        reading.windows[happening.entry.line] = window
    else:
        _count_expanded(reading)
        for start in instances(happening, rules[0], zone, reading.since, reading.until):
            reading.keep(happening.at(start))
    for start in listed_times(component.get("RDATE"), zone):
        reading.keep(happening.at(start))
    for start in listed_times(component.get("EXDATE"), zone):
        reading.leave_out(happening, start)


def _count_expanded(reading: Reading) -> None:
    reading.expanded += 1
    if reading.expanded > EXPANDED_RULES_MAX:
        message = f"it is one of more than {EXPANDED_RULES_MAX} rules that are not weekly"
        raise NotReadable("RRULE_UNSUPPORTED", message)


def _read_moved(happening: Happening, reading: Reading) -> None:
    """One instance of a recurring event is at another time, or not at all."""
    entry = happening.entry
    original, _ = local_time(entry.component["RECURRENCE-ID"], reading.zone)
    master = reading.masters.get(entry.uid)
    if master is None:
        raise NotReadable("NO_MASTER", "there is no recurring event with this UID")
    if is_cancelled(entry):
        reading.left_out.append((master, original))
        return
    moved = happening.at(happening.start)
    for rest in without([face_of(master.at(original))], [face_of(moved)]):
        shorter = replace(master, length=rest.duration)
        reading.left_out.append((shorter, rest.starts_at.replace(tzinfo=None)))
    reading.keep(moved)


def _leave_out(reading: Reading) -> None:
    """Close what EXDATE and moved instances leave."""
    closures = [each for each in reading.exceptions if each.kind is ExceptionKind.CLOSED]
    closed = joined(map(face_of, closures))
    for happening, start in reading.left_out:
        gone = happening.at(start, ExceptionKind.CLOSED)._replace(note="")
        is_closed = any(each.covers(face_of(gone)) for each in closed)
        if is_closed or gone.local_until <= reading.since or _taken_out(gone, reading):
            continue
        if _others_are_open(happening, gone, reading):
            entry = happening.entry
            message = "another event is open at a time that is left out; it is closed for both"
            reading.problems.add(entry.line, entry.uid, "OVERLAP", message, warning=True)
        reading.exceptions.append(gone)


def _taken_out(gone: ExceptionRecord, reading: Reading) -> bool:
    """Whether it was one of the instances named singly: then it just does not happen."""
    for each in reading.exceptions:
        if each.kind is ExceptionKind.OPEN and each[1:3] == gone[1:3]:
            reading.exceptions.remove(each)
            return True
    return False


def _others_are_open(happening: Happening, gone: ExceptionRecord, reading: Reading) -> bool:
    face, line = face_of(gone), happening.entry.line
    others = [window for key, window in reading.windows.items() if key != line]
    single = (each for each in reading.exceptions if each.kind is ExceptionKind.OPEN)
    if any(face_of(each).overlaps(face) for each in single):
        return True
    return bool(others) and bool(open_faces(others, [], face))


def _schedule(reading: Reading) -> Schedule:
    windows, problems = list(reading.windows.values()), reading.problems
    opened = [each for each in reading.exceptions if each.kind is ExceptionKind.OPEN]
    if not windows and opened:
        # Without any window it would be open always; a window of one date says that it is not.
        windows.append(_dated(opened[0]))
    elif not windows and not problems.has_errors:
        message = "it has no event that is open now or later; give one, or pause the listing"
        problems.add(0, "", "NOTHING_OPEN", message)
    if len(windows) > WINDOWS_MAX or len(reading.exceptions) > EXCEPTIONS_MAX:
        message = (
            f"it has {len(windows)} weekly windows and {len(reading.exceptions)} single times;"
            f" at most {WINDOWS_MAX} and {EXCEPTIONS_MAX} are allowed"
        )
        problems.add(0, "", "TOO_MANY", message)
    ordered = sorted(reading.exceptions, key=lambda each: each.local_from)
    return Schedule(tuple(windows), tuple(ordered))


def _dated(exception: ExceptionRecord) -> WindowRecord:
    start, day = exception.local_from, exception.local_from.date()
    minute = start.hour * 60 + start.minute
    length = min(exception.local_until - start, timedelta(days=WINDOW_DAYS_MAX))
    until = minute + length // timedelta(minutes=1)
    return WindowRecord(1 << day.weekday(), minute, until, day, day)
