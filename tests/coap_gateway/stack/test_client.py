"""The client for virtual devices, over good and bad links."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from coap_gateway.stack import (
    ClientSocket,
    Code,
    DeviceClient,
    Faults,
    FileSequences,
    Limits,
    MemorySecurityStore,
    MemorySequences,
    RequestTimeout,
    Reset,
    Server,
)
from tests.coap_gateway.stack.conftest import Bay, StartServer
from tests.coap_gateway.stack.peers import DEVICE, GATEWAY

QUICK = Limits(ack_timeout_s=0.05, retransmissions_max=8)
BAD_LINK = Faults(loss=0.25, duplicate=0.3, reorder=0.3, reorder_s=0.02, seed=4)
OpenSocket = Callable[..., Awaitable[ClientSocket]]


@pytest.fixture
async def open_socket(server: Server) -> AsyncIterator[OpenSocket]:
    """Opens client sockets towards the server."""
    sockets: list[ClientSocket] = []

    async def make(port: int = server.port, faults: Faults | None = None) -> ClientSocket:
        sockets.append(await ClientSocket.open(("127.0.0.1", port), faults, QUICK))
        return sockets[-1]

    yield make
    for some in sockets:
        some.close()


async def test_a_request_goes_through_the_echo_round_by_itself(open_socket: OpenSocket) -> None:
    client = DeviceClient(await open_socket(), DEVICE)
    reply = await client.request(Code.GET, "/state")
    assert (reply.payload, reply.protected, reply.max_age) == (b"free", True, 30)


async def test_long_bodies_and_answers_go_in_blocks(open_socket: OpenSocket) -> None:
    client = DeviceClient(await open_socket(), DEVICE)
    body = bytes(range(256)) * 8
    assert (await client.request(Code.POST, "/echo/1", body)).payload == body
    assert (await client.request(Code.GET, "/echo/1")).payload == bytes(range(256)) * 12


async def test_a_body_beyond_the_limit_is_refused(open_socket: OpenSocket) -> None:
    client = DeviceClient(await open_socket(), DEVICE)
    reply = await client.request(Code.POST, "/echo/1", bytes(2049))
    assert (reply.dotted, reply.size1) == ("4.13", 2048)


async def test_without_material_it_is_a_stranger(open_socket: OpenSocket) -> None:
    client = DeviceClient(await open_socket())
    assert (await client.request(Code.GET, "/state")).code == Code.UNAUTHORIZED
    core = await client.request(Code.GET, "/.well-known/core")
    assert core.payload.startswith(b"</state>")


async def test_non_confirmable_requests_are_answered_too(open_socket: OpenSocket) -> None:
    client = DeviceClient(await open_socket(), DEVICE)
    reply = await client.request(Code.GET, "/state", confirmable=False)
    assert reply.payload == b"free"


async def test_a_late_answer_is_waited_for(open_socket: OpenSocket, bay: Bay) -> None:
    client = DeviceClient(await open_socket(), DEVICE)
    await client.request(Code.GET, "/state")
    asked = asyncio.create_task(client.request(Code.POST, "/late"))
    async with asyncio.timeout(5):
        while not any(  # noqa: ASYNC110
            request.path == ("late",) for request in bay.requests
        ):
            await asyncio.sleep(0)
    bay.gate.set()
    assert (await asked).payload == b"late"


async def test_nobody_there_is_a_timeout(open_socket: OpenSocket) -> None:
    client = DeviceClient(await open_socket(faults=Faults(loss=1.0)), DEVICE, answer_s=0.05)
    with pytest.raises(RequestTimeout):
        await client.request(Code.GET, "/state")


async def test_a_closed_socket_ends_what_waits(open_socket: OpenSocket, bay: Bay) -> None:
    socket = await open_socket()
    client = DeviceClient(socket, DEVICE)
    await client.request(Code.GET, "/state")
    asked = asyncio.create_task(client.request(Code.POST, "/late"))
    await asyncio.sleep(0)
    socket.close()
    with pytest.raises(Reset):
        await asked


async def test_over_a_bad_link_every_request_is_answered_and_runs_once(
    open_socket: OpenSocket, bay: Bay, server: Server
) -> None:
    client = DeviceClient(await open_socket(faults=BAD_LINK), DEVICE, window_bits=64)
    for number in range(40):
        reply = await client.request(Code.POST, "/dp", b"%d" % number, content_format=112)
        assert reply.code == Code.CHANGED
    assert [request.payload for request in bay.requests] == [b"%d" % n for n in range(40)]
    assert server.counters.deduplicated > 0


async def test_observation_gives_the_first_and_each_newer_state(
    open_socket: OpenSocket, server: Server, bay: Bay
) -> None:
    client = DeviceClient(await open_socket(), DEVICE)
    async with client.observe("/state") as states, asyncio.timeout(5):
        assert (await states.get()).payload == b"free"
        bay.state = b"occupied"
        server.changed(("state",))
        assert (await states.get()).payload == b"occupied"
    server.changed(("state",))
    async with asyncio.timeout(5):
        while server.observers_held:  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_a_thousand_devices_share_one_socket(
    start: StartServer, open_socket: OpenSocket, store: MemorySecurityStore
) -> None:
    for index in range(1000):
        kid = index.to_bytes(2, "big") + b"v"
        store.add(replace(GATEWAY, credential_id=1000 + index, recipient_id=kid))
    socket = await open_socket((await start()).port)
    clients = [
        DeviceClient(socket, replace(DEVICE, sender_id=index.to_bytes(2, "big") + b"v"))
        for index in range(1000)
    ]
    for some in range(0, 1000, 100):
        batch = clients[some : some + 100]
        replies = await asyncio.gather(*(client.request(Code.GET, "/state") for client in batch))
        assert all(reply.payload == b"free" for reply in replies)


async def test_a_port_whose_message_ids_are_used_up_is_replaced(
    open_socket: OpenSocket, bay: Bay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coap_gateway.stack.client_socket.MESSAGE_IDS_PER_PORT", 5)
    client = DeviceClient(await open_socket(), DEVICE)
    for _ in range(12):
        assert (await client.request(Code.GET, "/state")).is_success
    assert len({request.peer.address[1] for request in bay.requests}) == 3


def test_a_sequence_file_continues_where_it_reserved(tmp_path: Path) -> None:
    path = tmp_path / "sequence"
    assert FileSequences(path).reserve(100) == 0
    assert FileSequences(path).reserve(100) == 100


async def test_a_device_that_restarts_uses_no_number_twice(
    open_socket: OpenSocket, bay: Bay
) -> None:
    sequences = MemorySequences()
    for _ in range(3):
        client = DeviceClient(await open_socket(), DEVICE, sequences)
        assert (await client.request(Code.GET, "/state")).is_success
    used = [request.peer.oscore_sequence for request in bay.requests]
    assert used == [1, 100, 200]
