"""Following what happens at places: each change of a bay is acted on once, in order.

A cursor says up to which version of a place this was done; it moves in the transaction of what was
done. Whoever holds the cursor's row follows the place, the others pass it over; so any number of
workers may run, and one that dies leaves nothing half done. Only places are followed where a stay
is under way or a booking has come near; where the cursor has fallen behind what is retained, the
bays are looked at as they are now.
"""

from datetime import datetime
from functools import partial

from parking.clock import Clock
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.occupancy.change import changing_places
from parking.occupancy.models import Occupancy
from parking.occupancy.state import decode_update
from parking.reservations.record import BookingChange
from parking.sessions.limits import EARLY, EVENTS_MAX
from parking.sessions.witness import Sighting, witness
from parking.storage.sql import Sql, as_time, database
from parking.storage.transactions import retried, transaction

FOLLOWER = "sessions"
PLACES_MAX = 500
"""So many places one run follows."""

BEHIND_MAX = 5_000
"""Further behind than this (nobody had booked there for long) the bays are looked at as they are:
what came and went before says nothing of the bookings that are near now."""

_PLACES = f"""
SELECT p.id FROM place p LEFT JOIN follow_cursor c ON c.place_id = p.id AND c.follower = $2
 WHERE (c.version IS NULL OR c.version < p.version) AND p.id IN (
       SELECT r.place_id FROM reservation r WHERE r.state = 'CONFIRMED' AND r.starts_at <= $1
        UNION SELECT s.place_id FROM session s WHERE s.state = 'OPEN')
 ORDER BY p.id LIMIT {PLACES_MAX}
"""

_BAYS = """
SELECT r.space_id FROM reservation r
 WHERE r.state = 'CONFIRMED' AND r.starts_at <= $2 AND r.place_id = $1
 UNION SELECT s.space_id FROM session s WHERE s.state = 'OPEN' AND s.place_id = $1
"""

_EVENTS = f"""
SELECT version, at, payload FROM place_event WHERE place_id = $1 AND version > $2
 ORDER BY version LIMIT {EVENTS_MAX}
"""


async def follow_places(clock: Clock, bus: Bus) -> int:
    """Act on what happened where stays are under way or near; how many changes were looked at."""
    rows = await database().fetch(_PLACES, clock.now() + EARLY, FOLLOWER)
    done = 0
    for row in rows:
        done += await retried(partial(follow_place, row["id"], clock, bus))
    return done


async def follow_place(place_id: int, clock: Clock, bus: Bus) -> int:
    """Act on the next changes of one place, `EVENTS_MAX` at most; how many there were.

    0 where another worker is at it, or there is nothing new.
    """
    async with HeldBus(bus) as held, transaction() as sql:
        stands_at = await _claim(sql, place_id)
        if stands_at is None:
            return 0
        async with changing_places([place_id], clock, held) as place:
            change = BookingChange(place, held)
            reached, count = await _follow(change, place_id, stands_at)
            await _move(sql, place_id, reached)
        return count


async def _claim(sql: Sql, place_id: int) -> int | None:
    """Where the cursor stands, -1 for one that is new; None while another worker has it.

    The cursor's row is taken before the place's, by everybody: nobody waits in a ring.
    """
    await sql.execute(
        "INSERT INTO follow_cursor (follower, place_id, version) VALUES ($1, $2, -1)"
        " ON CONFLICT DO NOTHING",
        FOLLOWER,
        place_id,
    )
    lock = " FOR UPDATE SKIP LOCKED" if sql.dialect == "postgres" else ""
    row = await sql.fetch_one(
        f"SELECT version FROM follow_cursor WHERE follower = $1 AND place_id = $2{lock}",
        FOLLOWER,
        place_id,
    )
    return None if row is None else int(row["version"])


async def _move(sql: Sql, place_id: int, version: int) -> None:
    await sql.execute(
        "UPDATE follow_cursor SET version = $3 WHERE follower = $1 AND place_id = $2",
        FOLLOWER,
        place_id,
        version,
    )


async def _follow(change: BookingChange, place_id: int, stands_at: int) -> tuple[int, int]:
    """The version that is reached, and how many changes led there."""
    present = change.place.place(place_id).version
    if stands_at >= present:
        return stands_at, 0
    rows = await change.sql.fetch(_EVENTS, place_id, stands_at)
    bays = await _bays(change, place_id)
    is_told = bool(rows) and rows[0]["version"] == stands_at + 1
    if not is_told or present - stands_at > BEHIND_MAX:
        await look(change, sorted(bays))
        return present, 1
    for row in rows:
        await _act(change, row["payload"], as_time(row["at"]), bays)
    return rows[-1]["version"], len(rows)


async def _act(change: BookingChange, payload: str, at: datetime, bays: set[int]) -> None:
    for space in decode_update(payload).spaces:
        if space.space_id in bays:
            await witness(change, Sighting(space.space_id, space.occupancy, space.since, at))


async def _bays(change: BookingChange, place_id: int) -> set[int]:
    rows = await change.sql.fetch(_BAYS, place_id, change.at + EARLY)
    return {row["space_id"] for row in rows}


async def look(change: BookingChange, space_ids: list[int]) -> int:
    """Act on these bays as they are now; how many stays that changed."""
    changed = 0
    for space_id, state in sorted((await change.place.states(space_ids)).items()):
        occupancy, since = Occupancy(state.occupancy), state.occupancy_since
        changed += await witness(change, Sighting(space_id, occupancy, since, change.at))
    return changed
