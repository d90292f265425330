"""How long event rows are kept: what a consumer may resume from."""

from datetime import datetime, timedelta

from parking.storage.sql import database

EVENTS_KEPT = timedelta(hours=24)


PRUNED_AT_ONCE = 10_000
"""Rows deleted by one statement, so that none holds its locks for long."""


async def prune_events(now: datetime) -> int:
    """Delete event rows older than `EVENTS_KEPT`; returns how many.

    Consumers that would resume from them get a snapshot. The newest row of a place goes too: its
    version lives on the place.
    """
    deleted = 0
    while True:
        count = await database().execute(
            "DELETE FROM place_event WHERE id IN"
            " (SELECT id FROM place_event WHERE at < $1 ORDER BY at LIMIT $2)",
            now - EVENTS_KEPT,
            PRUNED_AT_ONCE,
        )
        deleted += count
        if count < PRUNED_AT_ONCE:
            return deleted
