"""Several workers at one waitlist: each who waits is offered once, in the order of joining."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from parking.clock import TestClock
from parking.events.bus import InProcessBus
from parking.occupancy import change
from parking.reservations import offering
from parking.reservations.holding import book_in
from parking.reservations.models import Reservation, WaitlistEntry
from parking.reservations.offering import serve_waitlists
from parking.reservations.waitlist import join_waitlist
from parking.storage.database import connect, disconnect
from tests.support.leasing import Lease, hours, make_lease, somebody

BAYS, PEOPLE, WORKERS = 4, 6, 4
WAIT_SECONDS = 20


async def queue(clock: TestClock) -> tuple[Lease, list[int]]:
    """More people than bays."""
    lease, bus = await make_lease(spaces=BAYS), InProcessBus()
    window = hours(clock.now(), 1, 3)
    people = [await somebody(f"P{number}") for number in range(PEOPLE)]
    waiting = [
        await join_waitlist(each, lease.estate.place_id, window, clock=clock, bus=bus)
        for each in people
    ]
    return lease, waiting


async def work(clock: TestClock, count: int) -> list[Any]:
    bus = InProcessBus()
    turns = (serve_waitlists(clock, bus) for _ in range(count))
    return await asyncio.gather(*turns, return_exceptions=True)


@pytest.mark.usefixtures("database")
async def test_workers_offer_each_bay_once_and_in_order(clock: TestClock) -> None:
    _, waiting = await queue(clock)
    done = await work(clock, WORKERS)
    assert sum(done) == BAYS, done
    offered = await WaitlistEntry.filter(state="OFFERED").order_by("id")
    assert [entry.id for entry in offered] == waiting[:BAYS]
    holds = await Reservation.all()
    assert len({hold.space_id for hold in holds}) == len(holds) == BAYS
    assert {hold.waitlist_entry_id for hold in holds} == set(waiting[:BAYS])


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[None]:
    await connect(url)
    yield
    await disconnect()


async def test_without_the_lock_two_workers_take_the_same_one(
    postgres_url: str, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: both are about to make an offer to the first in the queue."""
    both, taken = asyncio.Barrier(2), list[int]()

    async def together(*given: Any) -> Any:
        taken.append(given[3].waitlist_entry_id)
        if len(taken) <= 2:
            async with asyncio.timeout(WAIT_SECONDS):
                await both.wait()
        return await book_in(*given)

    async def unlocked(*_: Any) -> None:
        return None

    async with connected(postgres_url):
        _, waiting = await queue(clock)
        monkeypatch.setattr(change, "lock_places", unlocked)
        monkeypatch.setattr(offering, "book_in", together)
        await work(clock, 2)
    assert taken[:2] == [waiting[0]] * 2
