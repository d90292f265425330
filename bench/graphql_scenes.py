"""What the GraphQL benchmarks measure: the toy schema of the tests, and Berth's own.

A scene has one place with 200 spaces, says what to ask of it, and changes it when told to.
"""

import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import aiosqlite
import strawberry
import strawberry.asgi

from api.graphql.app import GraphQLApp, graphql_app
from api.graphql.limits import Limits
from schema.execution import ContextFactory, Credentials, Viewer
from tests.api.graphql.toy import ToyViewer, World, toy_app, toy_schema

SPACES = 200
QUERY = """query Place($id: ID!) {
  place(id: $id) {
    name version
    spaces { id number status occupancy observedAt service claim lock }
  }
}"""
LIVE = """subscription Live($id: ID!) {
  placeOccupancy(placeId: $id) {
    ... on PlaceUpdate { version previousVersion changedAt
      spaces { id number status occupancy observedAt service claim lock } }
  }
}"""
BERTH_QUERY = """query Place($id: ID!) {
  place(id: $id) {
    name version
    spaces(first: 200) { nodes {
      id number
      status occupancy { value since source } service claim lock { state }
    } }
  }
}"""
BERTH_LIVE = """subscription Live($id: ID!) {
  placeOccupancy(placeId: $id) {
    ... on PlaceOccupancyUpdate { version previousVersion changedAt: at
      spaces { spaceId number status occupancy observedAt service claim lock } }
  }
}"""


class Scene(Protocol):
    """One place, and its applications."""

    query: dict[str, Any]
    """The body of the 200-space query."""
    live: dict[str, Any]
    """The payload of the subscription."""

    async def open(self) -> None:
        """Make the place."""

    def berth(self, limits: Limits) -> Any:
        """The schema on our transports."""

    def plain(self) -> Any:
        """The same schema on Strawberry's own ASGI application."""

    async def change(self) -> None:
        """Change one space: committed, then told."""

    async def change_quickly(self) -> None:
        """Change one space, at the least cost to the core that is measured."""

    def stat(self) -> dict[str, int]:
        """What was counted: `version`, `place_runs`, `version_reads`, `executions`."""

    async def close(self) -> None:
        """Let go."""


class StoredWorld(World):
    """The toy world, with its versions in a database as the real one's are."""

    database: aiosqlite.Connection

    async def versions(self, tags: Sequence[str]) -> Sequence[int]:
        """One statement for all tags."""
        self.version_reads += 1
        marks = ",".join("?" * len(tags))
        query = f"SELECT tag, version FROM place WHERE tag IN ({marks})"
        rows = {row[0]: row[1] for row in await self.database.execute_fetchall(query, tuple(tags))}
        return [rows.get(tag, -1) for tag in tags]


class Plain(strawberry.asgi.GraphQL[Any, None]):
    """Strawberry's own application, for somebody who is not signed in."""

    contexts: ContextFactory
    viewer: Viewer

    async def get_context(self, request: Any, response: Any = None) -> Any:
        """What the resolvers expect."""
        return self.contexts(self.viewer, "http")


def plain(schema: strawberry.Schema, contexts: ContextFactory, viewer: Viewer) -> Plain:
    """Strawberry's own application over a schema."""
    app = Plain(schema)
    app.contexts, app.viewer = contexts, viewer
    return app


class ToyScene:
    """The toy schema over a world in memory."""

    def __init__(self) -> None:
        self.query = {"query": QUERY, "variables": {"id": "1"}}
        self.live = {"query": LIVE, "variables": {"id": "1"}}
        self.world = StoredWorld()

    async def open(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="bench-")
        path = Path(self._folder.name) / "versions.sqlite3"
        self.world.database = await aiosqlite.connect(path, isolation_level=None)
        await self.world.database.execute("PRAGMA journal_mode=WAL")
        await self.world.database.execute("CREATE TABLE place (tag TEXT PRIMARY KEY, version INT)")
        await self.world.database.execute("INSERT INTO place VALUES ('place:1', 1)")

    def berth(self, limits: Limits) -> GraphQLApp:
        return toy_app(self.world, limits=limits)

    def plain(self) -> Any:
        return plain(toy_schema(), self.world.context, ToyViewer())

    async def change(self) -> None:
        version = self.world.version + 1
        await self.world.database.execute("UPDATE place SET version = ?", (version,))
        self.world.change()

    async def change_quickly(self) -> None:
        self.world.change()

    def stat(self) -> dict[str, int]:
        world = self.world
        return {
            "version": world.version,
            "place_runs": world.place_runs,
            "version_reads": world.version_reads,
            "executions": world.executions,
        }

    async def close(self) -> None:
        await self.world.database.close()
        self._folder.cleanup()


