"""Reserving, with hold, idempotency, agreement and event, beside the same SQL run bare; and what
one waits when many want the same.

Uncontended: every booking is of a window of its own, spread over all spaces. Contended: many
drivers at a time try for the windows of a single place; each has one winner.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from bench.databases import database
from bench.library import (
    SPACES_EACH,
    Bare,
    Said,
    bare,
    listening,
    opened,
    pace,
    prepare,
)
from bench.machine import LOAD_CORE, SERVER_CORE, middle, pin
from bench.runs import Run, share
from berth.serving import settle_memory
from parking.accounts.idempotency import Answer, idempotent
from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.events.bus import InProcessBus
from parking.reservations.quote import Request
from parking.reservations.refusals import WindowTaken
from parking.reservations.reserve import reserve_space
from parking.storage.sql import Sql
from parking.windows import Window
from tests.support.library import NOW

PLACES, PLACES_QUICK = 100, 10
AT_A_TIME = 8
CROWD = 64
"""Drivers that try for the windows of one place at a time."""
CROWD_PERSONS = 1_000_000
"""Ids of the crowd begin here: the bare SQL books in the names of the first few again and again."""
SCRIPTS = 50
"""Bookings, each of another place, that are listened to."""
STAY = timedelta(minutes=30)
BERTHS, FLOORS, CROWDS = (
    NOW + timedelta(days=20),
    NOW + timedelta(days=50),
    NOW + timedelta(days=80),
)
"""Where in time each sort of booking lies: behind all others, and out of each other's way."""
CLOCK, BUS = TestClock(NOW), InProcessBus()
FUTURE = timedelta(days=29)


class Windows:
    """Windows of all spaces, one behind the other, none of them twice."""

    def __init__(self, spaces: int, starts_at: Any) -> None:
        self._spaces, self._starts_at = spaces, starts_at

    def request(self, number: int) -> Request:
        """What the booking of this number is of; neighbours are of different places."""
        turn, index = divmod(number, self._spaces)
        places = self._spaces // SPACES_EACH
        bay, place = divmod(index, places)
        starts = self._starts_at + turn * STAY
        assert turn * STAY < FUTURE, "the windows are used up"
        return Request(
            place + 1, place * SPACES_EACH + bay + 1, Window(starts, starts + STAY), "S-HB 1"
        )


async def book(request: Request, key: str, person_id: int) -> Answer:
    """As the mutation does it; each by somebody else, for nobody may hold many spaces."""
    viewer = Viewer(person_id=person_id)

    async def do() -> Answer:
        return {"reservation": await reserve_space(viewer, request, clock=CLOCK, bus=BUS)}

    given = {"space": request.space_id, "starts_at": request.window.starts_at}
    return await idempotent(viewer, key, "reserveSpace", given, do, clock=CLOCK)


async def scripts(windows: Windows) -> list[tuple[Request, str, list[Said]]]:
    """What some bookings say to the database."""
    told = []
    for number in range(SCRIPTS):
        request, key = windows.request(number), f"script-{number}"
        async with listening() as said:
            await book(request, key, person_id=number + 1)
        told.append((request, key, said))
    return told


async def uncontended(url: str, sql: Sql, spaces: int, seconds: float) -> dict[str, Any]:
    """Bare, then Berth."""
    mine = Windows(spaces, BERTHS)
    told = await scripts(mine)
    driver: Bare = await bare(url, AT_A_TIME)

    async def floor(number: int) -> None:
        request, key, said = told[number % SCRIPTS]
        old, starts = request.window, FLOORS + number // SCRIPTS * STAY
        given = {old.starts_at: starts, old.ends_at: starts + STAY, key: f"floor-{number}"}
        await driver.run(said, given)

    async def berth(number: int) -> None:
        await book(mine.request(number), f"berth-{number}", person_id=number + 1)

    before = await _count(sql)
    floored = await pace(floor, seconds, AT_A_TIME)
    middle_count = await _count(sql)
    assert middle_count - before == floored["count"], "each run of the bare SQL made a booking"
    booked = await pace(berth, seconds, AT_A_TIME, first=SCRIPTS)
    assert await _count(sql) - middle_count == booked["count"], "each call made a booking"
    await driver.close()
    statements = sum(len(said) for *_, said in told) / SCRIPTS
    shared = share(booked, floored, "a_second")
    return {"floor": floored, "berth": booked, "share": shared, "statements": statements}


async def contended(sql: Sql, seconds: float) -> dict[str, Any]:
    """A crowd for the windows of one place: nobody waits long, and each window has one winner."""
    windows = Windows(SPACES_EACH, CROWDS)
    won = 0

    async def attempt(number: int) -> None:
        nonlocal won
        request = windows.request(number // CROWD)
        try:
            await book(request, f"crowd-{number}", person_id=CROWD_PERSONS + number)
            won += 1
        except WindowTaken:
            pass

    before = await _count(sql)
    tried = await pace(attempt, seconds, CROWD)
    assert await _count(sql) - before == won, "who was told so has a booking, and nobody else"
    assert won >= tried["count"] // CROWD, f"{won} winners of {tried['count']} tries"
    return {**tried, "won": won}


async def _count(sql: Sql) -> int:
    row = await sql.fetch_one("SELECT COUNT(*) AS n FROM reservation")
    assert row is not None
    return int(row["n"])


async def measured(url: str, spaces: int, seconds: float) -> dict[str, Any]:
    """Alone in one's window, then in a crowd."""
    async with opened(url) as sql:
        settle_memory()  # as the program does
        free = await uncontended(url, sql, spaces, seconds)
        return {"uncontended": free, "contended": await contended(sql, seconds)}


def measure(run: Run) -> dict[str, Any]:
    """On each database; every turn in a fresh one."""
    found: dict[str, Any] = {}
    places = PLACES_QUICK if run.is_quick else PLACES
    for kind in ("postgres", "sqlite"):
        turns = []
        for _ in run.turns(f"reserve, {kind}"):
            pin(LOAD_CORE)  # where the database's server runs
            with database(kind) as url:
                pin(SERVER_CORE)
                run.wait(prepare(url, places))
                turns.append(run.wait(measured(url, places * SPACES_EACH, run.seconds)))
        found[kind] = middle(turns)
    pin(LOAD_CORE)
    return found


def targets(found: dict[str, Any]) -> Iterator[tuple[str, float, str, float]]:
    """What the issue asks."""
    for kind, each in found.items():
        yield f"{kind}: share of its SQL alone", each["uncontended"]["share"], ">=", 0.5
        yield f"{kind}: p99 under contention, ms", each["contended"]["p99_ms"], "<=", 1_000
