"""`/b/{token}`: the driver's page of one booking. The link is the key to it: who has it may do what
the booking's driver may, with this booking. So it is not indexed, not kept, and never told to
another site. It works without scripts; with them it is live.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.forms import read_form
from api.html import render
from api.languages import language_of, number_locale_of
from api.pages import booking_operations as operations
from api.pages.asking import Asking, Data, Refused, outcome
from api.pages.booking_arrival import told_arrival
from api.pages.booking_texts import TEXTS
from api.pages.booking_view import View, view_of, wanted_end
from api.pages.booking_words import Words
from parking.accounts.texts import LOCALES
from parking.clock import Clock, rfc3339
from parking.errors import BerthError, InvalidInput, NotFound

LINK_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
"""Of every answer below a link: the address is a secret (W3C TAG, capability URLs)."""

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class BookingPages:
    """The endpoints. They need no check of where a form comes from: nothing but the address, which
    another site does not know, gives them any right."""

    asking: Asking
    clock: Clock

    def routes(self) -> list[Route]:
        """`/b/{token}` and what its forms call."""
        posts: dict[str, Handler] = {
            "extend": self.quote_extension,
            "extend/confirm": self.extend,
            "confirm": self.confirm,
            "cancel": self.cancel,
            "qr": self.show_code,
            "key": self.renew_key,
            "lock": self.move_lock,
            "arrive": self.arrive,
            "erase": self.erase_guest,
        }
        base = "/b/{token:str}"
        return [
            Route(base, self.show, methods=["GET"], name="booking"),
            Route(f"{base}/cancel", self.ask_cancel, methods=["GET"]),
            *(Route(f"{base}/{at}", self._form(do), methods=["POST"]) for at, do in posts.items()),
        ]

    async def show(self, request: Request) -> Response:
        """The booking as it is now."""
        return await self._page(request)

    async def ask_cancel(self, request: Request) -> Response:
        """What would be given back, before anything is cancelled."""
        return await self._page(request, step="cancel")

    async def quote_extension(self, request: Request) -> Response:
        """The price of a longer stay; it is confirmed by the next form."""
        form = await read_form(request)
        booking = await self._booking(request)
        try:
            wanted = wanted_end(form.get("until", ""), ZoneInfo(booking["place"]["timeZone"]))
            ends_at = rfc3339(wanted)
        except (ValueError, OverflowError):
            raise InvalidInput("until", "expected a date and a time") from None
        quoted = await self._do(request, operations.QUOTE_EXTENSION, form, endsAt=ends_at)
        return await self._page(request, step="extend", quote=quoted)

    async def extend(self, request: Request) -> Response:
        """Accept the price."""
        form = await read_form(request)
        await self._do(request, operations.EXTEND, form, quoteId=form.get("quote", ""))
        return self._back(request, "extended")

    async def confirm(self, request: Request) -> Response:
        """Make the hold a booking, and pay for it."""
        await self._do(request, operations.CONFIRM, await read_form(request))
        return self._back(request, "confirmed")

    async def cancel(self, request: Request) -> Response:
        """Cancel, by the terms."""
        await self._do(request, operations.CANCEL, await read_form(request))
        return self._back(request, "cancelled")

    async def show_code(self, request: Request) -> Response:
        """The page with the next QR on it: a code is made by asking for it, never by looking."""
        return await self._page(request, has_code=True)

    async def renew_key(self, request: Request) -> Response:
        """A new number, on this very answer and never again."""
        done = await self._do(request, operations.RENEW_KEY, await read_form(request))
        if done["number"] is None:  # the form was sent again
            return self._back(request, "")
        return await self._page(request, step="key", number=done["number"])

    async def move_lock(self, request: Request) -> Response:
        """Lower or raise the lock."""
        form = await read_form(request)
        target = "RAISED" if form.get("target") == "RAISED" else "LOWERED"
        await self._do(request, operations.MOVE_LOCK, form, target=target)
        return self._back(request, target.lower())

    async def arrive(self, request: Request) -> Response:
        """The guest of a merchant's order is there."""
        done = await self._do(request, operations.ARRIVE, await read_form(request))
        return self._back(request, f"arrived_{done['outcome']}")

    async def erase_guest(self, request: Request) -> Response:
        """Forget the guest's name, phone and plate, once the visit is over."""
        await self._do(request, operations.ERASE_GUEST, await read_form(request))
        return self._back(request, "erased")

    def _form(self, do: Handler) -> Handler:
        """A refusal is told on the page itself."""

        async def handle(request: Request) -> Response:
            try:
                return await do(request)
            except NotFound:
                return missing(request)
            except BerthError as error:
                return await self._page(request, error=error)

        return handle

    async def _do(self, request: Request, document: str, form: Data, **more: Any) -> Data:
        variables = {
            "token": request.path_params["token"],
            "key": form.get("key") or secrets.token_urlsafe(12),
            **more,
        }
        return outcome(await self.asking.ask(request, document, variables))

    async def _booking(self, request: Request) -> Data:
        variables = {"token": request.path_params["token"]}
        booking: Data | None = await self.asking.ask(request, operations.BOOKING, variables)
        if booking is None:
            raise NotFound("there is no such booking")
        return booking

    async def _qr(self, request: Request, booking: Data) -> Data | None:
        """The next code; none where it would open nothing, or where too many were asked for."""
        if not (booking["isOpen"] and booking["hasReader"]):
            return None
        try:
            return await self._do(request, operations.REFRESH_QR, {})
        except BerthError:  # the page says so itself, or shows the way to try again
            return None

    async def _page(
        self,
        request: Request,
        *,
        error: BerthError | None = None,
        has_code: bool = False,
        **more: Any,
    ) -> Response:
        try:
            booking = await self._booking(request)
        except NotFound:
            return missing(request)
        qr = await self._qr(request, booking) if has_code else None
        language = page_language(request, guest_language(booking))
        locale = number_locale_of(request, language, request.query_params.get("lang"))
        view = view_of(booking, qr, language, self.clock.now(), locale)
        problem = "" if error is None else problem_text(error, view.words)
        values = {"step": "", "quote": None, "number": "", **more}
        return render(
            "booking.html",
            LINK_HEADERS,
            200 if error is None else 409,
            **page_values(request, view.words),
            view=view,
            problem=problem,
            way_out=way_out(error, request.scope.get("root_path", "")),
            done=_done(request.query_params.get("done", ""), view),
            key=secrets.token_urlsafe(12),
            **values,
        )

    def _back(self, request: Request, done: str) -> Response:
        """To the page itself, so that reloading it sends no form again."""
        asked = f"?done={done}&lang={page_language(request)}"
        target = f"{link_of(request)}{asked}"
        return RedirectResponse(target, status_code=303, headers=LINK_HEADERS)


