"""Any authenticated uplink is a sign of life (DEVICES section 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coap_gateway.reporters import sender_of
from parking.devices.health import HealthBook, HealthNote

if TYPE_CHECKING:
    from coap_gateway.stack import Request
    from parking.clock import Clock


class Liveness:
    """Notes who was heard, for the next flush."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.book = HealthBook()

    def heard(self, request: Request) -> HealthNote:
        """Note that the request's sender lives."""
        note = self.news(request)
        self.book.note(note)
        return note

    def news(self, request: Request) -> HealthNote:
        """A note of this moment for the caller to fill, and then to give to `book`."""
        sender = sender_of(request)
        return HealthNote(
            device_id=sender.device_id,
            lifetime_seconds=sender.lifetime_seconds,
            seen_at=self._clock.now(),
            address=request.peer.address[0],
        )
