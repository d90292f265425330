"""What an issuer gives to make a specification, and what makes it sound. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from parking.clock import rfc3339
from parking.errors import InvalidInput
from parking.places.edits import KEEP, Or
from parking.places.rules import checked_currency, checked_text
from parking.rights.kinds import RightKind
from parking.rights.limits import (
    AMOUNT_MINOR_MAX,
    DELAY_MINUTES_MAX,
    MINUTES_MAX,
    NAME_CHARACTERS_MAX,
    PER_STAY_LIMIT,
    PER_VEHICLE_DAY_LIMIT,
    PERCENT_MAX,
    PLACES_MAX,
    VALID_MINUTES_MAX,
    WINDOWS_MAX,
)
from parking.rights.records import SpecificationRecord
from parking.rights.terms import DayWindow, Leftover, Terms, terms_from_json
from parking.windows import checked_instant

VALUES_MAX: Mapping[RightKind, int] = {
    RightKind.MINUTES: MINUTES_MAX,
    RightKind.AMOUNT: AMOUNT_MINOR_MAX,
    RightKind.PERCENT: PERCENT_MAX,
}
"""The other kinds have no value."""
PARTLY_USED = frozenset({RightKind.MINUTES, RightKind.AMOUNT})
"""Kinds of which a stay may leave something."""
DEFAULT_TERMS = Terms()
WEEKDAYS = range(1, 8)
"""ISO 8601: 1 is Monday."""


@dataclass(frozen=True, slots=True)
class NewSpecification:
    """A right to be: `value` is minutes, minor units of `currency` or percent, 0 for FREE and
    ACCESS; one is worth `worth_max_minor` at most (None: no limit)."""

    organisation_id: int
    name: str
    kind: RightKind
    currency: str
    value: int = 0
    worth_max_minor: int | None = None
    terms: Terms = DEFAULT_TERMS


@dataclass(frozen=True, slots=True)
class SpecificationEdit:
    """Changes of a specification; its issuer, kind and currency never change. `version` is the one
    that the caller has seen."""

    id: int
    version: int
    name: Or[str] = KEEP
    value: Or[int] = KEEP
    worth_max_minor: Or[int | None] = KEEP
    terms: Or[Terms] = KEEP


def changes(edit: SpecificationEdit) -> Mapping[str, Any]:
    """The fields to change."""
    given = {each.name: getattr(edit, each.name) for each in fields(edit)}
    return {
        name: value
        for name, value in given.items()
        if name not in ("id", "version") and value is not KEEP
    }


def content_of(record: SpecificationRecord) -> NewSpecification:
    """What a specification is made of."""
    return NewSpecification(
        organisation_id=record.organisation_id,
        name=record.name,
        kind=record.kind,
        currency=record.currency,
        value=record.value,
        worth_max_minor=record.worth_max_minor,
        terms=terms_from_json(record.terms),
    )


def merged(record: SpecificationRecord, edit: SpecificationEdit) -> NewSpecification:
    """The specification as it will be after the edit."""
    return replace(content_of(record), **changes(edit))


def checked_specification(new: NewSpecification) -> NewSpecification:
    """The specification, sound in every field. Raises `InvalidInput` naming the first that is not.

    Whether its places are the issuer's to name is not known here.
    """
    if new.worth_max_minor is not None:
        checked_whole("worth_max_minor", new.worth_max_minor, 1, AMOUNT_MINOR_MAX)
    return replace(
        new,
        name=checked_text("name", new.name, NAME_CHARACTERS_MAX),
        currency=checked_currency("currency", new.currency),
        value=_checked_value(new.kind, new.value),
        terms=_checked_terms(new.kind, new.terms),
    )


def checked_whole(field: str, value: int, low: int, high: int) -> int:
    """The number if it lies within [low, high]. Raises `InvalidInput`."""
    if not low <= value <= high:
        raise InvalidInput(field, f"it is {value}; give a whole number from {low} to {high}")
    return value


def checked_validity(
    valid_from: datetime | None, valid_until: datetime | None, now: datetime
) -> tuple[datetime, datetime | None]:
    """From when (None: now) until when (None: without an end) something holds, in UTC. Raises
    `InvalidInput`."""
    begins = now if valid_from is None else checked_instant("valid_from", valid_from)
    ends = None if valid_until is None else checked_instant("valid_until", valid_until)
    if ends is not None and ends <= max(begins, now):
        message = f"it is {rfc3339(ends)}, which is no later than its beginning or over; give later"
        raise InvalidInput("valid_until", message)
    return begins, ends


def _checked_value(kind: RightKind, value: int) -> int:
    most = VALUES_MAX.get(kind)
    if most is not None:
        checked_whole("value", value, 1, most)
    elif value != 0:
        raise InvalidInput("value", f"a right of the kind {kind} has no value; leave it out")
    return value


def _checked_terms(kind: RightKind, terms: Terms) -> Terms:
    for name, low, high in (
        ("delay_minutes", 0, DELAY_MINUTES_MAX),
        ("valid_minutes", 1, VALID_MINUTES_MAX),
        ("per_stay_max", 1, PER_STAY_LIMIT),
        ("per_vehicle_day_max", 1, PER_VEHICLE_DAY_LIMIT),
    ):
        checked_whole(f"terms.{name}", getattr(terms, name), low, high)
    if terms.delay_minutes >= terms.valid_minutes:
        message = (
            f"it is {terms.delay_minutes}, and the right holds for {terms.valid_minutes} minutes"
            " from its grant, so it could never be used; give a shorter delay"
        )
        raise InvalidInput("terms.delay_minutes", message)
    if terms.leftover is Leftover.STAYS and kind not in PARTLY_USED:
        message = f"nothing is left over of a right of the kind {kind}; it is LAPSES"
        raise InvalidInput("terms.leftover", message)
    return replace(
        terms,
        weekdays=_checked_weekdays(terms.weekdays),
        windows=_checked_windows(terms.windows),
        places=_checked_places(terms.places),
        **_checked_period(terms.period_from, terms.period_until),
    )


def _checked_period(period_from: datetime | None, period_until: datetime | None) -> dict[str, Any]:
    low = None if period_from is None else checked_instant("terms.period_from", period_from)
    high = None if period_until is None else checked_instant("terms.period_until", period_until)
    if low is not None and high is not None and not low < high:
        raise InvalidInput("terms.period_until", "it ends before it begins; give a later time")
    return {"period_from": low, "period_until": high}


def _checked_weekdays(weekdays: Sequence[int]) -> tuple[int, ...]:
    for index, each in enumerate(weekdays):
        if each not in WEEKDAYS:
            message = f"it is {each}; give 1 (Monday) to 7 (Sunday)"
            raise InvalidInput(f"terms.weekdays.{index}", message)
    return tuple(sorted(set(weekdays)))


def _checked_windows(windows: Sequence[DayWindow]) -> tuple[DayWindow, ...]:
    _check_count("terms.windows", windows, WINDOWS_MAX)
    for index, window in enumerate(windows):
        for name, at in (("starts_at", window.starts_at), ("ends_at", window.ends_at)):
            if at.tzinfo is not None or at.second or at.microsecond:
                message = "give what the place's clock shows, to the minute: 18:00"
                raise InvalidInput(f"terms.windows.{index}.{name}", message)
    return tuple(sorted(set(windows), key=lambda each: (each.starts_at, each.ends_at)))


def _checked_places(places: Sequence[int]) -> tuple[int, ...]:
    _check_count("terms.places", places, PLACES_MAX)
    return tuple(sorted(set(places)))


def _check_count(field: str, values: Sequence[Any], most: int) -> None:
    if len(values) > most:
        raise InvalidInput(field, f"{len(values)} are given; at most {most} are allowed")
