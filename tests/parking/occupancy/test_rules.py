"""The display status and the place's state, as tables."""

from itertools import product

import pytest

from parking.occupancy.models import Claim, LockState, Occupancy, Service, SpaceStatus
from parking.occupancy.rules import Counts, moved, place_state, space_status
from parking.places.models import PlaceState

A, R, T, C, U = (
    SpaceStatus.AVAILABLE,
    SpaceStatus.RESERVED,
    SpaceStatus.OCCUPIED,
    SpaceStatus.CLOSED,
    SpaceStatus.UNKNOWN,
)
TRUSTED = (
    LockState.RAISED,
    LockState.LOWERED,
    LockState.MOVING,
    LockState.FORCED,
    LockState.UNKNOWN,
)
BROKEN = (LockState.FAULT, LockState.OBSTRUCTED)

# (service, occupancy, claim) -> status with a lock that can be trusted, with one that cannot
TRUTH = {
    ("OPEN", "FREE", "NONE"): (A, U),
    ("OPEN", "FREE", "HELD"): (R, R),
    ("OPEN", "FREE", "RESERVED"): (R, R),
    ("OPEN", "OCCUPIED", "NONE"): (T, T),
    ("OPEN", "OCCUPIED", "HELD"): (T, T),
    ("OPEN", "OCCUPIED", "RESERVED"): (T, T),
    ("OPEN", "UNKNOWN", "NONE"): (U, U),
    ("OPEN", "UNKNOWN", "HELD"): (R, R),
    ("OPEN", "UNKNOWN", "RESERVED"): (R, R),
} | {("CLOSED", o, c): (C, C) for o, c in product(Occupancy, Claim)}


@pytest.mark.parametrize(("axes", "expected"), TRUTH.items())
def test_status_follows_the_truth_table(
    axes: tuple[str, str, str], expected: tuple[SpaceStatus, SpaceStatus]
) -> None:
    service, occupancy, claim = Service(axes[0]), Occupancy(axes[1]), Claim(axes[2])
    for locks, status in zip((TRUSTED, BROKEN), expected, strict=True):
        for lock in locks:
            assert space_status(occupancy, service, claim, lock) is status, lock


def test_the_truth_table_is_complete() -> None:
    assert len(TRUTH) == len(Service) * len(Occupancy) * len(Claim)
    assert {*TRUSTED, *BROKEN} == set(LockState)


@pytest.mark.parametrize(
    ("previous", "available", "occupied", "unknown", "expected"),
    [
        ("SPACES_AVAILABLE", 100, 0, 0, "SPACES_AVAILABLE"),
        ("SPACES_AVAILABLE", 6, 94, 0, "SPACES_AVAILABLE"),
        ("SPACES_AVAILABLE", 5, 95, 0, "ALMOST_FULL"),
        ("ALMOST_FULL", 6, 94, 0, "ALMOST_FULL"),  # left only at more than a tenth
        ("ALMOST_FULL", 10, 90, 0, "ALMOST_FULL"),
        ("ALMOST_FULL", 11, 89, 0, "SPACES_AVAILABLE"),
        ("ALMOST_FULL", 0, 100, 0, "FULL"),
        ("FULL", 1, 99, 0, "ALMOST_FULL"),
        ("FULL", 3, 297, 0, "ALMOST_FULL"),
        ("FULL", 2, 298, 0, "FULL"),  # left only at a hundredth
        ("SPACES_AVAILABLE", 40, 10, 50, "SPACES_AVAILABLE"),
        ("SPACES_AVAILABLE", 40, 9, 51, "UNKNOWN"),
        ("UNKNOWN", 50, 9, 41, "UNKNOWN"),  # left only at two fifths
        ("UNKNOWN", 50, 10, 40, "SPACES_AVAILABLE"),
        ("UNKNOWN", 1, 0, 0, "SPACES_AVAILABLE"),  # a tiny place is never "almost full"
        ("SPACES_AVAILABLE", 1, 3, 0, "SPACES_AVAILABLE"),
        ("SPACES_AVAILABLE", 0, 0, 0, "CLOSED"),
    ],
)
def test_place_state_has_hysteresis(
    previous: str, available: int, occupied: int, unknown: int, expected: str
) -> None:
    counts = Counts(available=available, occupied=occupied, unknown=unknown)
    assert place_state(PlaceState(previous), True, counts) == expected


def test_a_closed_place_is_closed_however_free() -> None:
    assert place_state(PlaceState.SPACES_AVAILABLE, False, Counts(available=9)) == "CLOSED"


def test_moving_one_space_keeps_the_total() -> None:
    before = Counts(available=2, occupied=1)
    assert moved(before, A, T) == Counts(available=1, occupied=2)
    assert moved(before, A, A) == before
    with pytest.raises(AssertionError):
        moved(before, C, A)
