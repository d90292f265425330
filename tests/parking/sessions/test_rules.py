"""When a stay begins and when it is over, as tables."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from parking.occupancy.models import Occupancy
from parking.reservations.models import ReservationState
from parking.sessions.models import SessionCause
from parking.sessions.rules import Arrival, Beginning, Departure, beginning, departure

TEN = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
NOON = TEN + timedelta(hours=2)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)

FREE, OCCUPIED, UNKNOWN = Occupancy.FREE, Occupancy.OCCUPIED, Occupancy.UNKNOWN

BOOKED = Arrival(
    occupancy=OCCUPIED,
    since=TEN + MINUTE,
    state=ReservationState.CONFIRMED,
    booked_at=TEN - timedelta(hours=3),
    starts_at=TEN,
    ends_at=NOON,
    has_lock=False,
)
"""Ten to noon, booked at seven; a car came a minute after ten into a bay without a lock."""


def by(cause: SessionCause, at: datetime) -> Beginning:
    return Beginning(at, cause)


DEVICE, CREDENTIAL = SessionCause.DEVICE, SessionCause.CREDENTIAL

BEGINS = [
    ("in its time", BOOKED, by(DEVICE, TEN + MINUTE)),
    ("at its very start", replace(BOOKED, since=TEN), by(DEVICE, TEN)),
    ("in its last second", replace(BOOKED, since=NOON - SECOND), by(DEVICE, NOON - SECOND)),
    ("at its very end", replace(BOOKED, since=NOON), None),
    ("free", replace(BOOKED, occupancy=FREE), None),
    ("unknown", replace(BOOKED, occupancy=UNKNOWN), None),
    ("nobody knows since when", replace(BOOKED, since=None), None),
    ("only held", replace(BOOKED, state=ReservationState.PENDING_PAYMENT), None),
    ("cancelled", replace(BOOKED, state=ReservationState.CANCELLED), None),
    ("in use already", replace(BOOKED, state=ReservationState.ACTIVE), None),
    ("15 minutes early", replace(BOOKED, since=TEN - 15 * MINUTE), by(DEVICE, TEN - 15 * MINUTE)),
    ("16 minutes early", replace(BOOKED, since=TEN - 16 * MINUTE), None),
    ("before it was booked", replace(BOOKED, booked_at=TEN + 2 * MINUTE), None),
    (
        "by a clock that is behind",
        replace(BOOKED, booked_at=TEN + MINUTE + 10 * SECOND),
        by(DEVICE, TEN + MINUTE),
    ),
    ("the car of an ended stay", replace(BOOKED, left_at=TEN + 2 * MINUTE), None),
    ("after an ended stay", replace(BOOKED, left_at=TEN + MINUTE), by(DEVICE, TEN + MINUTE)),
    (
        "let in just before its end",
        replace(BOOKED, since=NOON + 9 * MINUTE, admitted_at=NOON - MINUTE),
        by(CREDENTIAL, NOON - SECOND),
    ),
    (
        "long after it",
        replace(BOOKED, since=NOON + 9 * MINUTE, admitted_at=NOON - 2 * MINUTE),
        None,
    ),
    ("a lock, nobody admitted", replace(BOOKED, has_lock=True), None),
    (
        "a lock, admitted",
        replace(BOOKED, has_lock=True, admitted_at=TEN),
        by(CREDENTIAL, TEN + MINUTE),
    ),
    (
        "admitted, and there for long",
        replace(BOOKED, since=TEN - 60 * MINUTE, admitted_at=TEN),
        by(CREDENTIAL, TEN - 15 * MINUTE),
    ),
]


@pytest.mark.parametrize(
    ("arrival", "expected"), [each[1:] for each in BEGINS], ids=[each[0] for each in BEGINS]
)
def test_a_stay_begins_where_car_booking_and_right_meet(
    arrival: Arrival, expected: Beginning | None
) -> None:
    assert beginning(arrival, TEN + 5 * MINUTE) == expected


def test_an_early_car_without_a_credential_is_taken_for_the_drivers_when_the_booking_begins() -> (
    None
):
    early = replace(BOOKED, since=TEN - 5 * MINUTE)
    assert beginning(early, TEN - SECOND) is None
    assert beginning(early, TEN) == by(DEVICE, TEN - 5 * MINUTE)


def test_a_credential_begins_a_stay_before_the_booking_does() -> None:
    early = replace(BOOKED, since=TEN - 5 * MINUTE, admitted_at=TEN - 6 * MINUTE)
    assert beginning(early, TEN - 4 * MINUTE) == by(CREDENTIAL, TEN - 5 * MINUTE)


BLINK = 59 * SECOND

ENDS = [
    ("stands there", OCCUPIED, TEN, None, NOON, Departure.GOES_ON),
    ("silent", UNKNOWN, TEN + MINUTE, None, NOON, Departure.GOES_ON),
    ("just free", FREE, NOON, None, NOON, Departure.LEAVES),
    ("free for 59 s", FREE, NOON, NOON, NOON + BLINK, Departure.LEAVES),
    ("free for a minute", FREE, NOON, NOON, NOON + MINUTE, Departure.IS_OVER),
    ("free for a minute, told late", FREE, NOON, None, NOON + MINUTE, Departure.IS_OVER),
    ("back after 59 s", OCCUPIED, NOON + BLINK, NOON, NOON + MINUTE, Departure.CAME_BACK),
    ("another after a minute", OCCUPIED, NOON + MINUTE, NOON, NOON + MINUTE, Departure.IS_OVER),
    ("silent after it was free", UNKNOWN, NOON + SECOND, NOON, NOON + MINUTE, Departure.IS_OVER),
    ("silent, and just free", UNKNOWN, NOON + SECOND, NOON, NOON + BLINK, Departure.GOES_ON),
    ("free since before the stay", FREE, TEN - MINUTE, None, NOON, Departure.GOES_ON),
    ("free since nobody knows when", FREE, None, None, NOON, Departure.GOES_ON),
]


@pytest.mark.parametrize(
    ("occupancy", "since", "left_at", "now", "expected"),
    [each[1:] for each in ENDS],
    ids=[each[0] for each in ENDS],
)
def test_a_stay_is_over_when_the_bay_stays_free(
    occupancy: Occupancy,
    since: datetime | None,
    left_at: datetime | None,
    now: datetime,
    expected: Departure,
) -> None:
    assert departure(occupancy, since, TEN, left_at, now) is expected
