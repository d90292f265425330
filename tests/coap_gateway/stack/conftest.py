"""A server with a few resources, and peers for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest

from coap_gateway.stack import (
    Access,
    Code,
    ContentFormat,
    Limits,
    MemorySecurityStore,
    Request,
    Resource,
    Response,
    Server,
    Site,
    Unprocessable,
    serve,
)
from tests.coap_gateway.stack.peers import GATEWAY, RawDevice, RawPeer

StartServer = Callable[..., Awaitable[Server]]


class Bay:
    """What the resources of the test site share."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.state = b"free"
        self.gate = asyncio.Event()

    def site(self) -> Site:
        """The site under test."""
        return Site(
            [
                Resource("state", {Code.GET: self.get}, observable=True, link={"rt": "bay"}),
                Resource(
                    "dp",
                    {Code.POST: self.post},
                    accepts=frozenset({ContentFormat.SENML_CBOR}),
                    produces=frozenset({ContentFormat.SENML_ETCH_CBOR}),
                    link={"rt": "core.ps x.dp", "ct": "112"},
                ),
                Resource("echo/{id}", {Code.POST: self.reflect, Code.GET: self.long}),
                Resource("late", {Code.POST: self.late}),
                Resource("future", {Code.POST: self.future}),
                Resource("broken", {Code.POST: self.broken, Code.PUT: self.refused}),
                Resource("open", {Code.POST: self.post, Code.GET: self.long}, Access.PUBLIC),
                Resource("open-late", {Code.POST: self.late}, Access.PUBLIC),
            ]
        )

    def get(self, request: Request) -> Response:
        """The bay's state."""
        self.requests.append(request)
        return Response(payload=self.state, etag=self.state[:8], max_age=30)

    def post(self, request: Request) -> Response:
        """Takes a report."""
        self.requests.append(request)
        return Response(Code.CHANGED)

    def reflect(self, request: Request) -> Response:
        """Gives the body back."""
        self.requests.append(request)
        return Response(Code.CHANGED, request.payload)

    def long(self, request: Request) -> Response:
        """Three kilobytes."""
        self.requests.append(request)
        return Response(payload=bytes(range(256)) * 12)

    async def late(self, request: Request) -> Response:
        """Answers when the gate opens."""
        self.requests.append(request)
        await self.gate.wait()
        return Response(Code.CHANGED, b"late")

    def future(self, request: Request) -> asyncio.Future[Response]:
        """Answers from a future."""
        self.requests.append(request)
        future: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(future.set_result, Response(Code.CREATED))
        return future

    def broken(self, request: Request) -> Response:
        """A bug."""
        raise ZeroDivisionError(request.path)

    async def refused(self, request: Request) -> Response:
        """A refusal from a task."""
        raise Unprocessable("that cannot be", max_age=9)


@pytest.fixture
def bay() -> Bay:
    """The state behind the site."""
    return Bay()


@pytest.fixture
def store() -> MemorySecurityStore:
    """A store with the material of one device."""
    store = MemorySecurityStore()
    store.add(GATEWAY)
    return store


@pytest.fixture
async def start(bay: Bay, store: MemorySecurityStore) -> AsyncIterator[StartServer]:
    """Starts servers that the fixture closes."""
    servers: list[Server] = []

    async def open_server(limits: Limits | None = None, **options: Any) -> Server:
        options.setdefault("port", 0)
        servers.append(await serve(bay.site(), store, limits=limits, **options))
        return servers[-1]

    yield open_server
    for server in servers:
        await server.close()


@pytest.fixture
async def server(start: StartServer) -> Server:
    """A server with the limits it has by default."""
    return await start()


@pytest.fixture
def connect() -> Iterator[Callable[..., RawPeer]]:
    """Makes raw peers of a server."""
    peers: list[RawPeer] = []

    def make(server: Server, host: str = "127.0.0.1") -> RawPeer:
        peers.append(RawPeer(server.port, host))
        return peers[-1]

    yield make
    for peer in peers:
        peer.close()


@pytest.fixture
def peer(server: Server, connect: Callable[..., RawPeer]) -> RawPeer:
    """A raw peer of the server."""
    return connect(server)


@pytest.fixture
async def device(peer: RawPeer) -> RawDevice:
    """A device that has been through its Echo round."""
    device = RawDevice(peer)
    await device.introduce()
    return device
