"""The steps of a command, each written once."""

from dataclasses import replace
from typing import Any

import orjson

from parking.access.command_rows import CommandRecord, tell_command
from parking.access.models import CommandState
from parking.access.rules import LIVE, may_step
from parking.occupancy.change import PlaceChange

UPDATE_COMMAND = """
UPDATE lock_command
   SET state = $2, delivered_at = $3, accepted_at = $4, finished_at = $5, failure = $6, result = $7
 WHERE id = $1
"""


async def settle(
    change: PlaceChange,
    command: CommandRecord,
    state: CommandState,
    failure: str = "",
    result: dict[str, Any] | None = None,
) -> CommandRecord:
    """Take a command one step on, in the caller's transaction, and tell everybody after it.

    The caller holds the lock of the place and read the command under it. `failure` is a stable
    word, `result` what the device said.
    """
    assert may_step(command.state, state), f"{command.state} → {state} is no step of a command"
    stepped = replace(
        command,
        state=state,
        delivered_at=change.at if state is CommandState.DELIVERED else command.delivered_at,
        accepted_at=change.at if state is CommandState.ACCEPTED else command.accepted_at,
        finished_at=None if state in LIVE else change.at,
        failure=failure,
    )
    text = "" if result is None else orjson.dumps(result).decode()
    await change.sql.execute(
        UPDATE_COMMAND, stepped.id, stepped.state, stepped.delivered_at, stepped.accepted_at,
        stepped.finished_at, stepped.failure, text,
    )  # fmt: skip
    tell_command(change, stepped)
    return stepped
