"""Rate tables as they are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from parking.rates.document import Tariff, parse_tariff
from parking.storage.sql import as_time, as_time_or_none

RATE_TABLE_COLUMNS = (
    "r.id, r.organisation_id, r.name, r.currency, r.document, r.version, r.created_at,"
    " r.changed_at, r.retired_at"
)


@dataclass(frozen=True, slots=True)
class RateTableRecord:
    """A row of `rate_table`; `document` is JSON, times are UTC."""

    id: int
    organisation_id: int
    name: str
    currency: str
    document: str
    version: int
    created_at: datetime
    changed_at: datetime
    retired_at: datetime | None

    @property
    def tariff(self) -> Tariff:
        """The document, parsed."""
        return parse_tariff(self.document)


def rate_table_record(row: Mapping[str, Any]) -> RateTableRecord:
    """A record of a row that was read with RATE_TABLE_COLUMNS."""
    return RateTableRecord(
        id=row["id"],
        organisation_id=row["organisation_id"],
        name=row["name"],
        currency=row["currency"],
        document=row["document"],
        version=row["version"],
        created_at=as_time(row["created_at"]),
        changed_at=as_time(row["changed_at"]),
        retired_at=as_time_or_none(row["retired_at"]),
    )
