"""Silence makes UNKNOWN, and the device's next word makes it known again."""

import asyncio

from coap_gateway.senml import Record
from parking.accounts.viewer import SYSTEM
from parking.devices.manage import move, revoke
from parking.devices.models import DeviceKind
from parking.occupancy.models import LockState, Occupancy, Source
from parking.occupancy.staleness import mark_stale
from parking.storage.sql import database
from tests.coap_gateway.rig import Device, Rig


async def heard(rig: Rig, space: int = 0) -> Device:
    """A sensor whose report is in the database, last-seen and all."""
    sensor = await rig.device(lifetime_seconds=600, space=space)
    await sensor.report(True)
    await rig.gateway.flush()
    return sensor


async def test_a_silent_device_makes_its_space_unknown(rig: Rig) -> None:
    sensor = await heard(rig)
    rig.clock.advance(seconds=600)
    assert await mark_stale(rig.clock, rig.bus) == 0
    rig.clock.advance(seconds=1)
    assert await mark_stale(rig.clock, rig.bus) == 1
    state = await rig.state()
    assert (state.occupancy, state.source) == (Occupancy.UNKNOWN, Source.STALENESS)
    [health] = await rig.health(sensor)
    assert health.stale_at == rig.clock.now()
    assert await mark_stale(rig.clock, rig.bus) == 0


async def test_the_same_word_again_brings_the_state_back(rig: Rig) -> None:
    sensor = await heard(rig)
    rig.clock.advance(hours=1)
    await mark_stale(rig.clock, rig.bus)
    await sensor.report(True)
    assert (await rig.state()).occupancy is Occupancy.OCCUPIED
    await rig.gateway.flush()
    [health] = await rig.health(sensor)
    assert health.stale_at is None


async def test_any_uplink_keeps_a_device_alive(rig: Rig) -> None:
    sensor = await heard(rig)
    rig.clock.advance(seconds=500)
    await sensor.send(Record("/4/0/2", -90))
    await rig.gateway.flush()
    rig.clock.advance(seconds=500)
    assert await mark_stale(rig.clock, rig.bus) == 0


async def test_a_silent_lock_is_unknown_too(rig: Rig) -> None:
    lock = await rig.device(DeviceKind.LOCK, lifetime_seconds=600)
    await lock.send(Record("/3306/0/5853", "raised"))
    await rig.gateway.flush()
    rig.clock.advance(hours=1)
    await mark_stale(rig.clock, rig.bus)
    assert (await rig.state()).lock is LockState.UNKNOWN
    await lock.send(Record("/3306/0/5853", "raised"))
    assert (await rig.state()).lock is LockState.RAISED


async def test_what_a_person_said_outlives_the_device(rig: Rig) -> None:
    await heard(rig)
    await database().execute("UPDATE space_state SET source = 'PERSON'")
    rig.clock.advance(hours=1)
    assert await mark_stale(rig.clock, rig.bus) == 1
    assert (await rig.state()).occupancy is Occupancy.OCCUPIED


async def test_a_revoked_device_is_not_believed_any_more(rig: Rig) -> None:
    sensor = await heard(rig)
    await revoke(SYSTEM, sensor.provisioned.device_id, rig.clock, rig.bus)
    await rig.gateway.flush()
    assert await mark_stale(rig.clock, rig.bus) == 1
    assert (await rig.state()).occupancy is Occupancy.UNKNOWN


async def test_a_moved_device_leaves_nothing_behind(rig: Rig) -> None:
    sensor = await heard(rig)
    there = rig.estate.space_ids[1]
    await move(SYSTEM, sensor.provisioned.device_id, there, rig.clock, rig.bus)
    await sensor.report(False)
    await rig.gateway.flush()
    assert await mark_stale(rig.clock, rig.bus) == 1
    assert (await rig.state(0)).occupancy is Occupancy.UNKNOWN
    assert (await rig.state(1)).occupancy is Occupancy.FREE
    [health] = await rig.health(sensor)
    assert health.stale_at is None


async def test_two_workers_share_the_work(rig: Rig) -> None:
    for space in range(4):
        await heard(rig, space=space)
    rig.clock.advance(hours=1)
    done = await asyncio.gather(*(mark_stale(rig.clock, rig.bus, limit=2) for _ in range(2)))
    assert sum(done) <= 4
    while await mark_stale(rig.clock, rig.bus, limit=2):
        pass
    rows = await database().fetch("SELECT COUNT(*) AS n FROM observation WHERE value = 'UNKNOWN'")
    assert rows[0]["n"] == 4
