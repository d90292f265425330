"""`/f/{code}`: the page of who is to fetch a car (CLAIMS E9, E15): where it stands, who pays, and
the QR that lets it out once. The address is the right; where who fetches pays, one signs in to
agree and to be shown the QR, and the page's script asks in one's name. All else works without
scripts; with them it is live.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.forms import read_form
from api.pages.asking import Asking, Bearers, Data, Refused, outcome
from api.pages.booking import LINK_HEADERS, page_language
from api.pages.driver import Drawn, below, draw, missing, problem_of, words_of
from api.pages.fetching_texts import TEXTS
from api.pages.fetching_view import fetch_view
from api.pages.finding_operations import ACCEPT_FETCHING, FETCHING, FETCHING_QR
from api.pages.signed import sent_by, who_asks
from parking.clock import Clock
from parking.errors import BerthError, NotFound
from schema.context import Asker

UTC = "UTC"

Step: TypeAlias = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class FetchingPages:
    """The endpoints."""

    asking: Asking
    bearers: Bearers
    clock: Clock

    def routes(self) -> list[Route]:
        """The page and its forms. A form's address that is only looked at leads to the page."""
        base = "/f/{code:str}"
        steps: dict[str, Step] = {"/qr": self.show_code, "/accept": self.accept}
        return [
            Route(base, self.show, methods=["GET"], name="fetching"),
            *(Route(base + at, self._step(do), methods=["POST"]) for at, do in steps.items()),
            *(Route(base + at, _back, methods=["GET"]) for at in steps),
        ]

    async def show(self, request: Request) -> Response:
        """The right as it is now. Looking makes no code."""
        return await self._page(request)

    async def show_code(self, request: Request) -> Response:
        """The page with the next QR on it."""
        return await self._page(request, has_code=True)

    async def accept(self, request: Request) -> Response:
        """Agree to pay, as whoever is signed in."""
        form = await read_form(request)
        asker = await sent_by(self.bearers, request)
        variables = {"token": request.path_params["code"], "key": _key(form)}
        outcome(await self.asking.ask_as(asker, ACCEPT_FETCHING, variables))
        return await self._page(request, done="done_agreed")

    def _step(self, do: Step) -> Step:
        """A refusal is told on the page itself."""

        async def handle(request: Request) -> Response:
            try:
                return await do(request)
            except BerthError as error:
                return await self._page(request, error=error)

        return handle

    async def _page(
        self,
        request: Request,
        *,
        error: BerthError | None = None,
        has_code: bool = False,
        done: str = "",
    ) -> Response:
        token = request.path_params["code"]
        asker = await who_asks(self.bearers, request)
        right = await self._ask(request, asker, FETCHING, {"token": token})
        if right is None or (error is not None and error.code == NotFound.code):
            return missing(request, TEXTS)
        words = words_of(request, right["timeZone"], TEXTS)
        qr = await self._qr(request, asker, right) if has_code else None
        view = fetch_view(right, qr, words, self.clock.now())
        lacks = error.told.get("missing") if isinstance(error, Refused) else None
        problem = None if error is None else problem_of(error, words)
        values: Data = {"view": view, "done": done, "lacks": lacks, "is_known": asker is not None}
        return draw(
            request, words, Drawn("fetching.html", below("f", token), None, problem, values)
        )

    async def _ask(
        self, request: Request, asker: Asker | None, document: str, variables: Data
    ) -> Any:
        if asker is None:
            return await self.asking.ask(request, document, variables)
        return await self.asking.ask_as(asker, document, variables)

    async def _qr(self, request: Request, asker: Asker | None, right: Data) -> Data | None:
        """The next code; none where it would open nothing, is for somebody else, or where too many
        were asked for."""
        if not right["hasCode"]:
            return None
        variables: dict[str, Any] = {"token": request.path_params["code"], "key": _key({})}
        try:
            return outcome(await self._ask(request, asker, FETCHING_QR, variables))
        except BerthError:  # the page says so itself, or shows the way to try again
            return None


def _key(form: Data) -> str:
    return form.get("key") or secrets.token_urlsafe(12)


async def _back(request: Request) -> Response:
    path = below("f", request.path_params["code"])
    target = f"{request.scope.get('root_path', '')}{path}?lang={page_language(request)}"
    return RedirectResponse(target, status_code=303, headers=LINK_HEADERS)
