"""Pending transfers whose time is over: for the worker."""

from datetime import datetime
from functools import partial

from parking.ledger.transfers import expire
from parking.storage.sql import database
from parking.storage.transactions import retried, transaction

EXPIRED_MAX = 100
"""Transfers that one call takes on; the worker calls again while there are that many."""


async def expire_due(at: datetime, limit: int = EXPIRED_MAX) -> int:
    """Let pending transfers whose expiry is `at` or before expire, each in a transaction of its
    own; how many. What they held is free again. Any number of workers may call it at a time."""
    due = await database().fetch(
        "SELECT transfer_id FROM ledger_open WHERE expires_at <= $1"
        " ORDER BY expires_at, transfer_id LIMIT $2",
        at,
        limit,
    )
    return sum([await retried(partial(_expire, row["transfer_id"], at)) for row in due])


async def _expire(transfer_id: int, at: datetime) -> bool:
    async with transaction() as sql:
        return await expire(sql, transfer_id, at) is not None
