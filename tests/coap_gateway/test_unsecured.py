"""Development: devices without security are taken on loopback, when asked for, and not else."""

import pytest

from coap_gateway.senml import SENML_CBOR, Record, encode
from coap_gateway.stack import Code
from parking.accounts.viewer import SYSTEM
from parking.clock import TestClock
from parking.devices.manage import revoke
from parking.events.bus import InProcessBus
from parking.occupancy.models import Occupancy
from tests.coap_gateway.rig import Device, Rig, rigged, start


async def introduced(rig: Rig) -> Device:
    """An unsecured sensor that has registered from its address."""
    sensor = await rig.device(is_unsecured=True)
    await rig.gateway.flush()
    query = (f"ep={sensor.provisioned.endpoint}",)
    assert (await sensor.post("/rd", b"", content_format=40, query=query)).dotted == "2.01"
    return sensor


async def test_a_device_provisioned_as_unsecured_reports(
    database: str, clock: TestClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with rigged(clock, accept_unsecured=True) as rig:
        sensor = await introduced(rig)
        sensor.boot = None
        for occupied in (True, False, True):
            assert (await sensor.report(occupied)).dotted == "2.04"
        assert (await rig.state()).occupancy is Occupancy.OCCUPIED
        assert "DEVELOPMENT" in caplog.text


async def test_an_address_that_never_registered_is_4_01(database: str, clock: TestClock) -> None:
    async with rigged(clock, accept_unsecured=True) as rig:
        sensor = await rig.device(is_unsecured=True)
        await rig.gateway.flush()
        assert (await sensor.report(True)).dotted == "4.01"


async def test_a_secured_device_does_not_get_in_without_security(
    database: str, clock: TestClock
) -> None:
    async with rigged(clock, accept_unsecured=True) as rig:
        sensor = await rig.device()
        query = (f"ep={sensor.provisioned.endpoint}",)
        client = rig.client(None)
        reply = await client.request(Code.POST, "/rd", content_format=40, query=query)
        assert reply.dotted == "4.01"


async def test_off_by_default(rig: Rig) -> None:
    sensor = await rig.device(is_unsecured=True)
    query = (f"ep={sensor.provisioned.endpoint}",)
    assert (await sensor.post("/rd", b"", content_format=40, query=query)).dotted == "4.01"
    payload = encode([Record("/3431/0/1", True)], SENML_CBOR)
    assert (await sensor.post("/dp", payload)).dotted == "4.01"


async def test_revoking_locks_an_unsecured_device_out(database: str, clock: TestClock) -> None:
    async with rigged(clock, accept_unsecured=True) as rig:
        sensor = await introduced(rig)
        await revoke(SYSTEM, sensor.provisioned.device_id, rig.clock, rig.bus)
        await rig.gateway.flush()
        assert (await sensor.report(True)).dotted == "4.01"


async def test_refused_on_anything_but_loopback(database: str, clock: TestClock) -> None:
    with pytest.raises(ValueError, match="loopback"):
        await start(clock, InProcessBus(), host="0.0.0.0", accept_unsecured=True)
