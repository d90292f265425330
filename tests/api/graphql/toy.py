"""A small world with a schema that has every hook: places whose spaces change, and who watches.

It commits like a database: a change is visible to every later read at once, and is in the feeds.
"""

import asyncio
import time
from bisect import bisect_right
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import itemgetter
from typing import Annotated, Any

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig

from api.graphql.app import GraphQLApp, Settings, graphql_app
from api.graphql.limits import Limits
from schema.execution import (
    COST,
    SHARED,
    VERSIONED_BY,
    VOLATILE,
    Context,
    Cost,
    Credentials,
    Event,
    Gap,
    Only,
    Transport,
    Unauthenticated,
    Viewer,
)

SPACES = 200
STATUSES = ("AVAILABLE", "OCCUPIED")


@dataclass(frozen=True, slots=True)
class ToyViewer:
    """Who asks: anybody, or the name in the token."""

    identity: str | None = None
    visibility: str = "public"
    valid_until: datetime | None = None


@strawberry.type
class Space:
    id: strawberry.ID
    number: str
    status: str
    occupancy: str
    observed_at: str
    service: str
    claim: str
    lock: str


@strawberry.type
class Nobody:
    message: str


@strawberry.type
class Place:
    id: strawberry.ID
    name: str
    version: int
    all_spaces: strawberry.Private[list[Space]]

    @strawberry.field(metadata={COST: Cost(assumed_size=SPACES)})  # type: ignore[untyped-decorator]
    def spaces(self) -> list[Space]:
        return self.all_spaces

    @strawberry.field
    def page(self, first: int = 50) -> list[Space]:
        return self.all_spaces[:first]

    @strawberry.field
    def parent(self) -> "Place":
        return self

    @strawberry.field(metadata={VOLATILE: True})  # type: ignore[untyped-decorator]
    def dice(self) -> int:
        return 4


@strawberry.type
class PlaceUpdate:
    version: int
    previous_version: int | None
    spaces: list[Space]
    changed_at: float
    """The first of the changes, in seconds since the epoch."""

    @classmethod
    def of(
        cls, version: int, previous: int | None, spaces: Iterable[Space], at: float = 0.0
    ) -> "PlaceUpdate":
        told = list(spaces)
        return cls(version=version, previous_version=previous, spaces=told, changed_at=at)

    @strawberry.field
    def executions(self, info: strawberry.Info[Context, None]) -> int:
        """How often an event was executed: a side effect that shows sharing."""
        world: World = info.context.services
        world.executions += 1
        return world.executions


@dataclass(slots=True)
class World:
    """All there is."""

    spaces: list[Space] = field(default_factory=list)
    version: int = 1
    history: list[tuple[int, Space, float]] = field(default_factory=list)
    feeds: set["ToyStream"] = field(default_factory=set)
    executions: int = 0
    place_runs: int = 0
    version_reads: int = 0
    snapshots: int = 0
    snapshot_held: asyncio.Event | None = None
    """While set and not released, a snapshot waits after it has read the state."""
    held: asyncio.Event | None = None
    """While set and not released, the place query waits after it has read the place."""
    revoked: set[str] = field(default_factory=set)
    visibility: dict[str, str] = field(default_factory=dict)
    mutations: int = 0
    contexts: list[Context] = field(default_factory=list)
    streams_closed: int = 0
    retained: int = 100_000

    def __post_init__(self) -> None:
        self.spaces = self.spaces or [
            Space(
                id=strawberry.ID(str(n)),
                number=f"A-{n:03}",
                status="AVAILABLE",
                occupancy="FREE",
                observed_at="2026-01-05T08:00:00Z",
                service="OPEN",
                claim="NONE",
                lock="UNKNOWN",
            )
            for n in range(SPACES)
        ]

    def change(self, *, every: bool = False, publish: bool = True) -> int:
        """A space changes, or every space; the new version is committed, and told to the feeds."""
        count = len(self.spaces)
        at = range(count) if every else (self.version % count,)
        self.version += 1
        for each in at:
            flipped = STATUSES[self.spaces[each].status == STATUSES[0]]
            self.spaces[each] = replace(self.spaces[each], status=flipped)
            self.history.append((self.version, self.spaces[each], time.time()))
        del self.history[: -self.retained]
        if publish:
            self.tell(self.delta(self.version - 1, self.version))
        return self.version

    def tell(self, item: "Event | Gap | Exception | None") -> None:
        """Put something into every feed; None ends it."""
        for feed in self.feeds:
            feed.arrived.put_nowait(item)

    def delta(self, after: int, upto: int) -> Event:
        first = bisect_right(self.history, after, key=itemgetter(0))
        told = [each for each in self.history[first:] if each[0] <= upto]
        changed = {space.id: space for _, space, _ in told}
        at = told[0][2] if told else 0.0
        return Event(PlaceUpdate.of(upto, after, changed.values(), at), upto, after)

    async def versions(self, tags: Sequence[str]) -> Sequence[int]:
        """As `VersionReader`."""
        self.version_reads += 1
        read = [self.version if tag == "place:1" else -1 for tag in tags]
        await asyncio.sleep(0)
        return read

    def context(self, viewer: Viewer, transport: Transport) -> Context:
        """As `ContextFactory`."""
        context = Context(viewer, transport, services=self)
        self.contexts.append(context)
        del self.contexts[:-1_000]
        return context

    async def authenticate(self, credentials: Credentials) -> Viewer:
        """As `Authenticate`: `Bearer name`, or `{"token": "name"}`."""
        header = credentials.headers.get(b"authorization", b"").decode()
        token = (credentials.payload or {}).get("token") or header.removeprefix("Bearer ")
        if not token:
            return ToyViewer()
        if token == "bad":
            raise Unauthenticated("This token is not good.")
        return ToyViewer(token, self.visibility.get(token, f"of {token}"))

    async def revalidate(self, viewer: Viewer) -> Viewer | None:
        """As `Revalidate`."""
        assert viewer.identity is not None
        if viewer.identity in self.revoked:
            return None
        seen = self.visibility.get(viewer.identity, viewer.visibility)
        return ToyViewer(viewer.identity, seen, viewer.valid_until)


