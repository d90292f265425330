"""What the clock alone brings about: a bay that has stayed free long enough, a car that was there
before its booking began, a credential that was admitted after the car had come."""

from functools import partial

from parking.clock import Clock
from parking.events.bus import Bus
from parking.reservations.record import changing_bookings
from parking.sessions.follow import look
from parking.sessions.limits import EARLY, FLICKER
from parking.storage.sql import database
from parking.storage.transactions import retried

SWEPT_MAX = 200
"""So many bays one run looks at; it runs again while there are that many."""

_DUE = f"""
SELECT s.place_id, s.space_id FROM session s WHERE s.state = 'OPEN' AND s.left_at <= $1
UNION
SELECT r.place_id, r.space_id FROM reservation r JOIN space_state st ON st.space_id = r.space_id
 WHERE r.state = 'CONFIRMED' AND r.starts_at <= $2 AND r.ends_at > $3 AND st.occupancy = 'OCCUPIED'
   AND NOT EXISTS (SELECT 1 FROM session s WHERE s.space_id = r.space_id AND s.state = 'OPEN')
 ORDER BY place_id, space_id LIMIT {SWEPT_MAX}
"""


async def sweep_stays(clock: Clock, bus: Bus) -> int:
    """Begin and end what has become due; how many stays. Any number of workers may run."""
    now = clock.now()
    rows = await database().fetch(_DUE, now - FLICKER, now + EARLY, now)
    by_place: dict[int, list[int]] = {}
    for row in rows:
        by_place.setdefault(row["place_id"], []).append(row["space_id"])
    changed = 0
    for place_id, space_ids in sorted(by_place.items()):
        changed += await retried(partial(_sweep, place_id, space_ids, clock, bus))
    return changed


async def _sweep(place_id: int, space_ids: list[int], clock: Clock, bus: Bus) -> int:
    async with changing_bookings([place_id], clock, bus) as change:
        return await look(change, space_ids)
