"""Giving a lock its command: the last look before it leaves the platform."""

from parking.access.bays import live_claims, lock_of, require_held
from parking.access.command_rows import CommandRecord, live_commands
from parking.access.models import CommandCause, CommandState, LockTarget
from parking.access.rules import BY_CLAIM, require_free, require_unclaimed
from parking.access.settle import settle
from parking.clock import Clock
from parking.errors import Refusal
from parking.events.bus import Bus
from parking.occupancy.change import PlaceChange, begin_change, publish_change
from parking.storage.sql import database
from parking.storage.transactions import retried, transaction


async def hand_out(device_id: int, clock: Clock, bus: Bus) -> CommandRecord | None:
    """The command that this lock is to carry out now, marked DELIVERED; None if there is none.

    What entitled to it is looked at again, under the lock of the place: a claim that ended or a
    car that came meanwhile ends the command here (I7). Asked again it gives the same command until
    that is final, so what a lock lost it gets again; a lock acts on an id once.
    """
    command = (await live_commands(database(), [device_id])).get(device_id)
    if command is None:
        return None
    place_id = command.place_id
    return await retried(lambda: _hand_out(device_id, place_id, clock, bus))


async def _hand_out(device_id: int, place_id: int, clock: Clock, bus: Bus) -> CommandRecord | None:
    async with transaction() as sql:
        change = await begin_change(sql, [place_id], clock.now())
        command = (await live_commands(sql, [device_id])).get(device_id)
        if command is not None:
            command = await _checked(change, command)
        await change.write()
    await publish_change(bus, change)
    return command


async def _checked(change: PlaceChange, command: CommandRecord) -> CommandRecord | None:
    is_queued = command.state is CommandState.QUEUED
    if command.expires_at <= change.at:
        if is_queued:
            await settle(change, command, CommandState.EXPIRED)
        return None
    refusal = await refusal_now(change, command)
    if refusal is not None:
        if is_queued:
            await settle(change, command, CommandState.FAILED, refusal.code)
        return None
    return await settle(change, command, CommandState.DELIVERED) if is_queued else command


async def refusal_now(change: PlaceChange, command: CommandRecord) -> Refusal | None:
    """Why the command may not be carried out at this instant; None where it may."""
    sql, at = change.sql, change.at
    try:
        if command.target is LockTarget.RAISED:
            lock = await lock_of(sql, command.space_id)
            if lock is not None:
                require_free(lock.stand, at)
        if command.cause in BY_CLAIM and command.reservation_id is not None:
            await require_held(sql, command.reservation_id, command.space_id, at)
        elif command.target is LockTarget.LOWERED and command.cause is CommandCause.OWNER:
            require_unclaimed(await live_claims(sql, command.space_id, at), at)
    except Refusal as refusal:
        return refusal
    return None
