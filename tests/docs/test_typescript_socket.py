"""docs/clients/typescript: what the client does about a server that is in trouble."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets import Subprotocol
from websockets.asyncio.server import ServerConnection, serve

from tests.support.running import ROOT
from tests.support.scripts import script

FOLDER = (ROOT / "docs" / "clients" / "typescript").as_uri()
FOLLOW = f"""
import {{ Client }} from "{FOLDER}/client.ts";
import {{ followPlace }} from "{FOLDER}/place.ts";
const client = new Client({{ url: process.env.BERTH_URL, token: () => "a token" }});
async function follow(place) {{
  try {{
    for await (const {{ version, bays, update }} of followPlace(client, place)) {{
      console.log(update.kind, version, [...bays.values()].map((bay) => bay.status).join());
    }}
    console.log("it is over");
  }} catch (error) {{
    console.log(String(error));
  }}
}}
await Promise.all(process.env.PLACES.split(" ").map(follow));
"""
FIRST_TICKS_FAST = """
const real = setInterval;
globalThis.setInterval = (tick) => { globalThis.setInterval = real; return real(tick, 20); };
"""
"""The first connection is asked for a sign of life at once, not after a quarter of a minute."""
SUBPROTOCOL = Subprotocol("graphql-transport-ws")
Turn = Callable[["Peer"], Awaitable[None]]


class Peer:
    """One connection of the client, as a server sees it."""

    def __init__(self, link: ServerConnection) -> None:
        self.link = link
        self.id = ""

    async def hear(self, kind: str) -> Any:
        """The next message, which is of that kind."""
        message = json.loads(await self.link.recv())
        assert message["type"] == kind, message
        self.id = message.get("id", self.id)
        return message.get("payload")

    async def say(self, kind: str, **values: Any) -> None:
        await self.link.send(json.dumps({"type": kind, **values}))

    async def begin(self) -> Any:
        """Up to the subscription; its variables."""
        assert await self.hear("connection_init") == {"authorization": "Bearer a token"}
        await self.say("connection_ack")
        return (await self.hear("subscribe"))["variables"]

    async def tell(self, version: int, previous: int | None, status: str) -> None:
        """An update of the place's one bay."""
        bay = {"spaceId": "bay", "number": "1", "status": status, "observedAt": None}
        kind = "SNAPSHOT" if previous is None else "DELTA"
        update = {
            "__typename": "PlaceOccupancyUpdate", "kind": kind, "version": version,
            "previousVersion": previous, "spaces": [bay],
        }  # fmt: skip
        await self.say("next", id=self.id, payload={"data": {"placeOccupancy": update}})


@asynccontextmanager
async def serving(*turns: Turn) -> AsyncIterator[str]:
    """A server whose first connection is the first turn's, and so on; where it is."""
    waiting, failures = list(turns), list[BaseException]()

    async def take(link: ServerConnection) -> None:
        try:
            await waiting.pop(0)(Peer(link))
        except Exception as error:  # noqa: BLE001 - told at the end, in the test
            failures.append(error)

    async with serve(take, "127.0.0.1", 0, subprotocols=[SUBPROTOCOL]) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    assert failures == []
    assert waiting == []


async def printed(*turns: Turn, before: str = "", places: str = "place") -> list[str]:
    """What following the places prints."""
    async with serving(*turns) as url:
        arguments = ("--input-type=module-typescript", "--eval", before + FOLLOW)
        with script(*arguments, BERTH_URL=url, PLACES=places) as follower:
            await asyncio.to_thread(follower.wait)
            assert "".join(follower.err) == ""
            return "".join(follower.out).splitlines()


async def ends(peer: Peer) -> None:
    """The subscription is complete."""
    await peer.begin()
    await peer.say("complete", id=peer.id)
    await peer.link.wait_closed()


