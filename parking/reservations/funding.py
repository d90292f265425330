"""The port to money: a booking is confirmed when its first amount is secured."""

from dataclasses import dataclass
from typing import Protocol

from parking.errors import Refusal
from parking.reservations.records import ReservationRecord
from parking.storage.sql import Sql


class NotFunded(Refusal):
    """The first amount could not be secured; the hold goes on until it lapses."""

    code = "NOT_FUNDED"


@dataclass(frozen=True, slots=True)
class Secured:
    """How the price is secured: `method` names it; `amount_minor` is what was moved now."""

    method: str
    amount_minor: int


class Funding(Protocol):
    """Secures the price of a booking in the caller's transaction."""

    async def secure(self, sql: Sql, reservation: ReservationRecord) -> Secured:
        """Secure what the booking costs as it stands. Raises `NotFunded`."""
        ...

    async def release(self, sql: Sql, reservation: ReservationRecord, refund_minor: int) -> None:
        """The booking ended before its use; of what was secured `refund_minor` goes back."""
        ...


class DueAtEnd:
    """Nothing moves beforehand: what is due is worked out and recorded, and paid at the end."""

    async def secure(self, sql: Sql, reservation: ReservationRecord) -> Secured:
        return Secured("DUE_AT_END", 0)

    async def release(self, sql: Sql, reservation: ReservationRecord, refund_minor: int) -> None:
        """There is nothing to give back."""


DUE_AT_END: Funding = DueAtEnd()
