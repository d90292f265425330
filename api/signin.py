"""Sign-in for browsers: two plain forms, and the cookie that keeps a browser signed in.

The refresh token lives in a cookie that no script can read and that goes to `/auth` only; a page's
script keeps the access token in memory and gets it from `POST /auth/refresh`. So nothing that a
stray script could take outlives the page, and there is nothing to store. `SameSite=Strict` and the
check of the origin keep other sites from using the cookie or from signing a browser in.
"""

import secrets
from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from api.forms import FormUnusable, is_same_origin, read_form, safe_next
from api.html import page
from api.languages import language_of
from api.signin_texts import TEXTS, problem_text
from parking.accounts.keys import Keys
from parking.accounts.redeem_code import CodeRejected, redeem_code
from parking.accounts.refresh import refresh
from parking.accounts.request_code import request_code
from parking.accounts.sign_ins import SignedIn
from parking.accounts.sign_out import sign_out_with
from parking.accounts.standings import Standings
from parking.clock import Clock, rfc3339
from parking.errors import BerthError, InvalidInput, TooManyTries, Unauthenticated
from parking.notices.channel import Channel, NoticeNotSent

COOKIE = "berth_refresh"
COOKIE_PATH = "/auth"

_STATUS: dict[type[BerthError], int] = {
    InvalidInput: 400,
    FormUnusable: 400,
    CodeRejected: 403,
    TooManyTries: 429,
    NoticeNotSent: 503,
}


class CrossSite(BerthError):
    """The request was made by a page of another site."""

    code = "CROSS_SITE"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a page shows again: where to go on to, the language, the address."""

    next: str
    language: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class SignIn:
    """The endpoints. `development` only adds a link to the inbox page."""

    keys: Keys
    clock: Clock
    channel: Channel
    standings: Standings
    development: bool = False

    def routes(self) -> list[Route]:
        """`/signin`, `/signin/code`, `/auth/refresh` and `/auth/signout`."""
        return [
            Route("/signin", self.address_page, methods=["GET"], name="signin"),
            Route("/signin", self.send_code, methods=["POST"]),
            Route("/signin/code", self.enter_code, methods=["POST"]),
            Route("/auth/refresh", self.refresh, methods=["POST"]),
            Route("/auth/signout", self.sign_out, methods=["POST"]),
        ]

    async def address_page(self, request: Request) -> Response:
        """The form for the address."""
        chosen = request.query_params.get("lang")
        next_path = safe_next(request.query_params.get("next", "/"))
        return self._page(request, "address", _Asked(next_path, language_of(request, chosen)))

    async def send_code(self, request: Request) -> Response:
        """Send the code, and show the form for it. A page sent again sends no second code."""
        asked = _Asked("/", language_of(request))
        try:
            form = await _own_form(request)
            asked = _asked(request, form)
            sent = await request_code(
                asked.address,
                _source(request),
                clock=self.clock,
                keys=self.keys,
                channel=self.channel,
                locale=asked.language,
                idempotency_key=form.get("key") or None,
            )
        except BerthError as error:
            return self._page(request, "address", asked, error)
        return self._page(request, "code", _Asked(asked.next, asked.language, sent.address))

    async def enter_code(self, request: Request) -> Response:
        """Redeem the code: set the cookie and go on."""
        asked = _Asked("/", language_of(request))
        try:
            form = await _own_form(request)
            asked = _asked(request, form)
            signed_in = await redeem_code(
                asked.address,
                form.get("code", ""),
                _source(request),
                clock=self.clock,
                keys=self.keys,
                locale=asked.language,
                idempotency_key=form.get("key") or None,
            )
        except BerthError as error:
            return self._page(request, "code" if asked.address else "address", asked, error)
        target = request.scope.get("root_path", "") + asked.next
        response = RedirectResponse(target, status_code=303, headers={"Cache-Control": "no-store"})
        self._set_cookie(request, response, signed_in)
        return response

    async def refresh(self, request: Request) -> Response:
        """A new access token for the cookie, which is renewed: `{accessToken, accessExpiresAt}`.

        204 without a cookie: nobody is signed in here. 401 with one that is not good any more, 403
        from another site's page.
        """
        if not is_same_origin(request):
            return _failure(403, CrossSite("this works from this site's own pages only"))
        if COOKIE not in request.cookies:
            return Response(status_code=204, headers={"Cache-Control": "no-store"})
        try:
            signed_in = await refresh(
                request.cookies[COOKIE],
                clock=self.clock,
                keys=self.keys,
                standings=self.standings,
            )
        except Unauthenticated as error:
            response: Response = _failure(401, error)
            _drop_cookie(request, response)
            return response
        answer = {
            "accessToken": signed_in.access_token,
            "accessExpiresAt": rfc3339(signed_in.access_expires_at),
            "person": {"name": signed_in.person.name, "locale": signed_in.person.locale},
        }
        response = JSONResponse(answer, headers={"Cache-Control": "no-store"})
        self._set_cookie(request, response, signed_in)
        return response

    async def sign_out(self, request: Request) -> Response:
        """End the cookie's sign-in, on the server too. Answers 204 also when there was none."""
        if not is_same_origin(request):
            return _failure(403, CrossSite("this works from this site's own pages only"))
        if COOKIE in request.cookies:
            await sign_out_with(request.cookies[COOKIE], clock=self.clock, standings=self.standings)
        response = Response(status_code=204, headers={"Cache-Control": "no-store"})
        _drop_cookie(request, response)
        return response

    def _page(
        self,
        request: Request,
        step: Literal["address", "code"],
        asked: _Asked,
        error: BerthError | None = None,
    ) -> Response:
        response = page(
            "signin.html",
            200 if error is None else _STATUS.get(type(error), 403),
            root=request.scope.get("root_path", ""),
            step=step,
            asked=asked,
            other="en" if asked.language == "zh" else "zh",
            texts=TEXTS[asked.language],
            problem=None if error is None else problem_text(error, asked.language),
            key=secrets.token_urlsafe(12),
            development=self.development,
        )
        if isinstance(error, TooManyTries):
            response.headers["Retry-After"] = str(error.retry_after_seconds)
        return response

    def _set_cookie(self, request: Request, response: Response, signed_in: SignedIn) -> None:
        lifetime = signed_in.refresh_expires_at - self.clock.now()
        response.set_cookie(
            COOKIE,
            signed_in.refresh_token,
            max_age=int(lifetime.total_seconds()),
            path=_cookie_path(request),
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )


async def _own_form(request: Request) -> dict[str, str]:
    if not is_same_origin(request):
        raise CrossSite("this form was sent by a page of another site")
    return await read_form(request)


def _asked(request: Request, form: dict[str, str]) -> _Asked:
    language = language_of(request, form.get("lang"))
    return _Asked(safe_next(form.get("next", "/")), language, form.get("address", ""))


def _source(request: Request) -> str:
    return request.client.host if request.client else ""


def _cookie_path(request: Request) -> str:
    return str(request.scope.get("root_path", "")) + COOKIE_PATH


def _drop_cookie(request: Request, response: Response) -> None:
    response.delete_cookie(
        COOKIE,
        path=_cookie_path(request),
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def _failure(status: int, error: BerthError) -> JSONResponse:
    body = {"error": {"code": error.code, "message": error.message}}
    return JSONResponse(body, status, headers={"Cache-Control": "no-store"})
