"""Commands on the wire: fetched, observed, put to a lock that is awake; and what it answers."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from coap_gateway.command_format import MOVES, REFUSAL, LockOrder, decode_command, encode_command
from coap_gateway.senml import SENML_CBOR, Record, encode
from coap_gateway.stack import Code, Conflict, PreconditionFailed, Request, Response
from coap_gateway.stack.wire import Message
from parking.access.command_rows import CommandRecord
from parking.access.expire import NO_ANSWER, expire_commands
from parking.access.models import CommandState
from parking.devices.models import DeviceKind
from parking.occupancy.models import LockState
from tests.coap_gateway.rig import Device, Rig, start
from tests.support.bays import LOWERED, Bays

DEADLINE_SECONDS = 60.0
ETCH = 322


@pytest.fixture
def bays(rig: Rig) -> Bays:
    return Bays(rig.estate, rig.clock, rig.bus)


def word(state: str) -> Record:
    return Record("/3306/0/5853", state)


def order_in(payload: bytes) -> LockOrder:
    return decode_command(payload, 0.0)


async def put(lock: Device, command_id: int, *records: Record) -> str:
    """The lock tells what came of a command."""
    lock.sequence += 1
    payload = encode([*lock.numbers(), *records], SENML_CBOR)
    reply = await lock.client.request(
        Code.PUT, f"/cmd/{command_id}", payload, content_format=SENML_CBOR
    )
    return reply.dotted


async def until(bays: Bays, command_id: int, state: CommandState) -> CommandRecord:
    """Wait until the command has come there."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while (command := await bays.command(command_id)).state is not state:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return command


async def test_a_command_reads_as_it_was_written(bays: Bays, rig: Rig) -> None:
    lock = await rig.device(DeviceKind.LOCK)
    await lock.send(word("raised"), Record(MOVES, 7))
    command = await bays.order()
    expires = int((rig.clock.now() + timedelta(seconds=60)).timestamp())
    assert order_in(encode_command(command)) == LockOrder(command.id, 0, expires, 7)


async def test_a_lock_fetches_its_command(bays: Bays, rig: Rig) -> None:
    lock = await rig.device(DeviceKind.LOCK)
    command = await bays.order()
    reply = await lock.client.request(Code.GET, "/cmd", accept=ETCH)
    assert (reply.dotted, reply.content_format, reply.max_age) == ("2.05", ETCH, 60)
    assert reply.etag == bytes([command.id])
    assert order_in(reply.payload).command_id == command.id
    assert (await bays.command(command.id)).state is CommandState.DELIVERED


async def test_a_lock_without_a_command_gets_an_empty_pack(rig: Rig) -> None:
    lock = await rig.device(DeviceKind.LOCK)
    reply = await lock.client.request(Code.GET, "/cmd", accept=ETCH)
    assert (reply.dotted, reply.payload, reply.max_age) == ("2.05", b"\x80", 60)


async def test_nobody_gets_another_locks_command(bays: Bays, rig: Rig) -> None:
    await rig.device(DeviceKind.LOCK)
    other = await rig.device(DeviceKind.LOCK, space=1)
    sensor = await rig.device(DeviceKind.SENSOR)
    command = await bays.order()
    for stranger in (other, sensor):
        assert (await stranger.client.request(Code.GET, "/cmd")).payload == b"\x80"
        assert await put(stranger, command.id, word("lowered")) == "4.04"
    assert (await rig.client(None).request(Code.GET, "/cmd")).dotted == "4.01"
    assert (await bays.command(command.id)).state is CommandState.QUEUED


async def test_done_needs_the_measured_state(bays: Bays, rig: Rig) -> None:
    lock = await rig.device(DeviceKind.LOCK)
    await lock.send(word("raised"))
    command = await bays.order()
    await lock.client.request(Code.GET, "/cmd", accept=ETCH)
    assert await put(lock, command.id, word("lowering")) == "2.04"
    assert (await bays.command(command.id)).state is CommandState.ACCEPTED
    assert await put(lock, command.id, word("lowered")) == "2.04"
    assert (await bays.command(command.id)).state is CommandState.DONE
    assert (await rig.state()).lock is LockState.LOWERED


