"""The API's server: uvicorn inside our own event loop, started and stopped by us."""

import asyncio
import gc
import socket
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from api.graphql.limits import MESSAGE_BYTES_MAX
from berth.http_protocol import BoundedHttpProtocol
from berth.ports import Listening, bind
from berth.settings import Settings

PING_SECONDS = 20.0
"""A silent WebSocket is pinged this often and closed when it does not answer for as long."""
KEEP_ALIVE_SECONDS = 75
"""Longer than the 60 s after which common proxies give up an idle connection."""
BACKLOG = 2048
GC_THRESHOLDS = (50_000, 20, 100)
"""Collections cost much with many subscribers alive and find little: fewer of them."""
STARTED_SECONDS_MAX = 10.0


class _Server(uvicorn.Server):
    """Leaves signals to the program, and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_listening = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_listening.set()


@dataclass(slots=True)
class ApiServer:
    """A listening server; `port` is the real one, also when any free one was asked for."""

    server: uvicorn.Server
    task: "asyncio.Task[None]"
    port: int

    async def stop(self) -> None:
        """Take no more requests, let those under way finish, close the rest."""
        self.server.should_exit = True
        await self.task


async def start_api(app: ASGIApp, settings: Settings, wanted: Listening) -> ApiServer:
    """Listen and serve. Raises `PortUnavailable`."""
    bound = bind(wanted)
    port: int = bound.getsockname()[1]
    server = _Server(_config(app, settings))
    serving = server.serve(sockets=[bound])
    task = asyncio.get_running_loop().create_task(serving, name="API server")
    async with asyncio.timeout(STARTED_SECONDS_MAX):
        await server.is_listening.wait()
    return ApiServer(server, task, port)


def settle_memory() -> None:
    """Call it once everything is loaded: what is there now stays, so collections skip it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


def _config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=BoundedHttpProtocol,
        ws="websockets-sansio",
        ws_per_message_deflate=False,  # 40 kB a connection, and 9 times the time a frame
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
        ws_max_size=MESSAGE_BYTES_MAX,
        lifespan="off",
        log_config=None,
        access_log=settings.log_level == "debug",
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=round(settings.shutdown_seconds),
    )
