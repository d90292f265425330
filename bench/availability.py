"""Searching a library of 10,000 spaces with 100,000 bookings, beside the same SQL run bare; and
what a search costs at ten times the data.

SQLite's floor is the library in the very thread that asks, without the hop to the thread that a
program needs so as not to stand still; it is shown, and no target.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from bench.databases import database
from bench.estates import SOUTH, STEP_DEGREES, WEST
from bench.library import Bare, Said, bare, listening, opened, pace, prepare
from bench.machine import LOAD_CORE, SERVER_CORE, middle, pin
from bench.runs import Run, share
from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.geo import Position
from parking.places.search import Near
from parking.reservations.availability import find_available
from parking.reservations.wanted import Wanted
from parking.windows import Window
from tests.support.library import NOW

PLACES, PLACES_QUICK, TIMES = 100, 10, 10
RADIUS_METRES = 3_000.0
FIRST = 20
AT_A_TIME = 8
SEARCHES = 200
"""Different searches, taken in turn: other centres and other windows."""
DRIVER = Viewer(person_id=1)


def search(number: int) -> Wanted:
    """One of the searches, somewhere in the first ten rows of places."""
    row, column = divmod(number % 100, 10)
    centre = Position(SOUTH + (row + 0.4) * STEP_DEGREES / 10, WEST + (column + 0.3) * STEP_DEGREES)
    starts = NOW + timedelta(hours=1 + number % 96)
    return Wanted(Near(centre, RADIUS_METRES), Window(starts, starts + timedelta(hours=2)))


async def find(number: int) -> int:
    """Berth's verb; how many it found."""
    hits = await find_available(DRIVER, search(number), clock=TestClock(NOW), limit=FIRST + 1)
    return len(hits)


async def heard() -> list[list[Said]]:
    """The statements of each search, when all rates are known."""
    told = []
    for number in range(SEARCHES):
        await find(number)
        async with listening() as said:
            assert await find(number) == FIRST + 1, f"search {number} does not fill a page"
        told.append(said)
    return told


async def measured(url: str, seconds: float) -> dict[str, Any]:
    """Bare, then Berth; one at a time, and several."""
    async with opened(url):
        statements = await heard()
        driver: Bare = await bare(url, AT_A_TIME)

        async def floor(number: int) -> None:
            await driver.run(statements[number % SEARCHES], None)

        found: dict[str, Any] = {"statements": sum(map(len, statements)) / SEARCHES}
        for name, at_a_time in (("alone", 1), ("together", AT_A_TIME)):
            await pace(floor, seconds / 4, at_a_time)
            mine = {"floor": await pace(floor, seconds, at_a_time)}
            await pace(find, seconds / 4, at_a_time)
            mine["berth"] = await pace(find, seconds, at_a_time)
            found[name] = {**mine, "share": share(mine["berth"], mine["floor"], "a_second")}
        await driver.close()
    return found


def measure(run: Run) -> dict[str, Any]:
    """On each database, small and ten times as large."""
    pin(SERVER_CORE)
    found: dict[str, Any] = {}
    small = PLACES_QUICK if run.is_quick else PLACES
    for kind in ("postgres", "sqlite"):
        sizes: dict[str, Any] = {}
        for name, places in (("small", small), ("large", small * TIMES)):
            pin(LOAD_CORE)  # where the database's server runs
            with database(kind) as url:
                pin(SERVER_CORE)
                run.wait(prepare(url, places))
                turns = run.turns(f"search, {kind}, {places} places")
                sizes[name] = middle([run.wait(measured(url, run.seconds)) for _ in turns])
        ratio = (
            sizes["small"]["alone"]["berth"]["a_second"]
            / sizes["large"]["alone"]["berth"]["a_second"]
        )
        found[kind] = {**sizes, "cost_at_ten_times": ratio}
    pin(LOAD_CORE)
    return found


def targets(found: dict[str, Any]) -> Iterator[tuple[str, float, str, float]]:
    """What the issue asks."""
    postgres = found["postgres"]["small"]["together"]
    yield "postgres: share of its SQL alone", postgres["share"], ">=", 0.8
    for kind, each in found.items():
        yield f"{kind}: cost at ten times the data", each["cost_at_ten_times"], "<=", 1.5
