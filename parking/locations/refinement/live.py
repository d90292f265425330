"""Following a place's queue. A message says only that something has changed: the queue is read
again with the viewer's right to it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from parking.accounts.viewer import Viewer
from parking.errors import NotFound
from parking.events.bus import Bus
from parking.locations.refinement.queries import SeenQuestion, queue_of, tends
from parking.locations.topics import place_refinements_topic
from parking.occupancy.state import UpdateKind


@dataclass(frozen=True, slots=True)
class QueueUpdate:
    """A SNAPSHOT has the whole queue; a DELTA what is new or has changed, and the ids of what is in
    it no more."""

    kind: UpdateKind
    questions: list[SeenQuestion]
    gone: tuple[int, ...] = ()


async def stream_queue(viewer: Viewer, place_id: int, bus: Bus) -> AsyncIterator[QueueUpdate]:
    """The live questions to a place's attendants. Raises `NotFound`; ends when the right to it is
    lost."""
    if not await tends(viewer, place_id):
        raise NotFound("there is no such place")
    async with bus.subscribe(place_refinements_topic(place_id)) as messages:
        told = await _queue(viewer, place_id)
        yield QueueUpdate(UpdateKind.SNAPSHOT, list(told.values()))
        async for _ in messages:
            found = await _queue(viewer, place_id)
            gone = tuple(sorted(told.keys() - found.keys()))
            changed = [each for key, each in found.items() if each != told.get(key)]
            told = found
            if changed or gone:
                yield QueueUpdate(UpdateKind.DELTA, changed, gone)


async def _queue(viewer: Viewer, place_id: int) -> dict[int, SeenQuestion]:
    return {each.question.id: each for each in await queue_of(viewer, place_id)}
