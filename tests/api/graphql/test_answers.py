"""Kept answers: quick, and never older than the last change committed before the request."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from api.graphql.answers import Answers
from tests.api.graphql.served import Served, eventually, served
from tests.api.graphql.toy import World

PLACE = '{ place(id: "1") { version spaces { status } } }'


@pytest.fixture
async def server() -> AsyncIterator[Served]:
    async with served() as server:
        yield server


async def version_of(server: Served, query: str = PLACE) -> int:
    return int((await server.ask(query))["data"]["place"]["version"])


async def test_an_unchanged_answer_is_computed_once(server: Served) -> None:
    answers = [await server.ask(PLACE) for _ in range(5)]
    assert all(each == answers[0] for each in answers)
    assert server.world.place_runs == 1


async def test_a_change_is_seen_by_the_next_request(server: Served) -> None:
    for _ in range(20):
        changed = server.world.change()
        assert await version_of(server) == changed


async def test_requests_that_wait_together_share_one_read(server: Served) -> None:
    reads = server.world.version_reads
    await asyncio.gather(*(server.ask(PLACE) for _ in range(50)))
    assert server.world.version_reads - reads < 50
    assert server.world.place_runs < 5


async def keep_asking(server: Served, ends: asyncio.Event) -> int:
    """Ask until the end; how often an answer was older than when it was asked for."""
    stale = 0
    while not ends.is_set():
        committed = server.world.version
        stale += await version_of(server) < committed
    return stale


async def stale_answers(server: Served) -> int:
    """Ask by many while the place changes."""
    ends = asyncio.Event()
    askers = [asyncio.ensure_future(keep_asking(server, ends)) for _ in range(8)]
    for _ in range(100):
        server.world.change()
        await asyncio.sleep(0.002)
    ends.set()
    return sum(await asyncio.gather(*askers))


async def test_under_load_no_answer_is_older_than_its_request(server: Served) -> None:
    assert await stale_answers(server) == 0
    assert server.world.place_runs > 10


class Forgetful(World):
    """The control: versions that are read once and then remembered."""

    async def versions(self, tags: Sequence[str]) -> Sequence[int]:
        return [1 for _ in tags]


async def test_without_fresh_versions_answers_would_be_stale() -> None:
    async with served(Forgetful()) as server:
        assert await stale_answers(server) > 0


async def test_a_request_after_a_change_does_not_join_a_run_from_before(server: Served) -> None:
    held = server.world.held = asyncio.Event()
    early = asyncio.ensure_future(version_of(server))
    await eventually(lambda: server.world.place_runs == 1)
    changed = server.world.change()
    late = asyncio.ensure_future(version_of(server))
    await eventually(lambda: server.world.place_runs == 2)
    held.set()
    assert (await early, await late) == (1, changed)
    assert await version_of(server) == changed
    assert server.world.place_runs == 2


async def test_equal_requests_in_flight_share_one_run(server: Served) -> None:
    held = server.world.held = asyncio.Event()
    asking = [asyncio.ensure_future(version_of(server)) for _ in range(5)]
    await eventually(lambda: server.world.version_reads > 0 and server.world.place_runs > 0)
    held.set()
    assert await asyncio.gather(*asking) == [1] * 5
    assert server.world.place_runs == 1


async def test_an_asker_that_gives_up_does_not_take_the_others_along(server: Served) -> None:
    held = server.world.held = asyncio.Event()
    service = server.app.service
    first = asyncio.ensure_future(version_of(server))
    await eventually(lambda: server.world.place_runs == 1)
    async with server.acknowledged() as talk:
        await talk.subscribe("1", PLACE)
        await talk.say({"type": "complete", "id": "1"})
        await talk.say({"type": "ping"})
        assert await talk.hear() == {"type": "pong"}
    held.set()
    assert await first == 1
    assert service.answers is not None


async def test_each_visibility_has_answers_of_its_own(server: Served) -> None:
    for name in ("ann", "bob", "ann"):
        await server.ask(PLACE, headers={"authorization": f"Bearer {name}"})
    assert server.world.place_runs == 2


async def test_the_same_question_in_other_bytes_is_the_same(server: Served) -> None:
    query = "query($id: ID!) { place(id: $id) { version } }"
    await server.ask(query, variables={"id": "1"})
    await server.ask(query, variables={"id": "1", "undeclared": True})
    await server.http.get(server.url, params={"query": query, "variables": '{ "id" : "1" }'})
    async with server.acknowledged() as talk:
        await talk.subscribe("1", query, variables={"id": "1"})
        assert (await talk.hear())["payload"]["data"] == {"place": {"version": 1}}
    assert server.world.place_runs == 1


@pytest.mark.parametrize(
    "query",
    [
        '{ place(id: "1") { dice } }',
        '{ place(id: "1") { parent { ... { dice } } } }',
        '{ place(id: "1") { ...F } } fragment F on Place { dice }',
        '{ place(id: "1") { name } hello }',
        '{ place(id: "9") { name } }',
        'query($s: Boolean = true) { place(id: "1") { name dice @skip(if: $s) } }',
    ],
)
async def test_what_no_version_covers_is_never_kept(server: Served, query: str) -> None:
    for _ in range(2):
        assert "errors" not in await server.ask(query)
    assert server.world.place_runs == 2
    assert server.world.version_reads == 0


async def test_a_mutation_is_never_kept(server: Served) -> None:
    for _ in range(3):
        await server.ask("mutation { change }")
    assert server.world.mutations == 3


async def test_an_answer_with_errors_is_not_kept() -> None:
    runs = 0

    async def failing() -> tuple[bytes, bool]:
        nonlocal runs
        runs += 1
        return b"{}", False

    answers = Answers(World(), 10_000)
    for _ in range(2):
        await answers.answer((b"key", ""), ("place:1",), failing)
    assert runs == 2


async def test_memory_is_bounded_and_the_longest_unused_goes_first() -> None:
    runs: list[bytes] = []
    answers = Answers(World(), 10_000)

    async def ask(key: bytes) -> None:
        async def compute() -> tuple[bytes, bool]:
            runs.append(key)
            return b"x" * 3_000, True

        await answers.answer((key, ""), ("place:1",), compute)

    for key in (b"a", b"b", b"a", b"c", b"a", b"b"):
        await ask(key)
    assert runs == [b"a", b"b", b"c", b"b"]


async def test_a_get_is_confirmed_by_its_etag_until_it_changes(server: Served) -> None:
    params = {"query": PLACE}
    first = await server.http.get(server.url, params=params)
    assert first.headers["cache-control"] == "private, no-cache"
    asked = {"if-none-match": first.headers["etag"]}
    second = await server.http.get(server.url, params=params, headers=asked)
    assert (second.status_code, second.content) == (304, b"")
    server.world.change()
    third = await server.http.get(server.url, params=params, headers=asked)
    assert third.status_code == 200
    assert third.headers["etag"] != first.headers["etag"]


async def test_a_reader_that_fails_fails_the_request_only() -> None:
    class Broken(World):
        async def versions(self, tags: Sequence[str]) -> Sequence[int]:
            if self.version == 1:
                raise OSError("secret database")
            return await super().versions(tags)

    async with served(Broken()) as server:
        answer = await server.http.post(server.url, json={"query": PLACE})
        assert answer.status_code == 500
        assert "secret" not in answer.text
        server.world.change()
        assert await version_of(server) == 2
