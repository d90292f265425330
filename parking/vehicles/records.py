"""What a query gives of vehicles: plain rows, never the ORM's objects."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from parking.storage.sql import as_time, as_time_or_none
from parking.vehicles.models import ProofState


class EnrolmentRecord(NamedTuple):
    """A driver's vehicle; times are aware UTC. `plate` is normalised (`parking.plates`), `country`
    ISO 3166-1 alpha-2. Without `code_set_at` it has no vehicle code; removed, it is history."""

    id: int
    vehicle_id: int
    person_id: int
    country: str
    plate: str
    name: str
    code_set_at: datetime | None
    version: int
    created_at: datetime
    removed_at: datetime | None

    @property
    def is_live(self) -> bool:
        """Whether the driver has it still."""
        return self.removed_at is None

    @property
    def has_code(self) -> bool:
        """Whether a vehicle code is set."""
        return self.code_set_at is not None


SELECT_ENROLMENTS = (
    "SELECT e.id, e.vehicle_id, e.person_id, v.country, v.plate, e.name, e.code_set_at, e.version,"
    " e.created_at, e.removed_at FROM enrolment e JOIN vehicle v ON v.id = e.vehicle_id"
)
"""To be followed by a WHERE; each row is `enrolment_record`'s."""


def enrolment_record(row: Mapping[str, Any]) -> EnrolmentRecord:
    """The row as a record."""
    return EnrolmentRecord(
        **{
            **row,
            "code_set_at": as_time_or_none(row["code_set_at"]),
            "created_at": as_time(row["created_at"]),
            "removed_at": as_time_or_none(row["removed_at"]),
        }
    )


class ProofRecord(NamedTuple):
    """That a driver may speak for a vehicle, as the operator `organisation_id` has decided it."""

    id: int
    enrolment_id: int
    organisation_id: int
    state: ProofState
    document_reference: str
    reason: str
    requested_at: datetime
    decided_by: int | None
    decided_at: datetime | None
    person_id: int
    person_name: str
    country: str
    plate: str
    organisation_name: str


SELECT_PROOFS = (
    "SELECT f.id, f.enrolment_id, f.organisation_id, f.state, f.document_reference, f.reason,"
    " f.requested_at, f.decided_by, f.decided_at, e.person_id, p.name AS person_name, v.country,"
    " v.plate, o.name AS organisation_name FROM vehicle_proof f"
    " JOIN enrolment e ON e.id = f.enrolment_id JOIN vehicle v ON v.id = e.vehicle_id"
    " JOIN person p ON p.id = e.person_id JOIN organisation o ON o.id = f.organisation_id"
)
"""To be followed by a WHERE; each row is `proof_record`'s."""


def proof_record(row: Mapping[str, Any]) -> ProofRecord:
    """The row as a record."""
    return ProofRecord(
        **{
            **row,
            "state": ProofState(row["state"]),
            "requested_at": as_time(row["requested_at"]),
            "decided_at": as_time_or_none(row["decided_at"]),
        }
    )
