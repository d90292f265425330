"""`POST /positions/code`: an address that was just given to its maker as a QR, for another phone to
read from the screen.

The address comes in the body, never in a path or query: what is in those is logged. Drawn for who
has signed in only, and only for addresses of pages of this Berth.
"""

import re
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from api.bodies import body_within
from api.pages.asking import Bearers, denied
from parking.access.qr import qr_svg
from parking.locations.tokens import TOKEN_CHARACTERS
from schema.execution import Unauthenticated

PATH: Final = "/positions/code"
BODY_BYTES_MAX: Final = 100
ADDRESS: Final = re.compile(rf"/[ifp]/[a-z2-7]{{{TOKEN_CHARACTERS}}}")
HEADERS: Final = {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer"}


@dataclass(frozen=True, slots=True)
class AddressCodes:
    """The endpoint. `public_url` is where everybody reaches this Berth; without one, codes lead to
    where the request came to."""

    bearers: Bearers
    public_url: str | None = None

    def routes(self) -> list[Route]:
        """One."""
        return [Route(PATH, self.draw, methods=["POST"], name="address_code")]

    async def draw(self, request: Request) -> Response:
        """The code as SVG. 401 without a sign-in, 422 for what is no such address."""
        try:
            await self.bearers.viewer_of(request)
        except Unauthenticated as error:
            return denied(error)
        body = await body_within(request, BODY_BYTES_MAX)
        path = (body or b"").decode("ascii", "replace")
        if not ADDRESS.fullmatch(path):
            told = "Expected the path of an invitation, a link or a right to fetch a car.\n"
            return PlainTextResponse(told, 422, HEADERS)
        base = self.public_url or str(request.base_url).rstrip("/")
        return Response(qr_svg(base + path), 200, HEADERS, "image/svg+xml")
