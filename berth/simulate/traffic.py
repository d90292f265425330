"""When vehicles come and go: made up, by the time of day, the same for the same seed. Pure.

A bay is occupied `share` of the time and a stay lasts `habit.stay` on average, whatever the hour:
both follow from the rates of coming and going at each instant.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from berth.demo.day import RESIDING, SHOPPING, VISITING, Habit, Turn
from parking.places.models import PlaceKind

COMMUTING = Habit(
    (.04, .03, .03, .03, .04, .08, .22, .52, .78, .88, .91, .90,
     .84, .87, .89, .86, .76, .52, .30, .18, .12, .09, .07, .05),
    timedelta(minutes=200),
)  # fmt: skip

HABITS: Mapping[PlaceKind, Habit] = {
    PlaceKind.GARAGE: SHOPPING,
    PlaceKind.LOT: COMMUTING,
    PlaceKind.ON_STREET: VISITING,
    PlaceKind.PRIVATE_DRIVE: RESIDING,
}

STEP = timedelta(minutes=5)
"""Rates are held to be constant for so long."""
SHARE_MIN, SHARE_MAX = 0.02, 0.97
TURN_MIN = timedelta(seconds=45)
"""Nobody parks or leaves a bay empty for less."""


@dataclass(frozen=True, slots=True)
class Scene:
    """How one bay is used. `popularity` 0..1: near the entrance it is fuller than far away.

    `turnover` makes stays so many times as short, with the same share of the day.
    """

    habit: Habit
    zone: ZoneInfo
    popularity: float = 0.5
    turnover: float = 1.0

    def share_at(self, at: datetime) -> float:
        """The share of the time that the bay is occupied at this hour."""
        share = self.habit.share_at(at.astimezone(self.zone)) * (0.6 + 0.8 * self.popularity)
        return min(SHARE_MAX, max(SHARE_MIN, share))

    def rate_at(self, at: datetime, is_occupied: bool) -> float:
        """Turns a second: of leaving, or of coming."""
        leaving = self.turnover / self.habit.stay.total_seconds()
        share = self.share_at(at)
        return leaving if is_occupied else leaving * share / (1 - share)


def turns(scene: Scene, at: datetime, is_occupied: bool, random: Random) -> Iterator[Turn]:
    """What happens in the bay after `at`, without end."""
    while True:
        at = next_turn(scene, at, is_occupied, random)
        is_occupied = not is_occupied
        yield Turn(at, is_occupied)
        at += TURN_MIN / scene.turnover


def next_turn(scene: Scene, at: datetime, is_occupied: bool, random: Random) -> datetime:
    """When the bay's next turn comes (a Poisson process whose rate changes with the hour)."""
    left = random.expovariate(1.0)
    while True:
        rate = scene.rate_at(at, is_occupied)
        if rate * STEP.total_seconds() >= left:
            return at + timedelta(seconds=left / rate)
        left -= rate * STEP.total_seconds()
        at += STEP
