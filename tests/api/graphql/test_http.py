"""GraphQL over HTTP beyond the audits: bad bodies, other sites, errors, what is switched off."""

import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api.graphql.app import Settings
from api.graphql.limits import Limits
from parking.storage.faults import Contended, Unreachable
from tests.api.graphql.served import Served, served
from tests.api.graphql.toy import toy_schema

NEW = {"accept": "application/graphql-response+json"}
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Served]:
    limits = Limits(body_bytes_max=20_000, query_string_bytes_max=1_000)
    async with served(limits=limits) as server:
        yield server


def code_of(answer: httpx.Response) -> str:
    return str(answer.json()["errors"][0]["extensions"]["code"])


BAD_BODIES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "BAD_JSON"),
    "null": (b"null", "BAD_REQUEST"),
    "a number": (b"1", "BAD_REQUEST"),
    "a string": (b'"x"', "BAD_REQUEST"),
    "true": (b"true", "BAD_REQUEST"),
    "an empty object": (b"{}", "NO_QUERY"),
    "an empty query": (b'{"query":""}', "NO_QUERY"),
    "half an object": (b'{"query":"{', "BAD_JSON"),
    "trailing text": (b'{"query":"{ hello }"} x', "BAD_JSON"),
    "very deep": (b"[" * 9_000 + b"]" * 9_000, "BAD_JSON"),
    "very deep variables": (
        b'{"query":"{ hello }","variables":' + b'{"a":' * 2_000 + b"1" + b"}" * 2_001,
        "BAD_JSON",
    ),
    "invalid UTF-8": (b'{"query":"\xff"}', "BAD_JSON"),
    "UTF-16": ('{"query":"{ hello }"}'.encode("utf-16"), "BAD_JSON"),
    "a lone surrogate": (b'{"query":"\\ud800"}', "BAD_JSON"),
    "NaN": (b'{"query":"{ hello }","variables":{"a":NaN}}', "BAD_JSON"),
    "a batch": (b'[{"query":"{ hello }"}]', "BATCHING_NOT_SUPPORTED"),
    "an empty batch": (b"[]", "BATCHING_NOT_SUPPORTED"),
    "a bad persisted query": (b'{"extensions":{"persistedQuery":1}}', "BAD_PERSISTED_QUERY"),
}


@pytest.mark.parametrize(("body", "code"), BAD_BODIES.values(), ids=BAD_BODIES)
async def test_a_bad_body_is_a_bad_request(server: Served, body: bytes, code: str) -> None:
    for headers in (JSON, JSON | NEW):
        answer = await server.http.post(server.url, content=body, headers=headers)
        assert (answer.status_code, code_of(answer)) == (400, code)


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_over_the_limit_is_413(server: Served, *, chunked: bool) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b"x" * 1_000

    content: Any = chunks() if chunked else b"x" * 30_000
    answer = await server.http.post(server.url, content=content, headers=JSON)
    assert (answer.status_code, code_of(answer)) == (413, "BODY_TOO_LARGE")


async def test_a_query_string_over_the_limit_is_414(server: Served) -> None:
    answer = await server.http.get(server.url, params={"query": "{ hello }" + " " * 2_000})
    assert answer.status_code == 414


@pytest.mark.parametrize(
    "query_string",
    ["query=%ff", "query={hello}&variables=x", "query={hello}&variables=1", "", "query="],
)
async def test_a_bad_query_string_is_400(server: Served, query_string: str) -> None:
    answer = await server.http.get(f"{server.url}?{query_string}")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=latin-1",
        "application/jsonx",
        "",
    ],
)
async def test_what_browsers_send_without_preflight_is_415(
    server: Served, content_type: str
) -> None:
    body = b'{"query":"mutation { change }"}'
    headers = {"content-type": content_type}
    answer = await server.http.post(server.url, content=body, headers=headers)
    assert (answer.status_code, code_of(answer)) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "graphql-require-preflight": "1"}, 200),
        ({"sec-fetch-site": "cross-site", "content-type": "application/json"}, 200),
        ({"sec-fetch-site": "cross-site", "content-type": "text/plain"}, 403),
    ],
)
async def test_a_get_for_another_sites_page_needs_a_preflight(
    server: Served, headers: dict[str, str], status: int
) -> None:
    params = {"query": "{ hello }"}
    answer = await server.http.get(server.url, params=params, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
async def test_other_methods_are_405(server: Served, method: str) -> None:
    answer = await server.http.request(method, server.url)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("application/json, application/graphql-response+json", "application/json"),
        ("application/graphql-response+json, application/json", NEW["accept"]),
        ("application/json;q=0.5, application/graphql-response+json;q=0.9", NEW["accept"]),
        ("application/graphql-response+json;q=0, */*;q=0.1", "application/json"),
        ("text/html, application/*", "application/json"),
        ("text/event-stream, application/json", "application/json"),
        ("multipart/mixed;subscriptionSpec=1.0, application/json", "application/json"),
    ],
)
async def test_the_answers_media_type_is_the_preferred_one(
    server: Served, accept: str, media: str
) -> None:
    body = {"query": "{ hello }"}
    answer = await server.http.post(server.url, json=body, headers={"accept": accept})
    assert answer.headers["content-type"].startswith(media)


