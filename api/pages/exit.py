"""`/x/{code}`: the page behind the code at a place's exits (CLAIMS A12, A22). Who types a vehicle
code sees what leaving costs now, which rights lower it and why these; one touch redeems them and
opens the way. Each step is a form, so it works without scripts; with them the price stays the
present one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.forms import read_form
from api.pages.asking import Data
from api.pages.booking import LINK_HEADERS, page_language
from api.pages.booking_words import Words
from api.pages.driver import Drawn, DriverPage, below, draw, missing, problem_of, words_of
from api.pages.exit_operations import CANCEL, EXIT, PLAN, REDEEM
from api.pages.exit_texts import TEXTS
from api.pages.exit_view import plan_view
from parking.clock import Clock
from parking.errors import BerthError
from parking.rights.limits import PER_STAY_LIMIT

CODE_CHARACTERS_MAX = 64
SENT_FIELDS = ("key", "code", "vehicle", "redemptions")
RENEW_SECONDS = 30
"""How often the page's script asks for the present price."""
LOOK_SECONDS = 10
"""How often it asks how far the lock is."""
MOVING = "gate_moving"
GATE_TEXTS = {
    None: "gate_none",
    "DONE": "gate_open",
    "FAILED": "gate_failed",
    "EXPIRED": "gate_failed",
}
"""By the state of the order to the lock."""

Step: TypeAlias = Callable[[Request, "Shown", Data], Awaitable[Drawn]]


@dataclass(frozen=True, slots=True)
class Shown:
    """The place behind the code, and the words for it."""

    place: Data
    words: Words
    path: str


@dataclass(frozen=True, slots=True)
class ExitPages:
    """The endpoints."""

    page: DriverPage
    clock: Clock

    def routes(self) -> list[Route]:
        """The page and its forms. A form's address that is only looked at leads to the page."""
        base = "/x/{code:str}"
        steps: dict[str, Step] = {"": self.plan, "/use": self.redeem, "/cancel": self.cancel}
        return [
            Route(base, self.show, methods=["GET"], name="exit"),
            *(Route(base + at, self._step(do), methods=["POST"]) for at, do in steps.items()),
            *(Route(base + at, self._back, methods=["GET"]) for at in steps if at),
        ]

    async def show(self, request: Request) -> Response:
        """The form for the vehicle code."""
        shown = await self._shown(request)
        if shown is None:
            return missing(request, TEXTS)
        return draw(request, shown.words, _drawn(shown, "ask", {}))

    async def plan(self, request: Request, shown: Shown, form: Data) -> Drawn:
        """What leaving costs now."""
        sent = await self.page.sent(request, form)
        code = request.path_params["code"]
        planned = await self.page.do(request, sent, PLAN, code=code)
        view = plan_view(planned["plan"], shown.words, self.clock.now())
        drawn = _drawn(shown, "plan", form, plan=view, renew_seconds=RENEW_SECONDS)
        return replace(drawn, again=(shown.path, _sent(form)))

    async def redeem(self, request: Request, shown: Shown, form: Data) -> Drawn:
        """Use the rights, and open the way."""
        sent = await self.page.sent(request, form)
        code = request.path_params["code"]
        done = await self.page.do(request, sent, REDEEM, code=code, key=sent.key)
        view = plan_view(done["plan"], shown.words, self.clock.now())
        gate = GATE_TEXTS.get(done["lock"], MOVING)
        drawn = _drawn(
            shown,
            "done",
            form | {"key": sent.key},
            plan=view,
            gate=shown.words(gate, bay=view.bay),
            renew_seconds=LOOK_SECONDS if gate == MOVING else None,
            redemptions=" ".join(each["id"] for each in done["redemptions"]),
        )
        return replace(drawn, again=(f"{shown.path}/use", _sent(form | {"key": sent.key})))

    async def cancel(self, request: Request, shown: Shown, form: Data) -> Drawn:
        """Take back what was used, one right after the other, and show the price again."""
        sent = await self.page.sent(request, form)
        wanted = form.get("redemptions", "").split()[:PER_STAY_LIMIT]
        for number, redemption in enumerate(wanted):
            await self.page.do(request, sent, CANCEL, id=redemption, key=f"{sent.key}-{number}")
        drawn = await self.plan(request, shown, form)
        return replace(drawn, values=drawn.values | {"step": "cancelled"})

    def _step(self, do: Step) -> Callable[[Request], Awaitable[Response]]:
        """A refusal is told above the form for the vehicle code."""

        async def handle(request: Request) -> Response:
            shown = await self._shown(request)
            if shown is None:
                return missing(request, TEXTS)
            form: Data = {}
            try:
                form = await read_form(request)
                drawn = await do(request, shown, form)
            except BerthError as error:
                drawn = _drawn(shown, "ask", form)
                drawn = replace(drawn, problem=problem_of(error, shown.words))
            return draw(request, shown.words, drawn)

        return handle

    async def _shown(self, request: Request) -> Shown | None:
        code = request.path_params["code"]
        if len(code) > CODE_CHARACTERS_MAX:
            return None
        offer: Data | None = await self.page.asking.ask(request, EXIT, {"code": code})
        if offer is None:
            return None
        place = offer["place"]
        return Shown(place, words_of(request, place["timeZone"], TEXTS), below("x", code))

    async def _back(self, request: Request) -> Response:
        path = below("x", request.path_params["code"])
        target = f"{request.scope.get('root_path', '')}{path}?lang={page_language(request)}"
        return RedirectResponse(target, status_code=303, headers=LINK_HEADERS)


def _drawn(shown: Shown, step: str, form: Data, **values: object) -> Drawn:
    told: Data = {"step": step, "place": shown.place, "form": form, "renew_seconds": None}
    return Drawn("exit.html", shown.path, values=told | {"redemptions": ""} | values)


def _sent(form: Data) -> Data:
    """The form's own fields; others that were sent are not sent again."""
    return {name: form[name] for name in SENT_FIELDS if name in form}
