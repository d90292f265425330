"""The decision at the reader, pure: is what is shown there good, for this bay, at this instant.

A token's own claims come first (its bay, its age), then the reservation, which is the truth: it
may have been extended, moved or cancelled since the token was made.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from parking.access.cwt import Claims, audience, is_for
from parking.access.rules import EARLY_MARGIN, Claimant
from parking.reservations.models import ReservationState


class Outcome(StrEnum):
    """What came of showing a credential: GRANTED, or the code of the refusal."""

    GRANTED = "GRANTED"
    UNREADABLE = "UNREADABLE"
    UNKNOWN_KEY = "UNKNOWN_KEY"
    BAD_SIGNATURE = "BAD_SIGNATURE"
    EXPIRED = "EXPIRED"
    WRONG_SPACE = "WRONG_SPACE"
    NOT_CONFIRMED = "NOT_CONFIRMED"
    NOT_YET = "NOT_YET"
    CANCELLED = "CANCELLED"
    ENDED = "ENDED"
    ALREADY_USED = "ALREADY_USED"
    WRONG_KEY = "WRONG_KEY"
    UNKNOWN_PLATE = "UNKNOWN_PLATE"
    TOO_MANY_TRIES = "TOO_MANY_TRIES"
    NOT_DELEGATED = "NOT_DELEGATED"


WORDS: Mapping[Outcome, str] = {
    Outcome.GRANTED: "come in",
    Outcome.UNREADABLE: "this is no credential of ours",
    Outcome.UNKNOWN_KEY: "signed by an unknown key",
    Outcome.BAD_SIGNATURE: "the signature is false",
    Outcome.EXPIRED: "this code is too old; show it anew",
    Outcome.WRONG_SPACE: "the booking is of another space",
    Outcome.NOT_CONFIRMED: "the booking is not confirmed yet",
    Outcome.NOT_YET: "the booking has not begun",
    Outcome.CANCELLED: "the booking was cancelled",
    Outcome.ENDED: "the booking is over",
    Outcome.ALREADY_USED: "this code was used; show it anew",
    Outcome.WRONG_KEY: "no booking here has this key",
    Outcome.UNKNOWN_PLATE: "no booking here has this plate",
    Outcome.TOO_MANY_TRIES: "too many tries; wait, or show the QR",
    Outcome.NOT_DELEGATED: "the right to fetch the car is over",
}
"""For the reader's display, in English; together with the code at most 64 bytes of UTF-8."""

_STATES: Mapping[ReservationState, Outcome] = {
    ReservationState.REQUESTED: Outcome.NOT_CONFIRMED,
    ReservationState.PENDING_PAYMENT: Outcome.NOT_CONFIRMED,
    ReservationState.COMPLETED: Outcome.ENDED,
    ReservationState.NO_SHOW: Outcome.ENDED,
    ReservationState.CANCELLED: Outcome.CANCELLED,
    ReservationState.EXPIRED: Outcome.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Where a credential is shown. `space_id` None: a reader for every bay of its place."""

    device_id: int | None
    place_id: int
    space_id: int | None

    @property
    def audience(self) -> str:
        """Which tokens are for it."""
        return audience(self.place_id, self.space_id)

    def serves(self, place_id: int, space_id: int) -> bool:
        """Whether the bay is one of the reader's."""
        return place_id == self.place_id and self.space_id in (None, space_id)


@dataclass(frozen=True, slots=True)
class Booking:
    """A reservation as it stands at the reader. `is_taken`: somebody else's window is not over."""

    claimant: Claimant
    place_id: int
    is_taken: bool = False


def token_fault(claims: Claims, reader: Reader, now: datetime) -> Outcome | None:
    """What is wrong with a proven token itself at this reader; None when nothing is."""
    if not is_for(claims, reader.audience):
        return Outcome.WRONG_SPACE
    if now >= claims.expires_at:
        return Outcome.EXPIRED
    return None


def booking_fault(booking: Booking, reader: Reader, now: datetime) -> Outcome | None:
    """Why a reservation does not let its holder in here and now; None when it does."""
    held = booking.claimant
    if held.state in _STATES:
        return _STATES[held.state]
    if not reader.serves(booking.place_id, held.space_id):
        return Outcome.WRONG_SPACE
    if now < held.starts_at - EARLY_MARGIN:
        return Outcome.NOT_YET
    if held.state is ReservationState.CONFIRMED and now >= held.ends_at:
        return Outcome.ENDED
    if booking.is_taken and now < held.starts_at:
        return Outcome.NOT_YET
    return None


def judge_token(
    claims: Claims, booking: Booking | None, reader: Reader, now: datetime, *, is_used: bool
) -> Outcome:
    """What comes of a proven token. A reservation that is gone counts as cancelled."""
    fault = token_fault(claims, reader, now)
    if fault is None:
        fault = Outcome.CANCELLED if booking is None else booking_fault(booking, reader, now)
    if fault is None and booking is not None and booking.claimant.space_id != claims.space_id:
        fault = Outcome.WRONG_SPACE
    if fault is None and is_used:
        fault = Outcome.ALREADY_USED
    return fault or Outcome.GRANTED


def in_words(outcome: Outcome, opens: str = "") -> str:
    """The outcome as the reader gets it: code and words; `opens` is when the bay will be open."""
    return f"{outcome}: {WORDS[outcome]}" + (f"; from {opens}" if opens else "")