@pytest.mark.parametrize("accept", ["text/plain", "image/png, text/css", "application/json;q=0"])
async def test_nothing_acceptable_is_406(server: Served, accept: str) -> None:
    body = {"query": "{ hello }"}
    answer = await server.http.post(server.url, json=body, headers={"accept": accept})
    assert (answer.status_code, code_of(answer)) == (406, "NOT_ACCEPTABLE")


async def test_a_subscription_needs_a_client_that_takes_a_stream(server: Served) -> None:
    body = {"query": "subscription { count }"}
    answer = await server.http.post(server.url, json=body, headers=NEW)
    assert (answer.status_code, code_of(answer)) == (406, "STREAM_NOT_ACCEPTED")


async def test_bad_credentials_are_401(server: Served) -> None:
    headers = {"authorization": "Bearer bad"}
    answer = await server.http.post(server.url, json={"query": "{ hello }"}, headers=headers)
    assert (answer.status_code, code_of(answer)) == (401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_credentials_reach_the_resolvers(server: Served) -> None:
    headers = {"authorization": "Bearer ann"}
    assert await server.ask("{ visibility }", headers=headers) == {"data": {"visibility": "of ann"}}
    assert await server.ask("{ visibility }") == {"data": {"visibility": "public"}}


async def test_a_bug_is_masked_and_logged_under_its_reference(
    server: Served, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="berth.graphql"):
        answer = await server.http.post(server.url, json={"query": "{ hello bug }"}, headers=NEW)
    told = answer.json()
    assert answer.status_code == 200
    assert told["data"] == {"hello": "Hello, you", "bug": None}
    assert told["errors"][0]["path"] == ["bug"]
    assert "1234" not in answer.text
    reference = told["errors"][0]["extensions"]["reference"]
    assert reference in told["errors"][0]["message"]
    [record] = [r for r in caplog.records if reference in r.getMessage()]
    assert record.exc_info
    assert "1234" in str(record.exc_info[1])


async def test_an_error_that_a_resolver_means_is_shown(server: Served) -> None:
    [error] = (await server.ask("{ wrong }"))["errors"]
    assert (error["message"], error["extensions"]) == ("shown as it is", {"code": "SHOWN"})


async def test_validation_errors_are_shown(server: Served) -> None:
    [error] = (await server.ask("{ helo }"))["errors"]
    assert error["message"] == "Cannot query field 'helo' on type 'Query'. Did you mean 'hello'?"
    assert error["locations"] == [{"line": 1, "column": 3}]


async def test_variables_that_do_not_fit_are_told_before_running(server: Served) -> None:
    query = "query($n: String!) { hello(name: $n) }"
    body = {"query": query, "variables": {"n": 1}}
    answer = await server.http.post(server.url, json=body, headers=NEW)
    assert (answer.status_code, code_of(answer)) == (400, "BAD_VARIABLES")
    assert "data" not in answer.json()


async def test_a_broken_hook_is_a_masked_500(server: Served) -> None:
    async def broken(_: Any) -> Any:
        raise RuntimeError("secret")

    async with served() as other:
        object.__setattr__(other.app.service, "authenticate", broken)
        answer = await other.http.post(other.url, json={"query": "{ hello }"})
    assert (answer.status_code, code_of(answer)) == (500, "INTERNAL_SERVER_ERROR")
    assert "secret" not in answer.text


@pytest.mark.parametrize("fault", [Unreachable("secret"), Contended("secret")])
async def test_a_database_that_is_away_is_a_503_that_says_when_to_come_back(
    fault: Exception,
) -> None:
    async def away(_: Any) -> Any:
        raise fault

    async with served() as other:
        object.__setattr__(other.app.service, "authenticate", away)
        answer = await other.http.post(other.url, json={"query": "{ hello }"})
    assert (answer.status_code, code_of(answer)) == (503, "UNAVAILABLE")
    assert answer.headers["retry-after"] == "2"
    assert "secret" not in answer.text


async def test_introspection_and_suggestions_can_be_off() -> None:
    async with served(settings=Settings()) as server:
        for query in ("{ __schema { types { name } } }", '{ __type(name: "Query") { name } }'):
            told = await server.ask(query)
            assert told["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        assert await server.ask("{ __typename }") == {"data": {"__typename": "Query"}}
        assert "Did you mean" not in json.dumps(await server.ask("{ helo }"))


async def test_the_page_is_a_setting(server: Served) -> None:
    html = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    assert (await server.http.get(server.url, headers=html)).status_code == 400
    async with served(settings=Settings(introspection=True, graphiql=True)) as other:
        page = await other.http.get(other.url, headers=html)
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "graphiql" in page.text
        answer = await other.http.get(other.url, params={"query": "{ hello }"}, headers=html)
        assert answer.json() == {"data": {"hello": "Hello, you"}}


def test_a_schema_with_extensions_is_refused() -> None:
    """They would silently not be run."""
    import strawberry
    from strawberry.extensions import SchemaExtension

    from api.graphql.app import graphql_app
    from tests.api.graphql.toy import Query, World

    assert toy_schema().extensions == ()
    schema = strawberry.Schema(Query, extensions=[SchemaExtension])
    world = World()
    with pytest.raises(ValueError, match="extensions"):
        graphql_app(schema, context_factory=world.context, authenticate=world.authenticate)
