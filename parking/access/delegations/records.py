"""Delegated exit rights as a query gives them, each beside the stay that it is of."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from parking.access.models import DelegationPayer, DelegationState
from parking.reservations.models import ReservationState
from parking.storage.sql import as_time, as_time_or_none

EXIT_WAY = timedelta(minutes=15)
"""From the bay to the gate: a stay is over as soon as its bay is free, and the car is still in."""


class DelegationRecord(NamedTuple):
    """A delegated exit right; times are aware UTC. Its token is not in it. `stay_…` is the
    booking's, `has_gate` whether a reader of the whole place may let the car out."""

    id: int
    reservation_id: int
    place_id: int
    person_id: int
    fetcher_id: int | None
    position_id: int | None
    binding_id: int | None
    label: str
    payer: DelegationPayer
    amount_max_minor: int | None
    currency: str
    state: DelegationState
    valid_until: datetime
    created_at: datetime
    accepted_at: datetime | None
    opened_at: datetime | None
    used_at: datetime | None
    used_device_id: int | None
    ended_at: datetime | None
    told_version: int
    version: int
    stay_state: ReservationState
    stay_space_id: int
    stay_ended_at: datetime | None
    has_gate: bool

    @property
    def way_until(self) -> datetime | None:
        """Until when the car may still be on its way to the gate, once its stay has ended; None
        where there is no gate, or the stay did not end by the car's leaving."""
        if self.stay_state is not ReservationState.COMPLETED or not self.has_gate:
            return None
        return None if self.stay_ended_at is None else self.stay_ended_at + EXIT_WAY


STORED = DelegationRecord._fields[:-4]
SELECT_DELEGATIONS = (
    f"SELECT {', '.join(f'd.{name}' for name in STORED)}, r.state AS stay_state,"
    " r.space_id AS stay_space_id, r.ended_at AS stay_ended_at,"
    " EXISTS (SELECT 1 FROM device g WHERE g.place_id = d.place_id AND g.kind = 'READER'"
    " AND g.space_id IS NULL AND g.revoked_at IS NULL) AS has_gate"
    " FROM exit_delegation d JOIN reservation r ON r.id = d.reservation_id"
)
"""To be followed by a WHERE; each row is `delegation_record`'s."""

_TIMES = ("accepted_at", "opened_at", "used_at", "ended_at", "stay_ended_at")


def delegation_record(row: Mapping[str, Any]) -> DelegationRecord:
    """From a row of `SELECT_DELEGATIONS`."""
    typed = {
        "payer": DelegationPayer(row["payer"]),
        "state": DelegationState(row["state"]),
        "valid_until": as_time(row["valid_until"]),
        "created_at": as_time(row["created_at"]),
        "stay_state": ReservationState(row["stay_state"]),
        "has_gate": bool(row["has_gate"]),
    }
    times = {name: as_time_or_none(row[name]) for name in _TIMES}
    return DelegationRecord(**{**row, **typed, **times})
