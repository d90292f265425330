"""What a query gives of stays: plain rows, never the ORM's objects."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from parking.money import Money
from parking.sessions.models import SegmentKind, SessionCause, SessionState
from parking.storage.sql import as_time, as_time_or_none


class SessionRecord(NamedTuple):
    """A stay; times are aware UTC.

    `amount_minor` and `lines` (JSON, `parking.rates.lines`) are what it cost, once ENDED: that is
    what settlement uses. `left_at`: the bay was seen free since, and the stay is over if it stays
    so. `overstay_since` is the end of what was booked, once the car has outstayed it.
    """

    id: int
    reservation_id: int
    space_id: int
    place_id: int
    person_id: int | None
    plate: str
    state: SessionState
    started_at: datetime
    started_by: SessionCause
    ended_at: datetime | None
    ended_by: str
    overstay_since: datetime | None
    left_at: datetime | None
    currency: str
    amount_minor: int | None
    lines: str
    version: int
    organisation_id: int
    operator_id: int

    @property
    def amount(self) -> Money | None:
        """What it cost; None while it goes on."""
        return None if self.amount_minor is None else Money(self.amount_minor, self.currency)


STORED = SessionRecord._fields[:-2]
"""Columns of the table itself; the lessor is the booking's, the operator the place's."""
SELECT_SESSIONS = (
    f"SELECT {', '.join(f's.{name}' for name in STORED)}, r.organisation_id,"
    " p.organisation_id AS operator_id FROM session s"
    " JOIN reservation r ON r.id = s.reservation_id JOIN place p ON p.id = s.place_id"
)
"""To be followed by a WHERE; each row is `session_record`'s."""


class SegmentRecord(NamedTuple):
    """A part of a stay, with one right and one rate. `lines` is JSON."""

    id: int
    session_id: int
    position: int
    kind: SegmentKind
    starts_at: datetime
    ends_at: datetime | None
    amount_minor: int | None
    lines: str


SEGMENT_COLUMNS = ", ".join(SegmentRecord._fields)


def session_record(row: Mapping[str, Any]) -> SessionRecord:
    """A row of `SELECT_SESSIONS`, typed."""
    typed = {
        "state": SessionState(row["state"]),
        "started_at": as_time(row["started_at"]),
        "started_by": SessionCause(row["started_by"]),
        "ended_at": as_time_or_none(row["ended_at"]),
        "overstay_since": as_time_or_none(row["overstay_since"]),
        "left_at": as_time_or_none(row["left_at"]),
    }
    return SessionRecord(**{**row, **typed})


def segment_record(row: Mapping[str, Any]) -> SegmentRecord:
    """A row of `SEGMENT_COLUMNS`, typed."""
    typed = {
        "kind": SegmentKind(row["kind"]),
        "starts_at": as_time(row["starts_at"]),
        "ends_at": as_time_or_none(row["ends_at"]),
    }
    return SegmentRecord(**{**row, **typed})
