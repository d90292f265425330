"""`python -m bench.orders_worker`: a worker for the proof of merchants' orders, in the time that
others tell it; it works whenever it is asked, and ends by `kill -9`.
"""

import asyncio
import logging
import os
from pathlib import Path

from bench.orders_time import IDLE_SECONDS, TIME_FILE, SharedClock
from berth.jobs import order_jobs, sms_jobs, worker_jobs
from berth.settings import read_settings
from berth.wiring import Program, build
from berth.worker import Worker
from parking.merchants.sms.room import RoomOrders, RoomUnits

JOBS = (
    "bookings", "sessions", "sms", "waitlists", "orders", "order_news", "settlements",
    "redemptions", "pending_transfers",
)  # fmt: skip
"""What orders hang on, in this order each time."""


def worker_of(program: Program) -> Worker:
    """A worker whose jobs are run by hand."""
    clock, bus, desk = program.clock, program.bus, program.desk
    return Worker(
        [
            *worker_jobs(clock, bus),
            *order_jobs(desk, program._link_of),
            *sms_jobs(RoomUnits(), RoomOrders(desk), clock),
        ]
    )


async def work(worker: Worker) -> None:
    """Have done what is due."""
    for name in JOBS:
        await worker.run_once(name)


async def live() -> None:
    """Work whenever somebody asks, until it is killed."""
    clock = SharedClock(Path(os.environ[TIME_FILE]))
    program = build(read_settings(), set(), clock=clock)
    worker = worker_of(program)
    async with program:
        print("ready", flush=True)
        while True:
            asked = clock.asked
            if asked > clock.done:
                await work(worker)
                clock.tell(asked)
            else:
                await asyncio.sleep(IDLE_SECONDS)


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(live())
