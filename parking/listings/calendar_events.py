"""One event of a calendar, read: what it says, in what the place's clock shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from parking.listings.calendar_lines import Entry
from parking.listings.calendar_writing import WORDS
from parking.listings.models import ExceptionKind
from parking.listings.new import NOTE_CHARACTERS_MAX
from parking.listings.records import ExceptionRecord


class NotReadable(Exception):
    """An event cannot be taken; `code` and message say why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Happening:
    """An event, read: local times without a zone."""

    entry: Entry
    kind: ExceptionKind
    start: datetime
    length: timedelta
    note: str
    zone_key: str | None
    """None: floating, the place's own."""

    @property
    def start_minute(self) -> int:
        """Minutes from midnight to its start."""
        return self.start.hour * 60 + self.start.minute

    def at(self, start: datetime, kind: ExceptionKind | None = None) -> ExceptionRecord:
        """An instance of it as an exception."""
        return ExceptionRecord(kind or self.kind, start, start + self.length, self.note)


def happening_of(entry: Entry, zone: ZoneInfo) -> Happening:
    """The event for a place in `zone`. Raises `NotReadable`."""
    component = entry.component
    if "DTSTART" not in component:
        raise NotReadable("NO_START", "it has no DTSTART")
    start, key = local_time(component["DTSTART"], zone)
    end = _end(component, start, zone)
    if start.second or end.second or start.microsecond or end.microsecond:
        raise NotReadable("NOT_WHOLE_MINUTES", "its times have seconds; give whole minutes")
    if not start < end:
        raise NotReadable("EMPTY", "it ends when it starts or before; give a later DTEND")
    kind = ExceptionKind.CLOSED if is_closure(entry) else ExceptionKind.OPEN
    return Happening(entry, kind, start, end - start, _note(component), key)


def is_closure(entry: Entry) -> bool:
    """Whether the event has the category CLOSED."""
    groups = listed(entry.component.get("CATEGORIES"))
    words = (str(each) for group in groups for each in getattr(group, "cats", [group]))
    return ExceptionKind.CLOSED.value in {word.upper() for word in words}


def is_cancelled(entry: Entry) -> bool:
    """Whether the event does not take place."""
    return str(entry.component.get("STATUS", "")).upper() == "CANCELLED"


def local_time(value: Any, zone: ZoneInfo) -> tuple[datetime, str | None]:
    """What the place's clock shows at a property's time, and the key of the zone it was said in;
    None: floating. Raises `NotReadable`."""
    tzid = getattr(value, "params", {}).get("TZID")
    return shown_time(value.dt, zone, None if tzid is None else str(tzid))


def shown_time(given: Any, zone: ZoneInfo, tzid: str | None) -> tuple[datetime, str | None]:
    """The same for a bare date or time that was said with this TZID."""
    if isinstance(given, datetime):
        if given.tzinfo is not None:
            key = str(getattr(given.tzinfo, "key", given.tzinfo))
            shown = given if key == zone.key else given.astimezone(zone)
            return shown.replace(tzinfo=None, fold=0), key
        if tzid is not None:
            message = f"the time zone {tzid[:64]!r} is unknown; use an IANA name"
            raise NotReadable("OTHER_TIME_ZONE", message)
        return given, None
    if isinstance(given, date):
        return datetime.combine(given, datetime.min.time()), None
    raise NotReadable("BAD_VALUE", "a date or a time was expected")


def listed_times(value: Any, zone: ZoneInfo) -> Iterator[datetime]:
    """The local times in an EXDATE or RDATE; of a period its start."""
    for group in listed(value):
        tzid = group.params.get("TZID")
        for each in group.dts:
            given = each.dt[0] if isinstance(each.dt, tuple) else each.dt
            yield shown_time(given, zone, None if tzid is None else str(tzid))[0]


def listed(value: Any) -> list[Any]:
    """A property's values, whether it stands there never, once or often."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _end(component: Any, start: datetime, zone: ZoneInfo) -> datetime:
    if "DTEND" in component:
        return local_time(component["DTEND"], zone)[0]
    if "DURATION" in component:
        return start + timedelta(seconds=component["DURATION"].dt.total_seconds())
    if isinstance(component["DTSTART"].dt, datetime):
        raise NotReadable("NO_END", "it has no DTEND and no DURATION")
    return start + timedelta(days=1)  # a date stands for its whole day


def _note(component: Any) -> str:
    note = " ".join(str(component.get("SUMMARY", "")).split())[:NOTE_CHARACTERS_MAX]
    return note if note.isprintable() and note not in WORDS.values() else ""
