"""Requests of an authenticated device, from the site's rules to the answer's form."""

from collections.abc import Callable

import pytest

from coap_gateway.stack import Code, ContentFormat, Limits, Server
from coap_gateway.stack.blocks import Block
from coap_gateway.stack.replies import Ask
from coap_gateway.stack.wire import ACK, CON, NON, decode, encode_header
from tests.coap_gateway.stack.conftest import Bay, StartServer
from tests.coap_gateway.stack.peers import PING, PONG, RawDevice, RawPeer

SENML = ContentFormat.SENML_CBOR
Connect = Callable[[Server], RawPeer]


async def test_a_handler_sees_who_asks_and_with_which_sequence_number(
    device: RawDevice, bay: Bay
) -> None:
    await device.ask(Ask(Code.POST, ("dp",), b"\x80", SENML, query=("a=1",)))
    request = bay.requests[-1]
    assert (request.method, request.path, request.payload) == (Code.POST, ("dp",), b"\x80")
    assert (request.peer.credential_id, request.peer.oscore_sequence) == (7, 2)
    assert (request.peer.address[0], request.query_value("a")) == ("127.0.0.1", "1")


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (Ask(Code.POST, ("dp",), b"x", SENML), Code.CHANGED),
        (Ask(Code.POST, ("dp",), b"x", SENML, accept=322), Code.CHANGED),
        (Ask(Code.POST, ("dp",), b"x", 60), Code.UNSUPPORTED_CONTENT_FORMAT),
        (Ask(Code.POST, ("dp",), b"x"), Code.UNSUPPORTED_CONTENT_FORMAT),
        (Ask(Code.POST, ("dp",), b"x", SENML, accept=60), Code.NOT_ACCEPTABLE),
        (Ask(Code.GET, ("dp",)), Code.METHOD_NOT_ALLOWED),
        (Ask(Code.GET, ("nowhere",)), Code.NOT_FOUND),
        (Ask(Code.GET, ()), Code.NOT_FOUND),
        (Ask(Code.GET, ("echo",)), Code.NOT_FOUND),
        (Ask(Code.POST, ("broken",)), Code.INTERNAL_SERVER_ERROR),
        (Ask(Code.PUT, ("broken",)), Code.UNPROCESSABLE_ENTITY),
        (Ask(Code.POST, ("future",)), Code.CREATED),
    ],
)
async def test_the_code_follows_from_the_resources_declaration(
    device: RawDevice, ask: Ask, code: Code
) -> None:
    reply = await device.ask(ask)
    assert (reply.code, reply.protected) == (code, True)


async def test_braces_in_a_pattern_match_one_segment(device: RawDevice, bay: Bay) -> None:
    await device.ask(Ask(Code.POST, ("echo", "17")))
    assert bay.requests[-1].path_values == ("17",)


async def test_a_refusal_carries_its_text_and_max_age(device: RawDevice) -> None:
    reply = await device.ask(Ask(Code.PUT, ("broken",)))
    assert (reply.payload, reply.max_age) == (b"that cannot be", 9)


async def test_a_failing_handler_is_counted_and_says_nothing(
    device: RawDevice, server: Server
) -> None:
    reply = await device.ask(Ask(Code.POST, ("broken",)))
    assert reply.payload == b""
    assert server.counters.handler_failures == 1


async def test_an_etag_that_still_holds_gets_2_03_without_payload(device: RawDevice) -> None:
    reply = await device.ask(Ask(Code.GET, ("state",), etags=(b"old", b"free")))
    assert (reply.code, reply.payload, reply.etag) == (Code.VALID, b"", b"free")


async def test_a_late_answer_is_acknowledged_first_and_then_confirmable(
    start: StartServer, connect: Connect, bay: Bay
) -> None:
    device = RawDevice(connect(await start(Limits(empty_ack_delay_s=0.0))))
    await device.introduce()
    datagram, binding = device.seal(Ask(Code.POST, ("late",)))
    empty = decode(await device.peer.ask(datagram))
    assert (empty.kind, empty.code, empty.token) == (ACK, Code.EMPTY, b"")
    bay.gate.set()
    late = await device.peer.hear()
    assert decode(late).kind == CON
    assert device.open(late, binding).payload == b"late"


async def test_a_late_answer_is_sent_again_until_it_is_acknowledged(
    start: StartServer, connect: Connect, bay: Bay
) -> None:
    server = await start(Limits(empty_ack_delay_s=0.0, ack_timeout_s=0.02))
    device = RawDevice(connect(server))
    await device.introduce()
    await device.peer.ask(device.seal(Ask(Code.POST, ("late",)))[0])
    bay.gate.set()
    first = await device.peer.hear()
    assert await device.peer.hear() == first
    device.peer.send(encode_header(ACK, 0, decode(first).message_id))
    while await device.peer.ask(PING) != PONG:
        pass
    assert server.confirmables_in_flight == 0


async def test_a_copy_while_the_handler_works_runs_nothing_again(
    start: StartServer, connect: Connect, bay: Bay
) -> None:
    device = RawDevice(connect(await start(Limits(empty_ack_delay_s=0.0))))
    await device.introduce()
    datagram, _ = device.seal(Ask(Code.POST, ("late",)))
    empty = await device.peer.ask(datagram)
    assert await device.peer.ask(datagram) == empty
    assert [request.path for request in bay.requests].count(("late",)) == 1


async def test_a_device_that_begins_its_message_ids_anew_is_served(
    device: RawDevice, bay: Bay
) -> None:
    before = len(bay.requests)
    for _ in range(2):
        datagram, binding = device.seal(Ask(Code.GET, ("state",)), message_id=1)
        assert device.open(await device.peer.ask(datagram), binding).payload == b"free"
    assert len(bay.requests) == before + 2


