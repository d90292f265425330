"""Controls: the same datagrams at a stock aiocoap server, which shows why the guards are needed.

If one of these fails after an upgrade, aiocoap has closed the gap itself.
"""

import asyncio
import socket
from collections.abc import AsyncIterator

import aiocoap
import pytest
from aiocoap.resource import Site, WKCResource

from tests.coap_gateway.stack.peers import PING, PONG, RawPeer

GET_CORE = "bb2e77656c6c2d6b6e6f776e04636f7265"


@pytest.fixture
async def stock() -> AsyncIterator[RawPeer]:
    """A raw peer of an aiocoap server with a list of 40 resources."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    site = Site()
    site.add_resource([".well-known", "core"], WKCResource(site.get_resources_as_linkheader))
    for number in range(40):
        site.add_resource([f"resource-{number}"], WKCResource(lambda: None))
    context = await aiocoap.Context.create_server_context(
        site, bind=("127.0.0.1", port), transports=["udp6"]
    )
    peer = RawPeer(port)
    yield peer
    peer.close()
    await context.shutdown()


async def test_aiocoap_serves_a_request_with_an_unknown_critical_option(stock: RawPeer) -> None:
    answer = await stock.ask(bytes.fromhex("40010102" + GET_CORE + "e106e978"))
    assert answer[1] == aiocoap.CONTENT


async def test_aiocoap_accepts_a_payload_marker_with_nothing_after_it(stock: RawPeer) -> None:
    answer = await stock.ask(bytes.fromhex("40010102" + GET_CORE + "ff"))
    assert answer[1] == aiocoap.CONTENT


async def test_aiocoap_accepts_a_token_of_9_bytes(stock: RawPeer) -> None:
    answer = await stock.ask(bytes.fromhex("49010102" + "11" * 9 + GET_CORE))
    assert answer != bytes.fromhex("70000102")


async def test_aiocoap_amplifies_a_request_with_the_reserved_block_size(stock: RawPeer) -> None:
    request = bytes.fromhex("40010102" + GET_CORE + "c107")
    assert len(await stock.ask(request)) > 20 * len(request)


async def test_aiocoap_lets_a_bad_path_escape_as_an_exception(stock: RawPeer) -> None:
    """The loop's exception handler gets it and logs a traceback, for each such datagram."""
    loop = asyncio.get_running_loop()
    escaped: list[object] = []
    usual = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, context: escaped.append(context.get("exception")))
    stock.send(bytes.fromhex("40010102b180"))
    assert await stock.ask(PING) == PONG
    loop.set_exception_handler(usual)
    assert isinstance(escaped[0], UnicodeDecodeError)
