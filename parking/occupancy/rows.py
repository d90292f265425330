"""Rows of the hot tables, read and written by raw SQL in batches."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from parking.occupancy.models import (
    Axis,
    Claim,
    LockState,
    Occupancy,
    Service,
    Source,
    SpaceStatus,
)
from parking.occupancy.rules import Counts, space_status
from parking.occupancy.state import SpaceSnapshot
from parking.places.models import PlaceState
from parking.storage.sql import Sql, as_time_or_none


@dataclass(slots=True)
class StateRow:
    """A `space_state` row with the space's number; mutable while a change is being made."""

    space_id: int
    place_id: int
    number: str
    occupancy: Occupancy
    occupancy_since: datetime | None
    observed_at: datetime | None
    source: Source
    occupancy_device_id: int | None
    occupancy_boot: int
    occupancy_sequence: int
    service: Service
    claim: Claim
    lock: LockState
    lock_since: datetime | None
    lock_device_id: int | None
    lock_boot: int
    lock_sequence: int
    status: SpaceStatus
    version: int

    def derived_status(self) -> SpaceStatus:
        """The status that the four axes give now."""
        return space_status(self.occupancy, self.service, self.claim, self.lock)

    def snapshot(self) -> SpaceSnapshot:
        """The public part."""
        return SpaceSnapshot(
            space_id=self.space_id,
            number=self.number,
            occupancy=self.occupancy,
            since=self.occupancy_since,
            observed_at=self.observed_at,
            source=self.source,
            service=self.service,
            claim=self.claim,
            lock=self.lock,
            lock_since=self.lock_since,
            status=self.status,
            version=self.version,
        )


@dataclass(slots=True)
class PlaceRow:
    """What of a `place` row takes part in a change."""

    place_id: int
    version: int
    is_open: bool
    state: PlaceState
    counts: Counts


STATE_COLUMNS = """
       s.id AS space_id, s.number, st.place_id, st.occupancy, st.occupancy_since, st.observed_at,
       st.source, st.occupancy_device_id, st.occupancy_boot, st.occupancy_sequence, st.service,
       st.claim, st.lock, st.lock_since, st.lock_device_id, st.lock_boot, st.lock_sequence,
       st.status, st.version
"""

SELECT_STATES = f"SELECT {STATE_COLUMNS} FROM space_state st JOIN space s ON s.id = st.space_id"

SELECT_PLACES = """
SELECT id, version, is_open, state, available_count, reserved_count, occupied_count, closed_count,
       unknown_count
  FROM place
"""

SELECT_WHOLE_PLACE = f"""
SELECT p.id, p.version AS place_version, p.is_open, p.state, p.available_count, p.reserved_count,
       p.occupied_count, p.closed_count, p.unknown_count, {STATE_COLUMNS}
  FROM place p
  LEFT JOIN (space_state st JOIN space s ON s.id = st.space_id AND s.retired_at IS NULL)
    ON st.place_id = p.id
 WHERE p.id = $1
 ORDER BY s.id
"""

UPDATE_STATE = """
UPDATE space_state
   SET occupancy = $2, occupancy_since = $3, observed_at = $4, source = $5,
       occupancy_device_id = $6, occupancy_boot = $7, occupancy_sequence = $8, service = $9,
       claim = $10, lock = $11, lock_since = $12, lock_device_id = $13, lock_boot = $14,
       lock_sequence = $15, status = $16, version = $17
 WHERE space_id = $1
"""

UPDATE_PLACE = """
UPDATE place
   SET version = $2, state = $3, available_count = $4, reserved_count = $5, occupied_count = $6,
       closed_count = $7, unknown_count = $8
 WHERE id = $1
"""

INSERT_OBSERVATION = """
INSERT INTO observation (space_id, place_id, axis, value, observed_at, received_at, source,
                         device_id, person_id, boot, sequence)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT DO NOTHING
"""

INSERT_EVENT = """
INSERT INTO place_event (place_id, version, kind, at, payload) VALUES ($1, $2, $3, $4, $5)
"""


def counts_of(row: Mapping[str, Any]) -> Counts:
    """The counts kept on a place row."""
    return Counts(
        available=row["available_count"],
        reserved=row["reserved_count"],
        occupied=row["occupied_count"],
        closed=row["closed_count"],
        unknown=row["unknown_count"],
    )


