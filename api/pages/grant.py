"""`/g/{code}`: the verification page (CLAIMS A6). Who scanned a grant code reads what it gives,
types their vehicle code, and sees what their vehicle holds now. It works without scripts; with them
a signed-in driver chooses the vehicle, and a code that works only near its place learns where the
phone is."""

import math
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.forms import read_form
from api.pages.asking import Data
from api.pages.booking_words import Words
from api.pages.driver import Drawn, DriverPage, below, draw, missing, problem_of, words_of
from api.pages.grant_operations import CLAIM, OFFER
from api.pages.grant_texts import TEXTS
from api.pages.grant_view import OfferView, held_view, offer_view
from parking.errors import BerthError

CODE_CHARACTERS_MAX = 120
"""A public id, or a rotating picture or ticket: more is no code of ours."""
SENT_FIELDS = ("key", "code", "vehicle", "reference", "latitude", "longitude")
"""Those of the form; others that were sent are not sent again."""


@dataclass(frozen=True, slots=True)
class GrantPages:
    """The endpoints."""

    page: DriverPage

    def routes(self) -> list[Route]:
        """The page, and its one form."""
        return [
            Route("/g/{code:str}", self.show, methods=["GET"], name="grant"),
            Route("/g/{code:str}", self.claim, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """What the code gives, and the form."""
        offer = await self._offer(request)
        if offer is None:
            return missing(request, TEXTS)
        return self._form(request, offer, {})

    async def claim(self, request: Request) -> Response:
        """Grant the right to the vehicle, and show what it holds."""
        offer = await self._offer(request)
        if offer is None:
            return missing(request, TEXTS)
        form: Data = {}
        try:
            form = await read_form(request)
            claimed = await self._claim(request, form)
        except BerthError as error:
            return self._form(request, offer, form, error)
        return self._claimed(request, offer, form, claimed)

    async def _offer(self, request: Request) -> Data | None:
        code = request.path_params["code"]
        if len(code) > CODE_CHARACTERS_MAX:
            return None
        found: Data | None = await self.page.asking.ask(request, OFFER, {"code": code})
        return found

    async def _claim(self, request: Request, form: Data) -> Data:
        sent = await self.page.sent(request, form)
        return await self.page.do(
            request,
            sent,
            CLAIM,
            code=request.path_params["code"],
            position=position_of(form),
            reference=form.get("reference", "").strip(),
            key=sent.key,
        )

    def _form(
        self, request: Request, offer: Data, form: Data, error: BerthError | None = None
    ) -> Response:
        words, view = _read(request, offer)
        problem = None if error is None else problem_of(error, words, issuer=offer["issuerName"])
        values = {"view": view, "offer": offer, "form": form, "claimed": None, "held": ()}
        path = below("g", view.claim or request.path_params["code"])
        return draw(request, words, Drawn("grant.html", path, None, problem, values))

    def _claimed(self, request: Request, offer: Data, form: Data, claimed: Data) -> Response:
        words, view = _read(request, offer)
        values = {
            "view": view,
            "offer": offer,
            "form": form,
            "claimed": {
                "is_new": claimed["isNew"],
                "right": held_view(claimed["right"], words),
            },
            "held": [held_view(each, words) for each in claimed["rights"]],
        }
        path = below("g", request.path_params["code"])
        again = {name: form[name] for name in SENT_FIELDS if name in form}
        return draw(request, words, Drawn("grant.html", path, (path, again), None, values))


def position_of(form: Data) -> Data | None:
    """Where the phone says it is: a `PositionInput`; None where it says nothing usable."""
    try:
        latitude, longitude = float(form["latitude"]), float(form["longitude"])
    except (KeyError, ValueError):
        return None
    is_on_earth = abs(latitude) <= 90 and abs(longitude) <= 180
    is_usable = math.isfinite(latitude) and math.isfinite(longitude) and is_on_earth
    return {"latitude": latitude, "longitude": longitude} if is_usable else None


def _read(request: Request, offer: Data) -> tuple[Words, OfferView]:
    words = words_of(request, offer["place"]["timeZone"], TEXTS)
    return words, offer_view(offer, words)
