"""Persisted operations, automatic and trusted, over HTTP and over the WebSocket."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from api.graphql.app import Settings
from api.graphql.params import Params
from api.graphql.persisted import PersistedDocuments, document_hash, load_trusted
from api.graphql.problems import Rejected
from tests.api.graphql.served import Served, served

HELLO = "{ hello }"
COUNT = "subscription { count(to: 1) }"
NEW = {"accept": "application/graphql-response+json"}


@pytest.fixture
async def server() -> AsyncIterator[Served]:
    async with served() as server:
        yield server


def named(text: str, **more: Any) -> dict[str, Any]:
    """The parameters that name a document by its hash."""
    persisted = {"version": 1, "sha256Hash": document_hash(text)}
    return {"extensions": {"persistedQuery": persisted}, **more}


async def post(server: Served, body: Any) -> Any:
    return (await server.http.post(server.url, json=body)).json()


def code_of(told: Any) -> str:
    return str(told["errors"][0]["extensions"]["code"])


async def test_an_unknown_hash_is_told_as_apollos_clients_expect(server: Served) -> None:
    told = await post(server, named(HELLO))
    assert told["errors"][0]["message"] == "PersistedQueryNotFound"
    assert code_of(told) == "PERSISTED_QUERY_NOT_FOUND"
    answer = await server.http.post(server.url, json=named(HELLO), headers=NEW)
    assert answer.status_code == 400


async def test_text_and_hash_together_register_it_for_every_transport(server: Served) -> None:
    expected = {"data": {"hello": "Hello, you"}}
    assert await post(server, named(HELLO, query=HELLO)) == expected
    assert await post(server, named(HELLO)) == expected
    params = {"extensions": json.dumps(named(HELLO)["extensions"])}
    assert (await server.http.get(server.url, params=params)).json() == expected
    assert await post(server, {"documentId": f"sha256:{document_hash(HELLO)}"}) == expected
    async with server.acknowledged() as talk:
        await talk.say({"id": "1", "type": "subscribe", "payload": named(HELLO)})
        assert (await talk.hear())["payload"] == expected


async def test_a_socket_registers_too(server: Served) -> None:
    async with server.acknowledged() as talk:
        await talk.say({"id": "1", "type": "subscribe", "payload": named(COUNT)})
        unknown = await talk.hear()
        assert unknown["payload"][0]["message"] == "PersistedQueryNotFound"
        await talk.say({"id": "1", "type": "subscribe", "payload": named(COUNT, query=COUNT)})
        assert (await talk.hear())["payload"] == {"data": {"count": 1}}


async def test_a_wrong_hash_registers_nothing(server: Served) -> None:
    told = await post(server, named(HELLO, query="{ hello bug }"))
    assert code_of(told) == "PERSISTED_QUERY_HASH_MISMATCH"
    assert code_of(await post(server, named(HELLO))) == "PERSISTED_QUERY_NOT_FOUND"


async def test_an_invalid_document_registers_nothing(server: Served) -> None:
    assert code_of(await post(server, named("{ x }", query="{ x }"))).startswith("GRAPHQL_")
    assert code_of(await post(server, named("{ x }"))) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(
    "persisted",
    [1, [], {}, {"version": 2}, {"version": 1}, {"version": 1, "sha256Hash": "short"}],
)
async def test_a_name_of_wrong_form_is_a_bad_request(server: Served, persisted: Any) -> None:
    body = {"query": HELLO, "extensions": {"persistedQuery": persisted}}
    answer = await server.http.post(server.url, json=body)
    assert answer.status_code == 400


async def test_with_only_trusted_documents_no_other_text_is_run() -> None:
    settings = Settings(
        trusted_documents={document_hash(HELLO): HELLO, "count-1": COUNT},
        only_trusted_documents=True,
    )
    async with served(settings=settings) as server:
        assert "data" in await post(server, named(HELLO))
        assert "data" in await post(server, {"query": HELLO})
        other = {"query": "{ hello  }"}
        answer = await server.http.post(server.url, json=other, headers=NEW)
        assert (answer.status_code, code_of(answer.json())) == (403, "DOCUMENT_NOT_TRUSTED")
        assert code_of(await post(server, named("{ bug }", query="{ bug }"))) == code_of(
            answer.json()
        )
        async with server.acknowledged() as talk:
            await talk.say({"id": "1", "type": "subscribe", "payload": {"documentId": "count-1"}})
            assert (await talk.hear())["payload"] == {"data": {"count": 1}}


@pytest.mark.parametrize(
    "manifest",
    [
        {"hello": HELLO},
        {"sha256:hello": HELLO},
        {
            "format": "apollo-persisted-query-manifest",
            "version": 1,
            "operations": [{"id": "hello", "body": HELLO, "name": "Hello", "type": "query"}],
        },
    ],
)
def test_manifests_of_several_makers_are_read(tmp_path: Path, manifest: Any) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(manifest))
    assert load_trusted(path) == {"hello": HELLO}


def test_a_folder_of_documents_is_named_by_hashes(tmp_path: Path) -> None:
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "hello.graphql").write_text(HELLO)
    assert load_trusted(tmp_path) == {document_hash(HELLO): HELLO}


@pytest.mark.parametrize("manifest", ["[]", "1", '{"a": 1}'])
def test_another_file_is_no_manifest(tmp_path: Path, manifest: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(manifest)
    with pytest.raises(ValueError, match=r"other\.json"):
        load_trusted(path)


def test_the_store_of_automatic_ones_is_bounded() -> None:
    store = PersistedDocuments()
    texts = [f"{{ hello{n} }}" for n in range(1_100)]
    for text in texts:
        store.register(Params(text, None, {}, named(text)["extensions"]))
    assert store.text(Params(None, None, {}, named(texts[-1])["extensions"])) == texts[-1]
    with pytest.raises(Rejected):
        store.text(Params(None, None, {}, named(texts[0])["extensions"]))
