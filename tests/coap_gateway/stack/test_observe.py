"""Observation under OSCORE: newest state, own sequence numbers, and observers that leave."""

import asyncio
from collections.abc import Callable

from coap_gateway.stack import Code, Limits, MemorySecurityStore, Server
from coap_gateway.stack.oscore import Binding, OscoreOption
from coap_gateway.stack.replies import Ask, Reply
from coap_gateway.stack.wire import ACK, CON, NON, RST, decode, encode_header
from tests.coap_gateway.stack.conftest import Bay, StartServer
from tests.coap_gateway.stack.peers import GATEWAY, OSCORE, PING, PONG, RawDevice, RawPeer

WATCH = Ask(Code.GET, ("state",), observe=0)
PATH = ("state",)
Connect = Callable[..., RawPeer]


async def watch(device: RawDevice, kind: int = CON, token: bytes = b"w") -> tuple[Reply, Binding]:
    datagram, binding = device.seal(WATCH, kind=kind, token=token, outer=((6, b""),))
    return device.open(await device.peer.ask(datagram), binding), binding


async def notified(device: RawDevice, binding: Binding, answer: int = ACK) -> Reply:
    """The next notification, acknowledged or reset."""
    datagram = await device.peer.hear()
    message = decode(datagram)
    if message.kind == CON:
        device.peer.send(encode_header(answer, 0, message.message_id))
    return device.open(datagram, binding)


def outer_observe(datagram: bytes) -> int:
    return int.from_bytes(dict(decode(datagram).options)[6], "big")


async def test_a_registration_is_answered_and_each_change_notified(
    device: RawDevice, server: Server, bay: Bay
) -> None:
    reply, binding = await watch(device)
    assert (reply.payload, reply.observe, server.observers_held) == (b"free", 0, 1)
    for state in (b"occupied", b"gone"):
        bay.state = state
        assert server.changed(PATH, GATEWAY.credential_id) == 1
        assert (await notified(device, binding)).payload == state


async def test_notifications_have_growing_numbers_and_sequence_numbers_of_their_own(
    device: RawDevice, server: Server
) -> None:
    await watch(device)
    numbers: list[tuple[int, int]] = []
    for _ in range(5):
        server.changed(PATH)
        datagram = await device.peer.hear()
        message = decode(datagram)
        device.peer.send(encode_header(ACK, 0, message.message_id))
        option = OscoreOption.decode(dict(message.options)[OSCORE])
        numbers.append((outer_observe(datagram), int.from_bytes(option.partial_iv, "big")))
    assert numbers == sorted(set(numbers))
    assert len({sequence for _, sequence in numbers}) == 5


async def test_changes_while_one_is_unacknowledged_are_conflated_to_the_newest(
    device: RawDevice, server: Server, bay: Bay
) -> None:
    _, binding = await watch(device)
    server.changed(PATH)
    first = decode(await device.peer.hear())
    for number in range(20):
        bay.state = b"%d" % number
        server.changed(PATH)
    device.peer.send(encode_header(ACK, 0, first.message_id))
    assert (await notified(device, binding)).payload == b"19"
    assert server.counters.notified == 2


async def test_a_reset_ends_the_observation(device: RawDevice, server: Server) -> None:
    _, binding = await watch(device)
    server.changed(PATH)
    await notified(device, binding, RST)
    assert await device.peer.ask(PING) == PONG
    assert server.observers_held == 0


async def test_deregistering_ends_the_observation(device: RawDevice, server: Server) -> None:
    await watch(device)
    ask = Ask(Code.GET, PATH, observe=1)
    datagram, binding = device.seal(ask, token=b"w", outer=((6, b"\1"),))
    reply = device.open(await device.peer.ask(datagram), binding)
    assert (reply.payload, server.observers_held) == (b"free", 0)


async def test_an_observer_that_no_longer_answers_is_pruned(
    start: StartServer, connect: Connect
) -> None:
    server = await start(Limits(ack_timeout_s=0.001, retransmissions_max=2))
    device = RawDevice(connect(server))
    await device.introduce()
    await watch(device)
    server.changed(PATH)
    async with asyncio.timeout(5):
        while server.observers_held:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    assert server.counters.observers_pruned == 1


async def test_a_non_confirmable_observer_is_asked_to_confirm_every_so_often(
    start: StartServer, connect: Connect
) -> None:
    server = await start(Limits(observer_confirm_every=4))
    device = RawDevice(connect(server))
    await device.introduce()
    await watch(device, NON)
    kinds: list[int] = []
    for _ in range(8):
        server.changed(PATH)
        message = decode(await device.peer.hear())
        kinds.append(message.kind)
        if message.kind == CON:
            device.peer.send(encode_header(ACK, 0, message.message_id))
            assert await device.peer.ask(PING) == PONG
    assert kinds == [NON, NON, NON, CON] * 2


async def test_registering_again_replaces_the_old_registration(
    device: RawDevice, server: Server, connect: Connect
) -> None:
    await watch(device)
    await watch(device, token=b"v")
    moved = RawDevice(connect(server), sequence=100)
    await watch(moved)
    assert server.observers_held == 1


async def test_observers_of_one_credential_are_bounded(
    start: StartServer, connect: Connect
) -> None:
    server = await start(Limits(observers_per_credential_max=3, credential_burst=100))
    device = RawDevice(connect(server))
    await device.introduce()
    for number in range(10):
        ask = Ask(Code.GET, PATH, query=(f"n={number}",), observe=0)
        await device.peer.ask(device.seal(ask, token=b"%d" % number, outer=((6, b""),))[0])
    assert server.observers_held == 3


async def test_observers_in_all_are_bounded_and_the_rest_get_a_plain_answer(
    start: StartServer, connect: Connect
) -> None:
    device = RawDevice(connect(await start(Limits(observers_total_max=0))))
    await device.introduce()
    reply, _ = await watch(device)
    assert (reply.payload, reply.observe) == (b"free", None)


async def test_an_observe_that_a_proxy_added_or_took_away_counts_for_nothing(
    device: RawDevice, server: Server
) -> None:
    inner_only, binding = device.seal(WATCH)
    assert device.open(await device.peer.ask(inner_only), binding).observe is None
    outer_only, binding = device.seal(Ask(Code.GET, PATH), outer=((6, b""),))
    assert device.open(await device.peer.ask(outer_only), binding).observe is None
    assert server.observers_held == 0


async def test_forgetting_a_credential_ends_its_observations(
    device: RawDevice, server: Server
) -> None:
    await watch(device)
    server.forget(GATEWAY.credential_id)
    assert (server.observers_held, server.changed(PATH)) == (0, 0)


async def test_a_resource_that_fails_ends_the_observation_with_its_error(
    device: RawDevice, server: Server, bay: Bay
) -> None:
    _, binding = await watch(device)
    bay.state = None  # type: ignore[assignment]
    server.changed(PATH)
    reply = await notified(device, binding)
    assert (reply.code, reply.observe) == (Code.INTERNAL_SERVER_ERROR, None)
    assert server.observers_held == 0


async def test_notifications_go_on_beyond_a_block_of_sequence_numbers(
    start: StartServer, connect: Connect, store: MemorySecurityStore
) -> None:
    server = await start(Limits(sequence_block=2))
    device = RawDevice(connect(server))
    await device.introduce()
    _, binding = await watch(device)
    for number in range(10):
        server.changed(PATH)
        assert (await notified(device, binding)).payload == b"free", number
