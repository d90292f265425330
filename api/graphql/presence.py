"""Who is connected: counted against the limits, and checked again while they stay."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from contextvars import Context
from datetime import UTC, datetime
from typing import Protocol, TypeAlias

from api.graphql.limits import Limits
from schema.execution import Revalidate, Viewer

_log = logging.getLogger("berth.graphql")

SWEEP_SECONDS = 0.5
"""How late an ended or revoked credential may be noticed."""

Changed: TypeAlias = Callable[[], Awaitable[Collection[str]]]
"""Whose standing has changed since it was asked last: identities."""


class Connection(Protocol):
    """A live socket or event stream."""

    viewer: Viewer
    source: str

    def expel(self, reason: str) -> None:
        """End it: its viewer may not be here any more, or sees something else now."""


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


class Presence:
    """The live connections of one process."""

    def __init__(
        self,
        limits: Limits,
        revalidate: Revalidate | None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._limits = limits
        self._revalidate = revalidate
        self._now = now
        self._changed: Changed | None = None
        self._sources: Counter[str] = Counter()
        self._subscriptions: Counter[str] = Counter()
        self._connections: set[Connection] = set()
        self._sweeper: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return self._sources.total()

    # Counting

    def admit(self, source: str) -> bool:
        """Count one more connection from an address; False when there are too many."""
        if self._sources[source] >= self._limits.sockets_per_source_max:
            return False
        self._sources[source] += 1
        return True

    def dismiss(self, source: str) -> None:
        """A connection from an address is over."""
        _count_down(self._sources, source)

    def subscribe(self, connection: Connection) -> bool:
        """Count one more subscription of a connection's viewer; False when there are too many."""
        key = _subscriber(connection)
        if self._subscriptions[key] >= self._limits.subscriptions_per_viewer_max:
            return False
        self._subscriptions[key] += 1
        return True

    def unsubscribe(self, connection: Connection) -> None:
        """A subscription is over."""
        _count_down(self._subscriptions, _subscriber(connection))

    # Watching

    def heed(self, changed: Changed) -> None:
        """At each sweep check those whom it names, beside the look at all of them now and then."""
        self._changed = changed

    def watch(self, connection: Connection) -> None:
        """From now on check its viewer again, unless it is one that cannot change."""
        self._connections.add(connection)
        if self._sweeper is None:
            sweep = self._sweep()
            self._sweeper = asyncio.get_running_loop().create_task(sweep, context=Context())

    def unwatch(self, connection: Connection) -> None:
        """It is over."""
        self._connections.discard(connection)

    async def close(self) -> None:
        """Stop checking."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)

    async def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        revalidated = loop.time()
        while True:
            await asyncio.sleep(min(SWEEP_SECONDS, self._limits.revalidate_seconds))
            self.expire()
            await self._check_changed()
            if loop.time() - revalidated >= self._limits.revalidate_seconds:
                revalidated = loop.time()
                await self.revalidate()

    async def _check_changed(self) -> None:
        if self._changed is None:
            return
        try:
            changed = await self._changed()
        except Exception as error:  # noqa: BLE001 - the next sweep asks again
            _log.warning("Whose standing has changed cannot be told now: %r", error)
            return
        if changed:
            await self.revalidate(changed)

    def expire(self) -> None:
        """Expel those whose credential has ended."""
        now = self._now()
        for connection in list(self._connections):
            until = connection.viewer.valid_until
            if until is not None and until <= now:
                connection.expel("The credential has ended; connect with a new one")

    async def admits(self, connection: Connection) -> bool:
        """Ask again, now, for the viewer of a connection that wants an answer; False: expelled.

        A subscription may outlive a revocation by `SWEEP_SECONDS` where `heed` knows of it, else
        by `revalidate_seconds`; a mutation may not.
        """
        viewer = connection.viewer
        if self._revalidate is None or viewer.identity is None:
            return True
        renewed = await self._revalidate(viewer)
        _apply(connection, renewed)
        return renewed is not None and renewed.visibility == viewer.visibility

    async def revalidate(self, whose: Collection[str] | None = None) -> None:
        """Ask for every signed-in viewer, or for these, whether they still are who they were."""
        if self._revalidate is None:
            return
        known: dict[str, list[tuple[Viewer, Viewer | None]]] = {}
        for connection in list(self._connections):
            viewer = connection.viewer
            if viewer.identity is None or (whose is not None and viewer.identity not in whose):
                continue
            renewed = known.setdefault(viewer.identity, [])
            try:
                if not any(asked == viewer for asked, _ in renewed):
                    renewed.append((viewer, await self._revalidate(viewer)))
            except Exception:  # noqa: BLE001 - one viewer that cannot be checked is not the end
                _log.exception("A viewer could not be checked again; next try at the next sweep")
                continue
            _apply(connection, next(found for asked, found in renewed if asked == viewer))


def _apply(connection: Connection, renewed: Viewer | None) -> None:
    if renewed is None:
        connection.expel("The credential was revoked; sign in again")
    elif renewed.visibility != connection.viewer.visibility:
        connection.expel("What you may see has changed; connect again")
    else:
        connection.viewer = renewed


def _subscriber(connection: Connection) -> str:
    identity = connection.viewer.identity
    return f"@{connection.source}" if identity is None else identity


def _count_down(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]
