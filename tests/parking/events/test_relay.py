"""What a crash between commit and publish swallowed is told after all."""

import pytest

from parking.clock import TestClock
from parking.events.bus import InProcessBus
from parking.events.relay import LOOK_BACK, Relay
from parking.occupancy.change import place_topic
from parking.occupancy.models import Axis
from parking.occupancy.record import Report, record
from tests.support.estate import Estate, make_estate

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def estate(database: str) -> Estate:
    return await make_estate()


async def committed_but_unpublished(estate: Estate, clock: TestClock, sequence: int) -> None:
    """A change whose process dies before its bus hears of it."""
    value = "OCCUPIED" if sequence % 2 else "FREE"
    now = clock.now()
    report = Report(
        estate.space_ids[0], estate.place_id, Axis.OCCUPANCY, value, now, now, 1, 1, sequence
    )
    await record([report], clock, InProcessBus())


async def test_the_newest_version_is_announced_once(estate: Estate, clock: TestClock) -> None:
    bus = InProcessBus()
    relay = Relay(bus, clock)
    async with bus.subscribe(place_topic(estate.place_id)) as messages:
        for sequence in (1, 2):
            await committed_but_unpublished(estate, clock, sequence)
        assert await relay.run_once() == 1
        assert (await anext(messages)).body == b"2"
        assert await relay.run_once() == 0


async def test_a_relay_that_slept_looks_back_to_when_it_last_looked(
    estate: Estate, clock: TestClock
) -> None:
    relay = Relay(InProcessBus(), clock)
    assert await relay.run_once() == 0
    clock.advance(seconds=LOOK_BACK.total_seconds() * 2)
    await committed_but_unpublished(estate, clock, 1)
    clock.advance(seconds=LOOK_BACK.total_seconds() * 5)
    assert await relay.run_once() == 1


async def test_old_events_are_not_announced_by_a_new_relay(
    estate: Estate, clock: TestClock
) -> None:
    await committed_but_unpublished(estate, clock, 1)
    clock.advance(seconds=LOOK_BACK.total_seconds() + 1)
    assert await Relay(InProcessBus(), clock).run_once() == 0
