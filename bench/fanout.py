"""One place's changes to N subscribers with the same operation, beside ready frames.

The API runs as `berth serve` does (uvloop, PostgreSQL, Redis) on one core. Its changes are real
commits of another process, which tells of them over Redis; for the storm they are committed
beforehand, so that the load's core is free to listen. Then the same stack sends ready frames of
the same size. `embedded` is the whole program in one process on SQLite, which makes the changes
too.
"""

import json
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from redis import Redis

from bench.databases import database
from bench.estates import Estate, build
from bench.machine import LOAD_CORE, latencies, middle
from bench.processes import Obedient
from bench.runs import Run, share
from bench.subscribers import Crowd
from parking.events.redis_bus import CHANNEL_PREFIX
from schema.ids import global_id
from tests.support.servers import RedisServer

PLACES, SPACES = 100, 200
SUBSCRIBERS = (100, 1_000, 5_000)
CALM_SECONDS, CALM_SUBSCRIBERS = 0.5, 1_000
CHANGES_A_LOT = 1
"""Of one transaction of the storm: a gateway commits in groups."""
LOTS_WAITING = 4
"""Told and not yet seen by anybody: enough that the server never waits."""
STALLED_SECONDS_MAX = 10.0
FRAMES_A_SECOND_MAX, LOTS_MAX = 90_000, 800
"""No server here sends more; so many lots are prepared."""
LIVE = """subscription Live($id: ID!) {
  placeOccupancy(placeId: $id) {
    ... on PlaceOccupancyUpdate { version previousVersion changedAt: at
      spaces { spaceId number status occupancy observedAt service claim lock } }
  }
}"""


def live(place_id: int) -> dict[str, Any]:
    """What every subscriber asks for."""
    return {"query": LIVE, "variables": {"id": global_id("Place", place_id)}}


@dataclass(frozen=True, slots=True)
class Case:
    """One server with so many subscribers; each has a place of its own. `redis` None: embedded."""

    number: int
    url: str
    redis: str | None
    place_id: int
    coalesce: float | None = None


@contextmanager
def separate(case: "Case") -> Iterator[tuple[Obedient, Obedient]]:
    """The API on its core, and who makes the changes on the other."""
    coalesce, place = case.coalesce, case.place_id
    with tempfile.TemporaryDirectory() as folder:
        common: dict[str, Any] = {
            "url": case.url, "redis": case.redis, "folder": folder, "place": place,
        }  # fmt: skip
        api = Obedient("application", parts="api", coalesce=coalesce, **common)
        with api, Obedient("application", parts="", core=LOAD_CORE, **common) as maker:
            yield api, maker


@contextmanager
def embedded(case: "Case") -> Iterator[tuple[Obedient, Obedient]]:
    """Everything in one process."""
    with tempfile.TemporaryDirectory() as folder:
        given: dict[str, Any] = {"url": case.url, "folder": folder, "place": case.place_id}
        with Obedient("application", coalesce=case.coalesce, **given) as program:
            yield program, program


def calm(crowd: Crowd, maker: Obedient, seconds: float) -> dict[str, float]:
    """Two changes a second: what a delivery takes, from the change to the subscriber."""
    crowd.clear()
    maker.tell(f"every {CALM_SECONDS}")
    crowd.during(seconds)
    maker.tell("every 0")
    crowd.settle()
    waits = crowd.tally.waits
    return {"deliveries_a_second": len(waits) / seconds, **latencies(waits)}


def storm(crowd: Crowd, api: Obedient, crowding: Callable[[], None]) -> dict[str, float]:
    """Saturation: frames and changes a second, and what the server's core did."""
    crowd.clear()
    before = api.tell("stat")
    crowding()
    after = api.tell("stat")
    tally, taken = crowd.tally, after["at"] - before["at"]
    cpu = after["cpu"] - before["cpu"]
    found = {
        "frames_a_second": tally.frames / taken,
        "changes_a_second": tally.changes / taken,
        "frames_a_cpu_second": tally.frames / cpu,
        "cpu": cpu / taken,
        "frame_bytes": tally.bytes / max(1, tally.frames),
    }
    crowd.settle()
    found["conflated"] = crowd.tally.conflated
    return found


class Telling:
    """Tells of changes that are committed already, and of the next as soon as they are seen.

    So the server always has some lots to tell and never a backlog: that is saturation.
    """

    def __init__(
        self, crowd: Crowd, maker: Obedient, redis: str, seconds: float, number: int
    ) -> None:
        lots = int(min(LOTS_MAX, FRAMES_A_SECOND_MAX / number * LOTS_WAITING) * seconds)
        with tempfile.NamedTemporaryFile() as file:
            crowd.until_told(maker, f"prepare {file.name} {lots} {CHANGES_A_LOT}")
            self._lots: list[tuple[str, str]] = json.load(file)
        self._crowd, self._seconds = crowd, seconds
        self._redis = Redis.from_url(redis)
        self.version = -1

    def run(self) -> None:
        """For so many seconds, or until there is nothing more to tell."""
        until = time.perf_counter() + self._seconds
        waiting: deque[int] = deque()
        for topic, body in self._lots:
            stalled = time.perf_counter() + STALLED_SECONDS_MAX
            while len(waiting) >= LOTS_WAITING:
                self._crowd.turn()
                told = f"waits for version {waiting[0]}, the newest seen is {self._crowd.newest}"
                assert time.perf_counter() < stalled, f"{told}: {self._crowd.tally}"
                while waiting and waiting[0] <= self._crowd.newest:
                    waiting.popleft()
            if time.perf_counter() > until:
                break
            self._redis.publish(CHANNEL_PREFIX + topic, body)
            self.version = json.loads(body)["version"]
            waiting.append(self.version)
        self._redis.close()


