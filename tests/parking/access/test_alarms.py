"""Alarms and arms that rise by themselves, from what devices said, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from parking.access.alarms import acknowledge_alarm, alarms_of_place, watch_bays
from parking.access.command_queries import LOOK_SECONDS, follow_alarms
from parking.access.command_rows import CommandRecord, command_of
from parking.access.due_locks import raise_due_locks
from parking.access.hand_out import hand_out
from parking.access.models import Alarm, AlarmKind, CommandCause, LockTarget
from parking.accounts.models import Role
from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.devices.models import DeviceKind
from parking.devices.provision import Provisioned
from parking.errors import NotFound
from parking.occupancy.models import LockState, Occupancy
from parking.storage.sql import database
from tests.support.bays import RAISED, Bays
from tests.support.estate import make_estate

LONG = 30.0


@pytest.fixture
async def bays(database: str, clock: TestClock) -> Bays:
    return Bays(await make_estate(2), clock)


@pytest.fixture
async def lock(bays: Bays) -> Provisioned:
    return await bays.equip(0, DeviceKind.LOCK)


@pytest.fixture
async def sensor(bays: Bays) -> Provisioned:
    return await bays.equip(0, DeviceKind.SENSOR)


@pytest.fixture
def attendant(bays: Bays) -> Viewer:
    roles = {bays.estate.organisation_id: frozenset({Role.ATTENDANT})}
    return Viewer(person_id=77, roles=roles)


async def kinds(bays: Bays) -> list[str]:
    return sorted(alarm.kind for alarm in await alarms_of_place(bays.estate.place_id))


async def newest_command() -> CommandRecord:
    [row] = await database().fetch("SELECT * FROM lock_command ORDER BY id DESC LIMIT 1")
    return command_of(row)


async def test_an_alarm_is_raised_once_and_cleared_when_it_is_over(
    bays: Bays, lock: Provisioned
) -> None:
    await bays.see(LockState.FORCED, lock)
    await asyncio.gather(*(watch_bays(bays.clock, bays.bus) for _ in range(3)))
    assert await kinds(bays) == ["FORCED"]
    assert await Alarm.all().count() == 1
    await bays.see(LockState.RAISED, lock)
    assert await watch_bays(bays.clock, bays.bus) == 1
    assert await kinds(bays) == []
    assert (await Alarm.get()).cleared_at == bays.clock.now()
    await bays.see(LockState.FORCED, lock)
    await watch_bays(bays.clock, bays.bus)
    assert await Alarm.all().count() == 2


async def test_control_without_the_index_it_is_raised_twice(bays: Bays, lock: Provisioned) -> None:
    from parking.access.alarms import raise_alarm
    from parking.access.watch_facts import bays_to_watch

    await bays.see(LockState.FORCED, lock)
    [bay] = await bays_to_watch(database(), bays.clock.now())
    values = (database(), bay, AlarmKind.FORCED, "x", bays.clock.now())
    assert [await raise_alarm(*values), await raise_alarm(*values)] == [True, False]
    await database().execute("DROP INDEX alarm_live")
    assert await raise_alarm(*values)


async def test_a_car_without_a_right_is_an_alarm(
    bays: Bays, lock: Provisioned, sensor: Provisioned
) -> None:
    booked = await bays.book(starts=-timedelta(minutes=5))
    await bays.see(LockState.LOWERED, lock)
    await bays.see(Occupancy.OCCUPIED, sensor)
    assert await watch_bays(bays.clock, bays.bus) == 0
    bays.clock.advance(minutes=2)
    await watch_bays(bays.clock, bays.bus)
    [alarm] = await alarms_of_place(bays.estate.place_id)
    assert (alarm.kind, alarm.reservation_id) == (AlarmKind.OCCUPIED_WITHOUT_RIGHT, booked.id)


async def test_alarms_are_followed_and_acknowledged(
    bays: Bays, lock: Provisioned, attendant: Viewer
) -> None:
    stream = follow_alarms(attendant, bays.estate.place_id, bays.bus)
    assert await anext(stream) == []
    await bays.see(LockState.FORCED, lock)
    await watch_bays(bays.clock, bays.bus)
    [alarm] = await asyncio.wait_for(anext(stream), LONG)
    assert alarm.kind is AlarmKind.FORCED
    await acknowledge_alarm(attendant, alarm.id, clock=bays.clock, bus=bays.bus)
    first = bays.clock.now()
    bays.clock.advance(minutes=1)
    await acknowledge_alarm(attendant, alarm.id, clock=bays.clock, bus=bays.bus)
    [seen] = await asyncio.wait_for(anext(stream), LONG)
    assert (seen.acknowledged_at, seen.acknowledged_by) == (first, 77)
    await stream.aclose()  # type: ignore[attr-defined]
    with pytest.raises(NotFound):
        await acknowledge_alarm(Viewer(person_id=5), alarm.id, clock=bays.clock, bus=bays.bus)


async def test_what_the_bus_lost_is_told_all_the_same(
    bays: Bays, lock: Provisioned, attendant: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from parking.access import command_queries

    assert LOOK_SECONDS > 0
    monkeypatch.setattr(command_queries, "LOOK_SECONDS", 0.02)
    stream: AsyncIterator[object] = follow_alarms(attendant, bays.estate.place_id, bays.bus)
    assert await anext(stream) == []
    now = bays.clock.now()
    await Alarm.create(
        place_id=bays.estate.place_id, space_id=bays.space(), kind=AlarmKind.FORCED, raised_at=now
    )
    assert await asyncio.wait_for(anext(stream), LONG)


async def test_what_a_reader_did_offline_is_over_when_somebody_has_seen_it(
    bays: Bays, lock: Provisioned, attendant: Viewer
) -> None:
    kind = AlarmKind.OPENED_WITHOUT_RIGHT
    alarm = await Alarm.create(
        place_id=bays.estate.place_id, space_id=bays.space(), kind=kind, raised_at=bays.clock.now()
    )
    assert await watch_bays(bays.clock, bays.bus) == 0
    assert await kinds(bays) == [kind]
    await acknowledge_alarm(attendant, alarm.id, clock=bays.clock, bus=bays.bus)
    assert await kinds(bays) == []


async def test_an_arm_rises_for_a_booking_that_begins_soon(
    bays: Bays, lock: Provisioned, sensor: Provisioned
) -> None:
    booked = await bays.book(starts=timedelta(minutes=31))
    await bays.see(LockState.LOWERED, lock)
    await bays.see(Occupancy.FREE, sensor)
    assert await raise_due_locks(bays.clock, bays.bus) == 0
    bays.clock.advance(minutes=1)
    ordered = await asyncio.gather(*(raise_due_locks(bays.clock, bays.bus) for _ in range(3)))
    assert sum(ordered) == 1
    command = await newest_command()
    assert (command.target, command.cause) == (RAISED, CommandCause.RESERVATION)
    assert (command.reservation_id, command.actor) == (booked.id, "system")


async def test_an_arm_rises_after_the_car_has_left(
    bays: Bays, lock: Provisioned, sensor: Provisioned
) -> None:
    await bays.list_space()
    await bays.see(LockState.LOWERED, lock)
    bays.clock.advance(minutes=1)
    await bays.see(Occupancy.OCCUPIED, sensor)
    bays.clock.advance(hours=1)
    await bays.see(Occupancy.FREE, sensor)
    bays.clock.advance(seconds=29)
    assert await raise_due_locks(bays.clock, bays.bus) == 0
    bays.clock.advance(seconds=1)
    assert await raise_due_locks(bays.clock, bays.bus) == 1
    command = await newest_command()
    assert (command.target, command.cause) == (LockTarget.RAISED, CommandCause.DEPARTURE)
    # It does not answer: nothing is tried again before a while, and never under a car.
    await hand_out(lock.device_id, bays.clock, bays.bus)
    assert await raise_due_locks(bays.clock, bays.bus) == 0
