"""`python -m bench.orders_worker AT ROLE`: a worker for the proof of merchants' orders.

A process of its own, in the time that it is told; it is spoken to as `berth.replay.living`, and
ends with its input, or by `kill -9`.
"""

import asyncio
import logging
import os
import sys
from datetime import datetime

import orjson

from berth.jobs import order_jobs, sms_jobs, worker_jobs
from berth.worker import Worker
from parking.clock import TestClock
from parking.events.bus import InProcessBus
from parking.merchants.orders.desk import Desk
from parking.merchants.sms.room import RoomOrders, RoomUnits
from parking.reservations.records import ReservationRecord
from parking.settlement.funding import EscrowFunding
from parking.storage.database import connect, disconnect

DATABASE = "BENCH_ORDERS_DATABASE"
JOBS = ("bookings", "sms", "waitlists", "orders", "order_news", "settlements")
"""What orders hang on, in this order each time."""


def link_of(booked: ReservationRecord) -> str:
    """Where a guest would look."""
    return f"https://berth.example/b/{booked.id}-{booked.link_generation}"


def worker_at(clock: TestClock) -> Worker:
    """A worker whose jobs are run by hand."""
    bus = InProcessBus()
    desk = Desk(clock, bus, EscrowFunding())
    return Worker(
        [
            *worker_jobs(clock, bus),
            *order_jobs(desk, link_of),
            *sms_jobs(RoomUnits(), RoomOrders(desk), clock),
        ]
    )


async def live(begins_at: datetime) -> None:
    """Run until the input ends."""
    clock = TestClock(begins_at)
    worker = worker_at(clock)
    await connect(os.environ[DATABASE])
    try:
        _say({"ready": "worker"})
        reader = await _input()
        while line := await reader.readline():
            told = orjson.loads(line)
            clock.set(datetime.fromisoformat(told["at"]))
            for name in JOBS:
                await worker.run_once(name)
            _say({"at": told["at"]})
    finally:
        await disconnect()


async def _input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


def _say(answer: dict[str, str]) -> None:
    sys.stdout.write(orjson.dumps(answer).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(live(datetime.fromisoformat(sys.argv[1])))
