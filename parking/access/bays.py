"""What of a bay decides whether its arm may move: its lock, whether a car stands there, claims."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from parking.access.rules import (
    EARLY_MARGIN,
    Bay,
    Claimant,
    NoClaim,
    Stand,
    may_use,
    require_claim,
)
from parking.occupancy.models import LockState, Occupancy, Source
from parking.reservations.models import ReservationState
from parking.storage.sql import Sql, as_time, as_time_or_none

SELECT_LOCK = """
SELECT d.id AS device_id, d.place_id, d.space_id, st.lock, st.lock_since, st.occupancy, st.source,
       st.observed_at, h.lock_moves, sh.last_seen_at AS heard_at, sd.lifetime_seconds
  FROM device d
  JOIN device_health h ON h.device_id = d.id
  JOIN space_state st ON st.space_id = d.space_id
  LEFT JOIN device sd ON sd.id = st.occupancy_device_id AND sd.revoked_at IS NULL
  LEFT JOIN device_health sh ON sh.device_id = sd.id
 WHERE d.space_id = $1 AND d.kind = 'LOCK' AND d.revoked_at IS NULL
 ORDER BY (CASE WHEN st.lock_device_id = d.id THEN 0 ELSE 1 END), d.id DESC
 LIMIT 1
"""

CLAIMANT_COLUMNS = """
       r.id, r.space_id, r.person_id, r.organisation_id, r.state, r.starts_at, r.ends_at
"""

SELECT_LIVE = f"""
SELECT {CLAIMANT_COLUMNS} FROM reservation r
 WHERE r.space_id = $1 AND r.state IN ('CONFIRMED', 'ACTIVE')
   AND r.starts_at <= $2 AND (r.state = 'ACTIVE' OR r.ends_at > $3)
 ORDER BY (CASE WHEN r.state = 'ACTIVE' THEN 0 ELSE 1 END), r.starts_at DESC, r.id DESC
"""


@dataclass(frozen=True, slots=True)
class Lock:
    """The lock of a bay. `moves` is its arm's counter of moves as far as it is known."""

    device_id: int
    place_id: int
    space_id: int
    state: LockState
    since: datetime | None
    moves: int | None
    stand: Stand


async def lock_of(sql: Sql, space_id: int) -> Lock | None:
    """The lock in use of a bay: the one that spoke last of its arm, else the newest."""
    row = await sql.fetch_one(SELECT_LOCK, space_id)
    return None if row is None else _lock(row)


def _lock(row: Mapping[str, Any]) -> Lock:
    return Lock(
        device_id=row["device_id"],
        place_id=row["place_id"],
        space_id=row["space_id"],
        state=LockState(row["lock"]),
        since=as_time_or_none(row["lock_since"]),
        moves=row["lock_moves"],
        stand=stand_of(row),
    )


def stand_of(row: Mapping[str, Any]) -> Stand:
    """Whether a car stands there, from a row that joins the state and its device."""
    return Stand(
        occupancy=Occupancy(row["occupancy"]),
        source=Source(row["source"]),
        observed_at=as_time_or_none(row["observed_at"]),
        heard_at=as_time_or_none(row["heard_at"]),
        lifetime_seconds=row["lifetime_seconds"],
    )


async def claimant(sql: Sql, reservation_id: int) -> Claimant | None:
    """What of a reservation takes part in opening."""
    row = await sql.fetch_one(
        f"SELECT {CLAIMANT_COLUMNS} FROM reservation r WHERE r.id = $1", reservation_id
    )
    return None if row is None else claimant_of(row)


async def require_held(sql: Sql, reservation_id: int | None, space_id: int, now: datetime) -> None:
    """Raises NoClaim unless the reservation is of this bay and holds now; not in its early margin
    either while somebody else's window is not over (`may_use`), as at the reader
    (`check.booking_fault`)."""
    held = None if reservation_id is None else await claimant(sql, reservation_id)
    require_claim(held, space_id, now)
    if held is None or held.starts_at <= now:
        return
    if not may_use(held, await live_claims(sql, space_id, now), now):
        raise NoClaim("the bay is somebody else's until your reservation begins; come back then")


async def live_claims(sql: Sql, space_id: int, now: datetime) -> list[Claimant]:
    """The reservations that hold in the bay now, the one in use first."""
    rows = await sql.fetch(SELECT_LIVE, space_id, now + EARLY_MARGIN, now)
    return [claimant_of(row) for row in rows]


async def bay_of(
    sql: Sql, space_id: int, place_organisation_id: int, person_id: int | None, now: datetime
) -> Bay:
    """Whose the bay is now.

    Two reservations may hold at once: one is not over, the next has its early margin. The
    caller's own comes first then.
    """
    found = await live_claims(sql, space_id, now)
    mine = [each for each in found if each.person_id == person_id]
    live = next(iter([*mine, *found]), None)
    owners = await sql.fetch(
        "SELECT DISTINCT l.organisation_id FROM listing l JOIN listing_space s"
        " ON s.listing_id = l.id WHERE s.space_id = $1 AND l.state = 'ACTIVE'",
        space_id,
    )
    return Bay(place_organisation_id, frozenset(row["organisation_id"] for row in owners), live)


def claimant_of(row: Mapping[str, Any]) -> Claimant:
    """A row of `CLAIMANT_COLUMNS`, typed."""
    return Claimant(
        reservation_id=row["id"],
        space_id=row["space_id"],
        person_id=row["person_id"],
        organisation_id=row["organisation_id"],
        state=ReservationState(row["state"]),
        starts_at=as_time(row["starts_at"]),
        ends_at=as_time(row["ends_at"]),
    )
