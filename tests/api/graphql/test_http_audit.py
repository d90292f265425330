"""The 61 audits of the `graphql-http` conformance suite, over real HTTP.

https://github.com/graphql/graphql-http/blob/main/src/audits/server.ts; each has the suite's id.
"""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api.graphql.app import Settings
from tests.api.graphql.served import Served, served

NEW = "application/graphql-response+json"
OLD = "application/json"
QUERY = {"query": "{ __typename }"}
NAMED = {"query": "query Query { __typename }", "operationName": "Query"}
TYPED = {
    "query": "query Type($name: String!) { __type(name: $name) { name } }",
    "variables": {"name": "sometype"},
}
UNKNOWN_FIELD = {"query": "{ 8f31403dfe404bccbb0e835f2629c6a7 }"}
UNCOERCIBLE = {"query": "query CoerceFailure($id: ID!){ __typename }", "variables": {"id": None}}


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Served]:
    async with served(settings=Settings(introspection=True)) as server:
        yield server


async def post(server: Served, body: Any, accept: str | None = None, **more: Any) -> httpx.Response:
    raw = body if isinstance(body, str) else json.dumps(body)
    headers = {"content-type": "application/json", "accept": accept or ""}
    if accept is None:
        del headers["accept"]
        server.http.headers.pop("accept", None)
    return await server.http.post(server.url, content=raw, headers=headers | more)


@pytest.mark.parametrize(
    ("audit", "accept", "media"),
    [
        ("22EB", NEW, NEW),
        ("4655", OLD, OLD),
        ("47DE", "*/*", OLD),
        ("80D8", None, OLD),
        ("82A3", None, OLD),
        ("78D5", None, OLD),
        ("2C94", None, OLD),
        ("03D4", None, OLD),
    ],
)
async def test_the_media_type_is_the_accepted_one(
    server: Served, audit: str, accept: str | None, media: str
) -> None:
    answer = await post(server, QUERY, accept)
    assert answer.status_code == 200, audit
    assert media in answer.headers["content-type"]
    assert answer.content.decode("utf-8") == '{"data":{"__typename":"Query"}}'


async def test_bf61_utf8_is_read_as_utf8(server: Served) -> None:
    body = {"query": '{ __type(name: "Run🏃Swim🏊") { name } }'}
    answer = await post(server, body, **{"content-type": "application/json; charset=utf-8"})
    assert answer.status_code == 200


async def test_5a70_get_is_served(server: Served) -> None:
    assert (await server.http.get(server.url, params=QUERY)).status_code == 200


async def test_9c48_get_runs_no_mutation(server: Served) -> None:
    params = {"query": "mutation { __typename }"}
    answer = await server.http.get(server.url, params=params, headers={"accept": NEW})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


async def test_9abe_a_post_without_content_type_is_refused(server: Served) -> None:
    answer = await server.http.post(server.url, content=json.dumps(QUERY))
    assert answer.status_code == 415


async def test_a5bf_a_post_without_body_is_a_bad_request(server: Served) -> None:
    assert (await post(server, "")).status_code == 400


WRONG_TYPES = [
    *[(f"LKJ{n}", {"query": wrong}) for n, wrong in enumerate([{"obj": "ect"}, 0, False, ["a"]])],
    *[
        (f"6C0{n}", QUERY | {"operationName": wrong})
        for n, wrong in enumerate([{"obj": "ect"}, 0, False, ["array"]])
    ],
    *[
        (f"476{n}", QUERY | {"variables": wrong})
        for n, wrong in enumerate(["string", 0, False, ["array"]])
    ],
    *[
        (f"58B{n}", QUERY | {"extensions": wrong})
        for n, wrong in enumerate(["string", 0, False, ["array"]])
    ],
    ("423L", {"notquery": "{ __typename }"}),
    ("8764", {"qeury": "{ __typename }"}),
    ("3E3A", {"qeury": "{ __typename }"}),
    ("B6DC", '{ "not a JSON'),
    ("BCF8", '{ "not a JSON'),
    ("B7N8", '{ "not a JSON'),
]


@pytest.mark.parametrize(("audit", "body"), WRONG_TYPES)
async def test_a_request_of_wrong_form_is_a_bad_request(
    server: Served, audit: str, body: Any
) -> None:
    for accept in (None, OLD, NEW):
        assert (await post(server, body, accept)).status_code == 400, audit


RIGHT = [
    ("34A2", QUERY, NEW),
    ("13EE", QUERY, OLD),
    ("8161", NAMED, NEW),
    ("B8B3", NAMED, OLD),
    *[
        (f"{audit}{n}", QUERY | {name: None}, accept)
        for n, name in enumerate(["variables", "operationName", "extensions"])
        for audit, accept in (("94B", NEW), ("022", OLD))
    ],
    ("2EA1", TYPED, NEW),
    ("28B9", TYPED, OLD),
    ("428F", QUERY | {"extensions": {"some": "value"}}, NEW),
    ("1B7A", QUERY | {"extensions": {"some": "value"}}, OLD),
]


@pytest.mark.parametrize(("audit", "body", "accept"), RIGHT)
async def test_a_request_of_right_form_is_answered(
    server: Served, audit: str, body: Any, accept: str
) -> None:
    answer = await post(server, body, accept)
    assert answer.status_code == 200, audit
    assert "errors" not in answer.json()


@pytest.mark.parametrize(("audit", "accept"), [("D6D5", NEW), ("6A70", OLD)])
async def test_variables_of_a_get_are_json(server: Served, audit: str, accept: str) -> None:
    params = {"query": str(TYPED["query"]), "variables": json.dumps(TYPED["variables"])}
    answer = await server.http.get(server.url, params=params, headers={"accept": accept})
    assert answer.status_code == 200, audit
    assert "errors" not in answer.json()


@pytest.mark.parametrize(
    ("audits", "body"),
    [
        (("572B", "865D", "556A", "D586"), {"query": "{"}),
        (("FDE2", "51FE", "74FF", "5E5B"), UNKNOWN_FIELD),
        (("7B9B", "86EE"), UNCOERCIBLE),
    ],
)
async def test_an_operation_that_cannot_run_has_its_status_by_media_type(
    server: Served, audits: tuple[str, ...], body: Any
) -> None:
    old, new = await post(server, body, OLD), await post(server, body, NEW)
    assert (old.status_code, new.status_code) == (200, 400), audits
    assert "data" not in old.json()
    assert "data" not in new.json()
