"""Following a place: nothing missed, nothing twice, whatever the bus loses."""

import random
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from parking.clock import TestClock
from parking.errors import NotFound
from parking.events.bus import InProcessBus, Message
from parking.events.retention import EVENTS_KEPT, prune_events
from parking.occupancy.change import changing_places, place_topic
from parking.occupancy.live import follow_place, place_deltas, place_snapshot
from parking.occupancy.models import Axis, Service
from parking.occupancy.record import Report, record
from parking.occupancy.state import PlaceUpdate, UpdateKind
from tests.support.estate import Estate, make_estate

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def estate(database: str) -> Estate:
    return await make_estate()


class ForgetfulBus(InProcessBus):
    """Loses, repeats and reorders messages; then says that there was a gap, as Redis does."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._random = random.Random(seed)
        self._held: list[tuple[str, bytes]] = []

    async def publish(self, topic: str, body: bytes) -> None:
        self._held.append((topic, body))
        if self._random.random() < 0.5:
            return
        self._random.shuffle(self._held)
        for held in self._held + self._held[:1]:
            if self._random.random() < 0.7:
                await super().publish(*held)
        self._held.clear()

    def finish(self) -> None:
        self._local.tell_gap()


async def change(estate: Estate, clock: TestClock, bus: InProcessBus, sequence: int) -> None:
    value = "OCCUPIED" if sequence % 2 else "FREE"
    now = clock.advance(seconds=1)
    space_id = estate.space_ids[sequence % 3]
    report = Report(
        space_id, estate.place_id, Axis.OCCUPANCY, value, now, now, space_id, 1, sequence
    )
    await record([report], clock, bus)


async def until(updates: AsyncIterator[PlaceUpdate], version: int) -> list[PlaceUpdate]:
    taken = [await anext(updates)]
    while taken[-1].version < version:
        taken.append(await anext(updates))
    return taken


@pytest.mark.parametrize("seed", range(5))
async def test_a_follower_misses_nothing_though_the_bus_is_forgetful(
    estate: Estate, clock: TestClock, seed: int
) -> None:
    bus = ForgetfulBus(seed)
    async with bus.subscribe(place_topic(estate.place_id)) as messages:
        for sequence in range(1, 30):
            await change(estate, clock, bus, sequence)
        bus.finish()
        target = await place_snapshot(estate.place_id, clock)
        updates = await until(follow_place(estate.place_id, 0, messages, clock), target.version)
    joints = [0, *(u.version for u in updates)]
    assert [u.previous_version for u in updates] == joints[:-1]
    known = {s.space_id: s for u in updates for s in u.spaces}
    assert sorted(known.values(), key=lambda s: s.space_id) == list(target.spaces)


async def test_what_is_not_retained_any_more_comes_as_a_snapshot(
    estate: Estate, clock: TestClock
) -> None:
    bus = InProcessBus()
    await change(estate, clock, bus, 1)
    clock.advance(seconds=EVENTS_KEPT.total_seconds())
    await change(estate, clock, bus, 2)
    assert await prune_events(clock.now()) == 1
    assert await place_deltas(estate.place_id, 0) is None
    kept = await place_deltas(estate.place_id, 1)
    assert kept is not None
    assert kept.version == 2


async def test_the_relays_announcement_is_read_only_by_who_is_behind(
    estate: Estate, clock: TestClock
) -> None:
    bus = InProcessBus()
    async with bus.subscribe(place_topic(estate.place_id)) as messages:
        await change(estate, clock, InProcessBus(), 1)  # published where nobody listens
        updates = follow_place(estate.place_id, 0, messages, clock)
        for body in (b"0", b"1"):
            messages.offer(Message(place_topic(estate.place_id), body))
        assert (await anext(updates)).version == 1


async def test_closing_a_bay_is_a_change_like_any_other(estate: Estate, clock: TestClock) -> None:
    bus = InProcessBus()
    async with changing_places([estate.place_id], clock, bus) as changing:
        [state] = (await changing.states(estate.space_ids[:1])).values()
        state.service = Service.CLOSED
        changing.put(state)
    snapshot = await place_snapshot(estate.place_id, clock)
    assert snapshot.version == 1
    assert snapshot.spaces[0].status == "CLOSED"
    assert snapshot.counts.closed == 1


async def test_an_edited_inventory_is_told_as_a_snapshot(estate: Estate, clock: TestClock) -> None:
    bus = InProcessBus()
    async with bus.subscribe(place_topic(estate.place_id)) as messages:
        async with changing_places([estate.place_id], clock, bus) as changing:
            await changing.sql.execute(
                "UPDATE space SET number = $1 WHERE id = $2", "Z-1", estate.space_ids[0]
            )
            await changing.inventory_changed(estate.place_id)
        update = await anext(follow_place(estate.place_id, 0, messages, clock))
    assert update.kind is UpdateKind.SNAPSHOT
    assert update.spaces[0].number == "Z-1"


async def test_a_failed_change_leaves_nothing_and_tells_nobody(
    estate: Estate, clock: TestClock
) -> None:
    bus = InProcessBus()
    async with bus.subscribe(place_topic(estate.place_id)) as messages:
        with pytest.raises(RuntimeError):
            async with changing_places([estate.place_id], clock, bus) as changing:
                [state] = (await changing.states(estate.space_ids[:1])).values()
                state.service = Service.CLOSED
                changing.put(state)
                raise RuntimeError("power cut")
        assert messages._queue.empty()
    assert (await place_snapshot(estate.place_id, clock)).version == 0


async def test_an_unknown_place_is_not_found(clock: TestClock) -> None:
    with pytest.raises(NotFound):
        await place_snapshot(4711, clock)
    with pytest.raises(NotFound):
        async with changing_places([4711], clock, InProcessBus()):
            pass


async def test_versions_grow_only_within_retention(estate: Estate, clock: TestClock) -> None:
    await change(estate, clock, InProcessBus(), 1)
    clock.advance(seconds=(EVENTS_KEPT + timedelta(days=1)).total_seconds())
    await prune_events(clock.now())
    await change(estate, clock, InProcessBus(), 2)
    assert (await place_snapshot(estate.place_id, clock)).version == 2
