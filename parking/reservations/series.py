"""Series of bookings, as they are read: who may see its first turn may see the series."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from parking.accounts.viewer import Viewer
from parking.reservations.records import SELECT_RESERVATIONS, reservation_record
from parking.reservations.rules import may_see
from parking.storage.sql import as_time, as_time_or_none, database


class SeriesRecord(NamedTuple):
    """A recurring booking. `rule` is as it was given; times are aware UTC."""

    id: int
    person_id: int
    rule: str
    created_at: datetime
    cancelled_at: datetime | None


async def series_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, SeriesRecord]:
    """The series of these ids."""
    sql = database()
    turns = await sql.fetch(
        f"{SELECT_RESERVATIONS} WHERE r.id IN (SELECT MIN(id) FROM reservation"
        f" WHERE series_id {sql.any_of('$1')} GROUP BY series_id)",
        list(ids),
    )
    seen = {row["series_id"] for row in turns if may_see(viewer, reservation_record(row))}
    rows = await sql.fetch(
        "SELECT id, person_id, rule, created_at, cancelled_at FROM reservation_series"
        f" WHERE id {sql.any_of('$1')}",
        sorted(seen),
    )
    return {
        row["id"]: SeriesRecord(
            row["id"],
            row["person_id"],
            row["rule"],
            as_time(row["created_at"]),
            as_time_or_none(row["cancelled_at"]),
        )
        for row in rows
    }
