"""What processes commit and the bus loses, delays or tells out of order reaches subscribers."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from parking.clock import TestClock
from parking.events.bus import InProcessBus
from parking.events.relay import Relay
from parking.occupancy.announcer import Announcer
from parking.occupancy.change import place_topic
from parking.occupancy.models import Axis
from parking.occupancy.record import Report, record
from parking.occupancy.state import PlaceUpdate, decode_update, encode_update, merge
from schema.execution import Event, Gap
from schema.streams import BusFeed, Items, ItemStream, PlaceStream
from tests.support.estate import Estate, make_estate

pytestmark = pytest.mark.usefixtures("database")


@dataclass
class Scene:
    """A place, a stream of it that stands at version 0, and the bus that it hears."""

    estate: Estate
    clock: TestClock
    bus: InProcessBus
    stream: PlaceStream
    feed: AsyncIterator[Event | Gap]

    async def commit(self, space: int) -> PlaceUpdate:
        """A car arrives; nobody is told."""
        now, space_id = self.clock.now(), self.estate.space_ids[space]
        arrival = Report(
            space_id, self.estate.place_id, Axis.OCCUPANCY, "OCCUPIED", now, now, space
        )
        [update] = await record([arrival], self.clock, InProcessBus())
        return update

    async def tell(self, update: PlaceUpdate) -> None:
        await self.bus.publish(place_topic(self.estate.place_id), encode_update(update))

    async def next(self) -> tuple[int | None, int]:
        """The versions that the next event leads from and to."""
        async with asyncio.timeout(5):
            event = await anext(self.feed)
        assert isinstance(event, Event)
        return event.previous_version, event.version


async def _always() -> bool:
    return True


@pytest.fixture
async def scene(database: str, clock: TestClock) -> AsyncIterator[Scene]:
    estate, bus = await make_estate(4), InProcessBus()
    stream = await PlaceStream.open(estate.place_id, bus, _always, clock)
    await stream.snapshot(None)
    yield Scene(estate, clock, bus, stream, stream.feed())
    await stream.close()


async def test_what_a_crash_swallowed_comes_as_a_delta(scene: Scene) -> None:
    for space in (0, 1):
        await scene.commit(space)
    await Relay(scene.bus, scene.clock).run_once()
    assert await scene.next() == (0, 2)


async def test_what_was_told_already_is_not_told_again(scene: Scene) -> None:
    await scene.tell(await scene.commit(0))
    assert await scene.next() == (0, 1)
    await Relay(scene.bus, scene.clock).run_once()
    await scene.tell(await scene.commit(1))
    assert await scene.next() == (1, 2)


async def test_two_gateways_out_of_order_are_told_in_order(scene: Scene) -> None:
    first, second, third = [await scene.commit(space) for space in (0, 1, 2)]
    for update in (second, first, third):
        await scene.tell(update)
    assert await scene.next() == (0, 3)
    await scene.tell(await scene.commit(3))
    assert await scene.next() == (3, 4)


async def test_what_is_told_in_part_is_told_from_there(scene: Scene) -> None:
    """One message may hold several commits, of which the database gave the first already."""
    first, second = [await scene.commit(space) for space in (0, 1)]
    await Relay(scene.bus, scene.clock).run_once()
    assert await scene.next() == (0, 2)
    third = await scene.commit(2)
    await scene.tell(merge([first, second, third]))
    assert await scene.next() == (2, 3)


async def test_updates_of_which_another_process_has_one_in_between_stay_apart(
    scene: Scene,
) -> None:
    """Merged they would lead past the other's change as if it had been told."""
    ours, _theirs, ours_again = [await scene.commit(space) for space in (0, 1, 2)]
    announcer = Announcer(scene.bus)
    async with scene.bus.subscribe(place_topic(scene.estate.place_id)) as messages:
        announcer.announce([ours, ours_again])
        await announcer.drain()
        bodies = [(await anext(messages)).body for _ in range(2)]
    told = [decode_update(body) for body in bodies if body is not None]
    assert [(each.previous_version, each.version) for each in told] == [(0, 1), (2, 3)]


async def test_streams_of_items_read_anew_once_for_what_was_not_told(scene: Scene) -> None:
    """The areas and spaces that a place's topic feeds too."""
    topic = place_topic(scene.estate.place_id)
    items: Items[str] = Items(
        _nothing, lambda body: [body.decode()], str, lambda _, each: each, _always
    )
    stream = ItemStream(items, await BusFeed.open(scene.bus, [topic]))
    for body in (b"5", b"5", b'{"version":6}', b"6", b"7"):
        await scene.bus.publish(topic, body)
    feed = stream.feed()
    told = [await anext(feed) for _ in range(3)]
    assert [isinstance(each, Event) for each in told] == [False, True, False]
    await stream.close()


async def _nothing() -> list[str]:
    return []
