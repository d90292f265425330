"""Ordering an arm to move: the one way by which a command comes into being.

A command is written in the transaction of what it follows from (a credential shown, a departure
seen), under the lock of the place row: so what entitles to it cannot change in between.
"""

from datetime import datetime

from parking.access.bays import Lock, lock_of, require_held
from parking.access.command_rows import (
    COMMAND_COLUMNS,
    IS_LIVE,
    command_of,
    tell_command,
)
from parking.access.models import CommandCause, CommandState, LockTarget
from parking.access.rules import (
    BY_CLAIM,
    EXPIRIES,
    NoLock,
    require_free,
)
from parking.occupancy.change import PlaceChange

INSERT_COMMAND = f"""
INSERT INTO lock_command (device_id, place_id, space_id, reservation_id, target, cause, actor,
                          moves_expected, created_at, expires_at, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'QUEUED')
RETURNING {COMMAND_COLUMNS}
"""


async def order(
    change: PlaceChange,
    space_id: int,
    target: LockTarget,
    cause: CommandCause,
    actor: str,
    *,
    reservation_id: int | None = None,
    expires_at: datetime | None = None,
) -> int:
    """Queue a command to the bay's lock in the caller's transaction; gives the command's id.

    `change` has the bay's place locked (`changing_places`, `begin_change`); whoever began it
    publishes it (`publish_change`), and then the gateway that holds the lock's context pushes the
    command. A live command of the lock is superseded. `actor` is like `Viewer.actor`; `expires_at`
    is aware UTC, by default what the cause allows.

    Raises NoLock; SpaceNotFree for a raise unless the bay is freshly known to be free; NoClaim for
    CREDENTIAL and HOLDER unless `reservation_id` holds in this bay at this instant (I7). Nothing is
    written then, so the caller may catch it and go on.
    """
    sql, at = change.sql, change.at
    lock = await lock_of(sql, space_id)
    if lock is None:
        raise NoLock("the bay has no lock; nothing is to be moved there")
    if cause in BY_CLAIM:
        await require_held(sql, reservation_id, space_id, at)
    if target is LockTarget.RAISED:
        require_free(lock.stand, at)
    await supersede(change, lock.device_id)
    until = expires_at or at + EXPIRIES[cause]
    return await _insert(change, lock, reservation_id, target, cause, actor, until)


async def supersede(change: PlaceChange, device_id: int) -> None:
    """End the live command of a lock, for a newer one is about to be made."""
    rows = await change.sql.fetch(
        "UPDATE lock_command SET state = $2, finished_at = $3"
        f" WHERE device_id = $1 AND {IS_LIVE} RETURNING {COMMAND_COLUMNS}",
        device_id,
        CommandState.SUPERSEDED,
        change.at,
    )
    for row in rows:
        tell_command(change, command_of(row))


async def _insert(
    change: PlaceChange,
    lock: Lock,
    reservation_id: int | None,
    target: LockTarget,
    cause: CommandCause,
    actor: str,
    expires_at: datetime,
) -> int:
    rows = await change.sql.fetch(
        INSERT_COMMAND, lock.device_id, lock.place_id, lock.space_id, reservation_id, target, cause,
        actor, lock.moves, change.at, expires_at,
    )  # fmt: skip
    command = command_of(rows[0])
    tell_command(change, command)
    return command.id
