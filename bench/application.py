"""Berth as `berth serve`, `berth gateway` and `berth up` run it, on one core, obeying a driver.

The program comes from `berth.wiring`; its settings allow one address thousands of subscribers. It
prints a line of JSON with its ports. Commands come on standard input,
one a line, each answered by one line of JSON:

    stat                    CPU seconds, memory, time
    collect                 the same, after collecting garbage
    every SECONDS COUNT     from now on so many changes at that interval; 0 stops it
    storm SECONDS COUNT     so many changes a transaction, as many transactions as go
    prepare FILE LOTS COUNT commit so many transactions now, tell nobody, write what to tell
"""

import argparse
import asyncio
import contextlib
import json
import logging
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from api.graphql.app import GraphQLApp, graphql_app
from api.graphql.limits import Limits
from bench.changes import Changes, Keeping
from bench.machine import SERVER_CORE, allow_many_files, pin
from berth import wiring
from berth.parts import Part
from berth.serving import settle_memory
from berth.settings import Settings

SECRET = "a secret key of the benchmarks, long enough for everything"
SUBSCRIBERS_MAX = 10_000
"""All of them come from one address here."""
PAUSE_SECONDS = 0.001
"""Between two transactions of a storm."""
PARTS = {part.value.lower(): part for part in Part}


def settings(options: argparse.Namespace) -> Settings:
    """Any free ports, this database, nothing in the log but errors."""
    return Settings(
        port=0,
        coap_port=0,
        database_url=options.url,
        redis_url=options.redis,
        secret_key=SECRET,
        data_dir=Path(options.folder),
        log_level="error",
        sockets_per_source_max=SUBSCRIBERS_MAX,
        subscriptions_per_viewer_max=SUBSCRIBERS_MAX,
    )


def program(options: argparse.Namespace) -> wiring.Program:
    """The real program; only the coalescing's wait may be another."""
    if options.coalesce is not None:
        wiring.graphql_app = partial(_coalescing, options.coalesce)  # type: ignore[attr-defined]
    parts = {PARTS[name] for name in options.parts.split(",") if name}
    return wiring.build(settings(options), parts)


def _coalescing(seconds: float, *arguments: Any, limits: Limits, **others: Any) -> GraphQLApp:
    limits = replace(limits, coalesce_seconds=seconds)
    return graphql_app(*arguments, limits=limits, **others)


class Obeying:
    """What the driver may tell the process."""

    def __init__(self, running: wiring.Program, changes: Changes) -> None:
        self._bus, self._changes = running.bus, changes
        self._process = psutil.Process()
        self._version = 0
        self._changing: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Until standard input ends."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := (await reader.readline()).decode().split():
            told = await getattr(self, f"do_{line[0]}")(*line[1:])
            print(json.dumps(told or await self.do_stat()), flush=True)

    async def do_stat(self) -> dict[str, Any]:
        times, memory = self._process.cpu_times(), self._process.memory_full_info()
        return {
            "cpu": times.user + times.system,
            "rss": memory.uss,
            "at": time.perf_counter(),
            "version": self._version,
        }

    async def do_collect(self) -> None:
        settle_memory()

    async def do_every(self, seconds: str, count: str = "1") -> None:
        if self._changing is not None:
            self._changing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._changing
            self._changing = None
        if float(seconds):
            self._changing = asyncio.ensure_future(self._every(float(seconds), int(count)))

    async def _every(self, seconds: float, count: int) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due += seconds
            await asyncio.sleep(max(0.0, due - loop.time()))
            self._version = await asyncio.shield(self._changes.make(count, self._bus))

    async def do_storm(self, seconds: str, count: str) -> None:
        until = time.perf_counter() + float(seconds)
        while time.perf_counter() < until:
            self._version = await self._changes.make(int(count), self._bus)
            await asyncio.sleep(PAUSE_SECONDS)

    async def do_prepare(self, file: str, lots: str, count: str) -> None:
        keeping = Keeping()
        for _ in range(int(lots)):
            self._version = await self._changes.make(int(count), keeping)
        bodies = json.dumps([(topic, body.decode()) for topic, body in keeping.kept])
        await asyncio.to_thread(Path(file).write_text, bodies)


async def serve(options: argparse.Namespace) -> None:
    """Run the parts until the driver is gone."""
    running = program(options)
    async with running:
        settle_memory()
        first = (options.place - 1) * options.spaces + 1
        changes = Changes(options.place, range(first, first + options.spaces))
        told = {
            "port": running.api.port if running.api else None,
            "coap_port": running.gateway.port if running.gateway else None,
        }
        print(json.dumps(told), flush=True)
        await Obeying(running, changes).run()


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve on the core that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--folder", default=".")
    parser.add_argument("--redis")
    parser.add_argument("--parts", default="api,gateway,worker")
    parser.add_argument("--core", type=int, default=SERVER_CORE)
    parser.add_argument("--coalesce", type=float)
    parser.add_argument("--place", type=int, default=1)
    parser.add_argument("--spaces", type=int, default=200)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.ERROR)
    pin(options.core)
    allow_many_files()
    if options.parts == "api":  # as `berth serve` does
        import uvloop

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(options))
    else:
        asyncio.run(serve(options))


if __name__ == "__main__":
    main()
