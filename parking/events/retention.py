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
    return await delete_before("place_event", now - EVENTS_KEPT)


async def delete_before(table: str, before: datetime) -> int:
    """Delete a table's rows whose `at` is before that, lot by lot; returns how many."""
    deleted = 0
    while True:
        count = await database().execute(
            f"DELETE FROM {table} WHERE id IN"
            f" (SELECT id FROM {table} WHERE at < $1 ORDER BY at LIMIT $2)",
            before,
            PRUNED_AT_ONCE,
        )
        deleted += count
        if count < PRUNED_AT_ONCE:
            return deleted
