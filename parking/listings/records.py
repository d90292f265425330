"""What a query gives of offers: plain rows, never the ORM's objects."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from parking.listings.models import (
    Audience,
    BookingMode,
    ExceptionKind,
    ListingState,
    TitleState,
)
from parking.storage.sql import Sql, as_time, as_time_or_none, database


class ListingRecord(NamedTuple):
    """An offer; times are aware UTC.

    `organisation_id` is the lessor. What follows `changed_at` is the place's: `operator_id` the
    organisation that runs it. `cancellation` is JSON (`parking.listings.cancellation`).
    """

    id: int
    place_id: int
    organisation_id: int
    rate_table_id: int
    name: str
    state: ListingState
    mode: BookingMode
    audience: Audience
    audience_organisation_id: int | None
    stay_minutes_min: int
    stay_minutes_max: int | None
    lead_minutes: int
    horizon_days: int
    turnover_minutes: int
    cancellation: str
    valid_from: datetime | None
    valid_until: datetime | None
    openings_until: datetime | None
    openings_zone: str
    extend_at: datetime | None
    version: int
    created_at: datetime
    changed_at: datetime
    operator_id: int
    place_name: str
    time_zone: str
    currency: str
    address: str
    latitude: float | None
    longitude: float | None
    is_place_public: bool
    is_place_open: bool
    is_place_retired: bool

    @property
    def zone(self) -> ZoneInfo:
        """Where the place's clocks are."""
        return ZoneInfo(self.time_zone)

    @property
    def turnover(self) -> timedelta:
        """How long a space stays blocked after each booking."""
        return timedelta(minutes=self.turnover_minutes)


STORED = ListingRecord._fields[: ListingRecord._fields.index("operator_id")]
"""Columns of the table itself."""
LISTING_COLUMNS = ", ".join(f"l.{name}" for name in STORED)
SELECT_LISTINGS = (
    f"SELECT {LISTING_COLUMNS}, p.organisation_id AS operator_id, p.name AS place_name,"
    " p.time_zone, p.currency, p.address, p.latitude, p.longitude,"
    " p.is_public AS is_place_public, p.is_open AS is_place_open,"
    " CASE WHEN p.retired_at IS NULL THEN 0 ELSE 1 END AS is_place_retired"
    " FROM listing l JOIN place p ON p.id = l.place_id"
)
"""To be followed by a WHERE; each row is `listing_record`'s."""


class Weekday(StrEnum):
    """Days in the order of the bits of `weekdays`: Monday is bit 0."""

    MONDAY = "MONDAY"
    TUESDAY = "TUESDAY"
    WEDNESDAY = "WEDNESDAY"
    THURSDAY = "THURSDAY"
    FRIDAY = "FRIDAY"
    SATURDAY = "SATURDAY"
    SUNDAY = "SUNDAY"


def weekday_bits(days: Iterable[Weekday]) -> int:
    """The days as bits."""
    order = list(Weekday)
    return sum(1 << order.index(day) for day in set(days))


def weekdays_of(bits: int) -> list[Weekday]:
    """The days that the bits stand for, from Monday on."""
    return [day for bit, day in enumerate(Weekday) if bits >> bit & 1]


class WindowRecord(NamedTuple):
    """A weekly window, in the place's local time; as `parking.listings.models.ListingWindow`."""

    weekdays: int
    minute_from: int
    minute_until: int
    first_date: date | None = None
    last_date: date | None = None


class ExceptionRecord(NamedTuple):
    """Dates that differ from the weekly windows; `local_from` and `local_until` are what the
    place's clock shows, without a zone. Where CLOSED and OPEN overlap, it is closed."""

    kind: ExceptionKind
    local_from: datetime
    local_until: datetime
    note: str = ""


class TitleRecord(NamedTuple):
    """Proof of title; `operator_id` is the organisation that runs the space's place."""

    id: int
    space_id: int
    organisation_id: int
    document_reference: str
    state: TitleState
    reason: str
    requested_by: int | None
    requested_at: datetime
    decided_by: int | None
    decided_at: datetime | None
    place_id: int
    operator_id: int
    organisation_name: str


TITLE_STORED = TitleRecord._fields[: TitleRecord._fields.index("place_id")]
TITLE_COLUMNS = ", ".join(f"t.{name}" for name in TITLE_STORED)
SELECT_TITLES = (
    f"SELECT {TITLE_COLUMNS}, p.id AS place_id, p.organisation_id AS operator_id,"
    " o.name AS organisation_name FROM title t"
    " JOIN space s ON s.id = t.space_id JOIN place p ON p.id = s.place_id"
    " JOIN organisation o ON o.id = t.organisation_id"
)
"""To be followed by a WHERE; each row is `title_record`'s."""


def listing_record(row: Mapping[str, Any]) -> ListingRecord:
    """A row of `SELECT_LISTINGS`, typed."""
    typed = {
        "state": ListingState(row["state"]),
        "mode": BookingMode(row["mode"]),
        "audience": Audience(row["audience"]),
        "valid_from": as_time_or_none(row["valid_from"]),
        "valid_until": as_time_or_none(row["valid_until"]),
        "openings_until": as_time_or_none(row["openings_until"]),
        "extend_at": as_time_or_none(row["extend_at"]),
        "created_at": as_time(row["created_at"]),
        "changed_at": as_time(row["changed_at"]),
        "is_place_public": bool(row["is_place_public"]),
        "is_place_open": bool(row["is_place_open"]),
        "is_place_retired": bool(row["is_place_retired"]),
    }
    return ListingRecord(**{**row, **typed})


def title_record(row: Mapping[str, Any]) -> TitleRecord:
    """A row of `SELECT_TITLES`, typed."""
    typed = {
        "state": TitleState(row["state"]),
        "requested_at": as_time(row["requested_at"]),
        "decided_at": as_time_or_none(row["decided_at"]),
    }
    return TitleRecord(**{**row, **typed})


async def listings_by_id(ids: Sequence[int], sql: Sql | None = None) -> Mapping[int, ListingRecord]:
    """The listings of these ids in any state, whoever asks: for verbs, which then decide.

    What a viewer may see is `parking.listings.queries.visible_listings`.
    """
    sql = sql or database()
    rows = await sql.fetch(f"{SELECT_LISTINGS} WHERE l.id {sql.any_of('$1')}", list(ids))
    return {row["id"]: listing_record(row) for row in rows}