def problem_text(error: BerthError, words: Words) -> str:
    """What went wrong; of money also how much."""
    told = error.told if isinstance(error, Refused) else {}
    for name in ("missing", "owed"):
        if told.get(name):
            return words(f"money_{name}", amount=words.money(told[name]))
    return words.refusal(error.code, error.message)


def way_out(error: BerthError | None, root: str) -> tuple[str, str] | None:
    """Where the driver can do something about it: its word, and the address. Only https leads out
    of here, whatever a rail says."""
    told = error.told if isinstance(error, Refused) else {}
    url = told.get("url") or ""
    if url.startswith("https://"):
        return "pay_agree", url
    money = told.get("missing") or told.get("owed")
    if money:
        asked = urlencode({"amount": money["amountMinor"], "currency": money["currency"]})
        return "pay_wallet", f"{root}/wallet?{asked}"
    return ("pay_wallet", f"{root}/wallet") if "reason" in told else None


def link_of(request: Request) -> str:
    """The path of the booking's page."""
    return f"{request.scope.get('root_path', '')}/b/{request.path_params['token']}"


def page_language(request: Request, guest: str = "") -> str:
    """The language chosen by `?lang=`, else the one that is known to be the guest's, else the
    browser's."""
    chosen = request.query_params.get("lang")
    return language_of(request, chosen if chosen in LOCALES else guest)


def guest_language(booking: Data) -> str:
    """What the merchant said that its guest speaks; empty where it said nothing."""
    return "" if booking["order"] is None else str(booking["order"]["locale"])


def page_values(request: Request, words: Words) -> Data:
    """What the templates below a link all need."""
    language = words.language
    return {
        "root": request.scope.get("root_path", ""),
        "link": link_of(request) if "token" in request.path_params else "",
        "asked_language": f"?lang={language}",
        "language": language,
        "other": "en" if language == "zh" else "zh",
        "t": words,
    }


def sheet_links(link: str, document: str, asked_language: str, *, has_data: bool = False) -> Data:
    """What `sheet.html` needs besides, for a document below a booking's link."""
    return {
        "file_path": f"{link}/{document}",
        "back_path": f"{link}{asked_language}",
        "has_data": has_data,
        "is_signed": False,
    }


def missing(request: Request) -> Response:
    """The same for a link that never was, and for one that was renewed."""
    words = Words.of(page_language(request))
    return render("booking_missing.html", LINK_HEADERS, 404, **page_values(request, words))


def _done(done: str, view: View) -> str:
    """What to say after a form; only what the booking itself bears out."""
    booking, words = view.booking, view.words
    if done == "extended":
        return words("done_extended", until=words.time(booking["endsAt"]))
    if done == "erased" and booking["order"] is not None and not booking["order"]["mayEraseGuest"]:
        return words("done_erased")
    if done.startswith("arrived_"):
        return told_arrival(done, booking, words)
    if done == "confirmed" and booking["state"] in {"CONFIRMED", "ACTIVE"}:
        return words("done_confirmed")
    if done == "cancelled" and booking["refund"] is not None:
        return words("done_cancelled", amount=words.money(booking["refund"]))
    key = f"done_{done}"
    return words(key) if done in {"lowered", "raised"} and key in TEXTS[words.language] else ""
