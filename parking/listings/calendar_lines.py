"""An iCalendar text as events, each with the line on which it begins, and what is wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from icalendar import Calendar
from icalendar.cal import Component
from icalendar.parser import Contentline

CHARACTERS_MAX = 512 * 1024
EVENTS_MAX = 1_000
EVENT_NAMES = ("VEVENT", "AVAILABLE")
"""AVAILABLE is RFC 7953's: a period of a VAVAILABILITY in which one is available."""
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What the parser raises for texts that are no calendar: its input may be anything."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where: the line on which the event begins, from 1; 0 is the whole file."""

    line: int
    uid: str
    code: str
    message: str
    is_warning: bool = False


@dataclass(slots=True)
class Problems:
    """Collects them while a file is read."""

    found: list[Problem] = field(default_factory=list)

    @property
    def has_errors(self) -> bool:
        """Whether there is more than warnings."""
        return any(not problem.is_warning for problem in self.found)

    def add(self, line: int, uid: str, code: str, message: str, *, warning: bool = False) -> None:
        """One more."""
        self.found.append(Problem(line, uid, code, message, warning))


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as it stands in the file."""

    line: int
    uid: str
    component: Any
    """icalendar's; a property may hold any of its types."""


def entries(text: str, problems: Problems) -> list[Entry]:
    """The events in the text's order; nothing when it cannot be read as a calendar."""
    if len(text) > CHARACTERS_MAX:
        message = f"it has {len(text)} characters; at most {CHARACTERS_MAX} are read"
        problems.add(0, "", "TOO_LARGE", message)
        return []
    try:
        calendars = Calendar.from_ical(_without_time_zones(text), multiple=True)
    except UNREADABLE as error:
        problems.add(_broken_line(text), "", "NOT_A_CALENDAR", _shortened(str(error)))
        return []
    lines = list(_event_lines(text))
    found = [each for calendar in calendars for each in calendar.walk() if _is_event(each)]
    if not calendars or any(calendar.name != "VCALENDAR" for calendar in calendars):
        message = "there is no VCALENDAR; give the text of an iCalendar file (RFC 5545)"
        problems.add(1, "", "NOT_A_CALENDAR", message)
        return []
    if len(found) > EVENTS_MAX:
        message = f"it has {len(found)} events; at most {EVENTS_MAX} are read"
        problems.add(0, "", "TOO_LARGE", message)
        return []
    numbered = zip(lines, found, strict=False)
    return [Entry(line, str(each.get("UID", ""))[:200], each) for line, each in numbered]


def report_broken(entry: Entry, names: tuple[str, ...], problems: Problems) -> bool:
    """Whether one of the event's properties of these names could not be read; noted, if so."""
    errors = entry.component.errors  # the name is None where not even that could be read
    broken = [(name, why) for name, why in errors if name is None or name in names]
    for name, why in broken:
        told = _shortened(why)
        problems.add(entry.line, entry.uid, "BAD_VALUE", f"{name}: {told}" if name else told)
    return bool(broken)


def _is_event(component: Component) -> bool:
    return component.name in EVENT_NAMES


def _without_time_zones(text: str) -> str:
    """The text without its VTIMEZONEs: zones are known by their IANA names, and what the parser
    keeps of a file's own definitions would hold for the next file, too."""
    kept, is_inside = [], False
    for line in text.splitlines():
        word = line.strip().upper()
        is_inside = is_inside or word == "BEGIN:VTIMEZONE"
        if not is_inside:
            kept.append(line)
        is_inside = is_inside and word != "END:VTIMEZONE"
    return "\r\n".join(kept)


def _event_lines(text: str) -> Iterator[int]:
    for number, line in enumerate(text.splitlines(), start=1):
        name, _, value = line.strip().upper().partition(":")
        if name == "BEGIN" and value in EVENT_NAMES:
            yield number


def _broken_line(text: str) -> int:
    """The first line that is none of iCalendar's; 1 when they are all well formed."""
    parse: Any = Contentline
    for number, line in enumerate(text.splitlines(), start=1):
        if not line or line[0] in " \t":  # folded: belongs to the line before
            continue
        try:
            parse(line).parts()
        except ValueError:
            return number
    return 1


def _shortened(message: str) -> str:
    return " ".join(message.split())[:200]
