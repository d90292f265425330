"""Many clients after the same windows, every way there is to come by one.

A *bout* is about one window of one bay: several clients try to get it, each in a way of its own,
and exactly one of them may succeed. All tries of all bouts run at once, mixed; each goes through
the idempotency key, as it does from the API, and so is tried again when the database says so.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from parking.accounts.idempotency import idempotent
from parking.accounts.models import Person
from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.errors import Refusal
from parking.events.bus import InProcessBus
from parking.reservations.confirm import confirm
from parking.reservations.extend import extend, quote_extension
from parking.reservations.quote import Request, quote_space
from parking.reservations.reassign import reassign
from parking.reservations.recurring import reserve_series
from parking.reservations.reserve import reserve, reserve_space
from parking.storage.sql import database
from parking.windows import Window
from tests.support.estate import OPENED
from tests.support.leasing import Lease, make_lease

Try: TypeAlias = Callable[[Viewer], Awaitable[Any]]

BUS = InProcessBus()
HOUR = timedelta(hours=1)
LOST = {"WINDOW_TAKEN", "NO_REPLACEMENT", "SERIES_REFUSED"}
"""What a loser is told; anything else shows a fault to somebody."""

OVERLAPS = """
SELECT COUNT(*) AS found FROM reservation a
  JOIN reservation b ON b.space_id = a.space_id AND b.id > a.id
   AND a.starts_at < b.blocked_until AND b.starts_at < a.blocked_until
 WHERE a.state IN ('REQUESTED', 'PENDING_PAYMENT', 'CONFIRMED', 'ACTIVE')
   AND b.state IN ('REQUESTED', 'PENDING_PAYMENT', 'CONFIRMED', 'ACTIVE')
