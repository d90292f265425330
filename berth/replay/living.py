"""`python -m berth.replay.living`: the platform of a booked replay in a process of its own.

It lives in the time that it is told. Each line on its standard input is `{"at": …, "work": …}`:
move the clock there, and with `work` run every job of the worker once; it answers with a line. Its
first line says where it listens. It ends with its input, or by `kill -9`.
"""

import asyncio
import logging
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from berth.jobs import worker_jobs
from berth.parts import Part
from berth.settings import read_settings
from berth.wiring import Program, build
from berth.worker import Worker
from parking.clock import TestClock

LATER_JOBS = frozenset({"relay", "relay_bookings"})
"""What no outcome depends on: telling after a crash who follows live."""


def jobs_of(program: Program) -> Worker:
    """A worker whose jobs are run by hand."""
    settings = program.settings
    return Worker(worker_jobs(program.clock, program.bus, settings.booking_limits))


def names_of(worker: Worker) -> Sequence[str]:
    """Its jobs, but what is for later."""
    return [n for n in worker.records if n not in LATER_JOBS and not n.startswith("prune")]


async def live() -> None:
    """Run until the input ends."""
    begins_at = datetime.fromisoformat(sys.argv[1])
    clock = TestClock(begins_at)
    program = build(read_settings(), {Part.API, Part.GATEWAY}, clock=clock)
    worker = jobs_of(program)
    async with program:
        assert program.api is not None, "it runs"
        assert program.gateway is not None, "it runs"
        _say({"api": program.api.port, "gateway": program.gateway.port})
        reader = await _input()
        while line := await reader.readline():
            told = orjson.loads(line)
            clock.set(datetime.fromisoformat(told["at"]))
            if told["work"]:
                for name in names_of(worker):
                    await worker.run_once(name)
            _say({"at": told["at"]})


async def _input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(orjson.dumps(answer).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(live())
