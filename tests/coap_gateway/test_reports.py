"""`/dp` over a real socket, OSCORE and both databases."""

import asyncio
from datetime import timedelta

from coap_gateway.senml import Record
from coap_gateway.stack import Code
from parking.occupancy.models import Occupancy
from tests.coap_gateway.rig import Rig


async def test_an_acknowledged_report_is_in_the_database(rig: Rig) -> None:
    sensor = await rig.device()
    reply = await sensor.report(True)
    assert reply.dotted == "2.04"
    assert (await rig.state()).occupancy is Occupancy.OCCUPIED


async def test_the_duration_tells_when_the_car_came(rig: Rig) -> None:
    sensor = await rig.device()
    await sensor.report(True, Record("/3431/0/2", 90))
    state = await rig.state()
    assert state.occupancy_since == rig.clock.now() - timedelta(seconds=90)
    assert state.observed_at == rig.clock.now()


async def test_with_nothing_pending_accept_322_is_a_plain_2_04(rig: Rig) -> None:
    sensor = await rig.device()
    reply = await sensor.report(True, accept=322)
    assert (reply.dotted, reply.payload, reply.content_format) == ("2.04", b"", None)


async def test_reports_need_not_be_confirmable(rig: Rig) -> None:
    sensor = await rig.device()
    assert (await sensor.report(True, confirmable=False)).dotted == "2.04"
    assert (await rig.state()).occupancy is Occupancy.OCCUPIED


async def test_asking_for_the_time_is_a_sign_of_life(rig: Rig) -> None:
    sensor = await rig.device()
    await sensor.client.request(Code.GET, "/time")
    await rig.gateway.flush()
    [health] = await rig.health(sensor)
    assert health.last_seen_at == rig.clock.now()


async def test_many_devices_share_a_commit(rig: Rig) -> None:
    sensors = [await rig.device(space=i) for i in range(4)]
    await asyncio.gather(*(sensor.report(False) for sensor in sensors))
    before = rig.gateway.counters()["report_groups"]
    await asyncio.gather(*(sensor.report(True) for sensor in sensors))
    assert rig.gateway.counters()["report_groups"] - before < 4
    for space in range(4):
        assert (await rig.state(space)).occupancy is Occupancy.OCCUPIED
