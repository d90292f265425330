"""`/i/{code}`: the page of an invitation to be shown where somebody's car stands, or to show one's
own (CLAIMS E1, E10). Whoever has the address reads who asks and what for; to answer, one signs in,
and the page's script sends the form in one's name.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.forms import read_form
from api.pages.asking import Asking, Bearers, Data, outcome
from api.pages.booking import LINK_HEADERS, page_language
from api.pages.driver import Drawn, below, draw, missing, problem_of, words_of
from api.pages.finding_operations import ACCEPT_INVITATION, DECLINE_INVITATION, INVITATION
from api.pages.invitation_texts import TEXTS
from api.pages.signed import sent_by
from parking.errors import BerthError, InvalidInput, NotFound

ASKED, DONE = "invitation.html", "invitation_done.html"
SCOPES = ("ONE_STAY", "UNTIL", "ALWAYS")
UTC = "UTC"

Step: TypeAlias = Callable[[Request, Data], Awaitable[Drawn]]


@dataclass(frozen=True, slots=True)
class InvitationPages:
    """The endpoints."""

    asking: Asking
    bearers: Bearers

    def routes(self) -> list[Route]:
        """The page and its forms. A form's address that is only looked at leads to the page."""
        base = "/i/{code:str}"
        steps: dict[str, Step] = {"/accept": self.accept, "/decline": self.decline}
        return [
            Route(base, self.show, methods=["GET"], name="invitation"),
            *(Route(base + at, self._step(do), methods=["POST"]) for at, do in steps.items()),
            *(Route(base + at, _back, methods=["GET"]) for at in steps),
        ]

    async def show(self, request: Request) -> Response:
        """Who asks, what for, and how long."""
        return await self._page(request, {})

    async def accept(self, request: Request, form: Data) -> Drawn:
        """Agree, as whoever is signed in."""
        asker = await sent_by(self.bearers, request)
        variables = {
            **_answer(request, form),
            "name": form.get("name", "").strip() or None,
            "reach": reach_of(form),
        }
        done = outcome(await self.asking.ask_as(asker, ACCEPT_INVITATION, variables))
        return _drawn(request, DONE, binding=done["binding"])

    async def decline(self, request: Request, form: Data) -> Drawn:
        """Refuse."""
        asker = await sent_by(self.bearers, request)
        outcome(await self.asking.ask_as(asker, DECLINE_INVITATION, _answer(request, form)))
        return _drawn(request, DONE, binding=None)

    def _step(self, do: Step) -> Callable[[Request], Awaitable[Response]]:
        """A refusal is told on the page itself."""

        async def handle(request: Request) -> Response:
            form: Data = {}
            try:
                form = await read_form(request)
                drawn = await do(request, form)
            except BerthError as error:
                return await self._page(request, form, error)
            return draw(request, words_of(request, UTC, TEXTS), drawn)

        return handle

    async def _page(
        self, request: Request, form: Data, error: BerthError | None = None
    ) -> Response:
        variables = {"token": request.path_params["code"]}
        asked = await self.asking.ask(request, INVITATION, variables)
        if asked is None or (error is not None and error.code == NotFound.code):
            return missing(request, TEXTS)
        words = words_of(request, UTC, TEXTS)
        drawn = _drawn(request, ASKED, asked=asked, form=form, scopes=SCOPES)
        problem = None if error is None else problem_of(error, words)
        return draw(request, words, replace(drawn, problem=problem))


def reach_of(form: Data) -> Data | None:
    """How far a sharer who was asked lets see: a `BindingReachInput`; None where the form does not
    ask that. Raises InvalidInput for what is missing."""
    scope = form.get("scope")
    if scope not in SCOPES:
        return None
    position = form.get("position") if scope == "ONE_STAY" else None
    if scope == "ONE_STAY" and not position:
        raise InvalidInput("position", "choose which car", code="POSITION_NEEDED")
    until = form.get("until", "") if scope == "UNTIL" else None
    if until is not None and not _is_instant(until):
        raise InvalidInput("until", "expected a date and a time", code="UNTIL_NEEDED")
    return {"scope": scope, "positionId": position, "until": until}


def _is_instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _answer(request: Request, form: Data) -> Data:
    key = form.get("key") or secrets.token_urlsafe(12)
    return {"token": request.path_params["code"], "key": key}


def _drawn(request: Request, template: str, **values: object) -> Drawn:
    return Drawn(template, below("i", request.path_params["code"]), values=values)


async def _back(request: Request) -> Response:
    path = below("i", request.path_params["code"])
    target = f"{request.scope.get('root_path', '')}{path}?lang={page_language(request)}"
    return RedirectResponse(target, status_code=303, headers=LINK_HEADERS)
