"""What contradicts itself at a bay, and which arm rises by itself: the facts as tables."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from parking.access.contradictions import (
    AFTER_DEPARTURE,
    ARRIVAL_SETTLE,
    OPEN_MAX,
    OPEN_WITHOUT_CAR,
    SETTLE,
    TRY_AGAIN,
    contradictions,
    wants_raising,
)
from parking.access.models import AlarmKind, CommandCause
from parking.access.rules import Claimant, Stand
from parking.access.watch_facts import Lowering, Watched
from parking.occupancy.models import LockState, Occupancy, Source
from parking.reservations.models import ReservationState

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
FREE, OCCUPIED, UNKNOWN = Occupancy.FREE, Occupancy.OCCUPIED, Occupancy.UNKNOWN
UP, DOWN = LockState.RAISED, LockState.LOWERED


def bay(
    occupancy: Occupancy = FREE,
    lock: LockState = UP,
    car_for: timedelta = HOUR,
    arm_for: timedelta = HOUR,
    **more: Any,
) -> Watched:
    """A listed bay with a lock, where car and arm have stood like this for so long."""
    made = Watched(
        space_id=11, place_id=1, device_id=5, stand=Stand(occupancy, Source.DEVICE, NOW, NOW, 3600),
        occupancy_since=NOW - car_for, lock=lock, lock_since=NOW - arm_for, is_silent=False,
        is_listed=True, claim=None, opened=None, tried_at=None, is_commanded=False,
        alarms=frozenset(),
    )  # fmt: skip
    return replace(made, **more)


def claim(
    state: ReservationState = ReservationState.CONFIRMED,
    ends: timedelta = HOUR,
    starts: timedelta = -HOUR,
) -> Claimant:
    return Claimant(3, 11, 7, 2, state, NOW + starts, NOW + ends)


ACTIVE = ReservationState.ACTIVE
OPENED = Lowering(CommandCause.CREDENTIAL, 3, NOW)
OTHERS = Lowering(CommandCause.CREDENTIAL, 99, NOW)
STAFF = Lowering(CommandCause.OPERATOR, None, NOW)

WRONG: list[tuple[str, Watched, set[str]]] = [
    ("at rest", bay(), set()),
    ("in use", bay(OCCUPIED, DOWN, claim=claim(ACTIVE), opened=OPENED), set()),
    ("stays too long", bay(OCCUPIED, DOWN, claim=claim(ACTIVE, -SECOND)), {"OVERSTAY"}),
    ("exactly over", bay(OCCUPIED, DOWN, claim=claim(ACTIVE, 0 * SECOND)), {"OVERSTAY"}),
    ("left in time", bay(FREE, DOWN, 60 * SECOND, claim=claim(ACTIVE, -SECOND)), set()),
    ("pushed down", bay(FREE, LockState.FORCED), {"FORCED"}),
    ("halfway", bay(FREE, LockState.OBSTRUCTED), {"OBSTRUCTED"}),
    ("broken", bay(FREE, LockState.FAULT), {"OBSTRUCTED"}),
    ("silent", bay(is_silent=True), {"LOCK_SILENT"}),
    ("no answer", bay(FREE, LockState.UNKNOWN, tried_at=NOW - HOUR), {"LOCK_SILENT"}),
    ("never spoke", bay(FREE, LockState.UNKNOWN), set()),
    ("on its way", bay(FREE, LockState.UNKNOWN, tried_at=NOW, is_commanded=True), set()),
    ("open long", bay(FREE, DOWN, HOUR, OPEN_WITHOUT_CAR), {"OPEN_WITHOUT_CAR"}),
    ("open shortly", bay(FREE, DOWN, HOUR, OPEN_WITHOUT_CAR - SECOND), set()),
    ("just left", bay(FREE, DOWN, OPEN_WITHOUT_CAR - SECOND, HOUR), set()),
    ("open by right", bay(FREE, DOWN, is_listed=False), set()),
    ("up and car", bay(OCCUPIED, UP, SETTLE), {"RAISED_YET_OCCUPIED"}),
    ("still settling", bay(OCCUPIED, UP, SETTLE - SECOND), set()),
    ("stranger", bay(OCCUPIED, DOWN, ARRIVAL_SETTLE), {"OCCUPIED_WITHOUT_RIGHT"}),
    ("stranger, new", bay(OCCUPIED, DOWN, ARRIVAL_SETTLE - SECOND), set()),
    ("somebody else's", bay(OCCUPIED, DOWN, claim=claim()), {"OCCUPIED_WITHOUT_RIGHT"}),
    (
        "the one before",
        bay(OCCUPIED, DOWN, claim=claim(), opened=OTHERS),
        {"OCCUPIED_WITHOUT_RIGHT"},
    ),
    ("its holder", bay(OCCUPIED, DOWN, claim=claim(), opened=OPENED), set()),
    ("let in by staff", bay(OCCUPIED, DOWN, opened=STAFF), set()),
    ("the owner, before", bay(OCCUPIED, DOWN, claim=claim(starts=SECOND), opened=STAFF), set()),
    (
        "the owner, still there",
        bay(OCCUPIED, DOWN, claim=claim(starts=0 * SECOND), opened=STAFF),
        {"OCCUPIED_WITHOUT_RIGHT"},
    ),
    ("early", bay(OCCUPIED, DOWN, claim=claim(starts=SECOND), opened=OPENED), set()),
    ("over a forced arm", bay(OCCUPIED, LockState.FORCED), {"FORCED", "OCCUPIED_WITHOUT_RIGHT"}),
    ("nobody's offer", bay(OCCUPIED, DOWN, is_listed=False), set()),
    ("no lock", bay(OCCUPIED, LockState.UNKNOWN, device_id=None, claim=claim()), set()),
    (
        "no lock, too long",
        bay(OCCUPIED, LockState.UNKNOWN, device_id=None, claim=claim(ACTIVE, -HOUR)),
        {"OVERSTAY"},
    ),
]


@pytest.mark.parametrize(
    ("watched", "kinds"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
def test_what_is_wrong(watched: Watched, kinds: set[str]) -> None:
    found = contradictions(watched, NOW)
    assert found.keys() == {AlarmKind(kind) for kind in kinds}
    assert all(found.values())


KEEP, GONE = CommandCause.RESERVATION, CommandCause.DEPARTURE

RISING: list[tuple[str, Watched, CommandCause | None]] = [
    ("up already", bay(FREE, UP, claim=claim()), None),
    ("kept free", bay(FREE, DOWN, claim=claim()), KEEP),
    ("not known to be free", bay(UNKNOWN, DOWN, claim=claim()), None),
    ("car there", bay(OCCUPIED, DOWN, claim=claim()), None),
    ("arm unknown", bay(FREE, LockState.UNKNOWN, claim=claim()), KEEP),
    ("arm broken", bay(FREE, LockState.FAULT, claim=claim()), None),
    ("opened for its holder", bay(FREE, DOWN, HOUR, SECOND, claim=claim(), opened=OPENED), None),
    ("opened by staff", bay(FREE, DOWN, HOUR, SECOND, claim=claim(), opened=STAFF), None),
    ("holder never came", bay(FREE, DOWN, HOUR, OPEN_MAX, claim=claim(), opened=OPENED), KEEP),
    ("opened for another", bay(FREE, DOWN, HOUR, SECOND, claim=claim(), opened=OTHERS), KEEP),
    ("stay under way", bay(FREE, DOWN, claim=claim(ACTIVE)), None),
    ("told just now", bay(FREE, DOWN, claim=claim(), tried_at=NOW - TRY_AGAIN + SECOND), None),
    ("told before", bay(FREE, DOWN, claim=claim(), tried_at=NOW - TRY_AGAIN), KEEP),
    ("being told", bay(FREE, DOWN, claim=claim(), is_commanded=True), None),
    ("no lock", bay(FREE, DOWN, claim=claim(), device_id=None), None),
    ("car has left", bay(FREE, DOWN, AFTER_DEPARTURE, HOUR), GONE),
    ("car is leaving", bay(FREE, DOWN, AFTER_DEPARTURE - SECOND, HOUR), None),
    ("just opened", bay(FREE, DOWN, HOUR, OPEN_MAX - SECOND), None),
    ("open too long", bay(FREE, DOWN, HOUR, OPEN_MAX), GONE),
    ("nobody's offer", bay(FREE, DOWN, is_listed=False), None),
]


@pytest.mark.parametrize(
    ("watched", "cause"), [row[1:] for row in RISING], ids=[row[0] for row in RISING]
)
def test_which_arm_rises_by_itself(watched: Watched, cause: CommandCause | None) -> None:
    assert wants_raising(watched, NOW) is cause
