"""Live sockets are checked again: credentials end, are revoked, and change what they show."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from api.graphql.limits import Limits
from parking.clock import TestClock
from schema.execution import Credentials, Viewer
from tests.api.graphql.served import Served, served
from tests.api.graphql.toy import ToyViewer, World

LIVE = "subscription { placeOccupancy(placeId: 1) { ... on PlaceUpdate { version } } }"
LIMITS = Limits(revalidate_seconds=0.05)


class Expiring(World):
    """Tokens are good for a minute."""

    clock = TestClock()

    async def authenticate(self, credentials: Credentials) -> Viewer:
        viewer = await super().authenticate(credentials)
        assert isinstance(viewer, ToyViewer)
        if viewer.identity is None:
            return viewer
        return replace(viewer, valid_until=self.clock.now() + timedelta(minutes=1))


@pytest.fixture
async def server() -> AsyncIterator[Served]:
    world = Expiring()
    async with served(world, limits=LIMITS, now=world.clock.now) as server:
        yield server


async def live(talk: Any) -> None:
    await talk.subscribe("1", LIVE)
    await talk.hear()


async def test_a_socket_ends_with_its_credential_and_others_stay(server: Served) -> None:
    async with server.acknowledged("ann") as ann, server.acknowledged() as anybody:
        await live(ann)
        await live(anybody)
        Expiring.clock.advance(seconds=59)
        server.world.change()
        assert (await ann.hear())["type"] == "next"
        await anybody.hear()
        Expiring.clock.advance(seconds=2)
        assert await ann.closed() == (4403, "The credential has ended; connect with a new one")
        server.world.change()
        assert (await anybody.hear())["type"] == "next"


async def test_a_revoked_viewers_sockets_are_closed(server: Served) -> None:
    async with server.acknowledged("ann") as ann, server.acknowledged("bob") as bob:
        await live(ann)
        await live(bob)
        server.world.revoked.add("ann")
        assert await ann.closed() == (4403, "The credential was revoked; sign in again")
        server.world.change()
        assert (await bob.hear())["type"] == "next"


async def test_a_socket_whose_viewer_sees_something_else_now_is_closed(server: Served) -> None:
    async with server.acknowledged("ann") as ann:
        await live(ann)
        server.world.visibility["ann"] = "less"
        assert await ann.closed() == (4403, "What you may see has changed; connect again")


async def test_an_expelled_viewer_gets_no_event_between_expiry_and_close(server: Served) -> None:
    async with server.acknowledged("ann") as ann:
        await live(ann)
        presence = server.app.service.presence
        server.world.revoked.add("ann")
        await presence.revalidate()
        server.world.change()
        assert (await ann.closed())[0] == 4403
        assert len(server.app.service.hub) == 0


@pytest.mark.parametrize("change", ["revoked", "visibility"])
async def test_a_mutation_is_not_run_for_who_was_revoked_a_moment_ago(change: str) -> None:
    """The next look at all sockets is far away: the mutation itself asks."""
    async with (
        served(limits=Limits(revalidate_seconds=3600.0)) as server,
        server.acknowledged("ann") as ann,
        server.acknowledged("bob") as bob,
    ):
        if change == "revoked":
            server.world.revoked.add("ann")
        else:
            server.world.visibility["ann"] = "less"
        await ann.subscribe("1", "mutation { change }")
        assert (await ann.closed())[0] == 4403
        assert server.world.mutations == 0
        await bob.subscribe("1", "mutation { change }")
        assert (await bob.hear())["type"] == "next"


async def test_an_event_stream_ends_with_its_credential(server: Served) -> None:
    headers = {"accept": "text/event-stream", "authorization": "Bearer ann"}
    body = {"query": LIVE}
    async with server.http.stream("POST", server.url, json=body, headers=headers) as response:
        lines = response.aiter_lines()
        while "data" not in await anext(lines):
            pass
        server.world.revoked.add("ann")
        rest = [line async for line in lines if line]
    assert "UNAUTHENTICATED" in rest[1]
    assert rest[2] == "event: complete"


async def test_who_was_changed_is_checked_at_once_and_nobody_else() -> None:
    """The next look at all sockets is far away."""
    changed: list[list[str]] = []

    async def tell() -> list[str]:
        if not changed:
            raise OSError("database away")
        return changed.pop()

    limits = Limits(revalidate_seconds=3600.0)
    async with (
        served(limits=limits) as server,
        server.acknowledged("ann") as ann,
        server.acknowledged("bob") as bob,
    ):
        await live(ann)
        await live(bob)
        server.app.service.presence.heed(tell)
        server.world.revoked |= {"ann", "bob"}
        changed.append(["ann", "somebody else"])
        assert await ann.closed() == (4403, "The credential was revoked; sign in again")
        server.world.change()
        assert (await bob.hear())["type"] == "next"


async def test_a_check_that_fails_is_tried_again(server: Served) -> None:
    tries = 0

    async def failing(_: Viewer) -> Viewer | None:
        nonlocal tries
        tries += 1
        raise OSError("database away")

    presence = server.app.service.presence
    presence._revalidate = failing
    async with server.acknowledged("ann") as ann:
        await live(ann)
        for _ in range(2):
            await presence.revalidate()
        await ann.say({"type": "ping"})
        assert await ann.hear() == {"type": "pong"}
    assert tries >= 2