class BerthScene:
    """Berth's schema over a migrated SQLite database with one place."""

    query: dict[str, Any]
    live: dict[str, Any]

    def __init__(self) -> None:
        from parking.clock import SystemClock
        from parking.events.bus import InProcessBus

        self.clock = SystemClock()
        self.bus = InProcessBus()
        self.sequence = 0
        self.reads = 0

    async def open(self) -> None:
        from parking.places.models import Place
        from parking.storage.database import connect
        from parking.storage.migrate import migrate
        from schema.ids import global_id
        from tests.schema.town import Town, add_spaces, build_town

        self._folder = tempfile.TemporaryDirectory(prefix="bench-")
        path = Path(self._folder.name) / "berth.sqlite3"
        await migrate(f"sqlite:///{path}")
        await connect(f"sqlite:///{path}")
        town: Any = Town(self._services(), self.clock, self.bus)  # type: ignore[arg-type]
        await build_town(town)
        await add_spaces(town, "garage", SPACES - 3)
        await Place.filter(id=town.keys["garage"]).update(unknown_count=SPACES)
        self.place_id = town.keys["garage"]
        self.spaces = [town.keys[f"garage-{n}"] for n in range(1, SPACES + 1)]
        variables = {"id": global_id("Place", self.place_id)}
        self.query = {"query": BERTH_QUERY, "variables": variables}
        self.live = {"query": BERTH_LIVE, "variables": variables}

    def berth(self, limits: Limits) -> GraphQLApp:
        from schema.context import context_factory
        from schema.schema import make_schema
        from schema.versions import PlaceVersions

        scene = self

        class Counted(PlaceVersions):
            async def versions(self, tags: Sequence[str]) -> Sequence[int]:
                scene.reads += 1
                return await super().versions(tags)

        return graphql_app(
            make_schema(),
            context_factory=context_factory(self._services()),
            authenticate=_anybody,
            version_reader=Counted(),
            limits=limits,
        )

    def plain(self) -> Any:
        from schema.context import context_factory
        from schema.schema import make_schema

        return plain(make_schema(), context_factory(self._services()), _nobody())

    async def change(self) -> None:
        from parking.occupancy.models import Axis
        from parking.occupancy.record import Report, record

        self.sequence += 1
        at, n = self.clock.now(), self.sequence
        value = ("OCCUPIED", "FREE")[n // SPACES % 2]
        report = Report(
            space_id=self.spaces[n % SPACES],
            place_id=self.place_id,
            axis=Axis.OCCUPANCY,
            value=value,
            observed_at=at,
            received_at=at,
            device_id=n % SPACES + 1_000,
            sequence=n,
        )
        await record([report], self.clock, self.bus)

    async def change_quickly(self) -> None:
        await self.change()

    def stat(self) -> dict[str, int]:
        return {"version": self.sequence, "version_reads": self.reads, "place_runs": 0}

    async def close(self) -> None:
        from parking.storage.database import disconnect

        await disconnect()
        self._folder.cleanup()

    def _services(self) -> Any:
        from parking.accounts.keys import derive_keys
        from parking.accounts.standings import Standings
        from parking.devices.sealing import Sealer
        from parking.notices.inbox import LogAndInboxChannel
        from schema.context import Services

        secret = "a secret of the benchmarks, long enough"
        return Services(
            clock=self.clock,
            bus=self.bus,
            keys=derive_keys(secret),
            channel=LogAndInboxChannel(self.clock),
            standings=Standings(self.clock),
            sealer=Sealer(secret.encode()),
        )


def _nobody() -> Viewer:
    from parking.accounts.viewer import ANONYMOUS
    from schema.context import Asker

    return Asker(ANONYMOUS)


async def _anybody(_credentials: Credentials, /) -> Viewer:
    return _nobody()


SCENES: dict[str, type[Scene]] = {"toy": ToyScene, "berth": BerthScene}


def instant(told: float | str | None) -> float:
    """When a change was made, in seconds since the epoch."""
    if isinstance(told, str):
        return datetime.fromisoformat(told).timestamp()
    return told or time.time()
