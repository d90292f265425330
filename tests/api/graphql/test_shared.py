"""Shared subscriptions over real sockets: one execution for all, no gap, no repeat."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from api.graphql.groups import Group
from api.graphql.limits import Limits
from schema.execution import Gap
from tests.api.graphql.served import Served, Talk, eventually, served
from tests.api.graphql.toy import SPACES, World

LIVE = """subscription($id: ID! = "1", $after: Int) {
  placeOccupancy(placeId: $id, after: $after) {
    ... on PlaceUpdate { version previousVersion executions spaces { id status } }
    ... on Nobody { message }
  }
}"""


@pytest.fixture
async def server() -> AsyncIterator[Served]:
    async with served(limits=Limits(feed_lag_seconds_max=0.2)) as server:
        yield server


async def update(talk: Talk) -> Any:
    """The next event of the only subscription; pings are passed over."""
    while (message := await talk.hear())["type"] == "ping":
        pass
    assert message["type"] == "next", message
    return message["payload"]["data"]["placeOccupancy"]


async def watching(talk: Talk, **variables: Any) -> Any:
    """Subscribe; the first event."""
    await talk.subscribe("live", LIVE, variables=variables)
    return await update(talk)


async def follow(talk: Talk, state: dict[str, str], version: int, upto: int) -> None:
    """Apply deltas until a version is reached; each has to lead on from the one before."""
    while version < upto:
        event = await update(talk)
        assert event["previousVersion"] == version
        version = event["version"]
        state |= {space["id"]: space["status"] for space in event["spaces"]}


def state_of(event: Any) -> dict[str, str]:
    return {space["id"]: space["status"] for space in event["spaces"]}


def truth(world: World) -> dict[str, str]:
    return {str(space.id): space.status for space in world.spaces}


async def test_a_joiner_gets_the_state_and_then_the_changes(server: Served) -> None:
    async with server.acknowledged() as talk:
        first = await watching(talk)
        assert first["previousVersion"] is None
        assert len(first["spaces"]) == SPACES
        server.world.change()
        second = await update(talk)
    assert (second["previousVersion"], second["version"]) == (1, 2)
    assert len(second["spaces"]) == 1


async def test_an_event_is_executed_once_for_all(server: Served) -> None:
    async with server.acknowledged() as a, server.acknowledged() as b, server.acknowledged() as c:
        talks = (a, b, c)
        for each in talks:
            await watching(each)
        before = server.world.executions
        server.world.change()
        events = [await update(each) for each in talks]
    assert [e["executions"] for e in events] == [before + 1] * 3
    assert server.world.executions == before + 1


async def test_joiners_of_an_unchanged_place_share_one_snapshot(server: Served) -> None:
    for _ in range(3):
        async with server.acknowledged() as first, server.acknowledged() as second:
            snapshots = server.world.snapshots
            await watching(first)
            await watching(second)
            assert server.world.snapshots == snapshots + 1


async def test_who_may_see_other_things_is_in_another_group(server: Served) -> None:
    async with server.acknowledged("ann") as ann, server.acknowledged("bob") as bob:
        await watching(ann)
        await watching(bob)
        assert len(server.app.service.hub) == 2


async def test_where_they_resume_does_not_part_a_group(server: Served) -> None:
    server.world.change()
    async with server.acknowledged() as one, server.acknowledged() as two:
        await watching(one, after=1)
        await watching(two)
        assert len(server.app.service.hub) == 1


async def test_resuming_gives_the_deltas_since(server: Served) -> None:
    for _ in range(3):
        server.world.change()
    async with server.acknowledged() as talk:
        event = await watching(talk, after=2)
        assert (event["previousVersion"], event["version"]) == (2, 4)
        server.world.change()
        assert (await update(talk))["previousVersion"] == 4


async def test_resuming_from_now_gives_an_empty_delta(server: Served) -> None:
    server.world.change()
    async with server.acknowledged() as talk:
        event = await watching(talk, after=2)
    assert (event["previousVersion"], event["version"], event["spaces"]) == (2, 2, [])


@pytest.mark.parametrize("after", [1, 99])
async def test_resuming_from_what_is_not_retained_gives_the_state(after: int) -> None:
    world = World(retained=2)
    for _ in range(5):
        world.change()
    async with served(world) as server, server.acknowledged() as talk:
        event = await watching(talk, after=after)
        assert event["previousVersion"] is None
        assert state_of(event) == truth(world)


async def test_joining_in_the_midst_of_changes_misses_and_repeats_nothing(server: Served) -> None:
    rng = random.Random(5)

    async def join() -> None:
        await asyncio.sleep(rng.random() * 0.3)
        async with server.acknowledged() as talk:
            first = await watching(talk)
            state = state_of(first)
            await follow(talk, state, first["version"], upto=301)
            assert state == truth(server.world)

    joiners = [asyncio.ensure_future(join()) for _ in range(30)]
    for _ in range(300):
        server.world.change()
        await asyncio.sleep(rng.random() * 0.003)
    await asyncio.gather(*joiners)


async def test_changes_at_once_travel_together(server: Served) -> None:
    async with server.acknowledged() as talk:
        await watching(talk)
        server.world.change()
        assert (await update(talk))["version"] == 2
        for _ in range(50):
            server.world.change()
        assert (await update(talk))["version"] == 52


async def test_a_gap_in_the_feed_gives_everybody_the_state(server: Served) -> None:
    async with server.acknowledged() as one, server.acknowledged() as two:
        for each in (one, two):
            await watching(each)
        server.world.change(publish=False)
        server.world.tell(Gap.GAP)
        for each in (one, two):
            event = await update(each)
            assert (event["previousVersion"], event["version"]) == (None, 2)


async def test_a_lost_delta_is_noticed_at_the_next(server: Served) -> None:
    async with server.acknowledged() as talk:
        await watching(talk)
        server.world.change(publish=False)
        server.world.change()
        event = await update(talk)
        assert (event["previousVersion"], event["version"]) == (None, 3)
        server.world.change()
        assert (await update(talk))["previousVersion"] == 3


async def test_a_delta_told_twice_is_passed_on_once(server: Served) -> None:
    async with server.acknowledged() as talk:
        await watching(talk)
        server.world.change()
        server.world.tell(server.world.delta(1, 2))
        server.world.change()
        seen = [(await update(talk))["version"]]
        if seen == [2]:
            seen.append((await update(talk))["version"])
    assert seen in ([2, 3], [3])


async def test_a_feed_that_stays_behind_a_snapshot_is_not_waited_for(server: Served) -> None:
    async with server.acknowledged() as old, server.acknowledged() as new:
        await watching(old)
        server.world.change(publish=False)
        assert (await watching(new))["version"] == 2
        assert (await update(old))["version"] == 2


async def test_a_delta_during_the_snapshot_is_not_missed() -> None:
    world = World(snapshot_held=asyncio.Event())
    async with served(world) as server, server.acknowledged() as talk:
        await talk.subscribe("live", LIVE)
        await eventually(lambda: world.snapshots == 1)
        world.change()
        world.change()
        assert world.snapshot_held is not None
        world.snapshot_held.set()
        assert (await update(talk))["version"] == 1
        assert (await update(talk))["previousVersion"] == 1


async def test_a_refusal_is_told_once_and_completes(server: Served) -> None:
    async with server.acknowledged() as talk:
        assert (await watching(talk, id="7")) == {"message": "No such place"}
        assert (await talk.hear()) == {"id": "live", "type": "complete"}
    assert len(server.app.service.hub) == 0


@pytest.mark.parametrize(("place", "code"), [("boom", "INTERNAL_SERVER_ERROR"), ("shown", "SHOWN")])
async def test_a_source_that_fails_is_an_error_message(
    server: Served, place: str, code: str
) -> None:
    async with server.acknowledged() as talk:
        await talk.subscribe("live", LIVE, variables={"id": place})
        message = await talk.hear()
    assert message["type"] == "error"
    assert message["payload"][0]["extensions"]["code"] == code
    assert "a bug in a source" not in str(message)


async def test_the_end_of_the_feed_completes_everybody(server: Served) -> None:
    async with server.acknowledged() as one, server.acknowledged() as two:
        for each in (one, two):
            await watching(each)
        server.world.tell(None)
        for each in (one, two):
            assert await each.hear() == {"id": "live", "type": "complete"}
        assert (await watching(one))["version"] == 1


async def test_a_feed_that_fails_is_an_error_for_everybody(server: Served) -> None:
    async with server.acknowledged() as talk:
        await watching(talk)
        server.world.tell(RuntimeError("secret"))
        message = await talk.hear()
    assert message["payload"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert "secret" not in str(message)


async def test_the_last_one_to_leave_closes_the_stream(server: Served) -> None:
    async with server.acknowledged() as one, server.acknowledged() as two:
        for each in (one, two):
            await watching(each)
        await one.say({"type": "complete", "id": "live"})
        await one.say({"type": "ping"})
        assert await one.hear() == {"type": "pong"}
        server.world.change()
        assert (await update(two))["version"] == 2
        assert server.world.streams_closed == 0
        await two.say({"type": "complete", "id": "live"})
        await eventually(lambda: server.world.streams_closed == 1)
        assert len(server.app.service.hub) == 0
        await one.say({"type": "ping"})
        assert await one.hear() == {"type": "pong"}


async def test_leaving_before_the_first_event_leaves_nothing(server: Served) -> None:
    async with server.acknowledged() as talk:
        for n in range(20):
            await talk.subscribe(str(n), LIVE)
            await talk.say({"type": "complete", "id": str(n)})
    await eventually(lambda: len(server.app.service.hub) == 0 and not server.world.feeds)


SMALL = 16_384


def narrow(port: int) -> socket.socket:
    """A connected socket that takes little before it is read."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    connection.connect(("127.0.0.1", port))
    return connection


