"""Ordering an arm to move: what it needs, one command a lock, and that each ends in time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from tortoise.exceptions import IntegrityError

from parking.access import commands
from parking.access import hand_out as handing
from parking.access.command_rows import COMMANDS_TOPIC, IS_LIVE, space_commands_topic
from parking.access.expire import NO_ANSWER, expire_commands
from parking.access.hand_out import hand_out
from parking.access.models import CommandCause, CommandState
from parking.access.replies import accept_command, refuse_command
from parking.access.rules import NoClaim, NoLock, SpaceNotFree
from parking.clock import TestClock
from parking.devices.models import DeviceKind
from parking.devices.provision import Provisioned
from parking.occupancy.models import LockState, Occupancy
from parking.occupancy.rows import read_states
from parking.reservations.models import Reservation, ReservationState
from parking.storage.sql import database
from tests.support.bays import LOWERED, RAISED, Bays
from tests.support.estate import make_estate

CREDENTIAL = CommandCause.CREDENTIAL


@pytest.fixture
async def bays(database: str, clock: TestClock) -> Bays:
    return Bays(await make_estate(2), clock)


@pytest.fixture
async def lock(bays: Bays) -> Provisioned:
    return await bays.equip(0, DeviceKind.LOCK)


@pytest.fixture
async def sensor(bays: Bays, lock: Provisioned) -> Provisioned:
    """A sensor that has seen the bay free."""
    made = await bays.equip(0, DeviceKind.SENSOR)
    await bays.see(Occupancy.FREE, made)
    return made


async def live_ids() -> list[int]:
    rows = await database().fetch(f"SELECT id FROM lock_command WHERE {IS_LIVE} ORDER BY id")
    return [row["id"] for row in rows]


async def lock_state(bays: Bays) -> LockState:
    space_id = bays.space()
    return (await read_states(database(), [space_id]))[space_id].lock


async def test_an_order_is_queued_and_told(bays: Bays, lock: Provisioned) -> None:
    topic = space_commands_topic(bays.space())
    async with bays.bus.subscribe(topic, COMMANDS_TOPIC) as messages:
        command = await bays.order()
        heard = {(await anext(messages)).topic for _ in range(2)}
    assert heard == {topic, COMMANDS_TOPIC}
    assert (command.state, command.device_id) == (CommandState.QUEUED, lock.device_id)
    assert command.expires_at == bays.clock.now() + timedelta(seconds=60)


async def test_without_a_lock_there_is_nothing_to_order(bays: Bays) -> None:
    with pytest.raises(NoLock):
        await bays.order()


@pytest.mark.parametrize("seen", [Occupancy.OCCUPIED, Occupancy.UNKNOWN])
async def test_nothing_rises_under_a_car(bays: Bays, sensor: Provisioned, seen: Occupancy) -> None:
    await bays.see(seen, sensor)
    with pytest.raises(SpaceNotFree):
        await bays.order(RAISED)
    assert await live_ids() == []


async def test_nothing_rises_on_the_word_of_a_silent_sensor(
    bays: Bays, sensor: Provisioned
) -> None:
    await bays.order(RAISED)
    bays.clock.advance(hours=27)
    with pytest.raises(SpaceNotFree):
        await bays.order(RAISED)


async def test_a_car_that_came_meanwhile_stops_the_command_at_the_door(
    bays: Bays, lock: Provisioned, sensor: Provisioned
) -> None:
    command = await bays.order(RAISED)
    await bays.see(Occupancy.OCCUPIED, sensor)
    assert await hand_out(lock.device_id, bays.clock, bays.bus) is None
    ended = await bays.command(command.id)
    assert (ended.state, ended.failure) == (CommandState.FAILED, "SPACE_NOT_FREE")


async def test_opening_needs_a_reservation_that_holds(bays: Bays, lock: Provisioned) -> None:
    booked = await bays.book()
    with pytest.raises(NoClaim):
        await bays.order(LOWERED, CREDENTIAL)
    elsewhere = await bays.book(1)
    with pytest.raises(NoClaim):
        await bays.order(LOWERED, CREDENTIAL, reservation_id=elsewhere.id)
    command = await bays.order(LOWERED, CREDENTIAL, reservation_id=booked.id)
    assert command.reservation_id == booked.id


async def test_who_comes_early_does_not_open_what_is_still_somebody_elses(
    bays: Bays, lock: Provisioned
) -> None:
    present = await bays.book(hours=0.1)
    following = await bays.book(starts=timedelta(minutes=6))
    await bays.order(LOWERED, CREDENTIAL, reservation_id=present.id)
    with pytest.raises(NoClaim, match="somebody else's"):
        await bays.order(LOWERED, CREDENTIAL, reservation_id=following.id)
    bays.clock.advance(minutes=6)
    await bays.order(LOWERED, CREDENTIAL, reservation_id=following.id)


async def test_who_comes_early_does_not_raise_it_there_either(
    bays: Bays, sensor: Provisioned
) -> None:
    await bays.book(hours=1)
    early = await bays.book(starts=timedelta(hours=1), person_id=8)
    bays.clock.advance(minutes=50)
    await bays.see(Occupancy.FREE, sensor)
    with pytest.raises(NoClaim):
        await bays.order(RAISED, CommandCause.HOLDER, reservation_id=early.id)
    assert await live_ids() == []
    bays.clock.advance(minutes=10)
    await bays.see(Occupancy.FREE, sensor)
    await bays.order(RAISED, CommandCause.HOLDER, reservation_id=early.id)
    assert len(await live_ids()) == 1


async def test_a_claim_that_ended_meanwhile_stops_the_command_at_the_door(
    bays: Bays, lock: Provisioned
) -> None:
    booked = await bays.book()
    command = await bays.order(LOWERED, CREDENTIAL, reservation_id=booked.id)
    await Reservation.filter(id=booked.id).update(state=ReservationState.CANCELLED)
    assert await hand_out(lock.device_id, bays.clock, bays.bus) is None
    ended = await bays.command(command.id)
    assert (ended.state, ended.failure) == (CommandState.FAILED, "NO_CLAIM")


async def test_an_owner_opens_nothing_that_was_booked_meanwhile(
    bays: Bays, lock: Provisioned
) -> None:
    command = await bays.order(LOWERED, CommandCause.OWNER)
    await bays.book()
    assert await hand_out(lock.device_id, bays.clock, bays.bus) is None
    assert (await bays.command(command.id)).failure == "NO_CLAIM"


async def test_control_without_the_second_look_it_would_open(
    bays: Bays, lock: Provisioned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I7 rests on that look: without it a cancelled booking opens the bay."""

    async def satisfied(*_: object) -> None:
        return None

    monkeypatch.setattr(handing, "refusal_now", satisfied)
    booked = await bays.book()
    command = await bays.order(LOWERED, CREDENTIAL, reservation_id=booked.id)
    await Reservation.filter(id=booked.id).update(state=ReservationState.CANCELLED)
    given = await hand_out(lock.device_id, bays.clock, bays.bus)
    assert given is not None
    assert given.id == command.id


