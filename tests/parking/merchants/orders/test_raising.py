"""The rule for the arm of a bay that an order has."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from parking.access.models import CommandCause
from parking.access.rules import Claimant, Stand
from parking.access.watch_facts import Lowering, Watched
from parking.merchants.orders.raising import LATER, NEAR, NOT_YET, SOON, Look, look_of
from parking.occupancy.models import LockState, Occupancy, Source
from parking.reservations.models import ReservationState

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FREE = Stand(Occupancy.FREE, Source.DEVICE, NOW, NOW, 90_000)
TAKEN = FREE.__class__(Occupancy.OCCUPIED, Source.DEVICE, NOW, NOW, 90_000)


def bay(**values: Any) -> Watched:
    given: dict[str, Any] = {
        "space_id": 1, "place_id": 1, "device_id": 9, "stand": FREE, "occupancy_since": None,
        "lock": LockState.LOWERED, "lock_since": None, "is_silent": False, "is_listed": True,
        "claim": None, "opened": None, "tried_at": None, "is_commanded": False,
        "alarms": frozenset(),
    }  # fmt: skip
    return Watched(**{**given, **values})


def claim(reservation_id: int) -> Claimant:
    return Claimant(reservation_id, 1, 1, 1, ReservationState.CONFIRMED, NOW, NOW + 60 * MINUTE)


def opened(ago: timedelta) -> Lowering:
    return Lowering(CommandCause.OPERATOR, None, NOW - ago)


RAISED = {"lock": LockState.RAISED}


@pytest.mark.parametrize(
    ("facts", "is_broken", "minutes", "look", "next_at"),
    [
        ({"device_id": None}, False, 60, Look.WAIT, None),
        ({}, False, 60, Look.RAISE, NOW + SOON),
        ({"lock": LockState.UNKNOWN}, False, 60, Look.RAISE, NOW + SOON),
        ({"claim": claim(7)}, False, 20, Look.RAISE, NOW + SOON),
        ({"claim": claim(8)}, False, 60, Look.WAIT, NOW + NOT_YET),
        ({"stand": TAKEN}, False, 60, Look.WAIT, NOW + NOT_YET),
        ({"opened": opened(MINUTE)}, False, 60, Look.WAIT, NOW + NOT_YET),
        ({"opened": opened(20 * MINUTE)}, False, 60, Look.RAISE, NOW + SOON),
        ({"tried_at": NOW - MINUTE / 2}, False, 60, Look.WAIT, NOW + NOT_YET),
        ({"is_commanded": True}, False, 60, Look.WAIT, NOW + SOON),
        (RAISED, False, 60, Look.WAIT, NOW + LATER),
        (RAISED, False, 600, Look.WAIT, NOW + 600 * MINUTE - NEAR),
        (RAISED, False, 10, Look.WAIT, NOW + NOT_YET),
        (RAISED, False, 0, Look.WAIT, None),
        ({}, False, 10, Look.WAIT, NOW + NOT_YET),
        ({}, True, 60, Look.MOVE_ON, NOW + LATER),
        ({}, True, -10, Look.MOVE_ON, NOW + LATER),
        (RAISED, True, 60, Look.MOVE_ON, NOW + LATER),
    ],
)
def test_what_is_done_about_an_arm(
    facts: dict[str, Any], is_broken: bool, minutes: int, look: Look, next_at: datetime | None
) -> None:
    starts_at = NOW + minutes * MINUTE
    found = look_of(
        bay(**facts), is_broken=is_broken, reservation_id=7, starts_at=starts_at, now=NOW
    )
    assert found == (look, next_at)
