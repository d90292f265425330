"""Virtual locks carry out commands as the contract has it, whatever happens in between."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from coap_gateway.command_format import LockOrder
from coap_gateway.stack import Faults
from coap_gateway.virtual import DeviceSettings, Fleet, VirtualLock
from parking.access.command_rows import CommandRecord
from parking.access.models import CommandState
from parking.clock import TestClock
from parking.devices.models import DeviceKind
from parking.occupancy.models import LockState, Occupancy
from parking.storage.database import connect, disconnect
from parking.storage.sql import database
from tests.coap_gateway.rig import Rig, rigged, start
from tests.coap_gateway.virtual.test_virtual import fleet_of
from tests.support.bays import LOWERED, RAISED, Bays

DEADLINE_SECONDS = 60.0
AWAKE = DeviceSettings(scale=100.0, check_seconds=3600.0)
ASKING = DeviceSettings(scale=100.0, check_seconds=0.1)
SLEEPY = DeviceSettings(scale=100.0, is_sleepy=True)


@pytest.fixture
async def rig(sqlite_url: str, clock: TestClock) -> AsyncIterator[Rig]:
    await connect(sqlite_url)
    async with rigged(clock) as made:
        yield made
    await disconnect()


@pytest.fixture
def bays(rig: Rig) -> Bays:
    return Bays(rig.estate, rig.clock, rig.bus)


async def started(
    rig: Rig, settings: DeviceSettings, memory: Path | None = None, faults: Faults | None = None
) -> tuple[Fleet, VirtualLock]:
    """A lock in each bay, all up; gives the first."""
    fleet = await fleet_of(rig, DeviceKind.LOCK, faults, memory, settings)
    await fleet.start()
    await fleet.drain()
    [first, *_] = [d for d in fleet.devices.values() if isinstance(d, VirtualLock)]
    return fleet, first


async def final(bays: Bays, command: CommandRecord, state: CommandState) -> CommandRecord:
    """Wait until the command is there."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while (now := await bays.command(command.id)).state is not state:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return now


async def test_a_lock_that_is_awake_goes_down_and_says_so(bays: Bays, rig: Rig) -> None:
    fleet, lock = await started(rig, AWAKE)
    command = await bays.order(LOWERED)
    done = await final(bays, command, CommandState.DONE)
    assert lock.word == "lowered"
    assert lock.moves == 1
    assert (await rig.state()).lock is LockState.LOWERED
    assert done.accepted_at is not None
    await fleet.close()


async def test_a_lock_that_sleeps_goes_when_it_reports(bays: Bays, rig: Rig) -> None:
    fleet, lock = await started(rig, SLEEPY)
    command = await bays.order(LOWERED)
    lock.heartbeat()
    await final(bays, command, CommandState.DONE)
    assert lock.moves == 1
    await fleet.close()


async def test_a_lock_that_asks_finds_its_command_after_a_gateway_was_killed(
    bays: Bays, rig: Rig
) -> None:
    fleet, lock = await started(rig, ASKING)
    port = rig.gateway.port
    await rig.gateway.close()
    command = await bays.order(LOWERED)
    rig.retired.append(rig.gateway)
    rig.gateway = await start(rig.clock, rig.bus, port=port)
    await final(bays, command, CommandState.DONE)
    assert lock.moves == 1
    await fleet.close()


async def test_on_a_bad_link_a_command_acts_once(bays: Bays, rig: Rig) -> None:
    faults = Faults(loss=0.2, duplicate=0.2, reorder=0.2, reorder_s=0.02, seed=11)
    fleet, lock = await started(rig, ASKING, faults=faults)
    sensor = await bays.equip(0, DeviceKind.SENSOR)
    await bays.see(Occupancy.FREE, sensor)
    for turn, target in enumerate((LOWERED, RAISED, LOWERED, RAISED)):
        command = await bays.order(target)
        await final(bays, command, CommandState.DONE)
        assert lock.moves == turn + 1
    await fleet.close()


