"""Silence: what a device said is not believed for longer than its lifetime."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from parking.clock import Clock
from parking.devices.health import publish_health, read_health
from parking.devices.rules import is_silent
from parking.events.bus import Bus
from parking.occupancy.change import publish_updates
from parking.occupancy.models import Axis, LockState, Occupancy, Source
from parking.occupancy.record import Report, record_within
from parking.storage.sql import Sql, as_time_or_none, database
from parking.storage.transactions import retried, transaction

STALE_MAX = 200
"""Devices that one call takes on; the worker calls again while there are that many."""

SELECT_SILENT = """
SELECT device_id FROM device_health
 WHERE silent_after < $1 AND stale_at IS NULL
 ORDER BY silent_after LIMIT $2
"""

SELECT_ORPHANED = """
SELECT device_id FROM device_health
 WHERE orphaned_at <= $1
 ORDER BY orphaned_at LIMIT $2
"""

SELECT_STATES_OF = """
SELECT st.space_id, st.place_id, st.occupancy, st.source, st.lock,
       (st.occupancy_device_id = h.device_id) AS has_occupancy,
       (st.lock_device_id = h.device_id) AS has_lock,
       d.space_id AS watched_id, d.revoked_at, d.lifetime_seconds, h.last_seen_at
  FROM device_health h
  JOIN device d ON d.id = h.device_id
  JOIN space_state st
    ON st.occupancy_device_id = h.device_id OR st.lock_device_id = h.device_id
 WHERE h.device_id {any_device}
"""


async def mark_stale(clock: Clock, bus: Bus, limit: int = STALE_MAX) -> int:
    """Make UNKNOWN what silent devices said last, and mark them; how many devices that were.

    A device is silent when nothing was heard of it for its lifetime. What a device said of a
    space that it was moved away from, or before it was revoked, becomes UNKNOWN too. Several
    workers may call this at a time: on PostgreSQL each takes devices of its own.
    """
    return await retried(lambda: _mark(clock, bus, limit))


async def _mark(clock: Clock, bus: Bus, limit: int) -> int:
    at = clock.now()
    async with transaction() as sql:
        silent = await _claim(sql, SELECT_SILENT, at, limit)
        orphaned = await _claim(sql, SELECT_ORPHANED, at, limit)
        due = sorted({*silent, *orphaned})
        if not due:
            return 0
        await sql.execute_many(
            "UPDATE device_health SET stale_at = $2 WHERE device_id = $1", [(i, at) for i in silent]
        )
        await sql.execute_many(
            "UPDATE device_health SET orphaned_at = NULL WHERE device_id = $1",
            [(i,) for i in orphaned],
        )
        rows = await sql.fetch(SELECT_STATES_OF.format(any_device=sql.any_of("$1")), due)
        reports = [report for row in rows for report in _unknown(row, at)]
        change = await record_within(sql, reports, at)
    await publish_updates(bus, change.updates())
    await publish_health(bus, await read_health(database(), due), at)
    return len(due)


async def _claim(sql: Sql, query: str, at: datetime, limit: int) -> list[int]:
    """Ids of due devices, which no other worker gets before this transaction ends."""
    alone = " FOR UPDATE SKIP LOCKED" if sql.dialect == "postgres" else ""
    rows = await sql.fetch(query + alone, at, limit)
    return sorted(row["device_id"] for row in rows)


def _unknown(row: Mapping[str, Any], at: datetime) -> list[Report]:
    """Reports that what the device said of the space does not hold any more."""
    seen_at = as_time_or_none(row["last_seen_at"])
    is_away = row["revoked_at"] is not None or row["watched_id"] != row["space_id"]
    if not is_away and not is_silent(seen_at, row["lifetime_seconds"], at):
        return []
    reports = []
    if row["has_occupancy"] and row["source"] == Source.DEVICE:
        reports.append(_report(row, Axis.OCCUPANCY, Occupancy.UNKNOWN.value, at))
    if row["has_lock"] and row["lock"] != LockState.UNKNOWN:
        reports.append(_report(row, Axis.LOCK, LockState.UNKNOWN.value, at))
    return reports


def _report(row: Mapping[str, Any], axis: Axis, value: str, at: datetime) -> Report:
    return Report(
        space_id=row["space_id"],
        place_id=row["place_id"],
        axis=axis,
        value=value,
        observed_at=at,
        received_at=at,
        source=Source.STALENESS,
    )
