"""A subscriber of a place that proves that it missed nothing, also over a broken connection."""

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from berth.replay.talking import ApiAway, ApiRefuses, Talk
from parking.occupancy.models import Occupancy, SpaceStatus
from parking.occupancy.state import UpdateKind

AGAIN_SECONDS = 0.2
PROBLEMS_MAX = 100

DOCUMENT = """subscription Follow($place: ID!, $after: Version) {
  placeOccupancy(placeId: $place, after: $after) {
    __typename
    ... on PlaceOccupancyUpdate {
      kind version previousVersion
      counts { total available reserved occupied closed unknown }
      spaces { number status occupancy since }
    }
    ... on NotFound { message }
  }
}"""


@dataclass(frozen=True, slots=True)
class Seen:
    """A space as a subscriber sees it."""

    status: SpaceStatus
    occupancy: Occupancy
    since: datetime | None


@dataclass(slots=True)
class Heard:
    """What a subscriber holds, and how it came. `problems` breaks the stream's promises."""

    version: int | None = None
    spaces: dict[str, Seen] = field(default_factory=dict)
    snapshots: int = 0
    deltas: int = 0
    reconnects: int = 0
    problems: list[str] = field(default_factory=list)

    def take(self, update: dict[str, Any]) -> None:
        """Apply an update, and check that it leads on from where this consumer stands."""
        version, previous = update["version"], update["previousVersion"]
        spaces = {each["number"]: seen_of(each) for each in update["spaces"]}
        if update["kind"] == UpdateKind.SNAPSHOT:
            self.snapshots += 1
            self.spaces = spaces
        else:
            self.deltas += 1
            if previous != self.version:
                self._tell(f"stood at version {self.version}, a delta came from {previous}")
            self.spaces |= spaces
        if self.version is not None and version < self.version:
            self._tell(f"went back from version {self.version} to {version}")
        self.version = version
        self._check(update["counts"])

    def _check(self, counts: dict[str, int]) -> None:
        """The counts told are those of the spaces told."""
        mine = Counter(each.status.value.lower() for each in self.spaces.values())
        told = {name: number for name, number in counts.items() if name != "total" and number}
        if told != {name: number for name, number in mine.items() if number}:
            self._tell(f"version {self.version} counts {told}, its spaces are {dict(mine)}")

    def _tell(self, problem: str) -> None:
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(problem)


class Listener:
    """Follows a place through one API until it is closed; comes back after a broken connection."""

    def __init__(self, api: str, place: str) -> None:
        self.api = api
        self.heard = Heard()
        self._place = place
        self._moved = asyncio.Event()
        self._task = asyncio.create_task(self._follow(), name=f"listener at {api}")

    async def reach(self, version: int, seconds_max: float) -> bool:
        """Wait until it stands at that version at least; False if it does not get there in time.

        Raises `ApiAway` or `ApiRefuses` when the very first connection fails.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds_max):
                while self.heard.version is None or self.heard.version < version:
                    self._moved.clear()
                    if self._task.done():
                        self._task.result()
                        return False
                    await self._moved.wait()
                return True
        return False

    async def close(self) -> None:
        """Stop listening."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self) -> None:
        try:
            while True:
                try:
                    await self._once()
                except ApiAway:
                    if self.heard.version is None:
                        raise
                self.heard.reconnects += 1
                await asyncio.sleep(AGAIN_SECONDS)
        finally:
            self._moved.set()

    async def _once(self) -> None:
        async with Talk.open(self.api) as talk:
            variables = {"place": self._place, "after": self.heard.version}
            async for data in talk.subscribe(DOCUMENT, variables):
                update = data["placeOccupancy"]
                if update["__typename"] == "NotFound":
                    raise ApiRefuses(
                        f"the API at {self.api} does not know the place ({update['message']}) is "
                        "it on the same database?"
                    )
                self.heard.take(update)
                self._moved.set()


def seen_of(space: dict[str, Any]) -> Seen:
    """A space as the API writes it."""
    since = space["since"]
    return Seen(
        SpaceStatus(space["status"]),
        Occupancy(space["occupancy"]),
        None if since is None else datetime.fromisoformat(since),
    )
