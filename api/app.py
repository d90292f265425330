"""The ASGI application: GraphQL on the short way, everything else through Starlette's routes."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.graphql.problems import RETRY_SECONDS
from api.health import Check, health_routes
from api.metrics import Source, metrics_route
from parking.storage.faults import Contended, Unreachable

log = logging.getLogger(__name__)

GRAPHQL_PATH: Final = "/graphql"
STATIC = Path(__file__).parent / "static"
PREFLIGHT_SECONDS = 600
"""How long a browser may keep the answer to a preflight request."""

PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""Content security policy of our pages: nothing inline, nothing from elsewhere, no framing."""

PAGE_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"content-security-policy", PAGE_POLICY.encode()),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), geolocation=(self), microphone=()"),
)


def build_app(
    graphql: ASGIApp | None,
    routes: Sequence[BaseRoute] = (),
    checks: Sequence[Check] = (),
    sources: Sequence[Source] = (),
    metrics_token: str | None = None,
    allowed_origins: Sequence[str] = (),
) -> ASGIApp:
    """The application of one process.

    `routes` are pages and sign-in; `graphql` is None in a process that only answers probes.
    """
    every: list[BaseRoute] = [*health_routes(checks), metrics_route(sources, metrics_token)]
    every += routes
    every.append(Mount("/static", StaticFiles(directory=STATIC), name="static"))
    pages: ASGIApp = _PageHeaders(Starlette(routes=every, exception_handlers=_HANDLERS))
    app = pages if graphql is None else _Fork(graphql, pages)
    return _shared_with(app, allowed_origins) if allowed_origins else app


async def _database_away(_: Request, error: Exception) -> Response:
    log.warning("the database cannot be used: %s", error)
    told = "The database cannot be used now; try again in a few seconds.\n"
    headers = {"retry-after": str(RETRY_SECONDS), "cache-control": "no-store"}
    return PlainTextResponse(told, 503, headers)


_HANDLERS: Final = {Contended: _database_away, Unreachable: _database_away}


def _shared_with(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """Let pages of these origins call. No cookies: they authenticate with tokens."""
    return CORSMiddleware(
        app,
        allow_origins=list(origins),
        allow_methods=["GET", "POST"],
        allow_headers=["authorization", "content-type"],
        expose_headers=["retry-after"],
        max_age=PREFLIGHT_SECONDS,
    )


class _Fork:
    """GraphQL past all middleware: it is what is called ten thousand times a second, and its
    transports need the server's own `send`."""

    def __init__(self, graphql: ASGIApp, pages: ASGIApp) -> None:
        self._graphql = graphql
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan" and scope["path"] == GRAPHQL_PATH:
            await self._graphql(scope, receive, send)
        else:
            await self._pages(scope, receive, send)


class _PageHeaders:
    """Adds `PAGE_HEADERS` to answers that do not bring their own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(header for header in PAGE_HEADERS if header[0] not in own),
                ]
            await send(message)

        await self._app(scope, receive, with_headers)
