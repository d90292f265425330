"""Made-up traffic: believable by the hour, and the same for the same seed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile
from random import Random
from zoneinfo import ZoneInfo

import pytest

from berth.demo.day import Turn
from berth.simulate.traffic import HABITS, TURN_MIN, Scene, turns
from parking.places.models import PlaceKind

NIGHT = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
WEEK = timedelta(days=7)


def week(scene: Scene, seed: object = 1) -> list[Turn]:
    every = turns(scene, NIGHT, False, Random(f"{seed}"))
    return list(takewhile(lambda turn: turn.at < NIGHT + WEEK, every))


def share(scene: Scene, is_counted: Callable[[datetime], bool], bays: int = 20) -> float:
    """How much of the minutes that count bays of the scene are occupied."""
    occupied = counted = 0
    for bay in range(bays):
        lived = [Turn(NIGHT, False), *week(scene, bay), Turn(NIGHT + WEEK, False)]
        for turn, following in pairwise(lived):
            at = turn.at
            while at < following.at:
                if is_counted(at.astimezone(scene.zone)):
                    counted += 1
                    occupied += turn.is_occupied
                at += timedelta(minutes=5)
    return occupied / counted


def scene_of(kind: PlaceKind, **more: float) -> Scene:
    return Scene(HABITS[kind], ZoneInfo("Europe/Berlin"), **more)


@pytest.mark.parametrize(
    ("kind", "fuller", "emptier"),
    [
        (PlaceKind.GARAGE, range(18, 21), range(3, 8)),
        (PlaceKind.LOT, range(10, 16), range(22, 24)),
        (PlaceKind.ON_STREET, range(10, 15), range(2, 6)),
        (PlaceKind.PRIVATE_DRIVE, range(1, 6), range(10, 15)),
    ],
)
def test_each_kind_of_place_has_its_hours(kind: PlaceKind, fuller: range, emptier: range) -> None:
    scene = scene_of(kind)
    full = share(scene, lambda at: at.hour in fuller)
    empty = share(scene, lambda at: at.hour in emptier)
    assert full > empty + 0.3


def test_the_same_seed_gives_the_same_comings_and_goings() -> None:
    scene = scene_of(PlaceKind.GARAGE)
    assert week(scene, "x") == week(scene, "x")
    assert week(scene, "x") != week(scene, "y")


def test_nobody_parks_for_a_moment_only() -> None:
    lived = week(scene_of(PlaceKind.ON_STREET))
    assert min(b.at - a.at for a, b in pairwise(lived)) >= TURN_MIN
    assert all(a.is_occupied is not b.is_occupied for a, b in pairwise(lived))


def test_turnover_makes_more_of_them_with_the_same_share() -> None:
    once, often = scene_of(PlaceKind.LOT), scene_of(PlaceKind.LOT, turnover=6.0)
    assert len(week(often)) > 3 * len(week(once))
    by_day = [share(each, lambda at: 10 <= at.hour < 15) for each in (once, often)]
    assert by_day[0] == pytest.approx(by_day[1], abs=0.1)


def test_bays_near_the_entrance_are_fuller() -> None:
    near, far = (scene_of(PlaceKind.GARAGE, popularity=each) for each in (0.75, 0.25))
    assert share(near, lambda at: True) > share(far, lambda at: True) + 0.1
