"""Subscriptions over HTTP: graphql-sse in distinct connections mode, and multipart."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from api.graphql.limits import Limits
from tests.api.graphql.served import DEADLINE_SECONDS, Served, eventually, served
from tests.api.graphql.toy import World

SSE = "text/event-stream"
MULTIPART = 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0",application/json'
LIVE = """subscription($after: Int) { placeOccupancy(placeId: 1, after: $after) {
  ... on PlaceUpdate { version previousVersion executions } ... on Nobody { message } } }"""


@pytest.fixture
async def server() -> AsyncIterator[Served]:
    async with served(limits=Limits(keep_alive_seconds=0.1)) as server:
        yield server


class Events:
    """What comes over one streamed response."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.media = response.headers["content-type"]
        self._chunks = response.aiter_text()
        self._buffer = ""

    async def _until(self, mark: str) -> str:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while mark not in self._buffer:
                self._buffer += await anext(self._chunks)
        found, _, self._buffer = self._buffer.partition(mark)
        return found

    async def event(self) -> tuple[str, Any]:
        """The next server-sent event; comments are passed over."""
        while (block := await self._until("\n\n")).startswith(":"):
            pass
        kind, data = block.split("\n")
        body = data.removeprefix("data: ")
        return kind.removeprefix("event: "), json.loads(body) if body else None

    async def part(self) -> Any:
        """The next part; heartbeats are passed over, None is the end."""
        while (part := await self._until("--graphql")) in ("", "\r\n"):
            pass
        head, _, body = part.strip().partition("\r\n\r\n")
        assert head == "Content-Type: application/json"
        decoded = json.loads(body)
        return decoded["payload"] if decoded else await self.part()

    async def rest(self) -> str:
        """All that is left."""
        return self._buffer + "".join([chunk async for chunk in self._chunks])


@asynccontextmanager
async def stream(server: Served, accept: str, query: str, **more: Any) -> AsyncIterator[Events]:
    """POST an operation, and read what comes."""
    headers = {"accept": accept} | more.pop("headers", {})
    body = {"query": query, **more}
    async with server.http.stream("POST", server.url, json=body, headers=headers) as response:
        yield Events(response)


async def test_sse_gives_results_and_completes(server: Served) -> None:
    async with stream(server, SSE, "subscription { count(to: 2) }") as events:
        assert events.media.startswith("text/event-stream")
        assert await events.event() == ("next", {"data": {"count": 1}})
        assert await events.event() == ("next", {"data": {"count": 2}})
        assert await events.event() == ("complete", None)
        assert await events.rest() == ""


async def test_multipart_gives_results_and_ends(server: Served) -> None:
    async with stream(server, MULTIPART, "subscription { count(to: 2) }") as events:
        assert events.media.startswith("multipart/mixed")
        assert [await events.part(), await events.part()] == [
            {"data": {"count": 1}},
            {"data": {"count": 2}},
        ]
        assert await events.rest() == "--\r\n"


async def test_sse_runs_queries_and_mutations_too(server: Served) -> None:
    for query in ("{ hello }", "mutation { change }"):
        async with stream(server, SSE, query) as events:
            kind, answer = await events.event()
            assert kind == "next"
            assert "data" in answer
            assert await events.event() == ("complete", None)


async def test_an_event_source_subscribes_by_get(server: Served) -> None:
    params = {"query": "subscription { count(to: 1) }"}
    headers = {"accept": SSE}
    answer = await server.http.get(server.url, params=params, headers=headers)
    assert 'data: {"data":{"count":1}}' in answer.text


@pytest.mark.parametrize("query", ["{", "{ nothing }", "subscription { nothing }"])
async def test_an_operation_that_cannot_run_is_told_in_the_stream(
    server: Served, query: str
) -> None:
    async with stream(server, SSE, query) as events:
        assert events.response.status_code == 200
        kind, told = await events.event()
        assert (kind, list(told)) == ("next", ["errors"])
        assert await events.event() == ("complete", None)