def _state_row(row: Mapping[str, Any]) -> StateRow:
    return StateRow(
        space_id=row["space_id"],
        place_id=row["place_id"],
        number=row["number"],
        occupancy=Occupancy(row["occupancy"]),
        occupancy_since=as_time_or_none(row["occupancy_since"]),
        observed_at=as_time_or_none(row["observed_at"]),
        source=Source(row["source"]),
        occupancy_device_id=row["occupancy_device_id"],
        occupancy_boot=row["occupancy_boot"],
        occupancy_sequence=row["occupancy_sequence"],
        service=Service(row["service"]),
        claim=Claim(row["claim"]),
        lock=LockState(row["lock"]),
        lock_since=as_time_or_none(row["lock_since"]),
        lock_device_id=row["lock_device_id"],
        lock_boot=row["lock_boot"],
        lock_sequence=row["lock_sequence"],
        status=SpaceStatus(row["status"]),
        version=row["version"],
    )


def place_row(row: Mapping[str, Any]) -> PlaceRow:
    """A `SELECT_PLACES` row, typed."""
    return PlaceRow(
        place_id=row["id"],
        version=row["version"],
        is_open=bool(row["is_open"]),
        state=PlaceState(row["state"]),
        counts=counts_of(row),
    )


async def read_states(sql: Sql, space_ids: Sequence[int]) -> dict[int, StateRow]:
    """The states of these spaces; a space that does not exist is left out."""
    if not space_ids:
        return {}
    where = f"WHERE st.space_id {sql.any_of('$1')}"
    rows = await sql.fetch(f"{SELECT_STATES} {where}", list(space_ids))
    return {row["space_id"]: _state_row(row) for row in rows}


async def read_whole_place(sql: Sql, place_id: int) -> tuple[PlaceRow, list[StateRow]] | None:
    """A place and the states of all its spaces in use, at one version: one statement sees one."""
    found = await sql.fetch(SELECT_WHOLE_PLACE, place_id)
    if not found:
        return None
    place = place_row({**found[0], "version": found[0]["place_version"]})
    return place, [_state_row(row) for row in found if row["space_id"] is not None]


async def read_places(sql: Sql, place_ids: Sequence[int]) -> dict[int, PlaceRow]:
    """What of these places takes part in a change."""
    if not place_ids:
        return {}
    where = f"WHERE id {sql.any_of('$1')}"
    rows = await sql.fetch(f"{SELECT_PLACES} {where}", list(place_ids))
    return {row["id"]: place_row(row) for row in rows}


async def count_spaces(sql: Sql, place_id: int) -> Counts:
    """The counts of a place, counted anew from its spaces."""
    rows = await sql.fetch(
        "SELECT st.status, COUNT(*) AS n FROM space_state st JOIN space s ON s.id = st.space_id"
        " WHERE st.place_id = $1 AND s.retired_at IS NULL GROUP BY st.status",
        place_id,
    )
    return Counts(**{row["status"].lower(): row["n"] for row in rows})


async def write_states(sql: Sql, rows: Iterable[StateRow]) -> None:
    """Store changed states."""
    await sql.execute_many(
        UPDATE_STATE,
        [
            (
                r.space_id, r.occupancy, r.occupancy_since, r.observed_at, r.source,
                r.occupancy_device_id, r.occupancy_boot, r.occupancy_sequence, r.service,
                r.claim, r.lock, r.lock_since, r.lock_device_id, r.lock_boot,
                r.lock_sequence, r.status, r.version,
            )
            for r in rows
        ],
    )  # fmt: skip


async def write_places(sql: Sql, rows: Iterable[PlaceRow]) -> None:
    """Store changed versions, states and counts."""
    await sql.execute_many(
        UPDATE_PLACE,
        [
            (
                r.place_id, r.version, r.state, r.counts.available, r.counts.reserved,
                r.counts.occupied, r.counts.closed, r.counts.unknown,
            )
            for r in rows
        ],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """An `observation` row to be kept."""

    space_id: int
    place_id: int
    axis: Axis
    value: str
    observed_at: datetime
    received_at: datetime
    source: Source
    device_id: int | None
    person_id: int | None
    boot: int
    sequence: int


async def write_facts(sql: Sql, facts: Iterable[Fact]) -> None:
    """Store observations; one that is there already (same device, boot, sequence) is left alone."""
    await sql.execute_many(
        INSERT_OBSERVATION,
        [
            (
                f.space_id, f.place_id, f.axis, f.value, f.observed_at, f.received_at, f.source,
                f.device_id, f.person_id, f.boot, f.sequence,
            )
            for f in facts
        ],
    )  # fmt: skip
