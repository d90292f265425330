"""What a booked replay is to do, and what its bays must have seen."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime

from berth.replay.declared import Visit
from berth.replay.expected import Outcome
from berth.replay.renter import Renter
from berth.replay.story import Story, Timeline, Turn, Window
from berth.replay.trace import Origin
from parking.occupancy.models import Occupancy
from parking.settlement.rails.port import Rail


@dataclass(frozen=True, slots=True)
class ByCard:
    """Drivers pay by an outer rail, one of `rails`; `bind` gives a driver an account there. Without
    `rails` it is one of those that the settings name; only these reach processes of their own.
    `holding` keeps back the rail's next answer, and its event says that somebody waits for it: a
    kill strikes then."""

    rails: dict[str, Rail] | None
    bind: Callable[[Renter], Awaitable[None]]
    holding: Callable[[], AbstractAsyncContextManager[asyncio.Event]]


@dataclass(frozen=True, slots=True)
class BookedPlan:
    """What is to happen. Every `lock_every`-th bay has a lock and a reader; 0: none has. The
    platform, or a process of it, is killed `kills` times, at moments that follow from `seed`.
    Drivers pay from their wallets, unless `by_card`."""

    file: str
    origin: Origin
    visits: Sequence[Visit]
    left_out: Mapping[str, int]
    place: str
    lock_every: int = 2
    kills: int = 0
    seed: int = 1
    by_card: ByCard | None = None

    @property
    def numbers(self) -> list[str]:
        """The bays, in order."""
        return sorted({visit.space for visit in self.visits})

    @property
    def locked(self) -> frozenset[str]:
        """Those with a lock."""
        return frozenset(self.numbers[:: self.lock_every] if self.lock_every else ())


def story_of(
    plan: BookedPlan, outcomes: Mapping[int, Outcome], begins_at: datetime, ends_at: datetime
) -> Story:
    """What the bays must have seen: all visits, but at a locked bay those that had a booking."""
    turns: dict[str, list[Turn]] = {
        number: [Turn(begins_at, Occupancy.FREE)] for number in plan.numbers
    }
    count = 0
    for visit in plan.visits:
        if visit.space not in plan.locked or outcomes[visit.number].booked_at is not None:
            turns[visit.space].append(Turn(visit.arrival, Occupancy.OCCUPIED))
            turns[visit.space].append(Turn(visit.departure, Occupancy.FREE))
            count += 1
    timelines: dict[str, Timeline] = dict(turns)
    return Story(Window(begins_at, ends_at), timelines, count)
