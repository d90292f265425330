"""What came of each credential that was shown: rows of `access_event`, and reading them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from parking.access.check import Outcome, Reader
from parking.access.models import CredentialKind
from parking.access.rules import may_tend
from parking.accounts.viewer import Viewer
from parking.errors import NotFound
from parking.places.queries import places_by_id
from parking.reservations.queries import reservations_by_id
from parking.storage.sql import Sql, as_time, database

COLUMNS = """
       id, place_id, space_id, reservation_id, reader_device_id, kind, outcome, is_offline, at,
       received_at, boot, sequence
"""

INSERT_EVENT = """
INSERT INTO access_event (place_id, space_id, reservation_id, reader_device_id, kind, outcome,
                          is_offline, at, received_at, boot, sequence)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT DO NOTHING RETURNING id
"""

EVENTS_MAX = 200
"""Newest events of a booking that are listed."""
PAGE_ROWS_MAX = 1_001
KEY_END = 2**63 - 1


class AccessEventRecord(NamedTuple):
    """A credential was shown; times are aware UTC. `at` is the reader's time, `received_at` ours;
    they differ where the reader had to decide alone and told later (`is_offline`)."""

    id: int
    place_id: int
    space_id: int | None
    reservation_id: int | None
    reader_device_id: int | None
    kind: CredentialKind
    outcome: Outcome
    is_offline: bool
    at: datetime
    received_at: datetime
    boot: int | None
    sequence: int | None


class Numbers(NamedTuple):
    """What orders a reader's messages (docs/devices.md section 3): a repeat has the same."""

    boot: int
    sequence: int


async def insert_event(sql: Sql, event: AccessEventRecord) -> int | None:
    """Write an event, whose `id` does not count; its id, or None where this very message was
    recorded already."""
    rows = await sql.fetch(
        INSERT_EVENT, event.place_id, event.space_id, event.reservation_id,
        event.reader_device_id, event.kind, event.outcome, event.is_offline, event.at,
        event.received_at, event.boot, event.sequence,
    )  # fmt: skip
    return rows[0]["id"] if rows else None


async def recorded_event(
    sql: Sql, reader: Reader, numbers: Numbers | None
) -> AccessEventRecord | None:
    """The event of this very message, if it came before."""
    if numbers is None:
        return None
    row = await sql.fetch_one(
        f"SELECT {COLUMNS} FROM access_event"
        " WHERE reader_device_id = $1 AND boot = $2 AND sequence = $3",
        reader.device_id,
        *numbers,
    )
    return None if row is None else event_record(row)


async def access_events_of(
    viewer: Viewer, reservation_ids: Sequence[int]
) -> Mapping[int, list[AccessEventRecord]]:
    """What was shown for each of these bookings, the newest first, for those who may see them."""
    seen = sorted(await reservations_by_id(viewer, reservation_ids))
    sql = database()
    rows = await sql.fetch(
        f"SELECT {COLUMNS} FROM access_event WHERE reservation_id {sql.any_of('$1')}"
        " ORDER BY reservation_id, id DESC",
        seen,
    )
    found: dict[int, list[AccessEventRecord]] = {each: [] for each in seen}
    for row in rows:
        mine = found[row["reservation_id"]]
        if len(mine) < EVENTS_MAX:
            mine.append(event_record(row))
    return found


async def access_events_at(
    viewer: Viewer, place_id: int, *, limit: int, before: int | None = None
) -> list[AccessEventRecord]:
    """What was shown in a place, the newest first, from before the event `before` on; for who
    works there. Raises NotFound for everybody else."""
    place = (await places_by_id(viewer, [place_id])).get(place_id)
    if place is None or not may_tend(viewer, place.organisation_id):
        raise NotFound("there is no such place whose access you may see")
    rows = await database().fetch(
        f"SELECT {COLUMNS} FROM access_event WHERE place_id = $1 AND id < $2"
        f" ORDER BY id DESC LIMIT {min(limit, PAGE_ROWS_MAX)}",
        place_id,
        KEY_END if before is None else before,
    )
    return [event_record(row) for row in rows]


async def was_admitted(sql: Sql, reservation_id: int) -> bool:
    """Whether a credential of this booking has opened its bay."""
    row = await sql.fetch_one(
        "SELECT 1 AS yes FROM access_event WHERE reservation_id = $1 AND outcome = $2 LIMIT 1",
        reservation_id,
        Outcome.GRANTED,
    )
    return row is not None


def event_record(row: Mapping[str, Any]) -> AccessEventRecord:
    """A row, typed."""
    typed = {
        "kind": CredentialKind(row["kind"]),
        "outcome": Outcome(row["outcome"]),
        "is_offline": bool(row["is_offline"]),
        "at": as_time(row["at"]),
        "received_at": as_time(row["received_at"]),
    }
    return AccessEventRecord(**{**row, **typed})
