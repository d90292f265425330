"""What is known of the bays that may need something: an arm raised, an alarm."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from parking.access.bays import CLAIMANT_COLUMNS, claimant_of, stand_of
from parking.access.models import AlarmKind, CommandCause
from parking.access.rules import Claimant, Stand
from parking.occupancy.models import LockState, Occupancy
from parking.reservations.models import ReservationState
from parking.storage.sql import Sql, as_time, as_time_or_none

KEEP_FREE_AHEAD = timedelta(minutes=30)
"""So long before its start a reservation's bay is kept free by its arm."""

WATCHED_MAX = 2_000
"""Bays that one look takes on; the next begins behind the last of them."""

SELECT_WATCHED = """
SELECT st.space_id, st.place_id, st.occupancy, st.occupancy_since, st.source, st.observed_at,
       st.lock, st.lock_since, d.id AS device_id, dh.stale_at, sh.last_seen_at AS heard_at,
       sd.lifetime_seconds
  FROM space_state st
  LEFT JOIN device d ON d.space_id = st.space_id AND d.kind = 'LOCK' AND d.revoked_at IS NULL
  LEFT JOIN device_health dh ON dh.device_id = d.id
  LEFT JOIN device sd ON sd.id = st.occupancy_device_id AND sd.revoked_at IS NULL
  LEFT JOIN device_health sh ON sh.device_id = sd.id
 WHERE (st.space_id {any_watched}) AND st.space_id > $2
 ORDER BY st.space_id, d.id DESC LIMIT $3
"""
"""Of several locks at a bay the newest counts; `bays_to_watch` keeps the first row of each."""

WATCHED = """
SELECT d.space_id AS id FROM device d JOIN space_state st ON st.space_id = d.space_id
 WHERE d.kind = 'LOCK' AND d.revoked_at IS NULL
   AND NOT (st.lock = 'RAISED' AND st.occupancy = 'FREE')
UNION SELECT d.space_id FROM device d JOIN device_health h ON h.device_id = d.id
 WHERE d.kind = 'LOCK' AND d.revoked_at IS NULL AND h.stale_at IS NOT NULL
UNION SELECT a.space_id FROM alarm a WHERE a.cleared_at IS NULL
UNION SELECT r.space_id FROM reservation r WHERE r.state = 'ACTIVE' AND r.ends_at <= $1
"""


@dataclass(frozen=True, slots=True)
class Lowering:
    """The last time the arm was taken down by a command."""

    cause: CommandCause
    reservation_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Watched:
    """A bay that is looked at; times are aware UTC.

    `claim` is the reservation in use there, else the one that is on or about to begin.
    `is_listed`: an active listing offers the bay, so its arm keeps strangers out. `tried_at` is
    when its lock was ordered anything last.
    """

    space_id: int
    place_id: int
    device_id: int | None
    stand: Stand
    occupancy_since: datetime | None
    lock: LockState
    lock_since: datetime | None
    is_silent: bool
    is_listed: bool
    claim: Claimant | None
    opened: Lowering | None
    tried_at: datetime | None
    is_commanded: bool
    alarms: frozenset[AlarmKind]

    @property
    def occupancy(self) -> Occupancy:
        """Whether a car stands there."""
        return self.stand.occupancy


async def bays_to_watch(
    sql: Sql, now: datetime, after: int = 0, space_ids: list[int] | None = None
) -> list[Watched]:
    """The bays behind `after`, in order of id, that may need something; or those named."""
    any_watched = f"IN ({WATCHED})" if space_ids is None else sql.any_of("$1")
    first: Any = now if space_ids is None else space_ids
    rows = await sql.fetch(
        SELECT_WATCHED.format(any_watched=any_watched), first, after, WATCHED_MAX
    )
    by_space: dict[int, dict[str, Any]] = {}
    for row in rows:
        by_space.setdefault(row["space_id"], row)
    ids = list(by_space)
    if not ids:
        return []
    claims, listed = await _claims(sql, ids, now), await _listed(sql, ids)
    opened, tried, alarms = await _opened(sql, ids), await _tried(sql, ids), await _alarms(sql, ids)
    return [
        Watched(
            space_id=i,
            place_id=row["place_id"],
            device_id=row["device_id"],
            stand=stand_of(row),
            occupancy_since=as_time_or_none(row["occupancy_since"]),
            lock=LockState(row["lock"]),
            lock_since=as_time_or_none(row["lock_since"]),
            is_silent=row["stale_at"] is not None,
            is_listed=i in listed,
            claim=claims.get(i),
            opened=opened.get(i),
            tried_at=tried[i][0] if i in tried else None,
            is_commanded=i in tried and tried[i][1],
            alarms=frozenset(alarms.get(i, ())),
        )
        for i, row in by_space.items()
    ]


async def _claims(sql: Sql, ids: list[int], now: datetime) -> dict[int, Claimant]:
    rows = await sql.fetch(
        f"SELECT {CLAIMANT_COLUMNS} FROM reservation r WHERE r.space_id {sql.any_of('$1')}"
        " AND (r.state = 'ACTIVE' OR (r.state = 'CONFIRMED' AND r.starts_at <= $2"
        " AND r.ends_at > $3)) ORDER BY r.starts_at, r.id",
        ids,
        now + KEEP_FREE_AHEAD,
        now,
    )
    found: dict[int, Claimant] = {}
    for each in map(claimant_of, rows):
        # One in use goes before one that begins, the earlier before the later.
        if each.state is ReservationState.ACTIVE:
            found[each.space_id] = each
        else:
            found.setdefault(each.space_id, each)
    return found


async def _listed(sql: Sql, ids: list[int]) -> set[int]:
    rows = await sql.fetch(
        "SELECT DISTINCT s.space_id FROM listing_space s JOIN listing l ON l.id = s.listing_id"
        f" WHERE s.space_id {sql.any_of('$1')} AND l.state = 'ACTIVE'",
        ids,
    )
    return {row["space_id"] for row in rows}


async def _opened(sql: Sql, ids: list[int]) -> dict[int, Lowering]:
    rows = await sql.fetch(
        "SELECT c.space_id, c.cause, c.reservation_id, c.finished_at FROM lock_command c"
        " WHERE c.id IN (SELECT MAX(id) FROM lock_command"
        f"   WHERE space_id {sql.any_of('$1')} AND target = 'LOWERED' AND state = 'DONE'"
        "   GROUP BY space_id)",
        ids,
    )
    return {
        row["space_id"]: Lowering(
            CommandCause(row["cause"]), row["reservation_id"], as_time(row["finished_at"])
        )
        for row in rows
    }


async def _tried(sql: Sql, ids: list[int]) -> dict[int, tuple[datetime, bool]]:
    rows = await sql.fetch(
        "SELECT c.space_id, c.created_at, c.finished_at FROM lock_command c"
        " WHERE c.id IN (SELECT MAX(id) FROM lock_command"
        f"   WHERE space_id {sql.any_of('$1')} GROUP BY space_id)",
        ids,
    )
    return {
        row["space_id"]: (as_time(row["created_at"]), row["finished_at"] is None) for row in rows
    }


async def _alarms(sql: Sql, ids: list[int]) -> dict[int, set[AlarmKind]]:
    rows = await sql.fetch(
        f"SELECT space_id, kind FROM alarm WHERE space_id {sql.any_of('$1')}"
        " AND cleared_at IS NULL",
        ids,
    )
    found: dict[int, set[AlarmKind]] = {}
    for row in rows:
        found.setdefault(row["space_id"], set()).add(AlarmKind(row["kind"]))
    return found
