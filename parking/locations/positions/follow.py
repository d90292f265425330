"""What becomes of positions by what happens to their bookings."""

import logging
from functools import partial

from parking.accounts.viewer import SYSTEM
from parking.clock import Clock
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.locations.kinds import PositionState, VersionKind, VersionSource
from parking.locations.limits import FOLLOWED_MAX
from parking.locations.positions.end import STAY_OVER, end_in
from parking.locations.positions.rows import locked_position
from parking.locations.positions.spaces import facts_of_space
from parking.locations.positions.versions import Said, add_version
from parking.locations.records import OVER, PositionRecord
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

FOLLOWED = f"""
SELECT p.id, p.reservation_id FROM parking_position p JOIN reservation r ON r.id = p.reservation_id
 WHERE p.state = 'ACTIVE' AND p.reservation_id > $1
   AND (r.state IN {OVER} OR r.space_id <> p.booked_space_id)
 ORDER BY p.reservation_id LIMIT {FOLLOWED_MAX}
"""
"""Read from the positions' side: there are few live ones (`parking_position_reservation`), and many
bookings of the past."""

log = logging.getLogger(__name__)


async def follow_positions(clock: Clock, bus: Bus) -> int:
    """Take every live position on whose booking has moved or is over; how many. Any number of
    workers may call it."""
    done, last = 0, 0
    while True:
        rows = await database().fetch(FOLLOWED, last)
        for row in rows:
            done += await _followed(row["id"], clock, bus)
        if len(rows) < FOLLOWED_MAX:
            return done
        last = rows[-1]["reservation_id"]


async def _followed(position_id: int, clock: Clock, bus: Bus) -> bool:
    """Whether it went well; one that never does holds up nobody."""
    try:
        await retried(partial(_follow, position_id, clock, bus))
    except Exception:
        log.exception("following position %s failed; it is tried again", position_id)
        return False
    return True


async def _follow(position_id: int, clock: Clock, bus: Bus) -> None:
    async with HeldBus(bus) as held, transaction() as sql:
        position = await locked_position(sql, position_id)
        if position is None or position.ended_at is not None:
            return
        if position.state is PositionState.ENDED:
            await end_in(sql, held, position, clock.now(), STAY_OVER)
        else:
            await _follow_bay(sql, held, position, clock)


async def _follow_bay(sql: Sql, bus: Bus, position: PositionRecord, clock: Clock) -> None:
    """The booking was moved to another bay: what was known of the former one holds no more."""
    row = await sql.fetch_one(
        "SELECT space_id FROM reservation WHERE id = $1", position.reservation_id
    )
    if row is None or row["space_id"] == position.booked_space_id:
        return
    facts = await facts_of_space(sql, row["space_id"])
    said = Said(facts, VersionKind.MOVED, VersionSource.RESERVATION, SYSTEM.actor)
    moved = await add_version(sql, bus, position, said, clock.now())
    await sql.execute(
        "UPDATE parking_position SET booked_space_id = $2 WHERE id = $1", moved.id, row["space_id"]
    )