async def test_a_bad_body_is_a_bad_request_for_a_stream_too(server: Served) -> None:
    headers = {"accept": SSE, "content-type": "application/json"}
    answer = await server.http.post(server.url, content=b"null", headers=headers)
    assert answer.status_code == 400


async def test_sse_multipart_and_sockets_share_one_execution(server: Served) -> None:
    async with (
        stream(server, SSE, LIVE, variables={}) as sse,
        stream(server, MULTIPART, LIVE, variables={}) as parts,
        server.acknowledged() as talk,
    ):
        await talk.subscribe("1", LIVE, variables={})
        await sse.event()
        await parts.part()
        await talk.hear()
        before = server.world.executions
        server.world.change()
        _, told = await sse.event()
        assert told == await parts.part() == (await talk.hear())["payload"]
        assert server.world.executions == before + 1
        assert len(server.app.service.hub) == 1


async def test_a_stream_resumes(server: Served) -> None:
    for _ in range(3):
        server.world.change()
    async with stream(server, SSE, LIVE, variables={"after": 2}) as events:
        _, told = await events.event()
    assert told["data"]["placeOccupancy"]["previousVersion"] == 2


async def test_a_version_that_is_none_is_told_in_the_stream(server: Served) -> None:
    query = 'subscription { placeOccupancy(placeId: "7") { ... on Nobody { message } } }'
    async with stream(server, SSE, query) as events:
        told = {"data": {"placeOccupancy": {"message": "No such place"}}}
        assert await events.event() == ("next", told)
        assert await events.event() == ("complete", None)


async def test_a_bug_is_masked_in_the_stream(server: Served) -> None:
    async with stream(server, SSE, "subscription { bug }") as events:
        assert await events.event() == ("next", {"data": {"bug": 1}})
        _, told = await events.event()
        assert told["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
        assert await events.event() == ("complete", None)


async def test_the_end_of_the_feed_completes_the_stream(server: Served) -> None:
    async with stream(server, SSE, LIVE) as events:
        await events.event()
        server.world.tell(None)
        assert await events.event() == ("complete", None)


async def test_a_quiet_stream_is_kept_alive(server: Served) -> None:
    async with stream(server, SSE, LIVE) as sse, stream(server, MULTIPART, LIVE) as parts:
        await sse.event()
        await parts.part()
        assert await sse._until("\n\n") == ":"
        assert "{}" in await parts._until("--graphql")


async def test_a_client_that_goes_leaves_nothing(server: Served) -> None:
    async with stream(server, SSE, LIVE) as events:
        await events.event()
        assert len(server.app.service.presence) == 1
    await eventually(lambda: len(server.app.service.hub) == len(server.app.service.presence) == 0)


async def test_too_many_streams_of_a_source_are_429() -> None:
    limits = Limits(sockets_per_source_max=1)
    async with served(limits=limits) as server, stream(server, SSE, LIVE) as first:
        await first.event()
        async with stream(server, SSE, LIVE) as second:
            assert second.response.status_code == 429


async def test_too_many_subscriptions_of_a_viewer_are_told() -> None:
    limits = Limits(subscriptions_per_viewer_max=1)
    async with served(limits=limits) as server, stream(server, SSE, LIVE) as first:
        await first.event()
        async with stream(server, SSE, LIVE) as second:
            _, told = await second.event()
    assert told["errors"][0]["extensions"]["code"] == "TOO_MANY_SUBSCRIPTIONS"


async def test_a_slow_stream_is_cut_off_and_holds_up_nobody() -> None:
    world = World()
    query = LIVE.replace("executions", "spaces { id number status occupancy observedAt }")
    limits = Limits(slow_client_seconds_max=0.2, slow_close_seconds_max=0.1)
    async with (
        served(world, send_buffer=16_384, limits=limits) as server,
        server.acknowledged() as quick,
        stream(server, SSE, query) as slow,
    ):
        await quick.subscribe("1", query)
        await quick.hear()
        await slow.event()
        while len(server.app.service.presence) == 2:
            world.change(every=True)
            await quick.hear()
        with pytest.raises(httpx.TransportError):
            await slow.rest()