def shared(case: Case, api: Obedient, maker: Obedient, seconds: float) -> dict[str, Any]:
    """All of one server: memory, calm, storm; nothing missing at the end."""
    number = case.number
    crowd = Crowd(api, live(case.place_id))
    crowd.join(1)  # what one subscriber alone needs is warm
    empty = api.tell("collect")
    crowd.join(number - 1)
    full = api.tell("collect")
    found: dict[str, Any] = {"kib_a_subscriber": (full["rss"] - empty["rss"]) / number / 1_024}
    if number == CALM_SUBSCRIBERS:
        found["calm"] = calm(crowd, maker, seconds)
    if case.redis is not None:
        telling = Telling(crowd, maker, case.redis, seconds, number)
        found["storm"] = storm(crowd, api, telling.run)
        version = telling.version
    else:
        command = f"storm {seconds} {CHANGES_A_LOT}"
        found["storm"] = storm(crowd, api, lambda: crowd.until_told(maker, command))
        version = maker.tell("stat")["version"]
    missing = sum(each != version for each in crowd.versions())
    assert missing == 0, f"{missing} of {number} subscribers do not have the last change"
    assert crowd.tally.broken == 0, f"{crowd.tally.broken} deltas do not lead on from the last"
    assert crowd.tally.closed == 0, f"{crowd.tally.closed} subscribers were cut off"
    crowd.close()
    return found


def ready(number: int, loop: str, size: float, seconds: float) -> dict[str, float]:
    """The floor: ready frames of the same size on the same WebSocket stack."""
    with Obedient("graphql_serve", "frames", loop=loop, bytes=int(size)) as server:
        crowd = Crowd(server, live(1), checks=False)
        crowd.join(number)
        found = storm(crowd, server, lambda: crowd.until_told(server, f"storm {seconds}"))
        crowd.close()
    return found


def turn(case: Case, run: Run) -> dict[str, Any]:
    """One server and its floor."""
    with (embedded if case.redis is None else separate)(case) as (api, maker):
        found = shared(case, api, maker, run.seconds)
    size = found["storm"]["frame_bytes"]
    floor = ready(case.number, "uvloop" if case.redis else "asyncio", size, run.seconds)
    found["ready"] = floor
    found["share_of_ready"] = share(found["storm"], floor, "frames_a_second")
    found["share_a_cpu_second"] = share(found["storm"], floor, "frames_a_cpu_second")
    return found


def measure(run: Run) -> dict[str, Any]:
    """All numbers of subscribers."""
    found: dict[str, Any] = {}
    places = count(1)
    with database("postgres") as postgres, RedisServer() as redis, database("sqlite") as sqlite:
        for url in (postgres, sqlite):
            run.wait(build(url, Estate(PLACES, SPACES)))
        for name, case in _cases(run, postgres, redis.url, sqlite).items():
            turns = [
                turn(replace(case, place_id=next(places)), run)
                for _ in run.turns(f"fan-out, {name} subscribers")
            ]
            found[name] = middle(turns)
    return found


def _cases(run: Run, postgres: str, redis: str, sqlite: str) -> dict[str, Case]:
    found = {}
    for number in SUBSCRIBERS[:2] if run.is_quick else SUBSCRIBERS:
        found[f"{number}"] = Case(number, postgres, redis, 0)
        if number == min(SUBSCRIBERS):
            # So few that the 5 ms between deliveries leave the core idle: saturate it.
            found[f"{number} without coalescing"] = Case(number, postgres, redis, 0, 0.0)
        if number == CALM_SUBSCRIBERS:
            found[f"{number} embedded"] = Case(number, sqlite, None, 0)
    return found


def targets(found: dict[str, Any]) -> Iterator[tuple[str, float, str, float]]:
    """What the issue asks: what, how much it is, how it compares, and with what."""
    for name, each in found.items():
        if name != str(min(SUBSCRIBERS)):  # there the named wait decides, not the server's core
            told = f"{name} subscribers: share of ready frames"
            yield told, each["share_of_ready"], ">=", 0.70
        yield f"{name} subscribers: KiB each", each["kib_a_subscriber"], "<=", 50
        if "calm" in each:
            yield f"{name} subscribers: delivery p99, ms", each["calm"]["p99_ms"], "<=", 25
