"""What a query gives of bookings: plain rows, never the ORM's objects."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from parking.money import Money
from parking.occupancy.models import Claim
from parking.reservations.models import QuoteKind, ReservationState
from parking.storage.sql import as_time, as_time_or_none
from parking.windows import Window


class ReservationRecord(NamedTuple):
    """A booking; times are aware UTC.

    `organisation_id` is the lessor, `operator_id` the organisation that runs the place. `lines` is
    the priced lines and `terms` the snapshot it was made under, both JSON (`rates.lines`,
    `reservations.terms`).
    """

    id: int
    state: ReservationState
    listing_id: int
    space_id: int
    place_id: int
    organisation_id: int
    person_id: int
    guest_name: str
    plate: str
    starts_at: datetime
    ends_at: datetime
    blocked_until: datetime
    hold_until: datetime | None
    currency: str
    amount_minor: int
    lines: str
    terms: str
    quote_id: int | None
    series_id: int | None
    waitlist_entry_id: int | None
    claim: Claim
    link_generation: int
    version: int
    cancelled_by: str
    reason: str
    refund_minor: int | None
    created_at: datetime
    confirmed_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    operator_id: int

    @property
    def window(self) -> Window:
        """What was booked."""
        return Window(self.starts_at, self.ends_at)

    @property
    def price(self) -> Money:
        """What it costs as booked."""
        return Money(self.amount_minor, self.currency)


STORED = ReservationRecord._fields[:-1]
"""Columns of the table itself; `operator_id` is the place's."""
RESERVATION_COLUMNS = ", ".join(f"r.{name}" for name in STORED)
SELECT_RESERVATIONS = (
    f"SELECT {RESERVATION_COLUMNS}, p.organisation_id AS operator_id"
    " FROM reservation r JOIN place p ON p.id = r.place_id"
)
"""To be followed by a WHERE; each row is `reservation_record`'s."""


class QuoteRecord(NamedTuple):
    """A binding price. An EXTENSION's window is what is added; its amount what is due for that."""

    id: int
    kind: QuoteKind
    person_id: int | None
    listing_id: int
    space_id: int
    reservation_id: int | None
    plate: str
    starts_at: datetime
    ends_at: datetime
    currency: str
    amount_minor: int
    lines: str
    terms: str
    listing_version: int
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None

    @property
    def window(self) -> Window:
        """What is priced."""
        return Window(self.starts_at, self.ends_at)


QUOTE_COLUMNS = ", ".join(f"q.{name}" for name in QuoteRecord._fields)


class EventRecord(NamedTuple):
    """One step in the life of a booking. `detail` is JSON."""

    id: int
    reservation_id: int
    version: int
    kind: str
    at: datetime
    actor: str
    detail: str


class AgreementRecord(NamedTuple):
    """One version of a contract. `terms` is JSON; `digest` its SHA-256 in hex."""

    id: int
    reservation_id: int
    version: int
    terms: str
    digest: str
    renter_accepted_at: datetime | None
    lessor_accepted_at: datetime | None
    created_at: datetime


def reservation_record(row: Mapping[str, Any]) -> ReservationRecord:
    """A row of `SELECT_RESERVATIONS`, typed."""
    typed = {
        "state": ReservationState(row["state"]),
        "claim": Claim(row["claim"]),
        "starts_at": as_time(row["starts_at"]),
        "ends_at": as_time(row["ends_at"]),
        "blocked_until": as_time(row["blocked_until"]),
        "hold_until": as_time_or_none(row["hold_until"]),
        "created_at": as_time(row["created_at"]),
        "confirmed_at": as_time_or_none(row["confirmed_at"]),
        "started_at": as_time_or_none(row["started_at"]),
        "ended_at": as_time_or_none(row["ended_at"]),
    }
    return ReservationRecord(**{**row, **typed})


def quote_record(row: Mapping[str, Any]) -> QuoteRecord:
    """A row of `QUOTE_COLUMNS`, typed."""
    typed = {
        "kind": QuoteKind(row["kind"]),
        "starts_at": as_time(row["starts_at"]),
        "ends_at": as_time(row["ends_at"]),
        "created_at": as_time(row["created_at"]),
        "expires_at": as_time(row["expires_at"]),
        "used_at": as_time_or_none(row["used_at"]),
    }
    return QuoteRecord(**{**row, **typed})


def event_record(row: Mapping[str, Any]) -> EventRecord:
    """A row of `reservation_event`, typed."""
    return EventRecord(**{**row, "at": as_time(row["at"])})


def agreement_record(row: Mapping[str, Any]) -> AgreementRecord:
    """A row of `lease_agreement`, typed."""
    typed = {
        "renter_accepted_at": as_time_or_none(row["renter_accepted_at"]),
        "lessor_accepted_at": as_time_or_none(row["lessor_accepted_at"]),
        "created_at": as_time(row["created_at"]),
    }
    return AgreementRecord(**{**row, **typed})
