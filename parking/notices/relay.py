"""Telling those who follow notices live that there are new ones, or dead letters.

Notices are written in transactions that know no bus. So what was committed of late is looked for,
and told once: a bare id, on which followers read the rows. Every process that has a bus of its own
does so.
"""

from datetime import datetime, timedelta

import orjson

from parking.clock import Clock
from parking.events.bus import Bus
from parking.storage.sql import database

LOOK_BACK = timedelta(seconds=60)
"""How far back is looked: longer than any transaction takes to commit."""
TOLD_AT_ONCE_MAX = 1_000
"""So many in one go; the rest in the next."""

_OWN = "SELECT id, person_id AS whose FROM own_notice WHERE at >= $1 ORDER BY id"
_DEAD = (
    "SELECT id, organisation_id AS whose FROM notice WHERE done_at >= $1 AND state = 'DEAD'"
    " AND organisation_id IS NOT NULL ORDER BY done_at, id"
)


def own_notices_topic(person_id: int) -> str:
    """What a person is told."""
    return f"person:{person_id}:notices"


def dead_notices_topic(organisation_id: int) -> str:
    """What was given up on behalf of an organisation."""
    return f"organisation:{organisation_id}:dead_notices"


class NoticeRelay:
    """Tells, at each `run_once`, what was committed and it has not told yet."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._told: set[tuple[str, int]] = set()
        self._complete_at: datetime | None = None

    async def run_once(self) -> int:
        """Tell what is new since the last look; how many notices."""
        now = self._clock.now()
        since = (self._complete_at or now) - LOOK_BACK
        sql = database()
        recent = {
            (own_notices_topic(row["whose"]), row["id"]): None
            for row in await sql.fetch(_OWN, since)
        }
        for row in await sql.fetch(_DEAD, since):
            recent[dead_notices_topic(row["whose"]), row["id"]] = None
        fresh = [each for each in recent if each not in self._told][:TOLD_AT_ONCE_MAX]
        for topic, notice_id in fresh:
            await self._bus.publish(topic, orjson.dumps({"notice_id": notice_id}))
            self._told.add((topic, notice_id))
        # What is older than the look back is not read again, so it need not be remembered.
        self._told &= recent.keys()
        if len(self._told) == len(recent):
            self._complete_at = now
        return len(fresh)
