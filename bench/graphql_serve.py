"""The servers that the GraphQL benchmarks measure, each a process of its own on one core.

    berth   the schema of a scene on the real transports
    plain   the same schema on Strawberry's own ASGI application
    ready   the bytes of the answer, ready: what this HTTP stack can send at most
    frames  ready frames over WebSocket: what this WebSocket stack can send at most

It prints a line of JSON: its port, and what to ask. Commands come on standard input, one a line,
each answered by one line of JSON: `stat`, `collect`, `storm SECONDS` (1,000 changes a second),
`every SECONDS` (one change at that interval; 0 stops).
"""

import argparse
import asyncio
import gc
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import psutil
import uvicorn

from api.graphql.asgi import Receive, Scope, Send
from api.graphql.limits import COALESCE_SECONDS, Limits
from bench.graphql_scenes import SCENES

OPEN_FILES = 20_000
STORM_SECONDS = 0.001
"""Between changes; more than any number of subscribers lets pass one by one."""


def ready(size: int) -> Any:
    """An application that sends the same bytes to whoever asks."""
    start = {
        "type": "http.response.start",
        "status": 200,
        "headers": [
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", b"%d" % size),
        ],
    }
    end = {"type": "http.response.body", "body": b"x" * size}

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(start)
        await send(end)

    return app


class Frames:
    """An application that sends ready frames to every socket, one socket after another."""

    def __init__(self) -> None:
        self.senders: set[Send] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take part until closed. The client's first two messages are answered so that it believes
        in a subscription."""
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "graphql-transport-ws"})
        await receive()
        await send({"type": "websocket.send", "text": '{"type":"connection_ack"}'})
        await receive()
        first = '{"id":"1","type":"next","payload":{"data":{"placeOccupancy":{"version":1}}}}'
        await send({"type": "websocket.send", "text": first})
        self.senders.add(send)
        while (await receive())["type"] != "websocket.disconnect":
            pass
        self.senders.discard(send)

    async def burst(self, text: str) -> None:
        """Send a frame to everybody."""
        for at, send in enumerate(list(self.senders)):
            await send({"type": "websocket.send", "text": text})
            if at % 256 == 255:
                await asyncio.sleep(0)
        await asyncio.sleep(0)


class Bench:
    """One server process: an application, and what the driver may tell it."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.scene = SCENES[options.scene]()
        self.frames = Frames()
        self.is_changing = False
        self.changing: asyncio.Task[None] | None = None
        self.process = psutil.Process()

    def app(self) -> Any:
        """What is measured."""
        limits = Limits(
            sockets_per_source_max=100_000,
            subscriptions_per_viewer_max=100_000,
            coalesce_seconds=self.options.coalesce,
        )
        kinds: dict[str, Callable[[], Any]] = {
            "berth": lambda: self.scene.berth(limits),
            "plain": self.scene.plain,
            "ready": lambda: ready(self.options.bytes),
            "frames": lambda: self.frames,
        }
        return kinds[self.options.kind]()

    async def serve(self) -> None:
        """Until standard input ends."""
        await self.scene.open()
        config = uvicorn.Config(
            self.app(),
            port=0,
            log_level="error",
            access_log=False,
            loop=self.options.loop,
            http="httptools",
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            lifespan="off",
            backlog=8_192,
            timeout_keep_alive=60,
        )
        server = uvicorn.Server(config)
        serving = asyncio.ensure_future(server._serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        told = {"port": port, "query": self.scene.query, "live": self.scene.live}
        print(json.dumps(told), flush=True)
        await self.obey()
        server.should_exit = server.force_exit = True
        await serving
        await self.scene.close()

    async def obey(self) -> None:
        """Take commands."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := (await reader.readline()).decode().split():
            told = await getattr(self, f"do_{line[0]}")(*line[1:])
            print(json.dumps(told), flush=True)

    async def do_stat(self) -> dict[str, Any]:
        """CPU seconds, memory and what the scene has counted."""
        times = self.process.cpu_times()
        memory = self.process.memory_full_info()
        told = {"cpu": times.user + times.system, "rss": memory.uss, "at": time.perf_counter()}
        return told | self.scene.stat()

    async def do_collect(self) -> dict[str, Any]:
        """Collect garbage, and leave what is alive out of later collections."""
        gc.collect()
        gc.freeze()
        return await self.do_stat()

    async def do_storm(self, seconds: str) -> dict[str, Any]:
        """As many changes as a thousand a second, for so long; ready frames without pause."""
        until = time.perf_counter() + float(seconds)
        while time.perf_counter() < until:
            if self.options.kind == "frames":
                await self.frames.burst("x" * self.options.bytes)
            else:
                await self.scene.change_quickly()
                await asyncio.sleep(STORM_SECONDS)
        return await self.do_stat()

    async def do_every(self, seconds: str) -> dict[str, Any]:
        """Change at an interval; 0 stops it."""
        self.is_changing = False
        if self.changing is not None:
            await self.changing
            self.changing = None
        if float(seconds):
            self.is_changing = True
            self.changing = asyncio.ensure_future(self._change_every(float(seconds)))
        return await self.do_stat()

    async def _change_every(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while self.is_changing:
            due += seconds
            await asyncio.sleep(max(0.0, due - loop.time()))
            await self.scene.change()


def main() -> None:
    """Serve on the core that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=["berth", "plain", "ready", "frames"])
    parser.add_argument("--scene", default="toy", choices=sorted(SCENES))
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--bytes", type=int, default=0)
    parser.add_argument("--coalesce", type=float, default=COALESCE_SECONDS)
    parser.add_argument("--loop", default="asyncio", choices=["asyncio", "uvloop"])
    options = parser.parse_args()
    os.sched_setaffinity(0, {options.core})
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    gc.set_threshold(50_000, 50, 50)
    runner: Any = asyncio.run
    if options.loop == "uvloop":
        import uvloop

        runner = uvloop.run
    runner(Bench(options).serve())


if __name__ == "__main__":
    main()
