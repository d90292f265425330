"""Virtual devices against a real gateway: they behave as the contract says, on a bad link too."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from coap_gateway.stack import Faults, Limits
from coap_gateway.stack.echo import EchoMint
from coap_gateway.virtual import DeviceSettings, Fleet, MemoryFile, VirtualLock, VirtualSensor
from coap_gateway.virtual.memory import DeviceMemory
from parking.accounts.viewer import SYSTEM
from parking.clock import TestClock
from parking.devices.models import DeviceKind
from parking.devices.provision import DeviceDraft, provision_many
from parking.occupancy.models import LockState, Occupancy
from parking.storage.database import connect, disconnect
from parking.storage.sql import database
from tests.coap_gateway.rig import SEALER, Rig, rigged, start

IMPATIENT = Limits(ack_timeout_s=0.05, retransmissions_max=8)
DEADLINE_SECONDS = 20.0


async def until(fact: Callable[[], Awaitable[bool]]) -> None:
    """Wait for a fact, at most `DEADLINE_SECONDS`."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not await fact():  # noqa: ASYNC110 - it is in another's memory, without an event
            await asyncio.sleep(0.01)


@pytest.fixture
async def rig(sqlite_url: str, clock: TestClock) -> AsyncIterator[Rig]:
    await connect(sqlite_url)
    async with rigged(clock) as made:
        yield made
    await disconnect()


async def fleet_of(
    rig: Rig,
    kind: DeviceKind = DeviceKind.SENSOR,
    faults: Faults | None = None,
    memory: Path | None = None,
    settings: DeviceSettings | None = None,
) -> Fleet:
    """One device for each space of the estate."""
    place_id = rig.estate.place_id
    drafts = [DeviceDraft(f"v-{s}", kind, place_id, s) for s in rig.estate.space_ids]
    made = await provision_many(SYSTEM, drafts, rig.clock, SEALER)
    gateway = ("127.0.0.1", rig.gateway.port)
    fleet = Fleet(gateway, memory, faults, IMPATIENT, rig.clock)
    for each in made:
        await fleet.add(each.endpoint, kind, each.secret, settings)
    return fleet


def sensors(fleet: Fleet) -> list[VirtualSensor]:
    return [d for d in fleet.devices.values() if isinstance(d, VirtualSensor)]


async def rows(query: str) -> list[dict[str, object]]:
    return await database().fetch(query)


async def test_a_sensor_registers_and_introduces_itself(rig: Rig) -> None:
    fleet = await fleet_of(rig)
    await fleet.start("watchdog")
    await fleet.drain()
    await rig.gateway.flush()
    found = await rows(
        "SELECT h.boot, h.sequence, h.reset_cause, h.battery_percent, d.model, r.version"
        " FROM device d JOIN device_health h ON h.device_id = d.id"
        " JOIN registration r ON r.device_id = d.id"
    )
    assert found == [
        {"boot": 1, "sequence": 1, "reset_cause": "watchdog", "battery_percent": 96,
         "model": "virtual", "version": "1.1"}
    ] * 4  # fmt: skip
    assert (await rig.state()).occupancy is Occupancy.FREE
    await fleet.close()


async def test_changes_arrive_with_their_times(rig: Rig) -> None:
    fleet = await fleet_of(rig)
    await fleet.start()
    arrival = rig.clock.now()
    rig.clock.advance(minutes=10)
    sensors(fleet)[0].change(True, at=arrival)
    await fleet.drain()
    state = await rig.state()
    assert (state.occupancy, state.occupancy_since) == (Occupancy.OCCUPIED, arrival)
    await fleet.close()


async def test_a_reboot_is_a_new_boot_and_uses_no_number_twice(rig: Rig, tmp_path: Path) -> None:
    fleet = await fleet_of(rig, memory=tmp_path / "memory.db")
    await fleet.start()
    sensor = sensors(fleet)[0]
    sensor.change(True)
    await fleet.drain()
    await sensor.reboot("brown-out")
    sensor.change(False)
    await fleet.drain()
    await rig.gateway.flush()
    [health] = await rows("SELECT boot, sequence, reset_cause FROM device_health LIMIT 1")
    assert health == {"boot": 2, "sequence": 2, "reset_cause": "brown-out"}
    assert (await rig.state()).occupancy is Occupancy.FREE
    assert rig.gateway.server.counters.replayed == 0
    assert fleet.totals.refused == 0
    await fleet.close()


