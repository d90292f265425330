"""`POST /webhooks/{rail}`: what payment rails tell by themselves.

Answered with 200 as soon as the event is kept, whether it is new or not; a rail repeats what was
not answered so. 400: not signed by the rail, or not now. 413: too long. 404: no such rail here.
"""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from api.bodies import body_within
from parking.clock import Clock
from parking.events.bus import Bus
from parking.reservations.funding import Funding
from parking.settlement.rails.port import WALLET, EventForged, Rails
from parking.settlement.rails.webhooks import receive_event

BODY_BYTES_MAX = 256 * 1024
"""Stripe's largest events are a few tens of kilobytes."""
SIGNATURE_HEADER = "stripe-signature"


class Webhooks:
    """The routes of the rails that send webhooks."""

    def __init__(self, rails: Rails, funding: Funding, clock: Clock, bus: Bus) -> None:
        self._rails = rails
        self._funding = funding
        self._clock = clock
        self._bus = bus

    def routes(self) -> list[Route]:
        """One for each rail but the wallet."""
        names = sorted(name for name in self._rails if name != WALLET)
        return [
            Route(f"/webhooks/{name}", self.receive, methods=["POST"], name=name) for name in names
        ]

    async def receive(self, request: Request) -> Response:
        """Keep and handle one event."""
        body = await body_within(request, BODY_BYTES_MAX)
        if body is None:
            return PlainTextResponse(f"At most {BODY_BYTES_MAX} bytes.\n", 413)
        rail = request.url.path.rpartition("/")[2]
        try:
            is_new = await receive_event(
                rail,
                body,
                request.headers.get(SIGNATURE_HEADER, ""),
                rails=self._rails,
                funding=self._funding,
                clock=self._clock,
                bus=self._bus,
            )
        except EventForged as error:
            return PlainTextResponse(f"{error.message}.\n", 400)
        return PlainTextResponse("Kept.\n" if is_new else "Known.\n")
