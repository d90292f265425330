"""Nothing of a position is kept longer than it serves: for the worker, every hour or so."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

from parking.clock import Clock
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.locations.keeping.forget import forget_in
from parking.locations.positions.end import end_in
from parking.locations.positions.rows import locked_position
from parking.notices.erasing import erase_notices
from parking.storage.sql import database
from parking.storage.transactions import retried, transaction

IDLE_AFTER = timedelta(days=365)
"""A position that its sharer wrote down by hand and never touched again is ended then: the car is
long gone, or nobody cares."""
FORGOTTEN_AT_ONCE_MAX = 200
"""So many positions are forgotten in one go."""

log = logging.getLogger(__name__)


async def forget_positions(kept: timedelta, *, clock: Clock, bus: Bus) -> int:
    """Forget positions and bindings that ended `kept` ago, and end those that were left; how many
    positions. Any number of workers may call it."""
    now = clock.now()
    for position_id in await _positions(
        "state = 'ACTIVE' AND reservation_id IS NULL AND changed_at < $1", now - IDLE_AFTER
    ):
        await _safely(partial(_end, position_id, clock, bus), position_id)
    gone = await _positions("ended_at < $1", now - kept)
    for position_id in gone:
        await _safely(partial(_forget, position_id, now), position_id)
    await _forget_bindings(now - kept, now)
    return len(gone)


async def _forget_bindings(before: datetime, at: datetime) -> None:
    async with transaction() as sql:
        rows = await sql.fetch(
            "DELETE FROM position_binding WHERE ended_at < $1 RETURNING id", before
        )
        about = [f"position_binding:{row['id']}" for row in rows]
        await erase_notices(sql, about, at, of_everybody=True)


async def _positions(condition: str, before: datetime) -> list[int]:
    rows = await database().fetch(
        f"SELECT id FROM parking_position WHERE {condition}"
        f" ORDER BY id LIMIT {FORGOTTEN_AT_ONCE_MAX}",
        before,
    )
    return [row["id"] for row in rows]


async def _safely(work: Callable[[], Awaitable[None]], position_id: int) -> None:
    try:
        await retried(work)
    except Exception:  # the others are not this one's fault
        log.exception("forgetting position %s failed; it is tried again", position_id)


async def _end(position_id: int, clock: Clock, bus: Bus) -> None:
    async with HeldBus(bus) as held, transaction() as sql:
        position = await locked_position(sql, position_id)
        if position is not None and position.changed_at < clock.now() - IDLE_AFTER:
            await end_in(sql, held, position, clock.now(), "IDLE")


async def _forget(position_id: int, at: datetime) -> None:
    async with transaction() as sql:
        await forget_in(sql, [position_id], at)