async def test_on_a_bad_link_nothing_is_lost_and_nothing_counts_twice(rig: Rig) -> None:
    faults = Faults(loss=0.15, duplicate=0.15, reorder=0.15, reorder_s=0.02, seed=7)
    fleet = await fleet_of(rig, faults=faults)
    await fleet.start()
    await fleet.drain()
    for turn in range(20):
        for sensor in sensors(fleet):
            sensor.change(turn % 2 == 0)
        await asyncio.sleep(0)
    sensors(fleet)[0].change(True)
    await fleet.drain()
    counted = await rows(
        "SELECT space_id, COUNT(*) AS n FROM observation GROUP BY space_id ORDER BY space_id"
    )
    assert [row["n"] for row in counted] == [22, 21, 21, 21]
    states = [(await rig.state(i)).occupancy for i in range(4)]
    assert states == [Occupancy.OCCUPIED, *[Occupancy.FREE] * 3]
    assert fleet.totals.acknowledged == fleet.totals.reported
    await fleet.close()


async def test_reports_wait_for_a_gateway_that_starts_again(rig: Rig) -> None:
    fleet = await fleet_of(rig)
    await fleet.start()
    await fleet.drain()
    port = rig.gateway.port
    await rig.gateway.close()
    for sensor in sensors(fleet):
        sensor.change(True)
    rig.gateway = await start(rig.clock, rig.bus, port=port)
    await fleet.drain()
    for space in range(4):
        assert (await rig.state(space)).occupancy is Occupancy.OCCUPIED
    await fleet.close()


@pytest.mark.parametrize("restarts", [2, 9])
async def test_a_gateway_that_forgets_its_challenge_challenges_again_and_no_report_is_lost(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, restarts: int
) -> None:
    """As one that is killed between its challenge and the answer to it: the value is unknown."""
    accepts, forgotten = EchoMint.accepts, []

    def after_a_restart(mint: EchoMint, value: bytes | None, *rest: Any) -> bool:
        if value is not None and len(forgotten) < restarts:
            forgotten.append(value)
            return False
        return accepts(mint, value, *rest)

    monkeypatch.setattr(EchoMint, "accepts", after_a_restart)
    fleet = await fleet_of(rig)
    sensor = sensors(fleet)[0]
    sensor.change(True)
    await sensor.start()
    await sensor.drain()
    assert (await rig.state()).occupancy is Occupancy.OCCUPIED
    assert (len(forgotten), fleet.totals.refused) == (restarts, 0)
    await fleet.close()


async def test_signs_of_life_repeat_the_state(rig: Rig) -> None:
    settings = DeviceSettings(scale=86_400 * 20)
    fleet = await fleet_of(rig, settings=settings)
    await fleet.start()

    async def repeated() -> bool:
        return int(rig.gateway.counters()["reports_unchanged"]) >= 8

    await until(repeated)
    await fleet.close()
    assert len(await rows("SELECT id FROM observation")) == 4


async def test_a_lock_says_each_step_of_its_move(rig: Rig) -> None:
    fleet = await fleet_of(rig, DeviceKind.LOCK, settings=DeviceSettings(scale=200))
    await fleet.start()
    lock = fleet.devices[f"v-{rig.estate.space_ids[0]}"]
    assert isinstance(lock, VirtualLock)
    await lock.move(0)
    await fleet.drain()
    said = await rows("SELECT value FROM observation WHERE space_id = 1 ORDER BY sequence")
    assert [row["value"] for row in said] == ["RAISED", "MOVING", "LOWERED"]
    lock.is_obstructed = True
    await lock.move(100)
    await fleet.drain()
    assert (await rig.state()).lock is LockState.OBSTRUCTED
    await fleet.close()


async def test_a_forced_lock_raises_an_alarm_until_it_moves(rig: Rig) -> None:
    fleet = await fleet_of(rig, DeviceKind.LOCK, settings=DeviceSettings(scale=200))
    await fleet.start()
    lock = fleet.devices[f"v-{rig.estate.space_ids[0]}"]
    assert isinstance(lock, VirtualLock)
    lock.force()
    await fleet.drain()
    assert (await rig.state()).lock is LockState.FORCED
    assert await rows("SELECT alarms FROM device_health LIMIT 1") == [{"alarms": "forced"}]
    await lock.move(100)
    await fleet.drain()
    assert await rows("SELECT alarms FROM device_health LIMIT 1") == [{"alarms": ""}]
    await fleet.close()


def test_memory_survives_the_process(tmp_path: Path) -> None:
    for turn in range(3):
        file = MemoryFile(tmp_path / "memory.db")
        memory = DeviceMemory(file, "kid")
        assert (memory.next_boot(), memory.reserve(100)) == (turn + 1, turn * 100)
        file.close()
