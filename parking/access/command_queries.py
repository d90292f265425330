"""Reading commands and alarms: what exists for whom, and following it live.

A message says only that something has changed: it is read again, so what the bus lost, repeated or
reordered costs nothing. Where no message comes it is looked at every `LOOK_SECONDS`, for a gateway
in another process may have no bus.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeVar

from parking.access.alarms import (
    ALARM_COLUMNS,
    AlarmRecord,
    alarm_of,
    alarms_of_place,
    alarms_topic,
)
from parking.access.command_rows import (
    COMMAND_COLUMNS,
    CommandRecord,
    command_of,
    reservation_commands_topic,
    space_commands_topic,
)
from parking.access.rules import may_lease, may_tend
from parking.accounts.viewer import Viewer
from parking.errors import InvalidInput, NotFound
from parking.events.bus import Bus, Subscription
from parking.places.queries import place_by_id
from parking.reservations.queries import reservations_by_id
from parking.storage.sql import database

T = TypeVar("T")

LOOK_SECONDS = 2.0
COMMANDS_MAX = 20
"""The newest commands of a bay or reservation."""

SELECT_COMMANDS = f"""
SELECT {COMMAND_COLUMNS}, (SELECT p.organisation_id FROM place p WHERE p.id = c.place_id) AS owner
  FROM lock_command c
"""


async def commands_by_id(viewer: Viewer, command_ids: Sequence[int]) -> dict[int, CommandRecord]:
    """Those that the viewer may see: who works there, who gave it, who sees its booking."""
    sql = database()
    rows = await sql.fetch(f"{SELECT_COMMANDS} WHERE c.id {sql.any_of('$1')}", list(command_ids))
    booked = {row["reservation_id"] for row in rows if row["reservation_id"] is not None}
    seen = await reservations_by_id(viewer, sorted(booked)) if booked else {}
    return {
        row["id"]: command_of(row)
        for row in rows
        if may_tend(viewer, row["owner"])
        or row["reservation_id"] in seen
        or (not viewer.is_anonymous and row["actor"] == viewer.actor)
    }


async def alarms_by_key(viewer: Viewer, alarm_ids: Sequence[int]) -> dict[int, AlarmRecord]:
    """Those of places in which the viewer works."""
    sql = database()
    rows = await sql.fetch(
        f"SELECT {ALARM_COLUMNS}, p.organisation_id AS owner FROM alarm a"
        f" JOIN place p ON p.id = a.place_id WHERE a.id {sql.any_of('$1')}",
        list(alarm_ids),
    )
    return {
        row["id"]: alarm_of({k: v for k, v in row.items() if k != "owner"})
        for row in rows
        if may_tend(viewer, row["owner"])
    }


async def require_alarms_seen(viewer: Viewer, place_id: int) -> None:
    """Raises NotFound unless the viewer works in the place."""
    place = await place_by_id(viewer, place_id)
    if not may_tend(viewer, place.organisation_id):
        raise NotFound("there is no such place")


async def follow_alarms(
    viewer: Viewer, place_id: int, bus: Bus
) -> AsyncIterator[list[AlarmRecord]]:
    """The live alarms of a place, newest first, whenever they change. Raises NotFound."""

    async def read() -> list[AlarmRecord]:
        await require_alarms_seen(viewer, place_id)
        return await alarms_of_place(place_id)

    async for found in _follow(bus, alarms_topic(place_id), read):
        yield found


async def follow_commands(
    viewer: Viewer, bus: Bus, *, space_id: int | None = None, reservation_id: int | None = None
) -> AsyncIterator[list[CommandRecord]]:
    """The newest commands of a bay, or for a reservation, newest first, whenever one changes.

    A bay's for who works in its place and who offers it; a reservation's for who may see that.
    Raises NotFound, and InvalidInput unless exactly one is named.
    """
    if (space_id is None) == (reservation_id is None):
        raise InvalidInput("spaceId", "name a space or a reservation, and not both")
    column, key = (
        ("space_id", space_id) if reservation_id is None else ("reservation_id", reservation_id)
    )
    topic = space_commands_topic(space_id or 0)
    if reservation_id is not None:
        topic = reservation_commands_topic(reservation_id)

    async def read() -> list[CommandRecord]:
        await _require_seen(viewer, space_id, reservation_id)
        rows = await database().fetch(
            f"SELECT {COMMAND_COLUMNS} FROM lock_command WHERE {column} = $1"
            " ORDER BY id DESC LIMIT $2",
            key,
            COMMANDS_MAX,
        )
        return [command_of(row) for row in rows]

    async for found in _follow(bus, topic, read):
        yield found


async def _require_seen(viewer: Viewer, space_id: int | None, reservation_id: int | None) -> None:
    if reservation_id is not None:
        if not await reservations_by_id(viewer, [reservation_id]):
            raise NotFound("there is no such reservation")
        return
    rows = await database().fetch(
        "SELECT p.organisation_id AS owner, l.organisation_id AS lessor FROM space s"
        " JOIN place p ON p.id = s.place_id LEFT JOIN listing_space ls ON ls.space_id = s.id"
        " LEFT JOIN listing l ON l.id = ls.listing_id AND l.state = 'ACTIVE'"
        " WHERE s.id = $1 AND s.retired_at IS NULL",
        space_id,
    )
    tends = any(may_tend(viewer, row["owner"]) for row in rows)
    lets = any(row["lessor"] is not None and may_lease(viewer, row["lessor"]) for row in rows)
    if not (tends or lets):
        raise NotFound("there is no such space")


async def _follow(
    bus: Bus, topic: str, read: Callable[[], Awaitable[list[T]]]
) -> AsyncIterator[list[T]]:
    """What is read now, and whenever it reads otherwise. Ends when the right to it is lost."""
    async with bus.subscribe(topic) as messages:
        told = await read()
        yield told
        while True:
            await _next_message(messages)
            try:
                found = await read()
            except NotFound:
                return
            if found != told:
                told = found
                yield told


async def _next_message(messages: Subscription) -> None:
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            await anext(messages)
    except TimeoutError:
        return