async def test_a_plain_report_settles_a_command_too(bays: Bays, rig: Rig) -> None:
    lock = await rig.device(DeviceKind.LOCK)
    await lock.client.request(Code.POST, "/rd", query=("lwm2m=1.1", "Q"), content_format=40)
    await lock.send(word("lowered"))
    await lock.send(word("lowered"))
    command = await bays.order()
    await lock.send(word("lowered"))
    assert (await bays.command(command.id)).state is CommandState.QUEUED
    await lock.client.request(Code.GET, "/cmd", accept=ETCH)
    # It says what it said before, but now that is news.
    await lock.send(word("lowered"))
    assert (await bays.command(command.id)).state is CommandState.DONE


@pytest.mark.parametrize("said", ["obstructed_down", "fault"])
async def test_an_arm_that_did_not_get_there_failed(bays: Bays, rig: Rig, said: str) -> None:
    lock = await rig.device(DeviceKind.LOCK)
    command = await bays.order()
    await lock.client.request(Code.GET, "/cmd", accept=ETCH)
    assert await put(lock, command.id, word(said)) == "2.04"
    ended = await bays.command(command.id)
    assert (ended.state, ended.failure) == (CommandState.FAILED, (await rig.state()).lock.value)


async def test_an_old_fault_said_again_is_not_the_new_commands(bays: Bays, rig: Rig) -> None:
    lock = await rig.device(DeviceKind.LOCK)
    await lock.send(word("obstructed_up"))
    rig.clock.advance(minutes=5)
    command = await bays.order()
    await lock.client.request(Code.GET, "/cmd", accept=ETCH)
    await lock.send(word("obstructed_up"))
    assert (await bays.command(command.id)).state is CommandState.DELIVERED


async def test_a_result_may_be_said_again_and_not_changed(bays: Bays, rig: Rig) -> None:
    lock = await rig.device(DeviceKind.LOCK)
    command = await bays.order()
    await lock.client.request(Code.GET, "/cmd", accept=ETCH)
    assert await put(lock, command.id, word("lowered")) == "2.04"
    assert await put(lock, command.id, word("lowered")) == "2.04"
    assert await put(lock, command.id, word("fault")) == "4.09"
    assert (await bays.command(command.id)).state is CommandState.DONE
    # What it measures counts all the same.
    assert (await rig.state()).lock is LockState.FAULT


@pytest.mark.parametrize(
    ("said", "state", "failure"),
    [
        ("occupied", CommandState.FAILED, "OCCUPIED"),
        ("expired", CommandState.EXPIRED, "EXPIRED"),
        ("gremlins", CommandState.FAILED, "FAULT"),
    ],
)
async def test_a_lock_may_refuse(
    bays: Bays, rig: Rig, said: str, state: CommandState, failure: str
) -> None:
    lock = await rig.device(DeviceKind.LOCK)
    command = await bays.order()
    await lock.client.request(Code.GET, "/cmd", accept=ETCH)
    assert await put(lock, command.id, Record(REFUSAL, said)) == "2.04"
    ended = await bays.command(command.id)
    assert (ended.state, ended.failure) == (state, failure)


async def test_a_command_for_an_arm_that_moved_is_made_anew(bays: Bays, rig: Rig) -> None:
    lock = await rig.device(DeviceKind.LOCK)
    await lock.send(word("raised"), Record(MOVES, 7))
    command = await bays.order()
    await lock.client.request(Code.GET, "/cmd", accept=ETCH)
    await put(lock, command.id, word("raised"), Record(MOVES, 8), Record(REFUSAL, "moved"))
    renewed = order_in((await lock.client.request(Code.GET, "/cmd", accept=ETCH)).payload)
    assert (await bays.command(command.id)).failure == "MOVED"
    assert renewed.command_id > command.id
    assert renewed.moves == 8


async def test_a_lock_that_sleeps_gets_its_command_with_the_answer_to_a_report(
    bays: Bays, rig: Rig
) -> None:
    lock = await rig.device(DeviceKind.LOCK)
    await lock.client.request(Code.POST, "/rd", query=("lwm2m=1.1", "Q"), content_format=40)
    command = await bays.order()
    assert (await lock.send(word("raised"))).payload == b""
    reply = await lock.send(word("raised"), accept=ETCH)
    assert (reply.dotted, reply.content_format) == ("2.04", ETCH)
    assert order_in(reply.payload).command_id == command.id
    # Also where the report itself says nothing new.
    again = await lock.send(accept=ETCH)
    assert order_in(again.payload).command_id == command.id


