"""What a query gives of positions: plain rows, never the ORM's objects. Times are aware UTC."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from parking.locations.kinds import (
    BindingScope,
    BindingSide,
    BindingState,
    InvitationWay,
    LinkOutcome,
    PositionState,
    RefinementState,
    Terminal,
    VersionKind,
    VersionSource,
)
from parking.storage.sql import as_time, as_time_or_none


class PositionRecord(NamedTuple):
    """A car's position, without what is known of it; see `PositionVersionRecord`.

    `state` is what counts: ENDED as soon as its booking is over, though `ended_at` is null until
    a worker has written it down.
    """

    id: int
    person_id: int
    reservation_id: int | None
    booked_space_id: int | None
    place_id: int | None
    title: str
    state: PositionState
    version: int
    change: int
    created_at: datetime
    changed_at: datetime
    ended_at: datetime | None


class PositionVersionRecord(NamedTuple):
    """What is known; `number` counts from 1 within the position. WGS 84, metres."""

    id: int
    position_id: int
    number: int
    kind: VersionKind
    source: VersionSource
    actor: str
    at: datetime
    place_id: int | None
    space_id: int | None
    subplace_id: int | None
    floor: str
    area: str
    bay: str
    latitude: float | None
    longitude: float | None
    accuracy_metres: float | None
    note: str
    photo_id: int | None
    refinement_id: int | None


class PhotoRecord(NamedTuple):
    """A picture of a position; the bytes are in the store."""

    id: int
    position_id: int
    key: str
    bytes: int
    width_pixels: int
    height_pixels: int
    created_by: int
    created_at: datetime


class RefinementRecord(NamedTuple):
    """A question to a terminal."""

    id: int
    position_id: int
    place_id: int
    terminal: Terminal
    state: RefinementState
    words: str
    asked_number: int
    asked_at: datetime
    due_at: datetime | None
    attempts: int
    taken_by: int | None
    taken_at: datetime | None
    answered_by: int | None
    answered_at: datetime | None
    answer_number: int | None
    reason: str
    version: int


class BindingRecord(NamedTuple):
    """A receiver of a sharer's positions; the invitation's token is not in it.

    `state` is EXPIRED as soon as its one stay is over, whatever is written yet; what else has
    lapsed by time, `bindings.rules.standing` says.
    """

    id: int
    sharer_id: int | None
    receiver_id: int | None
    state: BindingState
    scope: BindingScope
    position_id: int | None
    until: datetime | None
    asked_by: BindingSide
    way: InvitationWay
    phone: str
    sharer_name: str
    receiver_name: str
    locale: str
    asked_at: datetime
    answer_until: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    ended_by: str
    version: int


class LinkRecord(NamedTuple):
    """A secure link; neither token nor passcode is in it. `is_stay_over`: the car is gone."""

    id: int
    position_id: int
    label: str
    has_passcode: bool
    wrong_tries: int
    views_max: int | None
    views: int
    shows_photo: bool
    shows_note: bool
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    revoked_reason: str
    version: int
    is_stay_over: bool


class AccessRecord(NamedTuple):
    """Somebody looked, by a link or as a receiver."""

    id: int
    position_id: int
    link_id: int | None
    binding_id: int | None
    version_number: int | None
    outcome: LinkOutcome
    device: str
    at: datetime


def _columns(record: type[Any], alias: str) -> str:
    return ", ".join(f"{alias}.{name}" for name in record._fields)


OVER = "('COMPLETED', 'CANCELLED', 'EXPIRED', 'NO_SHOW')"
"""States of a booking that end its position, for SQL."""
_STATE = f"CASE WHEN p.state = 'ACTIVE' AND r.state IN {OVER} THEN 'ENDED' ELSE p.state END"
SELECT_POSITIONS = (
    "SELECT "
    + _columns(PositionRecord, "p").replace("p.state", f"{_STATE} AS state")
    + " FROM parking_position p LEFT JOIN reservation r ON r.id = p.reservation_id"
)
SELECT_VERSIONS = f"SELECT {_columns(PositionVersionRecord, 'v')} FROM position_version v"
SELECT_PHOTOS = f"SELECT {_columns(PhotoRecord, 'f')} FROM position_photo f"
SELECT_REFINEMENTS = f"SELECT {_columns(RefinementRecord, 'q')} FROM refinement_request q"
SELECT_ACCESSES = f"SELECT {_columns(AccessRecord, 'a')} FROM position_access a"
_STAY_IS_OVER = f"(p.id IS NULL OR p.state = 'ENDED' OR COALESCE(r.state, '') IN {OVER})"
_STAY = "LEFT JOIN reservation r ON r.id = p.reservation_id"
_BINDING_STATE = (
    "CASE WHEN b.state IN ('REQUESTED', 'ACTIVE') AND b.position_id IS NOT NULL"
    f" AND {_STAY_IS_OVER} THEN 'EXPIRED' ELSE b.state END"
)
SELECT_BINDINGS = (
    "SELECT "
    + _columns(BindingRecord, "b").replace("b.state", f"{_BINDING_STATE} AS state")
    + f" FROM position_binding b LEFT JOIN parking_position p ON p.id = b.position_id {_STAY}"
)
SELECT_LINKS = (
    "SELECT "
    + _columns(LinkRecord, "l")
    .replace("l.has_passcode", "l.passcode_hash <> '' AS has_passcode")
    .replace("l.is_stay_over", f"{_STAY_IS_OVER} AS is_stay_over")
    + f" FROM position_link l JOIN parking_position p ON p.id = l.position_id {_STAY}"
)
"""Each to be followed by a WHERE; each row is that of the `…_record` below."""


def position_record(row: Mapping[str, Any]) -> PositionRecord:
    """From a row of `SELECT_POSITIONS`."""
    return PositionRecord(**_typed(row, PositionRecord, state=PositionState))


def version_record(row: Mapping[str, Any]) -> PositionVersionRecord:
    """From a row of `SELECT_VERSIONS`."""
    kinds: dict[str, type[StrEnum]] = {"kind": VersionKind, "source": VersionSource}
    return PositionVersionRecord(**_typed(row, PositionVersionRecord, **kinds))


def photo_record(row: Mapping[str, Any]) -> PhotoRecord:
    """From a row of `SELECT_PHOTOS`."""
    return PhotoRecord(**_typed(row, PhotoRecord))


def refinement_record(row: Mapping[str, Any]) -> RefinementRecord:
    """From a row of `SELECT_REFINEMENTS`."""
    kinds: dict[str, type[StrEnum]] = {"terminal": Terminal, "state": RefinementState}
    return RefinementRecord(**_typed(row, RefinementRecord, **kinds))


def binding_record(row: Mapping[str, Any]) -> BindingRecord:
    """From a row of `SELECT_BINDINGS`."""
    kinds: dict[str, type[StrEnum]] = {
        "state": BindingState, "scope": BindingScope, "asked_by": BindingSide, "way": InvitationWay,
    }  # fmt: skip
    return BindingRecord(**_typed(row, BindingRecord, **kinds))


def access_record(row: Mapping[str, Any]) -> AccessRecord:
    """From a row of `SELECT_ACCESSES`."""
    return AccessRecord(**_typed(row, AccessRecord, outcome=LinkOutcome))


def link_record(row: Mapping[str, Any]) -> LinkRecord:
    """From a row of `SELECT_LINKS`. SQLite has no booleans of its own."""
    typed = _typed(row, LinkRecord)
    flags = ("has_passcode", "shows_photo", "shows_note", "is_stay_over")
    return LinkRecord(**{**typed, **{name: bool(typed[name]) for name in flags}})


def _typed(row: Mapping[str, Any], record: type[Any], **kinds: type[StrEnum]) -> dict[str, Any]:
    """The row's values as the record has them: times aware, words as enums."""
    values = {name: row[name] for name in record._fields}
    for name, kind in kinds.items():
        values[name] = kind(values[name])
    for name in values.keys() & _TIMES_REQUIRED:
        values[name] = as_time(values[name])
    for name in values.keys() & _TIMES_OPTIONAL:
        values[name] = as_time_or_none(values[name])
    return values


_TIMES_REQUIRED = frozenset(
    {"at", "created_at", "changed_at", "asked_at", "answer_until", "expires_at"}
)
_TIMES_OPTIONAL = frozenset(
    {"ended_at", "due_at", "taken_at", "answered_at", "until", "revoked_at"}
)