"""
"""I1: pairs of live bookings of a bay that overlap."""


@dataclass
class Bout:
    """One window that several tries are about."""

    kind: str
    tries: list[Try]
    won: int = 0
    told: list[str] = field(default_factory=list)


@dataclass
class Arena:
    """Bays and clients; `bay` hands out each bay for one day after the other."""

    lease: Lease
    clients: list[Viewer]
    clock: TestClock
    rng: random.Random
    _free: Iterator[tuple[int, datetime]] = field(init=False)

    def __post_init__(self) -> None:
        spaces, first = self.lease.estate.space_ids, self.clock.now() + timedelta(days=1)
        self._free = (
            (space_id, first + timedelta(days=day)) for day in range(80) for space_id in spaces
        )

    def bay(self) -> tuple[int, datetime]:
        """A bay and a morning that nobody else is after."""
        return next(self._free)

    def book(self, space_id: int, window: Window) -> Try:
        """Reserve in one step."""

        async def attempt(viewer: Viewer) -> Any:
            request = Request(self.lease.listing_id, space_id, window)
            return await reserve_space(viewer, request, clock=self.clock, bus=BUS)

        return attempt

    def quote_and_book(self, space_id: int, window: Window) -> Try:
        """Ask for a price, then reserve what it binds."""

        async def attempt(viewer: Viewer) -> Any:
            request = Request(self.lease.listing_id, space_id, window)
            quote_id = await quote_space(viewer, request, clock=self.clock)
            return await reserve(viewer, quote_id, clock=self.clock, bus=BUS)

        return attempt

    async def booked(self, space_id: int, window: Window) -> tuple[int, Viewer]:
        """A confirmed booking that is there before the contest begins, and its driver."""
        driver = self.rng.choice(self.clients)
        made: int = await self.book(space_id, window)(driver)
        await confirm(driver, made, clock=self.clock, bus=BUS)
        return made, driver


async def build_arena(clients: int, bays: int, clock: TestClock, seed: int = 3) -> Arena:
    """So many clients, and bays of one place."""
    lease = await make_lease(bays)
    people = [
        Person(name=f"C{n}", email=f"c{n}@example.org", created_at=OPENED) for n in range(clients)
    ]
    await Person.bulk_create(people)
    rows = await database().fetch("SELECT id FROM person WHERE name LIKE 'C%'")
    viewers = [Viewer(person_id=row["id"]) for row in rows]
    return Arena(lease, viewers, clock, random.Random(seed))


async def equal(arena: Arena) -> list[Bout]:
    """Everybody wants the very same window."""
    space_id, day = arena.bay()
    window = Window(day, day + 2 * HOUR)
    tries = [arena.book(space_id, window)] * 2 + [arena.quote_and_book(space_id, window)]
    return [Bout("equal", tries)]


async def shifted(arena: Arena) -> list[Bout]:
    """Windows of different length and begin that all share an instant."""
    space_id, day = arena.bay()
    tries = []
    for _ in range(3):
        begin, end = arena.rng.uniform(0, 2), arena.rng.uniform(2.1, 5)
        tries.append(arena.book(space_id, Window(day + begin * HOUR, day + end * HOUR)))
    return [Bout("shifted", tries)]


async def touching(arena: Arena) -> list[Bout]:
    """Windows one behind the other: each has its own winner, for neighbours are not in the way."""
    space_id, day = arena.bay()
    windows = [Window(day + n * HOUR, day + (n + 1) * HOUR) for n in range(3)]
    return [Bout("touching", [arena.book(space_id, window)] * 2) for window in windows]


async def recurring(arena: Arena) -> list[Bout]:
    """A series against somebody who wants one of its turns."""
    space_id, day = arena.bay()
    window = Window(day + 12 * HOUR, day + 13 * HOUR)
    later = Window(window.starts_at + timedelta(days=1), window.ends_at + timedelta(days=1))

    async def series(viewer: Viewer) -> Any:
        request = Request(arena.lease.listing_id, space_id, window)
        rule = "FREQ=DAILY;COUNT=3"
        made = await reserve_series(viewer, request, rule, clock=arena.clock, bus=BUS)
        return made.series_id

    return [Bout("recurring", [series, arena.book(space_id, later)])]


async def edited(arena: Arena) -> list[Bout]:
    """A booking that is extended against somebody who wants the time behind it."""
    space_id, day = arena.bay()
    made, driver = await arena.booked(space_id, Window(day, day + HOUR))
    until = day + 3 * HOUR
    quote_id = await quote_extension(driver, made, until, clock=arena.clock)

    async def grow(_: Viewer) -> Any:
        return await extend(driver, quote_id, clock=arena.clock, bus=BUS)

    behind = Window(day + 2 * HOUR, day + 4 * HOUR)
    return [Bout("edited", [grow, arena.book(space_id, behind)])]


async def reassigned(arena: Arena) -> list[Bout]:
    """A booking that is moved to a bay against somebody who wants that bay."""
    (broken, day), (other, _) = arena.bay(), arena.bay()
    window = Window(day + 20 * HOUR, day + 22 * HOUR)
    made, _ = await arena.booked(broken, window)

    async def move(_: Viewer) -> Any:
        await reassign(
            arena.lease.operator, made, "its lock is broken", other, clock=arena.clock, bus=BUS
        )
        return made

    return [Bout("reassigned", [move, arena.book(other, window)])]


KINDS = (equal, shifted, touching, recurring, edited, reassigned)


async def contest(arena: Arena, windows: int) -> list[Bout]:
    """So many bouts of all kinds, fought at once by all clients; the outcomes."""
    bouts: list[Bout] = []
    while len(bouts) < windows:
        for kind in KINDS:
            bouts += await kind(arena)
    tries = [(bout, each) for bout in bouts for each in bout.tries]
    arena.rng.shuffle(tries)
    queues: list[list[tuple[Bout, Try]]] = [[] for _ in arena.clients]
    for number, each in enumerate(tries):
        queues[number % len(queues)].append(each)
    pairs = zip(arena.clients, queues, strict=True)
    await asyncio.gather(*(_client(viewer, queue, arena) for viewer, queue in pairs))
    return bouts


async def _client(viewer: Viewer, queue: list[tuple[Bout, Try]], arena: Arena) -> None:
    for number, (bout, attempt) in enumerate(queue):

        async def do(attempt: Try = attempt) -> dict[str, Any]:
            return {"made": await attempt(viewer)}

        try:
            key = f"{viewer.person_id}-{number}"
            await idempotent(viewer, key, bout.kind, {}, do, clock=arena.clock)
            bout.won += 1
        except Refusal as refusal:
            bout.told.append(refusal.code)
        except Exception as error:  # noqa: BLE001 - whatever it is, a client was shown it
            bout.told.append(repr(error))


async def overlaps() -> int:
    """Pairs of live bookings that overlap: none, ever (I1)."""
    row = await database().fetch_one(OVERLAPS)
    assert row is not None
    return int(row["found"])


def faults(bouts: list[Bout]) -> Counter[str]:
    """What should not have been: bouts without exactly one winner, and what nobody may be shown."""
    found = Counter[str]()
    for bout in bouts:
        if bout.won != 1:
            found[f"{bout.kind}: {bout.won} winners, {sorted(bout.told)}"] += 1
        for told in bout.told:
            if told not in LOST:
                found[f"{bout.kind}: somebody was told {told}"] += 1
    return found
