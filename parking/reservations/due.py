"""What becomes due by the clock alone: holds that lapse, claims that begin and end, drivers who do
not come. For the worker, each second; any number of workers may run, for each place is locked and
looked at again before anything is changed."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from parking.accounts.viewer import SYSTEM
from parking.clock import Clock
from parking.events.bus import Bus
from parking.occupancy.models import Occupancy
from parking.reservations.claims import show_claims
from parking.reservations.lapse import expire_lapsed
from parking.reservations.limits import DEFAULTS, BookingLimits
from parking.reservations.record import BookingChange, changing_bookings
from parking.reservations.records import (
    SELECT_RESERVATIONS,
    ReservationRecord,
    reservation_record,
)
from parking.reservations.rules import CLAIM_AHEAD, Step, is_missed, next_state
from parking.storage.sql import as_time, database
from parking.storage.transactions import retried

DUE_MAX = 500
"""So many are dealt with in one go; the rest in the next."""

_CLAIMS = f"""
SELECT space_id, place_id FROM reservation
 WHERE claim = 'NONE' AND state IN ('REQUESTED', 'PENDING_PAYMENT', 'CONFIRMED', 'ACTIVE')
   AND starts_at <= $2 AND (ends_at > $1 OR state = 'ACTIVE')
UNION
SELECT space_id, place_id FROM reservation
 WHERE claim <> 'NONE' AND state <> 'ACTIVE'
   AND (ends_at <= $1 OR state NOT IN ('REQUESTED', 'PENDING_PAYMENT', 'CONFIRMED'))
LIMIT {DUE_MAX}
"""

_MISSED = f"""
SELECT id, place_id FROM reservation
 WHERE state = 'CONFIRMED' AND starts_at <= $1 AND (starts_at <= $2 OR ends_at <= $1)
 ORDER BY starts_at LIMIT {DUE_MAX}
"""


async def run_due(clock: Clock, bus: Bus, limits: BookingLimits = DEFAULTS) -> int:
    """All of it; how many bookings or spaces it concerned."""
    done = await expire_lapsed(clock, bus)
    done += await miss_no_shows(clock, bus, limits)
    return done + await show_due_claims(clock, bus)


async def show_due_claims(clock: Clock, bus: Bus) -> int:
    """Show the claims of bookings that come near, take back those of bookings that are over."""
    now = clock.now()
    rows = await database().fetch(_CLAIMS, now, now + CLAIM_AHEAD)
    for place_id, spaces in _by_place(rows, "space_id"):
        await _show(place_id, spaces, clock, bus)
    return len(rows)


async def _show(place_id: int, space_ids: list[int], clock: Clock, bus: Bus) -> None:
    async def once() -> None:
        async with changing_bookings([place_id], clock, bus) as change:
            await show_claims(change, space_ids)

    await retried(once)


async def miss_no_shows(clock: Clock, bus: Bus, limits: BookingLimits = DEFAULTS) -> int:
    """NO_SHOW for bookings whose driver did not come; how many.

    At `limits.no_show` after the start only where the bay is seen to be free: nobody is told to
    have stayed away because a sensor is silent. At the end of the window otherwise; but
    nobody has missed what they were let into a moment ago (`rules.ARRIVAL`).
    """
    now = clock.now()
    rows = await database().fetch(_MISSED, now, now - limits.no_show)
    done = 0
    for place_id, ids in _by_place(rows, "id"):
        done += await _miss(place_id, ids, clock, bus, limits)
    return done


async def _miss(
    place_id: int, ids: list[int], clock: Clock, bus: Bus, limits: BookingLimits
) -> int:
    async def once() -> int:
        async with changing_bookings([place_id], clock, bus) as change:
            rows = await change.sql.fetch(
                f"{SELECT_RESERVATIONS} WHERE r.id {change.sql.any_of('$1')} ORDER BY r.id", ids
            )
            found = [reservation_record(row) for row in rows]
            came = await _last_admitted(change, ids)
            missed = [
                each for each in found
                if is_missed(each, limits.no_show, change.at, came.get(each.id))
            ]  # fmt: skip
            return sum([await _miss_one(change, each) for each in missed])

    return await retried(once)


async def _last_admitted(change: BookingChange, ids: list[int]) -> dict[int, datetime]:
    rows = await change.sql.fetch(
        "SELECT reservation_id, MAX(at) AS at FROM reservation_event"
        f" WHERE reservation_id {change.sql.any_of('$1')} AND kind = $2 GROUP BY reservation_id",
        ids,
        Step.ADMIT.value,
    )
    return {row["reservation_id"]: as_time(row["at"]) for row in rows}


async def _miss_one(change: BookingChange, reservation: ReservationRecord) -> int:
    states = await change.place.states([reservation.space_id])
    state = states.get(reservation.space_id)
    seen = Occupancy.UNKNOWN if state is None else state.occupancy
    if seen is not Occupancy.FREE and change.at < reservation.ends_at:
        return 0
    following = next_state(Step.MISS, reservation.state)
    await change.step(reservation, Step.MISS, SYSTEM, {"bay": seen}, state=following)
    await show_claims(change, [reservation.space_id])
    return 1


def _by_place(rows: Iterable[Mapping[str, Any]], column: str) -> list[tuple[int, list[int]]]:
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(row["place_id"], []).append(row[column])
    return sorted(found.items())
