"""A toy application behind a real uvicorn on a free port, and clients for it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from api.graphql.app import GraphQLApp
from tests.api.graphql.toy import World, toy_app

DEADLINE_SECONDS = 10.0


@dataclass(slots=True)
class Served:
    """A running application."""

    app: GraphQLApp
    world: World
    port: int
    http: httpx.AsyncClient

    @property
    def url(self) -> str:
        """Where it is served."""
        return f"http://127.0.0.1:{self.port}/graphql"

    async def ask(self, query: str, **more: Any) -> Any:
        """POST an operation; the decoded answer."""
        variables = more.pop("variables", None)
        body = {"query": query, "variables": variables}
        return (await self.http.post(self.url, json=body, **more)).json()

    @asynccontextmanager
    async def socket(self, *subprotocols: str, **more: Any) -> AsyncIterator["Talk"]:
        """An open WebSocket; graphql-transport-ws unless told otherwise."""
        offered = [Subprotocol(each) for each in subprotocols or ("graphql-transport-ws",)]
        url = self.url.replace("http", "ws")
        async with connect(url, subprotocols=offered, compression=None, **more) as connection:
            yield Talk(connection)

    @asynccontextmanager
    async def acknowledged(self, token: str = "", **more: Any) -> AsyncIterator["Talk"]:
        """A WebSocket past its `connection_ack`."""
        async with self.socket(**more) as talk:
            payload = {"token": token} if token else None
            await talk.say({"type": "connection_init", "payload": payload})
            assert await talk.hear() == {"type": "connection_ack"}
            yield talk


@dataclass(slots=True)
class Talk:
    """A client's side of a WebSocket."""

    connection: ClientConnection

    async def say(self, message: Any) -> None:
        """Send JSON; text and bytes go as they are."""
        raw = message if isinstance(message, str | bytes) else json.dumps(message)
        await self.connection.send(raw)

    async def hear(self) -> Any:
        """The next message; it has to be text."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            raw = await self.connection.recv()
        assert isinstance(raw, str)
        return json.loads(raw)

    async def subscribe(self, operation_id: str, query: str, **payload: Any) -> None:
        """Start an operation."""
        whole = {"query": query, **payload}
        await self.say({"id": operation_id, "type": "subscribe", "payload": whole})

    async def closed(self) -> tuple[int, str]:
        """Wait until the server closes; its code and reason."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            await self.connection.wait_closed()
        assert self.connection.close_code is not None
        return self.connection.close_code, self.connection.close_reason or ""


@asynccontextmanager
async def served(
    world: World | None = None, *, send_buffer: int | None = None, **more: Any
) -> AsyncIterator[Served]:
    """Serve a world, as `toy_app` builds it, for as long as the block runs.

    A small send buffer (bytes) makes a client that does not read felt early.
    """
    world = world or World()
    app = toy_app(world, **more)
    config = uvicorn.Config(
        app,
        log_level="critical",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    listener = listening(send_buffer)
    port = listener.getsockname()[1]
    serving = asyncio.ensure_future(server._serve([listener]))
    await eventually(lambda: server.started)
    async with httpx.AsyncClient(timeout=DEADLINE_SECONDS, verify=False) as client:
        try:
            yield Served(app, world, port, client)
        finally:
            await app.close()
            server.should_exit = True
            with suppress(asyncio.CancelledError):
                await serving


def listening(send_buffer: int | None) -> socket.socket:
    """A listening socket on a free port; what it accepts inherits its send buffer."""
    listener = socket.socket()
    if send_buffer is not None:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    return listener


async def eventually(condition: Callable[[], Any]) -> None:
    """Wait until it holds.

    Raises:
        TimeoutError: it does not.
    """
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not condition():  # noqa: ASYNC110 - it is somebody else's state
            await asyncio.sleep(0.002)
