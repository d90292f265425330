"""Plain Strawberry, as its documentation has it: the place query's shape over objects in memory.

Nothing is read from a database here, which Berth's answer is: the comparison is in its favour.
"""

import argparse
import asyncio
import json
import sys
from datetime import UTC, datetime

import strawberry
import uvicorn
from strawberry.asgi import GraphQL

from bench.machine import SERVER_CORE, pin

SINCE = datetime(2026, 1, 1, tzinfo=UTC)


@strawberry.type
class SpaceOccupancy:
    """As in Berth's schema."""

    value: str
    since: datetime
    source: str


@strawberry.type
class SpaceLock:
    """As in Berth's schema."""

    state: str


@strawberry.type
class Space:
    """As in Berth's schema."""

    id: strawberry.ID
    number: str
    status: str
    occupancy: SpaceOccupancy
    service: str
    claim: str
    lock: SpaceLock


@strawberry.type
class Spaces:
    """A connection's nodes."""

    nodes: list[Space]


@strawberry.type
class Place:
    """As in Berth's schema."""

    name: str
    version: int

    @strawberry.field
    async def spaces(self, first: int) -> Spaces:
        return Spaces(nodes=SPACES[:first])


@strawberry.type
class Query:
    """One place."""

    @strawberry.field
    async def place(self, id: strawberry.ID) -> Place | None:
        return Place(name="Garage 000001", version=200)


def _space(number: int) -> Space:
    occupancy, status = (("FREE", "AVAILABLE"), ("OCCUPIED", "OCCUPIED"))[number % 2]
    return Space(
        id=strawberry.ID(f"U3BhY2U6{number}"),
        number=str(10_000 + number),
        status=status,
        occupancy=SpaceOccupancy(value=occupancy, since=SINCE, source="DEVICE"),
        service="OPEN",
        claim="NONE",
        lock=SpaceLock(state="UNKNOWN"),
    )


SPACES = [_space(number) for number in range(1, 1_001)]


async def serve() -> None:
    """Until standard input ends."""
    config = uvicorn.Config(
        GraphQL(strawberry.Schema(Query)),
        port=0,
        log_level="error",
        access_log=False,
        http="httptools",
        lifespan="off",
    )
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    print(json.dumps({"port": server.servers[0].sockets[0].getsockname()[1]}), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.should_exit = True
    await serving


def main() -> None:
    """Serve on the core that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--core", type=int, default=SERVER_CORE)
    pin(parser.parse_args().core)
    asyncio.run(serve())


if __name__ == "__main__":
    main()
