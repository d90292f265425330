"""`python -m berth.replay.living AT ROLE`: the platform of a booked replay, or one part of it, in a
process of its own: what `berth serve`, `berth gateway` and `berth worker` run, but in the time that
it is told.

Each line on its standard input is `{"at": …, "work": …}`: move the clock there, and with `work` run
every job of the worker once; it answers with a line. Its first line says that it is ready. It ends
with its input, or by `kill -9`.
"""

import asyncio
import logging
import sys
from collections.abc import Sequence
from datetime import datetime

import orjson

from berth.jobs import rail_jobs, worker_jobs
from berth.parts import Part
from berth.replay.member import Role
from berth.settings import read_settings
from berth.wiring import Program, build
from berth.worker import Worker
from parking.clock import TestClock

LATER_JOBS = frozenset({"relay", "relay_bookings", "relay_money"})
"""What no outcome depends on: telling after a crash who follows live."""
PARTS = {
    Role.PLATFORM: {Part.API, Part.GATEWAY},
    Role.API: {Part.API},
    Role.GATEWAY: {Part.GATEWAY},
    Role.WORKER: set[Part](),
}
"""What goes by itself; the worker's jobs are run when it is told."""


def jobs_of(program: Program) -> Worker:
    """A worker whose jobs are run by hand."""
    clock, bus = program.clock, program.bus
    return Worker(
        [
            *worker_jobs(
                clock, bus, program.settings.booking_limits, program.settings.money_limits
            ),
            *rail_jobs(program.rails, program.funding, clock, bus),
        ]
    )


def names_of(worker: Worker) -> Sequence[str]:
    """Its jobs, but what is for later."""
    return [n for n in worker.records if n not in LATER_JOBS and not n.startswith("prune")]


async def live(begins_at: datetime, role: Role) -> None:
    """Run until the input ends."""
    clock = TestClock(begins_at)
    program = build(read_settings(), PARTS[role], clock=clock)
    worker = jobs_of(program)
    async with program:
        _say({"ready": role})
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


def _say(answer: dict[str, str]) -> None:
    sys.stdout.write(orjson.dumps(answer).decode() + "\n")
    sys.stdout.flush()


def main() -> None:
    """Live as the arguments say; the API alone on uvloop, as `berth serve`."""
    role = Role(sys.argv[2])
    factory = None
    if role is Role.API:
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(live(datetime.fromisoformat(sys.argv[1]), role))


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    main()
