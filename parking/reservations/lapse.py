"""Holds and requests that waited in vain: given up by the worker, and at once by who is next."""

from datetime import datetime

from parking.accounts.viewer import SYSTEM
from parking.clock import Clock
from parking.events.bus import Bus
from parking.reservations.claims import show_claims
from parking.reservations.record import BookingChange, changing_bookings
from parking.reservations.records import (
    SELECT_RESERVATIONS,
    ReservationRecord,
    reservation_record,
)
from parking.reservations.rules import Step, has_lapsed, next_state
from parking.storage.sql import database
from parking.storage.transactions import retried

LAPSED_MAX = 200
"""So many are given up in one go of the worker; the rest in the next."""

_WAITING = "r.state IN ('REQUESTED', 'PENDING_PAYMENT')"
_LIVE = "r.state IN ('REQUESTED', 'PENDING_PAYMENT', 'CONFIRMED', 'ACTIVE')"
"""Said besides, word for word as in the index of live bookings, so that SQLite takes that."""


async def expire_lapsed(clock: Clock, bus: Bus) -> int:
    """Give up what has lapsed, place by place; how many. Any number of workers may run."""
    rows = await database().fetch(
        f"SELECT r.place_id, r.id FROM reservation r WHERE {_WAITING} AND r.hold_until <= $1"
        f" ORDER BY r.hold_until LIMIT {LAPSED_MAX}",
        clock.now(),
    )
    by_place: dict[int, list[int]] = {}
    for row in rows:
        by_place.setdefault(row["place_id"], []).append(row["id"])
    done = 0
    for place_id, ids in sorted(by_place.items()):
        done += await _expire_in(place_id, ids, clock, bus)
    return done


async def _expire_in(place_id: int, ids: list[int], clock: Clock, bus: Bus) -> int:
    async def once() -> int:
        async with changing_bookings([place_id], clock, bus) as change:
            rows = await change.sql.fetch(
                f"{SELECT_RESERVATIONS} WHERE r.id {change.sql.any_of('$1')} ORDER BY r.id", ids
            )
            return await give_up(change, [reservation_record(row) for row in rows])

    return await retried(once)


async def expire_in_the_way(
    change: BookingChange, space_id: int, starts_before: datetime, blocked_after: datetime
) -> int:
    """Give up lapsed holds that would block `[blocked_after, starts_before)` of the space; so a
    lapsed hold frees at once, whether a worker runs or not."""
    rows = await change.sql.fetch(
        f"{SELECT_RESERVATIONS} WHERE r.space_id = $1 AND {_LIVE} AND {_WAITING}"
        " AND r.hold_until <= $2 AND r.starts_at < $3 AND r.blocked_until > $4",
        space_id,
        change.at,
        starts_before,
        blocked_after,
    )
    return await give_up(change, [reservation_record(row) for row in rows])


async def give_up(change: BookingChange, found: list[ReservationRecord]) -> int:
    """EXPIRE those that have lapsed, in the caller's change; how many."""
    lapsed = [each for each in found if has_lapsed(each, change.at)]
    for each in lapsed:
        state = next_state(Step.LAPSE, each.state)
        await change.step(each, Step.LAPSE, SYSTEM, {"from": each.state}, state=state)
    await show_claims(change, [each.space_id for each in lapsed])
    return len(lapsed)