async def test_closed_as_too_slow_it_goes_on_behind_its_version() -> None:
    async def first(peer: Peer) -> None:
        assert await peer.begin() == {"placeId": "place"}
        await peer.tell(7, None, "AVAILABLE")
        await peer.tell(9, 7, "OCCUPIED")
        await peer.link.close(4410, "too slow")

    async def second(peer: Peer) -> None:
        assert await peer.begin() == {"placeId": "place", "after": 9}
        await peer.tell(12, 9, "AVAILABLE")
        await peer.say("complete", id=peer.id)
        await peer.link.wait_closed()

    lines = ["SNAPSHOT 7 AVAILABLE", "DELTA 9 OCCUPIED", "DELTA 12 AVAILABLE", "it is over"]
    assert await printed(first, second) == lines


async def test_a_gap_is_seen_and_it_begins_anew() -> None:
    async def first(peer: Peer) -> None:
        await peer.begin()
        await peer.tell(7, None, "AVAILABLE")
        await peer.tell(9, 8, "OCCUPIED")
        await peer.hear("complete")
        await peer.link.wait_closed()

    async def second(peer: Peer) -> None:
        assert await peer.begin() == {"placeId": "place"}
        await peer.tell(9, None, "RESERVED")
        await peer.say("complete", id=peer.id)
        await peer.link.wait_closed()

    assert await printed(first, second) == [
        "SNAPSHOT 7 AVAILABLE",
        "SNAPSHOT 9 RESERVED",
        "it is over",
    ]


async def test_a_database_that_is_away_is_waited_for() -> None:
    async def first(peer: Peer) -> None:
        await peer.begin()
        error = {"message": "try again", "extensions": {"code": "UNAVAILABLE"}}
        await peer.say("error", id=peer.id, payload=[error])
        await peer.link.wait_closed()

    assert await printed(first, ends) == ["it is over"]


@pytest.mark.parametrize("code", [4400, 4401, 4406, 4500])
async def test_it_does_not_come_back_where_that_would_not_help(code: int) -> None:
    async def first(peer: Peer) -> None:
        await peer.hear("connection_init")
        await peer.link.close(code, "no")

    assert await printed(first) == [f"ConnectionLost: closed with {code}: no"]


@pytest.mark.parametrize("code", [1001, 4403, 4408, 4420])
async def test_it_comes_back_where_it_may(code: int) -> None:
    async def first(peer: Peer) -> None:
        await peer.hear("connection_init")
        await peer.link.close(code, "not now")

    assert await printed(first, ends) == ["it is over"]


async def test_an_error_is_told_and_a_refusal_too() -> None:
    async def denied(peer: Peer) -> None:
        await peer.begin()
        error = {"message": "too much", "extensions": {"code": "TOO_MANY_SUBSCRIPTIONS"}}
        await peer.say("error", id=peer.id, payload=[error])
        await peer.link.wait_closed()

    async def refused(peer: Peer) -> None:
        await peer.begin()
        refusal = {"__typename": "NotFound", "code": "NOT_FOUND", "message": "no such place"}
        await peer.say("next", id=peer.id, payload={"data": {"placeOccupancy": refusal}})
        await peer.hear("complete")
        await peer.link.wait_closed()

    assert await printed(denied) == ["RequestFailed: TOO_MANY_SUBSCRIPTIONS: too much"]
    assert await printed(refused) == ["Refused: NOT_FOUND: no such place"]


async def test_a_ping_is_answered() -> None:
    async def first(peer: Peer) -> None:
        await peer.begin()
        await peer.say("ping")
        await peer.hear("pong")
        await peer.say("complete", id=peer.id)
        await peer.link.wait_closed()

    assert await printed(first) == ["it is over"]


async def test_a_connection_that_is_silent_is_given_up_for_another() -> None:
    async def silent(peer: Peer) -> None:
        async for _ in peer.link:
            pass

    assert await printed(silent, ends, before=FIRST_TICKS_FAST) == ["it is over"]


async def test_all_subscriptions_share_one_connection_and_come_back_together() -> None:
    async def both(peer: Peer) -> list[str]:
        await peer.begin()
        first = peer.id
        await peer.hear("subscribe")
        assert peer.id != first
        return [first, peer.id]

    async def lost(peer: Peer) -> None:
        await both(peer)
        await peer.link.close(1012, "restart")

    async def good(peer: Peer) -> None:
        for each in await both(peer):
            await peer.say("complete", id=each)
        await peer.link.wait_closed()

    assert await printed(lost, good, places="one two") == ["it is over"] * 2
