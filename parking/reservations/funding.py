"""The port to money: a booking is confirmed when its first amount is secured.

What goes back of it, and when, is settlement's: it looks for bookings that have ended, however.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Refusal
from parking.events.bus import Bus
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
    """Secures the price of a booking in the caller's transaction.

    A payment rail takes its time and may not answer, so it is never asked inside a transaction:
    whoever confirms or extends first has the money made ready by `prepare`.
    """

    async def prepare(
        self, viewer: Viewer, reservation_ids: Sequence[int], *, clock: Clock, bus: Bus
    ) -> None:
        """Before the transaction that confirms these holds: have their prices ready. Does nothing
        for what is not the viewer's to confirm. Raises `NotFunded`."""
        ...

    async def prepare_extension(
        self, viewer: Viewer, quote_id: int, *, clock: Clock, bus: Bus
    ) -> None:
        """Before the transaction that extends as quoted: have what it adds ready. Does nothing for
        a quote that is not the viewer's or was used. Raises `NotFunded`."""
        ...

    async def secure(self, sql: Sql, reservation: ReservationRecord, at: datetime) -> Secured:
        """Secure what the booking costs as it stands. Raises `NotFunded`."""
        ...


class DueAtEnd:
    """Nothing moves beforehand: what is due is worked out and recorded, and paid at the end."""

    async def prepare(
        self, viewer: Viewer, reservation_ids: Sequence[int], *, clock: Clock, bus: Bus
    ) -> None:
        """There is nothing to have ready."""

    async def prepare_extension(
        self, viewer: Viewer, quote_id: int, *, clock: Clock, bus: Bus
    ) -> None:
        """There is nothing to have ready."""

    async def secure(self, sql: Sql, reservation: ReservationRecord, at: datetime) -> Secured:
        return Secured("DUE_AT_END", 0)


DUE_AT_END: Funding = DueAtEnd()
