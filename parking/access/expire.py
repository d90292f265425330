"""Commands whose time is over: never delivered, or delivered and never answered."""

from datetime import datetime
from functools import partial

from parking.access.command_rows import COMMAND_COLUMNS, IS_LIVE, CommandRecord, command_of
from parking.access.models import CommandState
from parking.access.rules import ANSWER_MAX
from parking.access.settle import settle
from parking.clock import Clock
from parking.events.bus import Bus
from parking.occupancy.change import publish_change
from parking.occupancy.models import Axis, LockState, Source
from parking.occupancy.record import Report, record_within
from parking.storage.locks import lock_places
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

EXPIRED_MAX = 100
"""Commands that one call takes on; the worker calls again while there are that many."""

NO_ANSWER = "NO_ANSWER"

SELECT_DUE = f"""
SELECT {COMMAND_COLUMNS} FROM lock_command
 WHERE {IS_LIVE} AND (
       (state = 'QUEUED' AND expires_at <= $1)
    OR (state <> 'QUEUED' AND COALESCE(accepted_at, delivered_at) <= $2))
"""


async def expire_commands(clock: Clock, bus: Bus, limit: int = EXPIRED_MAX) -> int:
    """End commands whose time is over; how many.

    A command that was never delivered is EXPIRED at its expiry. One that was and brought no word
    for `ANSWER_MAX` is FAILED, and what its arm does is UNKNOWN: never silently open. Any number
    of workers may call it at a time.
    """
    due = await _due(database(), clock.now(), limit)
    for place_id in sorted({command.place_id for command in due}):
        await retried(partial(_expire, place_id, clock, bus, limit))
    return len(due)


async def _due(
    sql: Sql, now: datetime, limit: int, place_id: int | None = None
) -> list[CommandRecord]:
    rows = await sql.fetch(
        f"{SELECT_DUE} AND ($3 = 0 OR place_id = $3) ORDER BY expires_at, id LIMIT $4",
        now,
        now - ANSWER_MAX,
        place_id or 0,
        limit,
    )
    return [command_of(row) for row in rows]


async def _expire(place_id: int, clock: Clock, bus: Bus, limit: int) -> None:
    at = clock.now()
    async with transaction() as sql:
        await lock_places(sql, [place_id])
        due = await _due(sql, at, limit, place_id)
        silent = [command for command in due if command.delivered_at is not None]
        change = await record_within(sql, [_unknown(each, at) for each in silent], at)
        for command in due:
            if command.delivered_at is None:
                await settle(change, command, CommandState.EXPIRED)
            else:
                await settle(change, command, CommandState.FAILED, NO_ANSWER)
    await publish_change(bus, change)


def _unknown(command: CommandRecord, at: datetime) -> Report:
    """Nobody knows what the arm does since it was told to move."""
    return Report(
        space_id=command.space_id,
        place_id=command.place_id,
        axis=Axis.LOCK,
        value=LockState.UNKNOWN,
        observed_at=at,
        received_at=at,
        source=Source.STALENESS,
    )
