"""The outbox relay: tells subscribers of what was committed but never published.

A process that dies between its commit and its publish leaves event rows that nobody heard of. A
relay listens like any subscriber; what the table has and the bus never carried it announces with
a bare version number, on which subscribers that are behind read the table. It writes nothing, and
any number of relays may run.
"""

import logging
from datetime import datetime, timedelta

from parking.clock import Clock
from parking.events.bus import Bus
from parking.storage.sql import database

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(seconds=60)
"""How far back events are looked at; a relay that was away longer announces all places once."""


class Relay:
    """Announces, at each `run_once`, the places whose newest event it has not announced yet."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._announced: dict[int, int] = {}
        self._looked_at: datetime | None = None

    async def run_once(self) -> int:
        """Announce the newest version of places that changed since the last look; how many."""
        since = self._look_back()
        rows = await database().fetch(
            "SELECT place_id, MAX(version) AS version FROM place_event WHERE at >= $1"
            " GROUP BY place_id",
            since,
        )
        fresh = [r for r in rows if self._announced.get(r["place_id"], -1) < r["version"]]
        for row in fresh:
            await self._bus.publish(f"place:{row['place_id']}", b"%d" % row["version"])
            self._announced[row["place_id"]] = row["version"]
        return len(fresh)

    def _look_back(self) -> datetime:
        now = self._clock.now()
        since = (self._looked_at or now) - LOOK_BACK
        self._looked_at = now
        return since
