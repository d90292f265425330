"""graphql-transport-ws, as a client sees it."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from api.graphql.limits import Limits
from tests.api.graphql.served import Served, eventually, served
from tests.api.graphql.toy import World

INIT = {"type": "connection_init"}
COUNT = {"id": "1", "type": "subscribe", "payload": {"query": "subscription { count(to: 2) }"}}
LIMITS = Limits(message_bytes_max=8_192, connection_init_seconds_max=0.2)


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Served]:
    async with served(limits=replace(LIMITS, connection_init_seconds_max=5.0)) as server:
        yield server


def subscribe(**payload: Any) -> dict[str, Any]:
    return {"id": "1", "type": "subscribe", "payload": payload}


MALFORMED: dict[str, Any] = {
    "empty text": "",
    "white space": "  ",
    "not JSON": "not json",
    "half an object": '{"type":',
    "null": "null",
    "a number": "1",
    "a string": '"x"',
    "true": "true",
    "a list": "[]",
    "a list of messages": [INIT],
    "an empty object": {},
    "a type of null": {"type": None},
    "a type that is a number": {"type": 1},
    "a type that is an object": {"type": {}},
    "an unknown type": {"type": "start"},
    "the legacy protocol's end": {"type": "connection_terminate"},
    "a server's ack": {"type": "connection_ack"},
    "a server's next": {"id": "1", "type": "next", "payload": {}},
    "a server's error": {"id": "1", "type": "error", "payload": []},
    "very deep JSON": "[" * 2_000 + "]" * 2_000,
    "a very deep payload": '{"type":"ping","payload":' + '{"a":' * 1_100 + "1" + "}" * 1_101,
    "a lone surrogate": '{"type":"\\ud800"}',
    "NaN": '{"type":"ping","payload":NaN}',
    "a binary frame": b'{"type":"ping"}',
    "an empty binary frame": b"",
    "an init payload that is a list": INIT | {"payload": []},
    "a ping payload that is a string": {"type": "ping", "payload": "x"},
    "a pong payload that is a number": {"type": "pong", "payload": 1},
    "complete without id": {"type": "complete"},
    "complete with a number": {"type": "complete", "id": 1},
    "subscribe without id": {"type": "subscribe", "payload": {"query": "{ hello }"}},
    "subscribe with an id of null": subscribe(query="{ hello }") | {"id": None},
    "subscribe with an empty id": subscribe(query="{ hello }") | {"id": ""},
    "subscribe with an endless id": subscribe(query="{ hello }") | {"id": "x" * 200},
    "subscribe without payload": {"id": "1", "type": "subscribe"},
    "subscribe with a payload of null": {"id": "1", "type": "subscribe", "payload": None},
    "subscribe with a payload that is a string": subscribe() | {"payload": "{ hello }"},
    "subscribe without query": subscribe(),
    "subscribe with a query of null": subscribe(query=None),
    "subscribe with a query that is a number": subscribe(query=1),
    "subscribe with variables that are a list": subscribe(query="{ hello }", variables=[]),
    "subscribe with an operationName of 1": subscribe(query="{ hello }", operationName=1),
    "subscribe with extensions of text": subscribe(query="{ hello }", extensions="x"),
}


@pytest.mark.parametrize("frame", MALFORMED.values(), ids=MALFORMED)
@pytest.mark.parametrize("acknowledged", [False, True], ids=["opened", "acknowledged"])
async def test_a_malformed_frame_closes_with_4400(
    server: Served, frame: Any, *, acknowledged: bool
) -> None:
    async with server.acknowledged() if acknowledged else server.socket() as talk:
        await talk.say(frame)
        code, reason = await talk.closed()
        assert code == 4400
        assert reason


async def test_a_message_over_the_limit_closes_with_1009(server: Served) -> None:
    async with server.acknowledged() as talk:
        await talk.say({"type": "ping", "payload": {"x": "x" * 9_000}})
        assert (await talk.closed())[0] == 1009


async def test_an_operation_before_init_closes_with_4401(server: Served) -> None:
    async with server.socket() as talk:
        await talk.say(COUNT)
        assert (await talk.closed())[0] == 4401


async def test_bad_credentials_close_with_4401_and_say_why(server: Served) -> None:
    async with server.socket() as talk:
        await talk.say(INIT | {"payload": {"token": "bad"}})
        assert await talk.closed() == (4401, "This token is not good.")


async def test_silence_after_opening_closes_with_4408() -> None:
    async with served(limits=LIMITS) as server, server.socket() as talk:
        assert (await talk.closed())[0] == 4408


async def test_a_second_init_closes_with_4429(server: Served) -> None:
    async with server.acknowledged() as talk:
        await talk.say(INIT)
        assert (await talk.closed())[0] == 4429


async def test_two_inits_at_once_close_with_4429(server: Served) -> None:
    async with server.socket() as talk:
        await asyncio.gather(talk.say(INIT), talk.say(INIT))
        assert await talk.hear() == {"type": "connection_ack"}
        assert (await talk.closed())[0] == 4429


async def test_an_id_in_use_closes_with_4409(server: Served) -> None:
    async with server.acknowledged() as talk:
        query = "subscription { placeOccupancy(placeId: 1) { __typename } }"
        await talk.subscribe("twice", query)
        await talk.hear()
        await talk.subscribe("twice", query)
        assert await talk.closed() == (4409, "Subscriber for twice already exists")


@pytest.mark.parametrize("offered", [("graphql-ws",), ("soap",), ("graphql-ws", "x")])
async def test_another_subprotocol_closes_with_4406(
    server: Served, offered: tuple[str, ...]
) -> None:
    async with server.socket(*offered) as talk:
        assert talk.connection.subprotocol is None
        assert (await talk.closed())[0] == 4406


async def test_the_offered_subprotocols_may_be_several(server: Served) -> None:
    async with server.socket("graphql-ws", "graphql-transport-ws") as talk:
        assert talk.connection.subprotocol == "graphql-transport-ws"


async def test_ping_is_answered_before_and_after_the_ack(server: Served) -> None:
    async with server.socket() as talk:
        for message in ({"type": "ping"}, INIT, {"type": "ping", "payload": {"a": 1}}):
            await talk.say(message)
        heard = [await talk.hear() for _ in range(3)]
        assert [each["type"] for each in heard] == ["pong", "connection_ack", "pong"]


async def test_a_pong_and_the_end_of_an_unknown_operation_are_ignored(server: Served) -> None:
    async with server.acknowledged() as talk:
        await talk.say({"type": "pong"})
        await talk.say({"type": "complete", "id": "never was"})
        await talk.say({"type": "ping"})
        assert await talk.hear() == {"type": "pong"}


async def test_a_subscription_gives_results_and_completes(server: Served) -> None:
    async with server.acknowledged() as talk:
        await talk.say(COUNT)
        assert [await talk.hear() for _ in range(3)] == [
            {"id": "1", "type": "next", "payload": {"data": {"count": 1}}},
            {"id": "1", "type": "next", "payload": {"data": {"count": 2}}},
            {"id": "1", "type": "complete"},
        ]


async def test_an_id_may_be_used_again_and_may_be_any_text(server: Served) -> None:
    odd = 'q"\\\n\u2028é'
    async with server.acknowledged() as talk:
        for _ in range(2):
            await talk.subscribe(odd, "{ hello }")
            data = {"data": {"hello": "Hello, you"}}
            assert await talk.hear() == {"id": odd, "type": "next", "payload": data}
            assert await talk.hear() == {"id": odd, "type": "complete"}


async def test_a_mutation_runs_over_the_socket(server: Served) -> None:
    async with server.acknowledged() as talk:
        await talk.subscribe("m", "mutation { change }")
        assert (await talk.hear())["payload"]["data"]["change"] == server.world.version
        assert (await talk.hear())["type"] == "complete"


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query($n: Int!) { hello }"}, "GRAPHQL_VALIDATION_FAILED"),
        (
            {"query": "subscription($n: Int!) { count(to: $n) }", "variables": {"n": "x"}},
            "BAD_VARIABLES",
        ),
        ({"query": "query A { hello } query B { hello }"}, "OPERATION_NAME_REQUIRED"),
        ({"query": "{ hello }", "operationName": "C"}, "UNKNOWN_OPERATION"),
        (
            {
                "query": "subscription($a: Int) { placeOccupancy(placeId: 1, after: $a) "
                "{ __typename } }",
                "variables": {"a": 1.5},
            },
            "BAD_VARIABLES",
        ),
    ],
)
async def test_an_operation_that_cannot_run_is_an_error_message(
    server: Served, payload: dict[str, Any], code: str
) -> None:
    async with server.acknowledged() as talk:
        await talk.say({"id": "e", "type": "subscribe", "payload": payload})
        heard = await talk.hear()
        assert (heard["id"], heard["type"]) == ("e", "error")
        assert heard["payload"][0]["extensions"]["code"] == code
        await talk.say({"type": "ping"})
        assert await talk.hear() == {"type": "pong"}


@pytest.mark.parametrize(
    "query", ["subscription { bug }", "{ bug }", "mutation { slowChange }"], ids=str
)
async def test_a_bug_is_masked_over_the_socket(server: Served, query: str) -> None:
    async with server.acknowledged() as talk:
        await talk.subscribe("b", query)
        heard = [await talk.hear()]
        while heard[-1]["type"] == "next":
            heard.append(await talk.hear())
        told = json.dumps(heard)
        assert "INTERNAL_SERVER_ERROR" in told
        assert "secret" not in told
        assert "Assertion" not in told


async def test_completing_a_query_cancels_it_but_a_mutation_runs_to_its_end() -> None:
    world = World(held=asyncio.Event())
    async with served(world) as server, server.acknowledged() as talk:
        await talk.subscribe("m", "mutation { slowChange }")
        await talk.subscribe("q", "{ slow }")
        await eventually(lambda: len(world.contexts) == 2)
        for each in ("m", "q"):
            await talk.say({"type": "complete", "id": each})
        await talk.subscribe("m", "{ hello }")
        assert (await talk.hear())["payload"]["data"] == {"hello": "Hello, you"}
        assert world.held is not None
        world.held.set()
        await eventually(lambda: world.mutations == 1)
        assert (await talk.hear()) == {"id": "m", "type": "complete"}


async def test_every_operation_has_a_context_of_its_own(server: Served) -> None:
    async with server.acknowledged("ann") as talk:
        before = len(server.world.contexts)
        await talk.subscribe("c", "subscription { places(to: 2) { parent { id } } }")
        while (await talk.hear())["type"] != "complete":
            pass
        made = server.world.contexts[before:]
        assert len({id(each.loaders) for each in made}) == len(made) == 3
        assert {each.viewer.identity for each in made} == {"ann"}


async def test_too_many_operations_on_a_socket_are_refused() -> None:
    async with served(limits=Limits(operations_per_socket_max=2)) as server:
        async with server.acknowledged() as talk:
            for each in ("1", "2", "3"):
                await talk.subscribe(each, WATCH)
            refused = [m for _ in range(3) if (m := await talk.hear())["type"] == "error"]
        assert [(m["id"], code_of(m)) for m in refused] == [("3", "TOO_MANY_OPERATIONS")]


WATCH = "subscription { placeOccupancy(placeId: 1) { __typename } }"


def code_of(message: Any) -> str:
    return str(message["payload"][0]["extensions"]["code"])


async def test_too_many_subscriptions_of_a_viewer_are_refused_until_some_end() -> None:
    limits = Limits(subscriptions_per_viewer_max=1)
    async with (
        served(limits=limits) as server,
        server.acknowledged("ann") as one,
        server.acknowledged("ann") as two,
    ):
        await one.subscribe("1", WATCH)
        await one.hear()
        await two.subscribe("2", WATCH)
        assert code_of(await two.hear()) == "TOO_MANY_SUBSCRIPTIONS"
        await one.say({"type": "complete", "id": "1"})
        await one.say({"type": "ping"})
        await one.hear()
        await two.subscribe("2", WATCH)
        assert (await two.hear())["type"] == "next"


async def test_too_many_sockets_of_a_source_are_refused_until_some_close() -> None:
    async with served(limits=Limits(sockets_per_source_max=1)) as server:
        async with server.acknowledged(), server.socket() as second:
            assert (await second.closed())[0] == 4420
        await eventually(lambda: len(server.app.service.presence) == 0)
        async with server.acknowledged():
            assert len(server.app.service.presence) == 1


async def test_a_client_that_vanishes_leaves_nothing_behind(server: Served) -> None:
    async with server.acknowledged() as talk:
        await talk.subscribe("1", WATCH)
        await talk.hear()
        talk.connection.transport.abort()
        with pytest.raises(ConnectionClosed):
            await talk.hear()
    await eventually(lambda: len(server.app.service.hub) == len(server.app.service.presence) == 0)
    await eventually(lambda: not server.world.feeds)


async def test_one_socket_carries_many_operations_at_once(server: Served) -> None:
    async with server.acknowledged() as talk:
        for n in range(20):
            await talk.subscribe(
                str(n), "query($n: String!) { hello(name: $n) }", variables={"n": str(n)}
            )
        heard: dict[str, list[Any]] = {}
        for _ in range(40):
            message = await talk.hear()
            heard.setdefault(message["id"], []).append(message.get("payload"))
    assert heard == {str(n): [{"data": {"hello": f"Hello, {n}"}}, None] for n in range(20)}