class ToyStream:
    """The live source of place 1 (`schema.execution.Stream`)."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.arrived: asyncio.Queue[Event | Gap | Exception | None] = asyncio.Queue()
        world.feeds.add(self)

    async def position(self) -> int | None:
        await asyncio.sleep(0)
        return self.world.version

    async def snapshot(self, after: int | None) -> Sequence[Event]:
        self.world.snapshots += 1
        version, spaces = self.world.version, list(self.world.spaces)
        await asyncio.sleep(0)
        if self.world.snapshot_held is not None:
            await self.world.snapshot_held.wait()
        oldest = self.world.history[0][0] - 1 if self.world.history else version
        if after is not None and oldest <= after <= version:
            return [self.world.delta(after, version)]
        return [Event(PlaceUpdate.of(version, None, spaces), version)]

    async def feed(self) -> AsyncIterator[Event | Gap]:
        while (item := await self.arrived.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield item

    def merge(self, events: Sequence[Event]) -> Event:
        first, last = events[0].previous_version, events[-1].version
        assert first is not None
        return self.world.delta(first, last)

    async def close(self) -> None:
        self.world.feeds.discard(self)
        self.world.streams_closed += 1


async def occupancy(arguments: Mapping[str, Any], context: Context) -> "ToyStream | Only":
    """The `Source` of placeOccupancy."""
    if arguments["placeId"] == "boom":
        raise RuntimeError("a bug in a source")
    if arguments["placeId"] == "shown":
        raise GraphQLError("shown as it is", extensions={"code": "SHOWN"})
    if arguments["placeId"] != "1":
        return Only(Nobody(message="No such place"))
    return ToyStream(context.services)


def place_tags(arguments: Mapping[str, Any]) -> Sequence[str] | None:
    """Place 1 and 2 have versions; others are not kept."""
    return (f"place:{arguments['id']}",) if arguments["id"] in ("1", "2") else None


@strawberry.type
class Query:
    @strawberry.field(metadata={VERSIONED_BY: place_tags})  # type: ignore[untyped-decorator]
    async def place(self, info: strawberry.Info[Context, None], id: strawberry.ID) -> Place | None:
        world: World = info.context.services
        world.place_runs += 1
        if id != "1":
            return None
        read = Place(id=id, name="Süd 停车场", version=world.version, all_spaces=list(world.spaces))
        if world.held is not None:
            await world.held.wait()
        return read

    @strawberry.field
    def hello(self, name: str = "you") -> str:
        return f"Hello, {name}"

    @strawberry.field
    def visibility(self, info: strawberry.Info[Context, None]) -> str:
        return info.context.viewer.visibility

    @strawberry.field
    def bug(self) -> str | None:
        raise RuntimeError("secret: the password is 1234")

    @strawberry.field
    def wrong(self) -> str | None:
        raise GraphQLError("shown as it is", extensions={"code": "SHOWN"})

    @strawberry.field
    async def slow(self, info: strawberry.Info[Context, None]) -> int:
        world: World = info.context.services
        assert world.held is not None
        await world.held.wait()
        return 1


@strawberry.type
class Mutation:
    @strawberry.mutation
    def change(self, info: strawberry.Info[Context, None]) -> int:
        world: World = info.context.services
        world.mutations += 1
        return world.change()

    @strawberry.mutation
    async def slow_change(self, info: strawberry.Info[Context, None]) -> int:
        world: World = info.context.services
        assert world.held is not None
        await world.held.wait()
        world.mutations += 1
        return world.mutations


@strawberry.type
class Subscription:
    @strawberry.subscription(metadata={SHARED: occupancy})  # type: ignore[untyped-decorator]
    async def place_occupancy(
        self, place_id: strawberry.ID, after: int | None = None
    ) -> AsyncIterator[Annotated[PlaceUpdate | Nobody, strawberry.union("PlaceOccupancy")]]:
        yield Nobody(message=f"Never run: {place_id} after {after} comes from the source.")

    @strawberry.subscription
    async def count(self, info: strawberry.Info[Context, None], to: int = 3) -> AsyncIterator[int]:
        for n in range(1, to + 1):
            yield n

    @strawberry.subscription
    async def places(self, to: int = 3) -> AsyncIterator[Place]:
        for number in range(to):
            yield Place(id=strawberry.ID("p"), name="Place", version=number, all_spaces=[])

    @strawberry.subscription
    async def bug(self) -> AsyncIterator[int]:
        yield 1
        raise RuntimeError("secret")


def toy_schema() -> strawberry.Schema:
    """The schema."""
    config = StrawberryConfig(auto_camel_case=True)
    return strawberry.Schema(Query, Mutation, Subscription, config=config)


def toy_app(
    world: World,
    *,
    limits: Limits | None = None,
    settings: Settings | None = None,
    kept: bool = True,
    **more: Any,
) -> GraphQLApp:
    """The application over a world."""
    return graphql_app(
        toy_schema(),
        context_factory=world.context,
        authenticate=world.authenticate,
        version_reader=world if kept else None,
        revalidate=world.revalidate,
        limits=limits,
        settings=settings or Settings(introspection=True),
        **more,
    )
