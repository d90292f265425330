"""What a query gives of fee contracts: plain rows, never the ORM's objects; times are aware UTC."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from parking.storage.sql import as_time, as_time_or_none


class ContractRecord(NamedTuple):
    """A contract over `[valid_from, valid_until)`; `terms` is JSON (`contracts.fees`)."""

    id: int
    organisation_id: int | None
    place_id: int | None
    terms: str
    valid_from: datetime
    valid_until: datetime | None
    created_by: int | None
    created_at: datetime


CONTRACT_COLUMNS = ", ".join(f"k.{name}" for name in ContractRecord._fields)
SELECT_CONTRACTS = f"SELECT {CONTRACT_COLUMNS} FROM fee_contract k"
"""To be followed by a WHERE; each row is `contract_record`'s."""


def contract_record(row: Mapping[str, Any]) -> ContractRecord:
    """A row of `SELECT_CONTRACTS`, typed."""
    typed = {
        "valid_from": as_time(row["valid_from"]),
        "valid_until": as_time_or_none(row["valid_until"]),
        "created_at": as_time(row["created_at"]),
    }
    return ContractRecord(**{**row, **typed})
