"""What the pages for a driver with a vehicle code have alike: `/g/{code}` and `/x/{code}`; how they
are drawn, so are those of shared positions.

Such a page's address is no secret, it is printed on a wall; what a form does, it does by the
vehicle code typed into it, or as whoever is signed in: then the page's script sends the form with
their token. No cookie is looked at, so no other site can send a form in somebody's name.
"""

import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from api.html import render
from api.languages import number_locale_of
from api.pages.asking import Asking, Bearers, Data, Refused, outcome
from api.pages.booking import LINK_HEADERS, page_language, page_values
from api.pages.booking_words import Texts, Words
from api.right_words import stretch_text
from parking.errors import BerthError, InvalidInput, TooManyTries, Unauthenticated
from schema.context import Asker
from schema.execution import Unauthenticated as BadCredentials

TOO_MANY = TooManyTries.code
MINUTE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was sent: which page it belongs to, its fields, and by whom."""

    form: Data
    asker: Asker | None

    @property
    def key(self) -> str:
        """The idempotency key; a form sent again brings the same."""
        return self.form.get("key") or secrets.token_urlsafe(12)

    @property
    def vehicle(self) -> Data:
        """A `VehicleProofInput`. Raises InvalidInput `VEHICLE_NEEDED` where nothing is told."""
        if self.form.get("vehicle"):
            return {"vehicleId": self.form["vehicle"]}
        code = self.form.get("code", "").strip()
        if not code:
            raise InvalidInput("code", "type your vehicle code", code="VEHICLE_NEEDED")
        return {"code": code}


@dataclass(frozen=True, slots=True)
class DriverPage:
    """Asks and draws for one such page."""

    asking: Asking
    bearers: Bearers

    async def sent(self, request: Request, form: Data) -> Sent:
        """The form with its sender. Raises Unauthenticated for a token that is not good."""
        try:
            return Sent(form, await self.bearers.asker_of(request))
        except BadCredentials as error:
            raise Unauthenticated(str(error)) from error

    async def do(self, request: Request, sent: Sent, document: str, **variables: Any) -> Data:
        """The outcome of a mutation. Raises `Refused`."""
        given = {"vehicle": sent.vehicle, **variables}
        if sent.asker is None:
            return outcome(await self.asking.ask(request, document, given))
        return outcome(await self.asking.ask_as(sent.asker, document, given))


def words_of(request: Request, time_zone: str, texts: Texts) -> Words:
    """The words of the reader's language, with times in that zone."""
    language = page_language(request)
    locale = number_locale_of(request, language, request.query_params.get("lang"))
    return Words(language, ZoneInfo(time_zone), locale, texts)


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong: its stable code, and the words for it."""

    code: str
    text: str
    retry_after_seconds: int | None = None

    @property
    def field(self) -> str:
        """The field that it is about: an element's id, or empty."""
        return FIELD_OF.get(self.code, "")

    @property
    def status_code(self) -> int:
        """Of the answer."""
        return STATUS_OF.get(self.code, 409)

    @property
    def headers(self) -> dict[str, str]:
        """Of the answer."""
        retry = self.retry_after_seconds
        return {} if retry is None else {"Retry-After": str(retry)}


FIELD_OF = {
    "UNKNOWN_VEHICLE_CODE": "code",
    "VEHICLE_NEEDED": "code",
    TOO_MANY: "code",
    "REFERENCE_NEEDED": "reference",
    "REFERENCE_USED": "reference",
    "PASSCODE_NEEDED": "passcode",
    "WRONG_PASSCODE": "passcode",
    "POSITION_NEEDED": "position",
    "UNTIL_NEEDED": "until",
}
STATUS_OF = {TOO_MANY: 429, Unauthenticated.code: 401}


def problem_of(error: BerthError, words: Words, **values: str) -> Problem:
    """The refusal in the reader's words; `values` are what texts may name."""
    own = words(error.code, **values) if words.has(error.code) else ""
    text = own or words.refusal(error.code, error.message)
    if error.code != TOO_MANY:
        return Problem(error.code, text)
    seconds = _wait_seconds(error)
    minutes = max(1, -(-seconds // MINUTE_SECONDS))
    wait = words("try_again", time=stretch_text(minutes, words.language))
    return Problem(error.code, f"{text} {wait}", seconds)


def _wait_seconds(error: BerthError) -> int:
    if isinstance(error, TooManyTries):
        return error.retry_after_seconds
    told = error.told if isinstance(error, Refused) else {}
    return int(told.get("retryAfterSeconds", MINUTE_SECONDS))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page to be drawn: `path` is where its forms go, `again` the form that would draw this very
    page once more (in the other language), if looking would not."""

    template: str
    path: str
    again: tuple[str, Data] | None = None
    problem: Problem | None = None
    values: Data = field(default_factory=dict)


def draw(request: Request, words: Words, drawn: Drawn) -> Response:
    """The page; told to nobody and kept nowhere, as it may hold a vehicle code."""
    problem = drawn.problem
    headers = LINK_HEADERS | (problem.headers if problem else {})
    values = page_values(request, words)
    return render(
        drawn.template,
        headers,
        problem.status_code if problem else 200,
        **values,
        path=values["root"] + drawn.path,
        again=drawn.again and (values["root"] + drawn.again[0], drawn.again[1]),
        problem=problem,
        key=secrets.token_urlsafe(12),
        **drawn.values,
    )


def missing(request: Request, texts: Texts) -> Response:
    """The same for a code that never was, and for one that is no more."""
    words = Words(page_language(request), ZoneInfo("UTC"), texts=texts)
    return render("booking_missing.html", LINK_HEADERS, 404, **page_values(request, words))


def below(letter: str, code: str) -> str:
    """The path of a code's page."""
    return f"/{letter}/{quote(code, safe='')}"
