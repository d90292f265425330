"""Rotation and revocation as a device and the gateways meet them."""

from parking.accounts.viewer import SYSTEM
from parking.devices.manage import revoke, rotate
from parking.events.bus import InProcessBus
from parking.occupancy.models import Occupancy
from tests.coap_gateway.rig import SEALER, Rig


async def test_the_old_credential_ends_with_the_first_use_of_the_new(rig: Rig) -> None:
    sensor = await rig.device()
    await sensor.report(True)
    old = sensor.client
    device_id = sensor.provisioned.device_id
    secret = await rotate(SYSTEM, device_id, rig.clock, rig.bus, SEALER)
    assert (await sensor.report(False)).dotted == "2.04"
    sensor.client = rig.client(secret)
    assert (await sensor.report(True)).dotted == "2.04"
    sensor.client = old
    assert (await sensor.report(False)).dotted == "4.01"
    assert (await rig.state()).occupancy is Occupancy.OCCUPIED


async def test_with_a_new_credential_counting_may_start_again(rig: Rig) -> None:
    sensor = await rig.device()
    sensor.boot, sensor.sequence = 900, 50
    await sensor.report(True)
    device_id = sensor.provisioned.device_id
    secret = await rotate(SYSTEM, device_id, rig.clock, rig.bus, SEALER)
    sensor.client, sensor.boot, sensor.sequence = rig.client(secret), 0, 0
    await sensor.report(False)
    assert (await rig.state()).occupancy is Occupancy.FREE


async def test_revocation_holds_where_the_bus_told_nothing(rig: Rig) -> None:
    sensor = await rig.device()
    await sensor.report(True)
    await revoke(SYSTEM, sensor.provisioned.device_id, rig.clock, InProcessBus())
    assert (await sensor.report(False)).dotted == "5.03"
    assert (await sensor.report(False)).dotted == "4.01"
    assert (await rig.state()).occupancy is Occupancy.OCCUPIED
