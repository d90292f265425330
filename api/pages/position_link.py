"""`/p/{code}`: the page of a secure link (CLAIMS E8, E13-E16). Whoever has the address sees where
one car stands, as a snapshot.

Looking at the address alone shows nothing and counts nothing, nor does it tell whether the link
works: messengers fetch it for a preview, and so do scanners of mail. A button shows the position.
What is false, over, taken back or used up is one page. With scripts an open page goes blank as soon
as its link ends.
"""

import secrets
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.forms import read_form
from api.pages.asking import Asking, Data, Refused, outcome
from api.pages.booking_words import Words
from api.pages.driver import Drawn, Problem, below, draw, missing, problem_of, words_of
from api.pages.finding_operations import OPEN_LINK
from api.pages.position_link_texts import TEXTS
from api.pages.position_link_view import link_view
from parking.clock import Clock
from parking.errors import BerthError, NotFound

COVER, SHOWN, CLOSED = "position_cover.html", "position_shown.html", "position_closed.html"
NEEDED, WRONG = "PASSCODE_NEEDED", "WRONG_PASSCODE"
UTC = "UTC"


@dataclass(frozen=True, slots=True)
class PositionLinkPages:
    """The endpoints. No cookie is looked at: nothing but the address gives any right."""

    asking: Asking
    clock: Clock

    def routes(self) -> list[Route]:
        """The page, and its one form."""
        return [
            Route("/p/{code:str}", self.cover, methods=["GET"], name="position_link"),
            Route("/p/{code:str}", self.show, methods=["POST"]),
        ]

    async def cover(self, request: Request) -> Response:
        """The button: the same for every address."""
        words = words_of(request, UTC, TEXTS)
        return draw(request, words, _covered(request, _new_key()))

    async def show(self, request: Request) -> Response:
        """Open the link; a form that is sent again, with its own key, shows the same again."""
        form: Data = {}
        try:
            form = {"shown": _new_key()} | _filled(await read_form(request))
            opened = await self._opened(request, form)
        except BerthError as error:
            return self._declined(request, form, error)
        position = opened["position"]
        zone = position["place"]["timeZone"] if position["place"] else UTC
        words = words_of(request, zone, TEXTS)
        view = link_view(position, words, self.clock.now())
        path = below("p", request.path_params["code"])
        again = {"shown": form["shown"]}  # never the passcode: it would stand in the page
        values = {"view": view, "new": _new_key()}
        return draw(request, words, Drawn(SHOWN, path, (path, again), values=values))

    async def _opened(self, request: Request, form: Data) -> Data:
        variables = {
            "token": request.path_params["code"],
            "code": form.get("passcode", ""),
            "agent": request.headers.get("user-agent", ""),
            "key": form["shown"],
        }
        return outcome(await self.asking.ask(request, OPEN_LINK, variables))

    def _declined(self, request: Request, form: Data, error: BerthError) -> Response:
        words = words_of(request, UTC, TEXTS)
        if error.code == NotFound.code:
            return missing(request, TEXTS)
        tries = error.told.get("triesLeft") if isinstance(error, Refused) else None
        if tries == 0:
            path = below("p", request.path_params["code"])
            return draw(request, words, Drawn(CLOSED, path))
        covered = _covered(request, form.get("shown") or _new_key(), error.code)
        if error.code == NEEDED and "passcode" not in form:
            return draw(request, words, covered)
        return draw(request, words, replace(covered, problem=_problem(error, words, tries)))


def _covered(request: Request, key: str, code: str = "") -> Drawn:
    path = below("p", request.path_params["code"])
    again = (path, {"shown": key}) if code in (NEEDED, WRONG) else None
    values = {"asks_passcode": code in (NEEDED, WRONG), "shown": key}
    return Drawn(COVER, path, again, values=values)


def _filled(form: Data) -> Data:
    """The fields in which there is something; of the passcode also that it was asked for."""
    return {name: value for name, value in form.items() if value or name == "passcode"}


def _problem(error: BerthError, words: Words, tries: int | None) -> Problem:
    return problem_of(error, words, tries="" if tries is None else str(tries))


def _new_key() -> str:
    """Under which one look is counted once."""
    return secrets.token_urlsafe(12)
