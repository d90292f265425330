"""A virtual sensor that lives in the time of a trace, and one that is refused without proof."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from coap_gateway.stack import Code, DeviceClient, Reply
from coap_gateway.virtual import Fleet, VirtualDevice, VirtualSensor
from coap_gateway.virtual.device import UNPROVEN_MAX
from parking.accounts.viewer import SYSTEM
from parking.clock import TestClock
from parking.devices.models import DeviceKind
from parking.devices.provision import DeviceDraft, provision
from parking.occupancy.models import Occupancy
from parking.storage.database import connect, disconnect
from tests.coap_gateway.rig import SEALER, Rig, rigged


@pytest.fixture
async def rig(sqlite_url: str, clock: TestClock) -> AsyncIterator[Rig]:
    await connect(sqlite_url)
    async with rigged(clock) as made:
        yield made
    await disconnect()


@pytest.fixture
async def fleet(rig: Rig) -> AsyncIterator[Fleet]:
    draft = DeviceDraft("v-1", DeviceKind.SENSOR, rig.estate.place_id, rig.estate.space_ids[0])
    made = await provision(SYSTEM, draft, rig.clock, SEALER)
    fleet = Fleet(("127.0.0.1", rig.gateway.port), clock=rig.clock)
    await fleet.add("v-1", DeviceKind.SENSOR, made.secret)
    yield fleet
    await fleet.close()


def sensor_of(fleet: Fleet) -> VirtualSensor:
    sensor = fleet.devices["v-1"]
    assert isinstance(sensor, VirtualSensor)
    return sensor


async def test_years_ago_a_vehicle_stood_there_and_left(rig: Rig, fleet: Fleet) -> None:
    """The start-up message is of then, too: what follows is not before it."""
    sensor, began = sensor_of(fleet), rig.clock.now() - timedelta(days=7 * 365)
    sensor.stand(True, since=began - timedelta(hours=5))
    await sensor.start(at=began)
    await sensor.drain()
    state = await rig.state()
    assert (state.occupancy, state.occupancy_since) == (
        Occupancy.OCCUPIED, began - timedelta(hours=5),
    )  # fmt: skip
    left = began + timedelta(seconds=3)
    sensor.change(False, left)
    await sensor.drain()
    state = await rig.state()
    assert (state.occupancy, state.occupancy_since) == (Occupancy.FREE, left)


async def test_each_answer_is_told_in_the_order_of_the_reports(rig: Rig, fleet: Fleet) -> None:
    sensor, told = sensor_of(fleet), list[tuple[str, int]]()

    def settle(device: VirtualDevice, reply: Reply) -> None:
        told.append((device.endpoint, reply.code))

    sensor.on_settled = settle
    await sensor.start()
    sensor.change(True)
    await sensor.drain()
    assert told == [("v-1", Code.CHANGED)] * 2


@pytest.mark.parametrize("refusals", [1, UNPROVEN_MAX - 1])
async def test_an_unprotected_refusal_is_not_believed_at_once(
    rig: Rig, fleet: Fleet, refusals: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever can send a datagram could make a device drop its report."""
    await sensor_of(fleet).start()
    await sensor_of(fleet).drain()
    monkeypatch.setattr("coap_gateway.virtual.device.RETRY_SECONDS_MIN", 0.01)
    true_request, left = DeviceClient.request, [refusals]

    async def request(self: DeviceClient, *given: object, **more: object) -> Reply:
        left[0] -= 1
        if left[0] >= 0:
            return Reply(Code.UNAUTHORIZED)
        return await true_request(self, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(DeviceClient, "request", request)
    sensor_of(fleet).change(True)
    await fleet.drain()
    assert (await rig.state()).occupancy is Occupancy.OCCUPIED
    assert fleet.totals.refused == 0


async def test_a_reboot_that_is_broken_off_leaves_nothing_to_wait_for(
    rig: Rig, fleet: Fleet
) -> None:
    sensor = sensor_of(fleet)
    await sensor.start()
    sensor.change(True)
    rebooting = asyncio.create_task(sensor.reboot())
    await asyncio.sleep(0)
    rebooting.cancel()
    await asyncio.wait([rebooting])
    async with asyncio.timeout(5):
        await fleet.drain()


async def test_a_stranger_gives_up(rig: Rig, fleet: Fleet) -> None:
    draft = DeviceDraft("v-2", DeviceKind.SENSOR, rig.estate.place_id)
    stranger = (await provision(SYSTEM, draft, rig.clock, SEALER)).secret
    assert stranger is not None
    unknown = await fleet.add("v-3", DeviceKind.SENSOR, type(stranger)("00" * 16, "", "ab" * 6))
    await unknown.start()
    await unknown.drain()
    assert fleet.totals.refused == 1
