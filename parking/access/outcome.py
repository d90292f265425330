"""What locks say, told to the commands they were given; in the transaction of the report."""

from collections.abc import Sequence
from datetime import timedelta

from parking.access.alarms import adjust_alarms
from parking.access.bays import lock_of
from parking.access.command_rows import CommandRecord, live_commands
from parking.access.commands import order
from parking.access.models import CommandState
from parking.access.rules import may_step, outcome_of
from parking.access.settle import settle
from parking.clock import as_utc
from parking.errors import Refusal
from parking.occupancy.change import PlaceChange
from parking.occupancy.intake import Delivery
from parking.occupancy.rows import StateRow

REFUSALS = frozenset({"occupied", "expired", "moved", "battery", "fault"})
"""Why a lock may refuse a command (docs/devices.md); any other word is taken for `fault`."""

MOVED = "MOVED"
EXPIRED = "EXPIRED"

CLOCKS_APART = timedelta(seconds=10)
"""A fault that began so long before the command was delivered may still be the command's."""


async def follow_locks(change: PlaceChange, deliveries: Sequence[Delivery]) -> None:
    """What follows from reports of locks: their commands go on, alarms are raised and cleared.

    For the intake, which calls it when the reports are recorded and not yet committed.
    """
    await answer_commands(change, deliveries)
    spaces = {d.reporter.space_id for d in deliveries if d.reporter.space_id is not None}
    if spaces:
        await adjust_alarms(change, sorted(spaces))


async def answer_commands(change: PlaceChange, deliveries: Sequence[Delivery]) -> None:
    """Take the live commands of these reporters on by what they have said.

    A command is DONE exactly when the measured state that says so is durable.
    """
    spoken = {d.reporter.device_id: d for d in deliveries if d.is_of_lock}
    commands = await live_commands(change.sql, sorted(spoken)) if spoken else {}
    for device_id, command in sorted(commands.items()):
        delivery = spoken[device_id]
        if command.state is not CommandState.QUEUED:
            await _answer(change, command, delivery)


async def _answer(change: PlaceChange, command: CommandRecord, delivery: Delivery) -> None:
    if delivery.command_id not in (None, command.id):
        return  # what came of an earlier one, told late
    if delivery.refusal:
        await refuse(change, command, delivery.refusal)
        return
    states = await change.states([command.space_id])
    state = states.get(command.space_id)
    if state is None or state.lock_device_id != command.device_id:
        return
    outcome = outcome_of(command.target, state.lock)
    if outcome is None or not may_step(command.state, outcome[0]):
        return
    if outcome[0] is CommandState.FAILED and not _is_of_now(state, command, delivery):
        return
    await settle(change, command, *outcome, {"lock": state.lock})


def _is_of_now(state: StateRow, command: CommandRecord, delivery: Delivery) -> bool:
    """Whether a fault came with this command; an arm may report an older one again."""
    if delivery.command_id == command.id:
        return True
    if state.lock_since is None or command.delivered_at is None:
        return False
    return as_utc(state.lock_since) >= command.delivered_at - CLOCKS_APART


def reason_of(word: str) -> str:
    """The failure that a lock's word of refusal is."""
    return (word if word in REFUSALS else "fault").upper()


async def refuse(change: PlaceChange, command: CommandRecord, word: str) -> None:
    """The lock will not move; `word` says why. Where its arm had moved, the command is renewed."""
    reason = reason_of(word)
    is_late = reason == EXPIRED and may_step(command.state, CommandState.EXPIRED)
    state = CommandState.EXPIRED if is_late else CommandState.FAILED
    await settle(change, command, state, reason, {"refusal": word})
    if reason == MOVED and change.at < command.expires_at:
        await _renew(change, command)


async def _renew(change: PlaceChange, command: CommandRecord) -> None:
    """The arm had moved since the command was made: order it anew for the arm as it is now."""
    lock = await lock_of(change.sql, command.space_id)
    if lock is None or lock.moves == command.moves_expected:
        return
    try:
        await order(
            change, command.space_id, command.target, command.cause, command.actor,
            reservation_id=command.reservation_id, expires_at=command.expires_at,
        )  # fmt: skip
    except Refusal:
        return
