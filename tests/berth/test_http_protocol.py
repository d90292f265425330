"""What a hostile connection may cost: a head without end, a request that never arrives."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from berth import http_protocol
from berth.http_protocol import HEAD_BYTES_MAX
from berth.ports import api_listening
from berth.serving import ApiServer, start_api
from berth.settings import Settings

SECONDS_MAX = 10
BEGUN = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers once the body is there."""
    while (message := await receive()).get("more_body"):
        pass
    if message["type"] == "http.request":
        await PlainTextResponse("hello")(scope, receive, send)


@pytest.fixture
async def server() -> AsyncIterator[ApiServer]:
    settings = Settings(host="127.0.0.1", port=0, shutdown_seconds=1.0)
    server = await start_api(app, settings, api_listening(settings))
    yield server
    await server.stop()


async def said(server: ApiServer, *pieces: bytes) -> bytes:
    """What the server says until it closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        async with asyncio.timeout(SECONDS_MAX):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            return await reader.read()
    except ConnectionError:
        return b"reset"
    finally:
        writer.close()


@pytest.mark.parametrize("begin", [b"GET /", b"GET / HTTP/1.1\r\na: ", b"GET / HTTP/1.1\r\n"])
async def test_a_head_without_end_is_refused(server: ApiServer, begin: bytes) -> None:
    more = b"b: c\r\n" * 5_000 if begin.endswith(b"\n") else b"b" * 30_000
    answer = await said(server, begin, *[more] * 100)
    assert answer == b"reset" or (b"400 Bad Request" in answer and b"head is larger" in answer)


async def test_a_large_head_within_the_limit_is_served(server: ApiServer) -> None:
    headers = {"a": "b" * (HEAD_BYTES_MAX // 2)}
    async with httpx.AsyncClient() as client:
        for _ in range(3):  # counted anew for each request of a connection
            answer = await client.get(f"http://127.0.0.1:{server.port}/", headers=headers)
            assert answer.text == "hello"


@pytest.mark.parametrize("pieces", [[], [b"GET / HT"], [BEGUN]], ids=["silent", "head", "body"])
async def test_a_request_that_never_arrives_is_given_up(
    server: ApiServer, monkeypatch: pytest.MonkeyPatch, pieces: list[bytes]
) -> None:
    monkeypatch.setattr(http_protocol, "ARRIVAL_SECONDS_MAX", 0.1)
    assert await said(server, *pieces) == b""


async def test_a_connection_that_has_been_answered_may_wait(
    server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_protocol, "ARRIVAL_SECONDS_MAX", 0.1)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    for _ in range(2):
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        async with asyncio.timeout(SECONDS_MAX):
            assert b"200 OK" in await reader.readuntil(b"hello")
        await asyncio.sleep(0.3)  # three times what a request may take
    writer.close()
