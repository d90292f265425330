"""The decision at the reader: each reason of a refusal, and which comes first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from parking.access.check import (
    WORDS,
    Booking,
    Outcome,
    Reader,
    booking_fault,
    in_words,
    judge_token,
    token_fault,
)
from parking.access.cwt import Claims
from parking.access.rules import Claimant
from parking.reservations.models import ReservationState as State

START = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
END = START + timedelta(hours=2)
MARGIN = timedelta(minutes=15)
TICK = timedelta(microseconds=1)

READER = Reader(device_id=9, place_id=1, space_id=11)
HELD = Claimant(5, 11, 3, 2, State.CONFIRMED, START, END)
BOOKING = Booking(HELD, place_id=1)


def claims(now: datetime, **other: int) -> Claims:
    ids = {"reservation_id": 5, "place_id": 1, "space_id": 11} | other
    return Claims(
        **ids, not_before=START - MARGIN, issued_at=now, expires_at=now + timedelta(seconds=60),
        cti=b"12345678",
    )  # fmt: skip


def fault(now: datetime, *, is_taken: bool = False, **held: object) -> Outcome | None:
    return booking_fault(Booking(replace(HELD, **held), 1, is_taken), READER, now)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (START - MARGIN - TICK, Outcome.NOT_YET),
        (START - MARGIN, None),
        (START, None),
        (END - TICK, None),
        (END, Outcome.ENDED),
    ],
)
def test_a_booking_opens_with_its_margins(now: datetime, expected: Outcome | None) -> None:
    assert fault(now) is expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.REQUESTED, Outcome.NOT_CONFIRMED),
        (State.PENDING_PAYMENT, Outcome.NOT_CONFIRMED),
        (State.CONFIRMED, None),
        (State.ACTIVE, None),
        (State.COMPLETED, Outcome.ENDED),
        (State.NO_SHOW, Outcome.ENDED),
        (State.CANCELLED, Outcome.CANCELLED),
        (State.EXPIRED, Outcome.CANCELLED),
    ],
)
def test_every_state_has_its_answer(state: State, expected: Outcome | None) -> None:
    assert fault(START, state=state) is expected


def test_a_stay_that_has_begun_opens_until_it_is_ended() -> None:
    assert fault(END + timedelta(hours=9), state=State.ACTIVE) is None


def test_the_early_margin_waits_for_the_booking_before() -> None:
    assert fault(START - TICK, is_taken=True) is Outcome.NOT_YET
    assert fault(START, is_taken=True) is None


@pytest.mark.parametrize(
    ("reader", "expected"),
    [
        (Reader(9, 1, 11), None),
        (Reader(9, 1, None), None),
        (Reader(9, 1, 12), Outcome.WRONG_SPACE),
        (Reader(9, 2, 11), Outcome.WRONG_SPACE),
        (Reader(9, 2, None), Outcome.WRONG_SPACE),
    ],
)
def test_a_booking_opens_its_own_bay(reader: Reader, expected: Outcome | None) -> None:
    assert booking_fault(BOOKING, reader, START) is expected
    assert token_fault(claims(START), reader, START) is expected


def test_a_token_ends_at_its_very_expiry() -> None:
    token = claims(START)
    assert token_fault(token, READER, token.expires_at - TICK) is None
    assert token_fault(token, READER, token.expires_at) is Outcome.EXPIRED


def test_a_token_that_was_used_is_refused_last() -> None:
    def judged(now: datetime, booking: Booking | None = BOOKING, **other: int) -> Outcome:
        return judge_token(claims(now, **other), booking, READER, now, is_used=True)

    assert judged(START) is Outcome.ALREADY_USED
    assert judged(START - timedelta(hours=1)) is Outcome.NOT_YET
    assert judged(END + timedelta(hours=1)) is Outcome.ENDED
    assert judged(START, None) is Outcome.CANCELLED


def test_a_token_of_the_bay_before_the_move_is_of_the_wrong_bay() -> None:
    moved = Booking(replace(HELD, space_id=12), 1)
    for reader in (READER, Reader(9, 1, None), Reader(9, 1, 12)):
        outcome = judge_token(claims(START), moved, reader, START, is_used=False)
        assert outcome is Outcome.WRONG_SPACE


def test_good_is_granted() -> None:
    assert judge_token(claims(START), BOOKING, READER, START, is_used=False) is Outcome.GRANTED


def test_every_outcome_has_words_that_fit_a_diagnostic() -> None:
    assert set(WORDS) == set(Outcome)
    assert max(len(in_words(outcome).encode()) for outcome in Outcome) <= 64
