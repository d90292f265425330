"""Raw datagrams that a library might let through: each gets the answer its RFC asks for."""

import logging
from collections.abc import Callable

import pytest

from coap_gateway.stack import Code, Server
from coap_gateway.stack.wire import ACK, NON, decode
from tests.coap_gateway.stack.conftest import Bay
from tests.coap_gateway.stack.peers import RawPeer

CORE = ((11, b".well-known"), (11, b"core"))
GET_CORE = "bb2e77656c6c2d6b6e6f776e04636f7265"


def frame(text: str) -> bytes:
    return bytes.fromhex(text.replace(" ", ""))


@pytest.mark.parametrize(
    "datagram",
    [
        "4001 0102 ff",
        "4901 0102 000000000000000000 " + GET_CORE,
        "4f01 0102 000000000000000000000000000000 " + GET_CORE,
        "4401 0102 aabb",
        "4001 0102 b5aabb",
        "4001 0102 f1",
        "4000 0102 00",
        "4100 0102 aa",
        "4021 0102",
        "40c1 0102",
        "40e1 0102",
        "4045 0102",
    ],
)
async def test_a_confirmable_message_that_breaks_the_format_is_reset(
    peer: RawPeer, datagram: str
) -> None:
    assert (await peer.ask(frame(datagram))).hex() == "70000102"


@pytest.mark.parametrize(
    "datagram",
    [
        "",
        "40",
        "4001 01",
        "5001 0102 ff",
        "5901 0102 000000000000000000",
        "5021 0102",
        "5045 0102",
        "5000 0102",
        "6000 0102",
        "7000 0102",
        "6045 0102",
        "0001 0102",
        "8001 0102",
        "c001 0102",
    ],
)
async def test_what_cannot_be_reset_is_ignored(peer: RawPeer, datagram: str) -> None:
    assert await peer.is_ignored(frame(datagram))


async def test_a_ping_is_answered_with_a_reset(peer: RawPeer) -> None:
    assert (await peer.ask(frame("4000 1234"))).hex() == "70001234"


async def test_version_2_is_counted_and_ignored(server: Server, peer: RawPeer) -> None:
    assert await peer.is_ignored(frame("8001 0102"))
    assert server.counters.wrong_version == 1


@pytest.mark.parametrize("number", [2049, 9 + 200, 13, 19, 21])
async def test_an_unknown_critical_option_is_4_02(peer: RawPeer, number: int) -> None:
    options = sorted([*CORE, (number, b"x")], key=lambda option: option[0])
    answer = await peer.request(Code.GET, *options)
    assert (answer.kind, answer.code) == (ACK, Code.BAD_OPTION)


async def test_in_a_non_confirmable_request_it_is_ignored(peer: RawPeer) -> None:
    assert await peer.is_ignored(frame("5001 0102 e1 06f4 78"))


async def test_an_unknown_elective_option_is_served(peer: RawPeer) -> None:
    answer = await peer.request(Code.GET, *CORE, (2048, b"x"))
    assert answer.code == Code.CONTENT


@pytest.mark.parametrize("number", [23, 27])
async def test_block_size_7_is_4_00_and_no_amplifier(peer: RawPeer, number: int) -> None:
    answer = await peer.request(Code.GET, *CORE, (number, b"\x07"))
    assert answer.code == Code.BAD_REQUEST
    assert len(answer.payload) < 64


@pytest.mark.parametrize("option", [(35, b"coap://example.com/x"), (39, b"coap")])
async def test_asking_for_a_proxy_is_5_05(peer: RawPeer, option: tuple[int, bytes]) -> None:
    answer = await peer.request(Code.GET, (3, b"example.com"), option)
    assert answer.code == Code.PROXYING_NOT_SUPPORTED


async def test_an_unknown_method_is_4_05(peer: RawPeer) -> None:
    assert decode(await peer.ask(frame("401f 0102"))).code == Code.METHOD_NOT_ALLOWED


async def test_a_malformed_option_value_is_4_02(peer: RawPeer) -> None:
    assert (await peer.request(Code.GET, (11, b"\xff\xfe"))).code == Code.BAD_OPTION


async def test_undecodable_datagrams_are_counted_and_logged_once_without_a_traceback(
    server: Server, peer: RawPeer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        for _ in range(50):
            await peer.ask(frame("4001 0102 ff"))
    assert server.counters.undecodable == 50
    assert len(caplog.records) == 1
    assert caplog.records[0].exc_info is None
    assert "payload marker" in caplog.text


async def test_a_non_confirmable_request_is_answered_non_confirmably(peer: RawPeer) -> None:
    answer = await peer.request(Code.GET, *CORE, kind=NON)
    assert (answer.kind, answer.code) == (NON, Code.CONTENT)


async def test_an_empty_token_and_one_of_8_bytes_come_back(peer: RawPeer) -> None:
    assert decode(await peer.ask(frame("4001 0102" + GET_CORE))).token == b""
    assert decode(await peer.ask(frame("4801 0103 1122334455667788" + GET_CORE))).token == frame(
        "1122334455667788"
    )


async def test_a_copy_of_a_request_with_an_effect_gets_the_same_answer_and_runs_once(
    server: Server, peer: RawPeer, bay: Bay
) -> None:
    datagram = frame("4202 0102 aabb b4 6f70656e")
    first = await peer.ask(datagram)
    assert await peer.ask(datagram) == first
    assert len(bay.requests) == 1
    assert server.counters.deduplicated == 1


async def test_the_same_message_id_from_another_port_is_another_request(
    server: Server, peer: RawPeer, bay: Bay, connect: Callable[[Server], RawPeer]
) -> None:
    datagram = frame("4202 0102 aabb b4 6f70656e")
    await peer.ask(datagram)
    await connect(server).ask(datagram)
    assert len(bay.requests) == 2


async def test_a_copy_of_a_non_confirmable_request_is_ignored(peer: RawPeer, bay: Bay) -> None:
    datagram = frame("5202 0102 aabb b4 6f70656e")
    await peer.ask(datagram)
    assert await peer.is_ignored(datagram)
    assert len(bay.requests) == 1


async def test_a_stray_answer_is_reset_and_a_stray_acknowledgement_ignored(peer: RawPeer) -> None:
    assert (await peer.ask(frame("4145 0102 aa"))).hex() == "70000102"
    assert await peer.is_ignored(frame("6145 0102 aa"))
