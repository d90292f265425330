"""`/wallet`, `/vehicles` and the like: pages for who is signed in, filled from the schema."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.html import render

HEADERS = {"Cache-Control": "no-cache"}
NAMES = ("wallet", "close", "platform", "vehicles", "rights", "orders", "positions", "refine")
LIVE = frozenset(NAMES) - {"platform"}
"""Those that follow a stream, and say whether they do."""


@dataclass(frozen=True, slots=True)
class Shells:
    """The endpoints. `development` lets the wallet's page fill a wallet from nowhere."""

    development: bool = False

    def routes(self) -> list[Route]:
        """One for each page."""
        return [Route(f"/{name}", self.show, name=name) for name in NAMES]

    async def show(self, request: Request) -> Response:
        """The shell; whatever it shows comes from the schema, for whoever is signed in."""
        name = request.url.path.rpartition("/")[2]
        is_live, development = name in LIVE, self.development
        return render(f"{name}.html", HEADERS, name=name, is_live=is_live, development=development)