async def overwhelm(world: World, witness: Talk, version: int, changes: int) -> int:
    """Make changes too big to be buffered for somebody who does not read, while another does."""
    for _ in range(changes):
        world.change(every=True)
        event = await update(witness)
        assert event["previousVersion"] == version
        version = event["version"]
    return version


async def test_a_slow_client_holds_up_nobody_and_gets_the_latest_state() -> None:
    world = World()
    async with (
        served(world, send_buffer=SMALL) as server,
        server.acknowledged() as quick,
        server.acknowledged(sock=narrow(server.port), max_queue=1) as slow,
    ):
        await watching(quick)
        await watching(slow)
        last = await overwhelm(world, quick, 1, 30)
        event = await update(slow)
        while event["previousVersion"] is not None:
            event = await update(slow)
        assert event["version"] == last
        assert state_of(event) == truth(world)
        world.change()
        assert (await update(slow))["previousVersion"] == last


def members(server: Served) -> int:
    """How many members all groups have."""
    groups = [task.result() for task in server.app.service.hub._groups.values()]
    return sum(len(group._members) for group in groups if isinstance(group, Group))


async def test_a_client_that_stays_slow_is_closed_with_4410() -> None:
    world = World()
    limits = Limits(slow_client_seconds_max=0.2)
    async with (
        served(world, send_buffer=SMALL, limits=limits) as server,
        server.acknowledged() as quick,
        server.acknowledged(sock=narrow(server.port), max_queue=1) as slow,
    ):
        await watching(quick)
        await watching(slow)
        await overwhelm(world, quick, 1, 30)
        await eventually(lambda: members(server) == 1)
        with pytest.raises(ConnectionClosed, match="4410"):
            while True:
                await slow.hear()


async def test_a_client_that_never_reads_again_is_cut_off() -> None:
    world = World()
    limits = Limits(slow_client_seconds_max=0.1, slow_close_seconds_max=0.1)
    async with (
        served(world, send_buffer=SMALL, limits=limits) as server,
        server.acknowledged() as quick,
        server.acknowledged(sock=narrow(server.port), max_queue=1) as slow,
    ):
        await watching(quick)
        await watching(slow)
        await overwhelm(world, quick, 1, 30)
        await eventually(lambda: len(server.app.service.presence) == 1)
        slow.connection.transport.abort()


async def test_a_client_that_pings_and_never_reads_piles_up_nothing() -> None:
    limits = Limits(slow_client_seconds_max=0.1, slow_close_seconds_max=0.1)
    async with (
        served(send_buffer=SMALL, limits=limits) as server,
        server.acknowledged(sock=narrow(server.port), max_queue=1) as talk,
    ):
        tasks = len(asyncio.all_tasks())
        with pytest.raises(ConnectionClosed):
            while True:
                await talk.say({"type": "ping", "payload": {"padding": "x" * 2_000}})
                assert len(asyncio.all_tasks()) <= tasks + 3
