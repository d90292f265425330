"""A server asks a device whose context it holds: answers of every kind, and what it believes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from coap_gateway.stack import (
    Ask,
    ClientSocket,
    Code,
    DeviceClient,
    Limits,
    MemorySecurityStore,
    OscoreError,
    Request,
    RequestTimeout,
    Reset,
    Resource,
    Response,
    SecurityMaterial,
    Server,
    Site,
    Unreachable,
    serve,
)
from coap_gateway.stack.wire import ACK, CON, RST, Message, decode, encode, encode_header

PATIENT = Limits(ack_timeout_s=0.2, retransmissions_max=6)
LONG = 60.0
SECRET = bytes(range(16))
DEVICE_ID, GATEWAY_ID = b"\xd1", b"\x00"
QUESTION = Ask(Code.PUT, ("3413", "0", "3"), b"down")


@dataclass
class Pair:
    """A server and a device that has been heard by it."""

    server: Server
    socket: ClientSocket
    heard: list[Request] = field(default_factory=list)

    def answer(self, request: Request) -> Response:
        """The device's answer to everything."""
        self.heard.append(request)
        return Response(Code.CHANGED, b"received")


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    store = MemorySecurityStore()
    store.add(SecurityMaterial(1, SECRET, GATEWAY_ID, DEVICE_ID))
    site = Site([Resource("dp", {Code.POST: lambda _: Response(Code.CHANGED)})])
    server = await serve(site, store, port=0, limits=PATIENT)
    socket = await ClientSocket.open(("127.0.0.1", server.port), limits=PATIENT)
    made = Pair(server, socket)
    client = DeviceClient(socket, SecurityMaterial(0, SECRET, DEVICE_ID, GATEWAY_ID))
    client.serve(made.answer)
    assert (await client.request(Code.POST, "/dp")).dotted == "2.04"
    yield made
    socket.close()
    await server.close()


async def ask(pair: Pair, credential_id: int = 1) -> Any:
    return await asyncio.wait_for(pair.server.ask(credential_id, QUESTION), LONG)


def altered(pair: Pair, change: Any) -> None:
    """What the device sends back goes through `change` first."""
    answer = pair.socket.on_request
    assert answer is not None

    def hear(message: Message, route: Any) -> bytes | None:
        datagram = answer(message, route)
        assert datagram is not None
        result: bytes | None = change(datagram, message)
        return result

    pair.socket.on_request = hear


async def test_a_device_answers_after_its_echo(pair: Pair) -> None:
    reply = await ask(pair)
    assert (reply.dotted, reply.payload, reply.protected) == ("2.04", b"received", True)
    assert [request.payload for request in pair.heard] == [b"down"]
    assert pair.heard[0].echo
    assert (await ask(pair)).dotted == "2.04"


async def test_a_device_that_was_never_heard_is_not_asked(pair: Pair) -> None:
    with pytest.raises(Unreachable):
        await ask(pair, 2)
    assert pair.server.can_ask(1)
    pair.server.forget(1)
    assert not pair.server.can_ask(1)
    with pytest.raises(Unreachable):
        await ask(pair)


async def test_an_answer_may_come_in_a_message_of_its_own(pair: Pair) -> None:
    """RFC 7252 section 5.2.2: acknowledged at once, answered later."""
    acknowledged: list[int] = []

    def later(datagram: bytes, message: Message) -> bytes:
        answer = decode(datagram)
        answer.kind, answer.message_id = CON, message.message_id ^ 0x4000
        port = pair.socket._port
        loop = asyncio.get_running_loop()
        loop.call_later(0.01, port.outbox.send, encode(answer), ("127.0.0.1", pair.server.port))
        acknowledged.append(answer.message_id)
        return encode_header(ACK, Code.EMPTY, message.message_id)

    altered(pair, later)
    assert (await ask(pair)).payload == b"received"
    assert len(acknowledged) == 2


async def test_an_answer_outside_oscore_is_not_believed(pair: Pair) -> None:
    altered(pair, lambda _, m: encode_header(ACK, Code.CHANGED, m.message_id, m.token))
    with pytest.raises(OscoreError):
        await ask(pair)


async def test_a_reset_is_told(pair: Pair) -> None:
    altered(pair, lambda _, message: encode_header(RST, Code.EMPTY, message.message_id))
    with pytest.raises(Reset):
        await ask(pair)


async def test_silence_is_told(pair: Pair) -> None:
    altered(pair, lambda *_: None)
    pair.server._asker._limits = Limits(answer_s=0.1)
    with pytest.raises(RequestTimeout):
        await ask(pair)


async def test_a_repeated_question_is_answered_again_and_heard_once(pair: Pair) -> None:
    answer = pair.socket.on_request
    assert answer is not None
    dropped: list[int] = []

    def lossy(message: Message, route: Any) -> bytes | None:
        datagram = answer(message, route)
        if message.message_id in dropped:
            return datagram
        dropped.append(message.message_id)
        return None

    pair.socket.on_request = lossy
    assert (await ask(pair)).dotted == "2.04"
    assert len(pair.heard) == 1
