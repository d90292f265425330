"""Following positions: one, or all that are shown to the viewer and their own.

A message says only that something has changed: the rows are read again with the viewer's right to
them, so what the bus lost, repeated or reordered costs nothing, and a right that was taken back
ends what is shown at once. A right that ends by the clock is looked for at its instant.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

import orjson

from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import NotFound
from parking.events.bus import Bus, Message, Subscription
from parking.locations.limits import POSITIONS_ACTIVE_MAX
from parking.locations.positions.queries import (
    SeenPosition,
    next_end,
    own_positions,
    seen_position,
    shown_positions,
    versions_of,
)
from parking.locations.records import PositionVersionRecord
from parking.locations.rules import signed_in
from parking.locations.topics import person_positions_topic, position_topic
from parking.occupancy.state import UpdateKind

LOOK_SECONDS = 0.5
"""So often the clock is looked at while a right is about to end by it."""


@dataclass(frozen=True, slots=True)
class PositionUpdate:
    """A SNAPSHOT has all versions, a DELTA those that are new since the one before. `seen` is None
    when the viewer sees the position no more: nothing follows."""

    kind: UpdateKind
    seen: SeenPosition | None
    versions: list[PositionVersionRecord]


@dataclass(frozen=True, slots=True)
class PositionsUpdate:
    """A SNAPSHOT has all, a DELTA those that are new or have changed, and the ids of those that the
    viewer sees no more."""

    kind: UpdateKind
    positions: list[SeenPosition]
    gone: tuple[int, ...] = ()


async def stream_position(
    viewer: Viewer, position_id: int, after: int | None, clock: Clock, bus: Bus
) -> AsyncIterator[PositionUpdate]:
    """One position, for its sharer and receivers: a SNAPSHOT, or the DELTA after version `after`;
    then a DELTA for each change. Raises `NotFound`."""
    async with bus.subscribe(position_topic(position_id)) as messages:
        seen = await seen_position(viewer, position_id, clock.now())
        if seen is None:
            raise NotFound("there is no such position")
        kind = UpdateKind.SNAPSHOT if after is None else UpdateKind.DELTA
        known = after or 0
        while True:
            versions = await _versions_after(viewer, position_id, known, clock.now())
            known = max([known, *(each.number for each in versions)])
            yield PositionUpdate(kind, seen, versions)
            kind, seen = UpdateKind.DELTA, await _next(viewer, seen, messages, clock)
            if seen is None:
                yield PositionUpdate(kind, None, [])
                return


async def _next(
    viewer: Viewer, seen: SeenPosition, messages: Subscription, clock: Clock
) -> SeenPosition | None:
    """The position once it has changed; None when it is seen no more. Its sharer hears of whatever
    is told of it: links, receivers, looks, and who fetches the car."""
    while True:
        await next_message(messages, _end_of(seen), clock)
        now = await seen_position(viewer, seen.position.id, clock.now())
        if now is None or now.binding is None or _mark(now) != _mark(seen):
            return now
        seen = now


async def stream_positions(
    viewer: Viewer, clock: Clock, bus: Bus
) -> AsyncIterator[PositionsUpdate]:
    """The viewer's own that are ACTIVE, and what is shown to them. Of their own they hear whatever
    is told, such as that somebody has opened a link. Raises `NotFound` for who has not signed in.
    """
    person_id = signed_in(viewer)
    if person_id is None:
        raise NotFound("only a person has positions; sign in")
    async with bus.subscribe(person_positions_topic(person_id)) as messages:
        told = await _all(viewer, clock.now())
        yield PositionsUpdate(UpdateKind.SNAPSHOT, list(told.values()))
        while True:
            message = await next_message(messages, _first_end(told), clock)
            found = await _all(viewer, clock.now())
            gone = tuple(sorted(told.keys() - found.keys()))
            changed = [
                seen
                for key, seen in found.items()
                if _mark(seen) != _mark(told.get(key)) or _is_about(message, seen)
            ]
            told = found
            if changed or gone:
                yield PositionsUpdate(UpdateKind.DELTA, changed, gone)


async def next_message(
    messages: Subscription, ends_at: datetime | None, clock: Clock
) -> Message | None:
    """Wait for a message; None when the clock shows `ends_at` before."""
    if ends_at is None:
        return await anext(messages)
    while clock.now() < ends_at:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                return await anext(messages)
        except TimeoutError:
            continue
    return None


def _is_about(message: Message | None, seen: SeenPosition) -> bool:
    """Whether it tells the sharer of this position; where messages were lost, it may."""
    if message is None or seen.binding is not None:
        return False
    if message.body is None:
        return True
    return bool(orjson.loads(message.body).get("position_id") == seen.position.id)


async def _versions_after(
    viewer: Viewer, position_id: int, number: int, now: datetime
) -> list[PositionVersionRecord]:
    found = (await versions_of(viewer, [position_id], now)).get(position_id, [])
    return [each for each in found if each.number > number]


async def _all(viewer: Viewer, now: datetime) -> dict[int, SeenPosition]:
    own = await own_positions(viewer, is_active=True, limit=POSITIONS_ACTIVE_MAX)
    return {each.position.id: each for each in (*own, *await shown_positions(viewer, now))}


def _mark(seen: SeenPosition | None) -> tuple[int, ...] | None:
    """What a change of is told."""
    if seen is None:
        return None
    return (seen.position.change, 0 if seen.binding is None else seen.binding.version)


def _end_of(seen: SeenPosition) -> datetime | None:
    return None if seen.binding is None else seen.binding.until


def _first_end(seen: dict[int, SeenPosition]) -> datetime | None:
    return next_end(each.binding for each in seen.values() if each.binding is not None)
