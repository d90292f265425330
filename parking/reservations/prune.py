"""Forgetting quotes that nobody used."""

from datetime import datetime, timedelta

from parking.storage.sql import database

QUOTES_KEPT = timedelta(days=30)
"""So long after it expired an unused quote can still be asked about."""


async def prune_quotes(now: datetime) -> int:
    """Forget unused quotes that expired long ago; how many. For the worker."""
    return await database().execute(
        "DELETE FROM quote WHERE expires_at < $1 AND used_at IS NULL", now - QUOTES_KEPT
    )
