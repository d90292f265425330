"""What a caller gives to make an offer, and what makes it sound."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from parking.clock import as_utc
from parking.errors import InvalidInput
from parking.listings.cancellation import FREE_UNTIL_START, CancellationTerms, checked_terms
from parking.listings.content import Schedule
from parking.listings.models import Audience, BookingMode
from parking.listings.openings import WINDOW_DAYS_MAX
from parking.listings.records import ExceptionRecord, ListingRecord, WindowRecord
from parking.listings.rules import STAY_DAYS_MAX
from parking.places.edits import KEEP, Or
from parking.places.rules import NAME_CHARACTERS_MAX, checked_number, checked_text
from parking.plates import normalised

SPACES_MAX = 1_000
PLATES_MAX = 1_000
WINDOWS_MAX = 50
EXCEPTIONS_MAX = 400
DAY_MINUTES = 24 * 60
STAY_MINUTES_MAX = STAY_DAYS_MAX * DAY_MINUTES
LEAD_MINUTES_MAX = 90 * DAY_MINUTES
HORIZON_DAYS_MAX = 366
TURNOVER_MINUTES_MAX = DAY_MINUTES
NOTE_CHARACTERS_MAX = 200
EVERY_DAY = 0b1111111


@dataclass(frozen=True, slots=True)
class NewListing:
    """An offer to be: all of it but its state. Times are aware; the schedule is local."""

    place_id: int
    organisation_id: int
    rate_table_id: int
    name: str
    space_ids: Sequence[int]
    mode: BookingMode = BookingMode.INSTANT
    audience: Audience = Audience.PUBLIC
    audience_organisation_id: int | None = None
    plates: Sequence[str] = ()
    stay_minutes_min: int = 15
    stay_minutes_max: int | None = None
    lead_minutes: int = 0
    horizon_days: int = 90
    turnover_minutes: int = 0
    cancellation: CancellationTerms = FREE_UNTIL_START
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    windows: Sequence[WindowRecord] = ()
    exceptions: Sequence[ExceptionRecord] = ()

    @property
    def schedule(self) -> Schedule:
        """When it is open."""
        return Schedule(tuple(self.windows), tuple(self.exceptions))


@dataclass(frozen=True, slots=True)
class ListingEdit:
    """Changes of an offer; state, place and lessor have verbs of their own or never change."""

    id: int
    rate_table_id: Or[int] = KEEP
    name: Or[str] = KEEP
    space_ids: Or[Sequence[int]] = KEEP
    mode: Or[BookingMode] = KEEP
    audience: Or[Audience] = KEEP
    audience_organisation_id: Or[int | None] = KEEP
    plates: Or[Sequence[str]] = KEEP
    stay_minutes_min: Or[int] = KEEP
    stay_minutes_max: Or[int | None] = KEEP
    lead_minutes: Or[int] = KEEP
    horizon_days: Or[int] = KEEP
    turnover_minutes: Or[int] = KEEP
    cancellation: Or[CancellationTerms] = KEEP
    valid_from: Or[datetime | None] = KEEP
    valid_until: Or[datetime | None] = KEEP
    windows: Or[Sequence[WindowRecord]] = KEEP
    exceptions: Or[Sequence[ExceptionRecord]] = KEEP


def changes(edit: ListingEdit) -> Mapping[str, Any]:
    """The fields to change."""
    given = {each.name: getattr(edit, each.name) for each in fields(edit) if each.name != "id"}
    return {name: value for name, value in given.items() if value is not KEEP}


def checked_listing(new: NewListing) -> NewListing:
    """The offer, sound in every field. Raises `InvalidInput` naming the first that is not."""
    for name, low, high in (
        ("stay_minutes_min", 1, STAY_MINUTES_MAX),
        ("lead_minutes", 0, LEAD_MINUTES_MAX),
        ("horizon_days", 1, HORIZON_DAYS_MAX),
        ("turnover_minutes", 0, TURNOVER_MINUTES_MAX),
    ):
        checked_number(name, getattr(new, name), low, high)
    if new.stay_minutes_max is not None:
        checked_number(
            "stay_minutes_max", new.stay_minutes_max, new.stay_minutes_min, STAY_MINUTES_MAX
        )
    plates = _checked_plates(new.plates)
    _check_audience(new, plates)
    return replace(
        new,
        name=checked_text("name", new.name, NAME_CHARACTERS_MAX),
        space_ids=_checked_spaces(new.space_ids),
        plates=plates,
        cancellation=checked_terms(new.cancellation),
        **_checked_validity(new),
        **_checked_schedule(new),
    )


def checked_schedule(schedule: Schedule) -> Schedule:
    """Windows and exceptions, each sound. Raises `InvalidInput`."""
    _check_count("windows", schedule.windows, WINDOWS_MAX)
    _check_count("exceptions", schedule.exceptions, EXCEPTIONS_MAX)
    windows = [checked_window(each, f"windows.{i}") for i, each in enumerate(schedule.windows)]
    exceptions = [
        checked_exception(each, f"exceptions.{i}") for i, each in enumerate(schedule.exceptions)
    ]
    return Schedule(tuple(windows), tuple(exceptions))


def checked_window(window: WindowRecord, field: str) -> WindowRecord:
    """A weekly window that begins on some day and has a length. Raises `InvalidInput`."""
    if not 0 < window.weekdays <= EVERY_DAY:
        raise InvalidInput(f"{field}.weekdays", "it begins on no day; name one day or more")
    checked_number(f"{field}.minute_from", window.minute_from, 0, DAY_MINUTES - 1)
    least, most = window.minute_from + 1, window.minute_from + WINDOW_DAYS_MAX * DAY_MINUTES
    if not least <= window.minute_until <= most:
        message = (
            f"it is {window.minute_until}; give {least} to {most}, counted from the same midnight"
        )
        raise InvalidInput(f"{field}.minute_until", message)
    first, last = window.first_date, window.last_date
    if first is not None and last is not None and last < first:
        raise InvalidInput(f"{field}.last_date", "it lies before firstDate; give a later date")
    return window


def checked_exception(exception: ExceptionRecord, field: str) -> ExceptionRecord:
    """An exception that ends after its start, to the minute. Raises `InvalidInput`."""
    for name, at in (("from", exception.local_from), ("until", exception.local_until)):
        if at.tzinfo is not None or at.second or at.microsecond:
            message = "give what the place's clock shows, to the minute: 2026-12-24T18:00"
            raise InvalidInput(f"{field}.local_{name}", message)
    if not exception.local_from < exception.local_until:
        raise InvalidInput(f"{field}.local_until", "it ends before it starts; give a later time")
    note = checked_text(f"{field}.note", exception.note, NOTE_CHARACTERS_MAX, is_required=False)
    return exception._replace(note=note)


def _checked_schedule(new: NewListing) -> dict[str, Any]:
    schedule = checked_schedule(new.schedule)
    return {"windows": schedule.windows, "exceptions": schedule.exceptions}


def _checked_validity(new: NewListing) -> dict[str, Any]:
    low = None if new.valid_from is None else as_utc(new.valid_from)
    high = None if new.valid_until is None else as_utc(new.valid_until)
    if low is not None and high is not None and not low < high:
        raise InvalidInput("valid_until", "it ends before it begins; give a later time")
    return {"valid_from": low, "valid_until": high}


def _checked_spaces(space_ids: Sequence[int]) -> tuple[int, ...]:
    if not 1 <= len(space_ids) <= SPACES_MAX:
        message = f"{len(space_ids)} spaces are given; an offer has 1 to {SPACES_MAX}"
        raise InvalidInput("space_ids", message)
    return tuple(dict.fromkeys(space_ids))


def _checked_plates(plates: Sequence[str]) -> tuple[str, ...]:
    _check_count("plates", plates, PLATES_MAX)
    found = [normalised(each, f"plates.{i}") for i, each in enumerate(plates)]
    if "" in found:
        raise InvalidInput(f"plates.{found.index('')}", "it is empty; give a plate")
    return tuple(sorted(set(found)))


def _check_audience(new: NewListing, plates: Sequence[str]) -> None:
    if new.audience is Audience.ORGANISATION and new.audience_organisation_id is None:
        message = "the audience is an organisation; say which one"
        raise InvalidInput("audience_organisation_id", message)
    if new.audience is Audience.PLATES and not plates:
        raise InvalidInput("plates", "the audience is a list of plates; give one or more")


def _check_count(field: str, values: Sequence[Any], most: int) -> None:
    if len(values) > most:
        raise InvalidInput(field, f"{len(values)} are given; at most {most} are allowed")


def merged(record: ListingRecord, stored: Mapping[str, Any], edit: ListingEdit) -> NewListing:
    """The offer as it will be after the edit; `stored` is what is not in the record itself."""
    before = {**record._asdict(), **stored}
    values = {each.name: before[each.name] for each in fields(NewListing)}
    return NewListing(**{**values, **changes(edit)})
