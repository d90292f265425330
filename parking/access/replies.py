"""What a lock answers at once to a command that was put to it, and what waits for which lock."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from parking.access.command_rows import COMMAND_COLUMNS, CommandRecord, command_of
from parking.access.models import CommandState
from parking.access.outcome import refuse
from parking.access.rules import may_step
from parking.access.settle import settle
from parking.clock import Clock
from parking.events.bus import Bus
from parking.occupancy.change import PlaceChange, begin_change, publish_change
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

SELECT_WAITING = """
SELECT c.device_id, s.credential_id, r.queue_mode, r.objects
  FROM lock_command c
  JOIN device_credential k ON k.device_id = c.device_id AND k.revoked_at IS NULL
  JOIN security_state s ON s.credential_id = k.id AND s.gateway = $1
  LEFT JOIN registration r ON r.device_id = c.device_id
 WHERE c.state = 'QUEUED' AND c.expires_at > $2 AND ($3 = 0 OR c.device_id = $3)
 ORDER BY c.id LIMIT $4
"""

WAITING_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Waiting:
    """A lock for which a command waits at the gateway that holds its context.

    `is_sleepy`: it registered in queue mode, so it asks and is not asked. `objects` is the link
    format that it registered.
    """

    device_id: int
    credential_id: int
    is_sleepy: bool
    objects: str


async def waiting_locks(gateway: str, now: datetime, device_id: int = 0) -> list[Waiting]:
    """The locks, or one, whose contexts `gateway` holds and for which a command is queued."""
    rows = await database().fetch(SELECT_WAITING, gateway, now, device_id, WAITING_MAX)
    return [
        Waiting(
            device_id=row["device_id"],
            credential_id=row["credential_id"],
            is_sleepy=bool(row["queue_mode"]),
            objects=row["objects"] or "",
        )
        for row in rows
    ]


async def command_by_id(sql: Sql, command_id: int) -> CommandRecord | None:
    """One command."""
    row = await sql.fetch_one(
        f"SELECT {COMMAND_COLUMNS} FROM lock_command WHERE id = $1", command_id
    )
    return None if row is None else command_of(row)


async def accept_command(command: CommandRecord, clock: Clock, bus: Bus) -> None:
    """The lock has received it and will try: ACCEPTED. That is not DONE (DEVICES section 3)."""

    async def accept(change: PlaceChange, now: CommandRecord) -> None:
        if may_step(now.state, CommandState.ACCEPTED):
            await settle(change, now, CommandState.ACCEPTED)

    await _under_lock(command, accept, clock, bus)


async def refuse_command(command: CommandRecord, word: str, clock: Clock, bus: Bus) -> None:
    """The lock will not move, and says why in one word (`outcome.REFUSALS`)."""

    async def decline(change: PlaceChange, now: CommandRecord) -> None:
        if may_step(now.state, CommandState.FAILED):
            await refuse(change, now, word)

    await _under_lock(command, decline, clock, bus)


async def _under_lock(
    command: CommandRecord,
    step: Callable[[PlaceChange, CommandRecord], Awaitable[None]],
    clock: Clock,
    bus: Bus,
) -> None:
    """Take a step with the command as it is now, while nobody else can."""

    async def once() -> None:
        async with transaction() as sql:
            change = await begin_change(sql, [command.place_id], clock.now())
            now = await command_by_id(sql, command.id)
            if now is not None:
                await step(change, now)
            await change.write()
        await publish_change(bus, change)

    await retried(once)
