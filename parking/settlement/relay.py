"""Telling what a crash swallowed of money, and what moved in another process where no bus reaches.

As `parking.events.relay` for places: it reads what was committed of late and tells it once more, in
the order in which it was written. Who follows reads the rows anew, so twice costs nothing.
"""

from datetime import datetime, timedelta

import orjson

from parking.clock import Clock
from parking.events.bus import Bus
from parking.events.retention import EVENTS_KEPT, delete_before
from parking.storage.sql import database

LOOK_BACK = timedelta(seconds=60)
"""How far back is looked: longer than any transaction takes to commit."""
TOLD_AT_ONCE_MAX = 1_000
"""So many in one go; the rest in the next."""


class MoneyRelay:
    """Tells, at each `run_once`, what was committed and it has not told yet."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._told: set[int] = set()
        self._complete_at: datetime | None = None

    async def run_once(self) -> int:
        """Tell what is new since the last look; how many events."""
        now = self._clock.now()
        since = (self._complete_at or now) - LOOK_BACK
        rows = await database().fetch("SELECT id FROM money_event WHERE at >= $1", since)
        recent = {row["id"] for row in rows}
        fresh = sorted(recent - self._told)[:TOLD_AT_ONCE_MAX]
        await self._tell(fresh)
        # What is older than the look back is not read again, so it need not be remembered.
        self._told &= recent
        if self._told == recent:
            self._complete_at = now
        return len(fresh)

    async def _tell(self, ids: list[int]) -> None:
        if not ids:
            return
        sql = database()
        rows = await sql.fetch(
            f"SELECT id, topics, body FROM money_event WHERE id {sql.any_of('$1')} ORDER BY id", ids
        )
        for row in rows:
            for topic in orjson.loads(row["topics"]):
                await self._bus.publish(topic, row["body"].encode())
            self._told.add(row["id"])


async def prune_money_events(now: datetime) -> int:
    """Delete what was told longer ago than `EVENTS_KEPT`; returns how many."""
    return await delete_before("money_event", now - EVENTS_KEPT)