async def test_nothing_rises_under_a_car_that_only_the_lock_sees(bays: Bays, rig: Rig) -> None:
    fleet, lock = await started(rig, AWAKE)
    sensor = await bays.equip(0, DeviceKind.SENSOR)
    await bays.see(Occupancy.FREE, sensor)
    lock.word, lock.sees_car = "lowered", True
    command = await bays.order(RAISED)
    failed = await final(bays, command, CommandState.FAILED)
    assert (failed.failure, lock.word, lock.moves) == ("OCCUPIED", "lowered", 0)
    await fleet.close()


async def test_an_obstructed_arm_fails_its_command(bays: Bays, rig: Rig) -> None:
    fleet, lock = await started(rig, AWAKE)
    lock.is_obstructed = True
    command = await bays.order(LOWERED)
    failed = await final(bays, command, CommandState.FAILED)
    assert failed.failure == "OBSTRUCTED"
    alarms = await database().fetch("SELECT kind FROM alarm WHERE cleared_at IS NULL")
    assert [row["kind"] for row in alarms] == ["OBSTRUCTED"]
    lock.is_obstructed = False
    await final(bays, await bays.order(LOWERED), CommandState.DONE)
    alarms = await database().fetch("SELECT kind FROM alarm WHERE cleared_at IS NULL")
    assert alarms == []
    await fleet.close()


async def test_an_arm_that_was_moved_by_hand_gets_the_command_anew(bays: Bays, rig: Rig) -> None:
    fleet, lock = await started(rig, AWAKE)
    await final(bays, await bays.order(LOWERED), CommandState.DONE)
    await lock.move(100)
    await lock.drain()
    await rig.gateway.flush()
    await database().execute("UPDATE device_health SET lock_moves = 1")  # as if it were under way
    command = await bays.order(LOWERED)
    ended = await final(bays, command, CommandState.FAILED)
    assert ended.failure == "MOVED"
    await fleet.close()


async def test_a_result_that_was_lost_is_told_after_a_reboot(
    bays: Bays, rig: Rig, tmp_path: Path
) -> None:
    """The lock has obeyed, and loses its power before it can say so."""
    fleet, lock = await started(rig, SLEEPY, memory=tmp_path / "memory.db")
    command = await bays.order(LOWERED)
    order = LockOrder(command.id, 0, int(command.expires_at.timestamp()))
    assert lock.obey(order) == ""
    lock.word = "lowered"
    await lock.reboot("power")
    lock.heartbeat()
    await final(bays, command, CommandState.DONE)
    assert lock.moves == 1
    assert lock.obey(order) == ""
    assert lock.moves == 1
    await fleet.close()


ORDERS = [
    (dict[str, int](), ""),
    ({"expires": 0}, "expired"),
    ({"moves": 5}, "moved"),
    ({"level": 100}, "occupied"),
]


@pytest.mark.parametrize(("change", "refusal"), ORDERS)
async def test_a_lock_looks_before_it_moves(
    bays: Bays, rig: Rig, change: dict[str, int], refusal: str
) -> None:
    fleet, lock = await started(rig, SLEEPY)
    lock.sees_car = True
    values = {"level": 0, "expires": int(rig.clock.now().timestamp()) + 60, "moves": 0} | change
    assert lock.obey(LockOrder(7, **values)) == refusal
    # The same id never acts twice, nor does an older one.
    assert lock.obey(LockOrder(7, **values)) == refusal
    assert lock.obey(LockOrder(6, **values)) == "expired"
    assert lock.moves == (0 if refusal else 1)
    await fleet.close()


async def test_a_lock_begins_nothing_at_its_very_expiry(rig: Rig) -> None:
    fleet, lock = await started(rig, SLEEPY)
    now = int(rig.clock.now().timestamp())
    assert lock.obey(LockOrder(1, 0, now)) == "expired"
    assert lock.obey(LockOrder(2, 0, now + 1)) == ""
    await fleet.close()
