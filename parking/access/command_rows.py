"""Rows of the command queue, and how everyone hears that one has changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from parking.access.models import CommandCause, CommandState, LockTarget
from parking.occupancy.change import PlaceChange
from parking.storage.sql import Sql, as_time, as_time_or_none

COMMANDS_TOPIC = "lock_commands"
"""For gateways: `{"command_id": …, "device_id": …, "state": …}` of every change of a command."""

COMMAND_COLUMNS = """
       id, device_id, place_id, space_id, reservation_id, target, state, cause, actor,
       moves_expected, created_at, expires_at, delivered_at, accepted_at, finished_at, failure
"""

IS_LIVE = "state IN ('QUEUED', 'DELIVERED', 'ACCEPTED')"
"""The condition of the index `lock_command_live`."""


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """A command to a lock; times are aware UTC. `moves_expected` None: whatever the arm did."""

    id: int
    device_id: int
    place_id: int
    space_id: int
    reservation_id: int | None
    target: LockTarget
    state: CommandState
    cause: CommandCause
    actor: str
    moves_expected: int | None
    created_at: datetime
    expires_at: datetime
    delivered_at: datetime | None
    accepted_at: datetime | None
    finished_at: datetime | None
    failure: str


def command_of(row: Mapping[str, Any]) -> CommandRecord:
    """A row of `COMMAND_COLUMNS`, typed."""
    return CommandRecord(
        id=row["id"],
        device_id=row["device_id"],
        place_id=row["place_id"],
        space_id=row["space_id"],
        reservation_id=row["reservation_id"],
        target=LockTarget(row["target"]),
        state=CommandState(row["state"]),
        cause=CommandCause(row["cause"]),
        actor=row["actor"],
        moves_expected=row["moves_expected"],
        created_at=as_time(row["created_at"]),
        expires_at=as_time(row["expires_at"]),
        delivered_at=as_time_or_none(row["delivered_at"]),
        accepted_at=as_time_or_none(row["accepted_at"]),
        finished_at=as_time_or_none(row["finished_at"]),
        failure=row["failure"],
    )


async def live_commands(sql: Sql, device_ids: list[int]) -> dict[int, CommandRecord]:
    """The live command of each of these devices that has one; there is never a second."""
    rows = await sql.fetch(
        f"SELECT {COMMAND_COLUMNS} FROM lock_command"
        f" WHERE device_id {sql.any_of('$1')} AND {IS_LIVE}",
        device_ids,
    )
    return {row["device_id"]: command_of(row) for row in rows}


def space_commands_topic(space_id: int) -> str:
    """The bus topic of the commands to a bay's lock."""
    return f"space:{space_id}:commands"


def reservation_commands_topic(reservation_id: int) -> str:
    """The bus topic of the commands for a reservation."""
    return f"reservation:{reservation_id}:commands"


def tell_command(change: PlaceChange, command: CommandRecord) -> None:
    """Have gateways and watchers told after the commit."""
    body = orjson.dumps(
        {"command_id": command.id, "device_id": command.device_id, "state": command.state}
    )
    change.tell(COMMANDS_TOPIC, body)
    change.tell(space_commands_topic(command.space_id), body)
    if command.reservation_id is not None:
        change.tell(reservation_commands_topic(command.reservation_id), body)
