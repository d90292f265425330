"""`python -m bench.orders_api`: the API of the proof of merchants' orders, as `berth serve` runs
it, but in the time that others tell it, and with points at which it ends as by `kill -9`.

It answers on the port of the settings, and says so by one line.
"""

import asyncio
import logging
import os
import signal
from pathlib import Path

from bench.orders_time import TIME_FILE, SharedClock
from bench.orders_traps import traps
from berth.parts import Part
from berth.settings import read_settings
from berth.wiring import build


def die() -> None:
    """As hard as a power cut."""
    os.kill(os.getpid(), signal.SIGKILL)


async def serve() -> None:
    """Until it is killed."""
    clock = SharedClock(Path(os.environ[TIME_FILE]))
    with traps(clock, die):
        async with build(read_settings(), {Part.API}, clock=clock):
            print("ready", flush=True)
            await asyncio.Event().wait()


if __name__ == "__main__":
    import uvloop

    logging.basicConfig(level=logging.ERROR)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve())
