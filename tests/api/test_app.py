"""The application: GraphQL past all middleware, pages under a strict policy."""

from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from api.app import build_app
from parking.storage.faults import Unreachable


class Graphql:
    """Remembers the `send` that it was given."""

    def __init__(self) -> None:
        self.sends: list[Send] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.sends.append(send)
        await PlainTextResponse("graphql")(scope, receive, send)


async def hello(_: Any) -> PlainTextResponse:
    return PlainTextResponse("hello")


async def own_policy(_: Any) -> PlainTextResponse:
    return PlainTextResponse("hello", headers={"Content-Security-Policy": "default-src 'none'"})


async def away(_: Any) -> PlainTextResponse:
    raise Unreachable("secret")


ROUTES = [Route("/hello", hello), Route("/own", own_policy), Route("/away", away)]


async def ask(app: ASGIApp, method: str, path: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.request(method, path, headers=headers)


async def test_graphql_gets_the_servers_own_send() -> None:
    """Its transports write frames at once and cut off slow clients through it."""
    graphql, sent = Graphql(), []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": []}
    await build_app(graphql)(scope, None, send)  # type: ignore[arg-type]
    assert graphql.sends == [send]
    assert sent


@pytest.mark.parametrize("path", ["/graphql/", "/graphq", "/"])
async def test_other_paths_are_not_graphqls(path: str) -> None:
    graphql = Graphql()
    assert (await ask(build_app(graphql), "GET", path)).status_code in (307, 404)
    assert not graphql.sends


@pytest.mark.parametrize("path", ["/hello", "/missing", "/healthz"])
async def test_pages_allow_nothing_inline_and_no_framing(path: str) -> None:
    headers = (await ask(build_app(None, ROUTES), "GET", path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


async def test_a_page_may_bring_its_own_policy() -> None:
    headers = (await ask(build_app(None, ROUTES), "GET", "/own")).headers
    assert headers.get_list("content-security-policy") == ["default-src 'none'"]


async def test_static_files_are_served() -> None:
    response = await ask(build_app(None), "GET", "/static/dashboard/main.js")
    assert response.status_code == 200
    assert "javascript" in response.headers["content-type"]


async def test_a_page_says_503_while_the_database_is_away() -> None:
    response = await ask(build_app(None, ROUTES), "GET", "/away")
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")
    assert "secret" not in response.text


async def test_a_static_path_never_leaves_its_folder() -> None:
    assert (await ask(build_app(None), "GET", "/static/..%2fapp.py")).status_code == 404


@pytest.mark.parametrize(
    ("origins", "allowed"), [([], None), (["https://app.example"], "https://app.example")]
)
async def test_other_origins_may_call_only_where_set(
    origins: list[str], allowed: str | None
) -> None:
    app = build_app(Graphql(), allowed_origins=origins)
    asked = {"origin": "https://app.example", "access-control-request-method": "POST"}
    response = await ask(app, "OPTIONS", "/graphql", **asked)
    assert response.headers.get("access-control-allow-origin") == allowed
    strange = await ask(app, "OPTIONS", "/graphql", **{**asked, "origin": "https://evil.example"})
    assert "access-control-allow-origin" not in strange.headers
