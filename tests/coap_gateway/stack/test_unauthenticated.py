"""What a stranger gets: little, small, and not often."""

from collections.abc import Callable

import pytest

from coap_gateway.stack import Code, ContentFormat, Limits, Server
from coap_gateway.stack.wire import ACK, NON, decode, encode_header, encode_options
from tests.coap_gateway.stack.conftest import Bay, StartServer
from tests.coap_gateway.stack.peers import TOKEN, RawPeer

CORE = ((11, b".well-known"), (11, b"core"))
MOST = 136


def max_age(options: list[tuple[int, bytes]]) -> int:
    return int.from_bytes(dict(options)[14], "big")


async def test_discovery_comes_in_small_blocks(peer: RawPeer) -> None:
    text, number, more = b"", 0, True
    while more:
        block2 = (number << 4 | 2).to_bytes(2, "big").lstrip(b"\0")
        answer = await peer.request(Code.GET, *CORE, (23, block2))
        assert len(answer.payload) <= 64
        text += answer.payload
        more = bool(dict(answer.options)[23][-1] & 8)
        number += 1
    assert text.startswith(b'</state>;rt="bay";obs,</dp>;rt="core.ps x.dp";ct=112')


async def test_discovery_without_a_block_option_is_cut_as_well(peer: RawPeer) -> None:
    datagram = encode_header(0, Code.GET, 1, b"12345678") + encode_options(list(CORE))
    answer = await peer.ask(datagram)
    assert len(answer) <= MOST
    assert dict(decode(answer).options)[23] == b"\x0a"


async def test_discovery_filters(peer: RawPeer) -> None:
    answer = await peer.request(Code.GET, *CORE, (15, b"rt=bay"))
    assert answer.payload == b'</state>;rt="bay";obs'
    everything = await peer.request(Code.GET, *CORE, (15, b"rt=*"))
    assert b"open" not in everything.payload


async def test_every_other_resource_is_4_01(peer: RawPeer) -> None:
    answer = await peer.request(Code.GET, (11, b"state"))
    assert answer.code == Code.UNAUTHORIZED


async def test_there_is_no_observation_without_oscore(server: Server, peer: RawPeer) -> None:
    answer = await peer.request(Code.GET, (6, b""), *CORE)
    assert 6 not in dict(answer.options)
    assert server.observers_held == 0


@pytest.mark.parametrize("token", [b"", b"12345678"])
async def test_no_answer_is_longer_than_136_bytes(peer: RawPeer, token: bytes) -> None:
    for method in range(1, 8):
        for path in ("state", "dp", "open", "x" * 200, "echo/1"):
            options = [(11, part.encode()) for part in path.split("/")]
            head = encode_header(0, method, peer.next_id(), token)
            assert len(await peer.ask(head + encode_options(options))) <= MOST


async def test_a_long_public_answer_goes_out_in_small_blocks(peer: RawPeer) -> None:
    answer = await peer.request(Code.GET, (11, b"open"), (23, b"\x06"))
    assert dict(answer.options)[23] == b"\x0a"


async def test_a_late_public_answer_is_not_retransmitted(
    start: StartServer, connect: Callable[[Server], RawPeer], bay: Bay
) -> None:
    server = await start(Limits(empty_ack_delay_s=0.0, ack_timeout_s=0.01))
    peer = connect(server)
    assert (await peer.request(Code.POST, (11, b"open-late"))).code == Code.EMPTY
    bay.gate.set()
    late = decode(await peer.hear())
    assert (late.kind, late.code, late.token) == (NON, Code.CHANGED, TOKEN)


async def test_too_many_requests_are_4_29_and_then_silence(
    start: StartServer, connect: Callable[[Server], RawPeer]
) -> None:
    limits = Limits(unauthenticated_rate=0.1, unauthenticated_burst=3, refusal_burst=2)
    server = await start(limits)
    peer = connect(server)
    codes = [(await peer.request(Code.GET, *CORE)).code for _ in range(3)]
    refused = [await peer.request(Code.GET, *CORE) for _ in range(2)]
    assert codes == [Code.CONTENT] * 3
    assert [answer.code for answer in refused] == [Code.TOO_MANY_REQUESTS] * 2
    assert 1 <= max_age(refused[0].options) <= 10
    datagram = encode_header(0, Code.GET, peer.next_id()) + encode_options(list(CORE))
    assert await peer.is_ignored(datagram)
    assert (server.counters.rate_limited, server.counters.dropped) == (3, 1)


async def test_a_source_over_its_rate_is_refused_before_anything_is_decrypted(
    start: StartServer, connect: Callable[[Server], RawPeer]
) -> None:
    server = await start(Limits(source_rate=0.1, source_burst=1))
    peer = connect(server)
    await peer.request(Code.GET, *CORE)
    protected = await peer.request(Code.POST, (9, b"\x09\x01D"), payload=b"x" * 20)
    assert protected.code == Code.TOO_MANY_REQUESTS
    assert server.counters.unknown_context == 0


async def test_a_stranger_cannot_hold_bodies_or_copies(server: Server, peer: RawPeer) -> None:
    answer = await peer.request(Code.POST, (11, b"dp"), (27, b"\x08"), payload=b"x" * 16)
    assert (answer.kind, answer.code) == (ACK, Code.UNAUTHORIZED)
    unknown = await peer.request(Code.GET, (11, b"nowhere"))
    assert unknown.code == Code.NOT_FOUND
    assert server.counters.blocks_evicted == 0


async def test_a_wanted_format_that_does_not_exist_is_4_06(peer: RawPeer) -> None:
    cbor = bytes((ContentFormat.CBOR,))
    assert (await peer.request(Code.GET, *CORE, (17, cbor))).code == Code.NOT_ACCEPTABLE