async def test_an_observer_is_told_at_once(bays: Bays, rig: Rig) -> None:
    lock = await rig.device(DeviceKind.LOCK)
    async with (
        asyncio.timeout(DEADLINE_SECONDS),
        lock.client.observe("/cmd", accept=ETCH) as replies,
    ):
        assert (await replies.get()).payload == b"\x80"
        command = await bays.order()
        assert order_in((await replies.get()).payload).command_id == command.id
        newer = await bays.order()
        assert order_in((await replies.get()).payload).command_id == newer.id
    assert (await bays.command(command.id)).state is CommandState.SUPERSEDED


class Awake:
    """A lock that answers its gateway; `says` is what it answers with."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.heard: list[LockOrder] = []
        self.echoes: list[bytes | None] = []
        self.says: Response | Exception = Response(Code.CHANGED)
        device.client.serve(self.answer)

    def answer(self, request: Request) -> Response:
        self.heard.append(order_in(request.payload))
        self.echoes.append(request.echo)
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


async def awake(rig: Rig) -> Awake:
    """A lock on a socket of its own, heard of by the gateway."""
    device = await rig.device(DeviceKind.LOCK)
    socket = await rig.socket_to(rig.gateway)
    device.client = rig.client(device.provisioned.secret, socket)
    await device.send(word("raised"))
    return Awake(device)


async def test_a_lock_that_is_awake_is_asked_and_wants_an_echo(bays: Bays, rig: Rig) -> None:
    lock = await awake(rig)
    command = await bays.order()
    await until(bays, command.id, CommandState.ACCEPTED)
    assert [each.command_id for each in lock.heard] == [command.id]
    assert lock.echoes[0]


@pytest.mark.parametrize(
    ("answer", "failure"),
    [(Conflict("occupied"), "OCCUPIED"), (PreconditionFailed("moved"), "MOVED")],
)
async def test_it_may_refuse_in_its_answer(
    bays: Bays, rig: Rig, answer: Exception, failure: str
) -> None:
    lock = await awake(rig)
    lock.says = answer
    command = await bays.order()
    assert (await until(bays, command.id, CommandState.FAILED)).failure == failure


async def test_without_an_answer_it_fails_and_nobody_knows_its_arm(bays: Bays, rig: Rig) -> None:
    device = await rig.device(DeviceKind.LOCK)
    await device.send(word("raised"))  # it does not serve: what it is asked it resets
    command = await bays.order()
    await until(bays, command.id, CommandState.DELIVERED)
    rig.clock.advance(seconds=93)
    await expire_commands(rig.clock, rig.bus)
    ended = await bays.command(command.id)
    assert (ended.state, ended.failure) == (CommandState.FAILED, NO_ANSWER)
    assert (await rig.state()).lock is LockState.UNKNOWN


async def test_another_gateway_brings_what_the_first_left(bays: Bays, rig: Rig) -> None:
    """The queue is in the database: a gateway may end between any two states."""
    lock = await rig.device(DeviceKind.LOCK)
    await lock.client.request(Code.POST, "/rd", query=("lwm2m=1.1", "Q"), content_format=40)
    command = await bays.order(LOWERED)
    await rig.gateway.close()
    rig.retired.append(rig.gateway)
    rig.gateway = await start(rig.clock, rig.bus)
    lock.client = rig.client(lock.provisioned.secret, await rig.socket_to(rig.gateway))
    reply = await lock.send(word("raised"), accept=ETCH)
    assert order_in(reply.payload).command_id == command.id
    assert await put(lock, command.id, word("lowering")) == "2.04"
    assert await put(lock, command.id, word("lowered")) == "2.04"
    assert (await bays.command(command.id)).state is CommandState.DONE


async def test_a_recorded_command_opens_nothing_later(bays: Bays, rig: Rig) -> None:
    """What somebody recorded between gateway and lock is worth nothing when played again."""
    lock = await awake(rig)
    socket = rig.sockets[-1]
    datagrams: list[tuple[Message, tuple[Any, ...]]] = []
    answering = socket.on_request
    assert answering is not None

    def record(message: Message, route: tuple[Any, ...]) -> bytes | None:
        datagrams.append((message, route))
        return answering(message, route)

    socket.on_request = record
    command = await bays.order()
    await until(bays, command.id, CommandState.ACCEPTED)
    heard = len(lock.heard)
    assert len(datagrams) == 2  # the question, and again with the Echo
    for message, route in datagrams:
        again = replace(message, message_id=message.message_id ^ 0x8000)  # else it is a duplicate
        assert answering(again, route) is None
    assert len(lock.heard) == heard