@pytest.mark.parametrize(
    ("bits", "path", "silent"), [(2, "dp", True), (8, "dp", False), (8, "none", True)]
)
async def test_no_response_is_respected(
    device: RawDevice, bits: int, path: str, silent: bool
) -> None:
    plaintext = bytes((Code.POST, 0xB0 | len(path))) + path.encode()
    plaintext += b"\x11\x70\xd1\xe9" + bytes((bits,))
    datagram, _ = device.seal(Ask(Code.POST, ()), plaintext=plaintext)
    answer = await device.peer.ask(datagram)
    assert (decode(answer).code == Code.EMPTY) == silent


async def test_too_many_requests_of_one_device_at_work_are_5_03(
    start: StartServer, connect: Connect
) -> None:
    device = RawDevice(connect(await start(Limits(requests_in_flight_per_peer_max=2))))
    await device.introduce()
    for _ in range(2):
        device.peer.send(device.seal(Ask(Code.POST, ("late",)))[0])
    reply = await device.ask(Ask(Code.POST, ("late",)))
    assert (reply.code, reply.max_age) == (Code.SERVICE_UNAVAILABLE, 2)


async def test_a_credential_over_its_rate_gets_a_protected_4_29(
    start: StartServer, connect: Connect
) -> None:
    device = RawDevice(connect(await start(Limits(credential_rate=0.1, credential_burst=2))))
    await device.introduce()
    replies = [await device.ask(Ask(Code.GET, ("state",))) for _ in range(2)]
    assert [reply.code for reply in replies] == [Code.CONTENT, Code.TOO_MANY_REQUESTS]
    assert replies[1].protected
    assert replies[1].max_age is not None


async def test_a_body_in_blocks_reaches_the_handler_whole(device: RawDevice, bay: Bay) -> None:
    path = ("echo", "1")
    more = await device.ask(Ask(Code.POST, path, b"a" * 16, block1=Block(0, True, 0)))
    assert (more.code, more.block1) == (Code.CONTINUE, Block(0, True, 0))
    last = await device.ask(Ask(Code.POST, path, b"b", block1=Block(1, False, 0)))
    assert (last.code, last.payload, last.block1) == (
        Code.CHANGED,
        b"a" * 16 + b"b",
        Block(1, False, 0),
    )


async def test_a_gap_between_blocks_is_4_08(device: RawDevice, bay: Bay) -> None:
    before = len(bay.requests)
    path = ("echo", "1")
    await device.ask(Ask(Code.POST, path, b"a" * 16, block1=Block(0, True, 0)))
    reply = await device.ask(Ask(Code.POST, path, b"b", block1=Block(2, False, 0)))
    assert reply.code == Code.REQUEST_ENTITY_INCOMPLETE
    assert len(bay.requests) == before


@pytest.mark.parametrize(
    "ask",
    [
        Ask(Code.POST, ("echo", "1"), b"x" * 2049),
        Ask(Code.POST, ("echo", "1"), b"x" * 16, block1=Block(0, True, 0), size1=2049),
    ],
)
async def test_a_body_over_2_kb_is_4_13_with_the_limit(device: RawDevice, ask: Ask) -> None:
    reply = await device.ask(ask)
    assert (reply.code, reply.size1) == (Code.REQUEST_ENTITY_TOO_LARGE, 2048)


async def test_blocks_that_add_up_to_more_than_2_kb_are_4_13(device: RawDevice) -> None:
    for number in range(2):
        ask = Ask(Code.POST, ("echo", "1"), b"x" * 1024, block1=Block(number, True, 6))
        await device.ask(ask)
    reply = await device.ask(Ask(Code.POST, ("echo", "1"), b"x", block1=Block(2, False, 6)))
    assert (reply.code, reply.size1) == (Code.REQUEST_ENTITY_TOO_LARGE, 2048)


async def test_later_blocks_of_an_answer_do_not_run_the_handler_again(
    device: RawDevice, bay: Bay
) -> None:
    ask = Ask(Code.GET, ("echo", "1"))
    first = await device.ask(ask)
    assert first.block2 == Block(0, True, 6)
    second = await device.ask(Ask(Code.GET, ("echo", "1"), block2=Block(1, False, 6)))
    assert first.payload + second.payload == bytes(range(256)) * 8
    assert [request.path for request in bay.requests].count(("echo", "1")) == 1


async def test_a_later_block_of_a_forgotten_post_answer_is_4_08(device: RawDevice) -> None:
    reply = await device.ask(Ask(Code.POST, ("echo", "9"), block2=Block(1, False, 6)))
    assert reply.code == Code.REQUEST_ENTITY_INCOMPLETE


async def test_a_non_confirmable_protected_request_is_answered_in_kind(device: RawDevice) -> None:
    datagram, binding = device.seal(Ask(Code.GET, ("state",)), kind=NON)
    answer = await device.peer.ask(datagram)
    assert decode(answer).kind == NON
    assert device.open(answer, binding).payload == b"free"


async def test_closing_the_server_answers_what_is_at_work(
    start: StartServer, connect: Connect
) -> None:
    server = await start()
    device = RawDevice(connect(server))
    await device.introduce()
    datagram, binding = device.seal(Ask(Code.POST, ("late",)))
    device.peer.send(datagram)
    await device.ask(Ask(Code.GET, ("state",)))
    await server.close()
    assert device.open(await device.peer.hear(), binding).code == Code.SERVICE_UNAVAILABLE
