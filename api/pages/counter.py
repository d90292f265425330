"""`/counter/{id}`: a rotating grant code on a screen at the counter, as large as the screen is.

The page's script asks for each picture with the token of whoever is signed in. How long a picture
is good is told as a span, since the clock of a shop's tablet may be wrong.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from api.html import render
from api.pages.asking import Asking, Bearers, Data, denied
from api.right_words import gift_text
from api.sheets.drawing import Code, Drawing
from api.sheets.matrix import Bearer, matrix_of
from api.sheets.svg import svg_of
from parking.accounts.texts import LOCALES
from parking.clock import Clock
from parking.rights.limits import ROTATION
from schema.execution import Unauthenticated

PICTURE: Final = """
query CounterPicture($id: ID!) {
  node(id: $id) {
    ... on GrantCode {
      state label link
      picture { link renewAt }
      specification { kind value currency } worthMax { amountMinor currency }
      contract { issuerName placeName }
    }
  }
}"""
HEADERS: Final = {"Cache-Control": "no-store"}
MARGIN: Final = timedelta(seconds=5)
"""A picture is taken off the screen so long before nobody takes it any more: whoever scans it still
has to send it."""
SIDE_MM = 100.0


@dataclass(frozen=True, slots=True)
class CounterPages:
    """The endpoints."""

    asking: Asking
    bearers: Bearers
    clock: Clock
    public_url: str | None = None

    def routes(self) -> list[Route]:
        """The screen, and what it shows."""
        return [
            Route("/counter/{id:str}", self.show, methods=["GET"], name="counter"),
            Route("/counter/{id:str}/picture", self.picture, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """The shell, the same for everybody."""
        return render("counter.html", HEADERS, root=request.scope.get("root_path", ""))

    async def picture(self, request: Request) -> Response:
        """The code to be shown now, for who issues it; missing to everybody else."""
        try:
            asker = await self.bearers.asker_of(request)
            if asker is None:
                raise Unauthenticated("send an access token as `Authorization: Bearer …`")
        except Unauthenticated as error:
            return denied(error)
        variables = {"id": request.path_params["id"]}
        found: Data | None = await self.asking.ask_as(asker, PICTURE, variables)
        if not found or found["picture"] is None:
            return PlainTextResponse("there is no such code\n", 404, HEADERS)
        base = self.public_url or str(request.base_url).rstrip("/")
        return JSONResponse(_told(found, base, self.clock.now()), headers=HEADERS)


def _told(code: Data, base_url: str, now: datetime) -> Data:
    """What the screen shows: the picture, until when, and the words around it."""
    renew_at = datetime.fromisoformat(code["picture"]["renewAt"])
    good_until = renew_at + ROTATION - MARGIN
    contract, gift = code["contract"] or {}, code["specification"]
    gift = gift and {**gift, "worthMax": code["worthMax"]}
    return {
        "state": code["state"],
        "label": code["label"],
        "svg": _drawn(base_url + code["picture"]["link"]),
        "renewInMs": _ms(renew_at - now),
        "goodForMs": _ms(good_until - now),
        "place": contract.get("placeName", ""),
        "issuer": contract.get("issuerName", ""),
        "gives": {each: gift_text(gift, each) if gift else "" for each in LOCALES},
    }


def _drawn(link: str) -> str:
    code = Code(0, 0, SIDE_MM, matrix_of(link, Bearer.SCREEN))
    return svg_of(Drawing(SIDE_MM, SIDE_MM, "QR", "en", (code,))).decode()


def _ms(span: timedelta) -> int:
    return max(0, int(span / timedelta(milliseconds=1)))
