"""A day of cars in a place, made up but believable, and the same for the same seed. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

DAY = timedelta(hours=24)
STEP = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Habit:
    """How a place is used: the share of its bays occupied at each local hour, and for how long."""

    shares: tuple[float, ...]
    stay: timedelta

    def share_at(self, local: datetime) -> float:
        """Between two hours it goes from one share to the next in a straight line."""
        this, following = self.shares[local.hour], self.shares[(local.hour + 1) % 24]
        return this + (following - this) * local.minute / 60


SHOPPING = Habit(
    (.06, .05, .05, .05, .05, .06, .08, .12, .22, .35, .52, .68,
     .82, .84, .76, .70, .72, .80, .90, .93, .86, .62, .34, .14),
    timedelta(minutes=95),
)  # fmt: skip
VISITING = Habit(
    (.22, .20, .18, .18, .18, .20, .28, .48, .74, .88, .92, .93,
     .90, .91, .93, .90, .86, .80, .70, .62, .54, .44, .34, .27),
    timedelta(minutes=70),
)  # fmt: skip
RESIDING = Habit(
    (.92, .93, .94, .94, .94, .92, .84, .62, .44, .36, .33, .32,
     .34, .35, .36, .40, .48, .60, .70, .76, .80, .84, .88, .90),
    timedelta(minutes=260),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Turn:
    """From `at` (UTC) on, the bay is occupied, or free."""

    at: datetime
    is_occupied: bool


def day_of(habit: Habit, zone: str, until: datetime, popularity: float, seed: str) -> list[Turn]:
    """The turns of one bay in the day before `until`, led by what it was at the beginning.

    `popularity` 0..1 makes bays near the entrance fuller than far ones; 0.5 is the average.
    """
    random = Random(seed)  # noqa: S311 - a picture of traffic, nothing secret
    tz = ZoneInfo(zone)
    at = until - DAY
    is_occupied = random.random() < _share(habit, at.astimezone(tz), popularity)
    turns = [Turn(at, is_occupied)]
    while at < until - STEP:
        at += STEP
        share = _share(habit, at.astimezone(tz), popularity)
        if random.random() < _turn_chance(habit, share, is_occupied):
            is_occupied = not is_occupied
            turns.append(Turn(at - STEP * random.random(), is_occupied))
    return turns


def popularities(count: int) -> Iterator[float]:
    """From the bay nearest to the entrance to the farthest."""
    for index in range(count):
        yield 0.75 - 0.5 * index / max(1, count - 1)


def occupied_share(days: Sequence[Sequence[Turn]]) -> float:
    """The share of bays occupied at the end."""
    return sum(turns[-1].is_occupied for turns in days) / len(days) if days else 0.0


def _share(habit: Habit, local: datetime, popularity: float) -> float:
    return min(0.97, max(0.02, habit.share_at(local) * (0.6 + 0.8 * popularity)))


def _turn_chance(habit: Habit, share: float, is_occupied: bool) -> float:
    """In balance the bay is occupied `share` of the time and each stay lasts `habit.stay`."""
    leaving = STEP / habit.stay
    return leaving if is_occupied else min(0.9, leaving * share / (1 - share))
