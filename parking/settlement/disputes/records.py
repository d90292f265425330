"""What a query gives of disputes: plain rows, never the ORM's objects. Times are aware UTC, amounts
minor units of `currency`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from parking.settlement.kinds import DisputeState
from parking.storage.sql import as_time, as_time_or_none


class DisputeRecord(NamedTuple):
    """A dispute; what follows `settlement_id` is the settlement's. `party` is who opened it:
    DRIVER, OWNER or RAIL. `frozen` is JSON: of whom `frozen_minor` was taken."""

    id: int
    state: DisputeState
    opened_by: int | None
    party: str
    reason: str
    currency: str
    amount_minor: int
    frozen_minor: int
    frozen: str
    to_driver_minor: int | None
    decision: str
    decided_by: int | None
    opened_at: datetime
    decided_at: datetime | None
    appeal_until: datetime | None
    appealed_at: datetime | None
    closed_at: datetime | None
    rail_reference: str | None
    version: int
    settlement_id: int
    reservation_id: int
    person_id: int
    organisation_id: int
    operator_id: int
    place_id: int


STORED = DisputeRecord._fields[: DisputeRecord._fields.index("reservation_id")]
"""Columns of the table itself."""
_FURTHER = DisputeRecord._fields[len(STORED) :]
DISPUTE_COLUMNS = ", ".join(
    [*(f"d.{name}" for name in STORED), *(f"t.{name}" for name in _FURTHER)]
)
SELECT_DISPUTES = (
    f"SELECT {DISPUTE_COLUMNS} FROM dispute d JOIN settlement t ON t.id = d.settlement_id"
)
"""To be followed by a WHERE; each row is `dispute_record`'s."""


class EvidenceRecord(NamedTuple):
    """What somebody said in a dispute; `party` as whom: DRIVER, OWNER, OPERATOR or PLATFORM."""

    id: int
    person_id: int | None
    party: str
    text: str
    at: datetime
    dispute_id: int


EVIDENCE_COLUMNS = ", ".join(f"e.{name}" for name in EvidenceRecord._fields)
SELECT_EVIDENCE = f"SELECT {EVIDENCE_COLUMNS} FROM dispute_evidence e"
"""To be followed by a WHERE; each row is `evidence_record`'s."""


def dispute_record(row: Mapping[str, Any]) -> DisputeRecord:
    """A row of `SELECT_DISPUTES`, typed."""
    typed = {
        "state": DisputeState(row["state"]),
        "opened_at": as_time(row["opened_at"]),
        **{name: as_time_or_none(row[name]) for name in _TIMES},
    }
    return DisputeRecord(**{**row, **typed})


_TIMES = ("decided_at", "appeal_until", "appealed_at", "closed_at")


def evidence_record(row: Mapping[str, Any]) -> EvidenceRecord:
    """A row of `SELECT_EVIDENCE`, typed."""
    return EvidenceRecord(**{**row, "at": as_time(row["at"])})
