"""Telling what a crash swallowed, and what happened in another process where no bus reaches.

As `parking.events.relay` for places: it reads the events that were committed of late and announces
each booking's newest version once. Who follows knows that version already, or reads it now.
"""

from datetime import datetime, timedelta

from parking.clock import Clock
from parking.events.bus import Bus
from parking.reservations.record import announce
from parking.reservations.records import SELECT_RESERVATIONS, reservation_record
from parking.storage.sql import database

LOOK_BACK = timedelta(seconds=60)
"""How far back events are looked at: longer than any transaction takes to commit."""
ANNOUNCED_MAX = 1_000
"""So many bookings in one go; the rest in the next."""


class BookingRelay:
    """Announces, at each `run_once`, the bookings whose newest event it has not announced yet."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._announced: dict[int, int] = {}
        self._looked_at: datetime | None = None

    async def run_once(self) -> int:
        """Announce the newest version of bookings that changed since the last look; how many."""
        since = self._look_back()
        # Not grouped there: SQLite would read the whole table in the order of the groups.
        rows = await database().fetch(
            "SELECT reservation_id, version FROM reservation_event WHERE at >= $1", since
        )
        newest: dict[int, int] = {}
        for row in rows:
            known = newest.get(row["reservation_id"], 0)
            newest[row["reservation_id"]] = max(known, row["version"])
        fresh = [i for i, version in newest.items() if self._announced.get(i, 0) < version]
        await self._announce(fresh[:ANNOUNCED_MAX])
        # What is older than the look back is not read again, so it need not be remembered.
        self._announced = {i: v for i, v in self._announced.items() if i in newest}
        return len(fresh)

    async def _announce(self, ids: list[int]) -> None:
        sql = database()
        rows = await sql.fetch(f"{SELECT_RESERVATIONS} WHERE r.id {sql.any_of('$1')}", ids)
        for row in rows:
            booking = reservation_record(row)
            await announce(self._bus, booking)
            self._announced[booking.id] = booking.version

    def _look_back(self) -> datetime:
        now = self._clock.now()
        since = (self._looked_at or now) - LOOK_BACK
        self._looked_at = now
        return since