async def test_a_newer_order_supersedes(bays: Bays, lock: Provisioned) -> None:
    older, newer = await bays.order(), await bays.order()
    assert (await bays.command(older.id)).state is CommandState.SUPERSEDED
    assert await live_ids() == [newer.id]


async def many_at_once(bays: Bays) -> list[CommandState]:
    # All have ended before the test does, whatever becomes of one.
    ended = await asyncio.gather(*(bays.order() for _ in range(8)), return_exceptions=True)
    assert [each for each in ended if isinstance(each, BaseException)] == []
    rows = await database().fetch("SELECT state FROM lock_command ORDER BY id")
    return [CommandState(row["state"]) for row in rows]


async def test_of_orders_at_once_one_lives(bays: Bays, lock: Provisioned) -> None:
    states = await many_at_once(bays)
    assert states == [CommandState.SUPERSEDED] * 7 + [CommandState.QUEUED]


async def test_control_without_superseding_the_database_says_no(
    bays: Bays, lock: Provisioned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unique index, not the verb, is what makes a second live command impossible."""

    async def leave(*_: object) -> None:
        return None

    monkeypatch.setattr(commands, "supersede", leave)
    await bays.order()
    with pytest.raises(IntegrityError):
        await bays.order()


async def test_control_without_verb_and_index_two_live(
    bays: Bays, lock: Provisioned, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def leave(*_: object) -> None:
        return None

    monkeypatch.setattr(commands, "supersede", leave)
    await database().execute("DROP INDEX lock_command_live")
    assert (await many_at_once(bays)).count(CommandState.QUEUED) == 8


async def test_a_command_is_handed_out_until_it_is_final(bays: Bays, lock: Provisioned) -> None:
    command = await bays.order()
    first = await hand_out(lock.device_id, bays.clock, bays.bus)
    again = await hand_out(lock.device_id, bays.clock, bays.bus)
    assert first is not None
    assert (first.id, first.state) == (command.id, CommandState.DELIVERED)
    assert again == first
    await refuse_command(first, "battery", bays.clock, bays.bus)
    assert await hand_out(lock.device_id, bays.clock, bays.bus) is None
    ended = await bays.command(command.id)
    assert (ended.state, ended.failure) == (CommandState.FAILED, "BATTERY")


async def test_a_command_expires_exactly(bays: Bays, lock: Provisioned) -> None:
    command = await bays.order()
    bays.clock.advance(seconds=59.999)
    assert await expire_commands(bays.clock, bays.bus) == 0
    bays.clock.advance(seconds=0.001)
    assert await hand_out(lock.device_id, bays.clock, bays.bus) is None
    assert (await bays.command(command.id)).state is CommandState.EXPIRED


async def test_the_worker_expires_what_nobody_fetched(bays: Bays, lock: Provisioned) -> None:
    command = await bays.order()
    bays.clock.advance(seconds=60)
    assert await expire_commands(bays.clock, bays.bus) == 1
    ended = await bays.command(command.id)
    assert (ended.state, ended.finished_at) == (CommandState.EXPIRED, bays.clock.now())
    assert await expire_commands(bays.clock, bays.bus) == 0


Reply = Callable[[Bays, Provisioned], Awaitable[None]]


async def deliver(bays: Bays, lock: Provisioned) -> None:
    await hand_out(lock.device_id, bays.clock, bays.bus)


async def accept(bays: Bays, lock: Provisioned) -> None:
    given = await hand_out(lock.device_id, bays.clock, bays.bus)
    assert given is not None
    await accept_command(given, bays.clock, bays.bus)


@pytest.mark.parametrize("reach", [deliver, accept])
async def test_no_word_for_93_seconds_makes_the_arm_unknown(
    bays: Bays, lock: Provisioned, reach: Reply
) -> None:
    await bays.see(LockState.RAISED, lock)
    command = await bays.order()
    await reach(bays, lock)
    bays.clock.advance(seconds=92.999)
    assert await expire_commands(bays.clock, bays.bus) == 0
    assert await lock_state(bays) is LockState.RAISED
    bays.clock.advance(seconds=0.001)
    assert await expire_commands(bays.clock, bays.bus) == 1
    ended = await bays.command(command.id)
    assert (ended.state, ended.failure) == (CommandState.FAILED, NO_ANSWER)
    assert await lock_state(bays) is LockState.UNKNOWN


async def test_workers_at_once_end_a_command_once(bays: Bays, lock: Provisioned) -> None:
    await bays.order()
    bays.clock.advance(seconds=60)
    topic = space_commands_topic(bays.space())
    async with bays.bus.subscribe(topic) as messages:
        await asyncio.gather(*(expire_commands(bays.clock, bays.bus) for _ in range(3)))
        assert (await anext(messages)).body is not None
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await anext(messages)


async def test_accepting_twice_is_accepting_once(bays: Bays, lock: Provisioned) -> None:
    await bays.order()
    await accept(bays, lock)
    bays.clock.advance(seconds=5)
    await accept(bays, lock)
    [command_id] = await live_ids()
    command = await bays.command(command_id)
    assert command.accepted_at == bays.clock.now() - timedelta(seconds=5)
