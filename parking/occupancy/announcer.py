"""Publishes committed updates in order, without making those wait whose reports they are."""

import asyncio
import logging
from collections.abc import Sequence

from parking.events.bus import Bus
from parking.occupancy.change import publish_updates
from parking.occupancy.state import PlaceUpdate, merge
from parking.storage.transactions import detached

log = logging.getLogger(__name__)


class Announcer:
    """While one lot is being published the next gathers; what follows on is merged, by place.

    Another process may commit to the same place in between: then ours do not follow on, and
    merging them would hide the other's change from subscribers.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._pending: dict[int, list[PlaceUpdate]] = {}
        self._messages: list[tuple[str, bytes]] = []
        self._runner: asyncio.Task[None] | None = None

    def announce(
        self, updates: Sequence[PlaceUpdate], messages: Sequence[tuple[str, bytes]] = ()
    ) -> None:
        """Publish soon; updates of a place go out in the order they are given.

        `messages` are what layers above have to tell: topic and body.
        """
        for update in updates:
            self._pending.setdefault(update.place_id, []).append(update)
        self._messages.extend(messages)
        if (self._pending or self._messages) and self._runner is None:
            self._runner = detached(self._run(), "announce updates")

    async def drain(self) -> None:
        """Wait until everything is published."""
        if self._runner is not None:
            await asyncio.wait([self._runner])

    async def _run(self) -> None:
        try:
            while self._pending or self._messages:
                pending, self._pending = self._pending, {}
                messages, self._messages = self._messages, []
                runs = [run for each in pending.values() for run in _runs(each)]
                await publish_updates(self._bus, [merge(run) for run in runs])
                for topic, body in messages:
                    await self._bus.publish(topic, body)
        except Exception:
            # Subscribers find out by the version of the next update, and from the relay.
            log.exception("updates of %d places were not published", len(pending))
        finally:
            self._runner = None


def _runs(updates: Sequence[PlaceUpdate]) -> list[list[PlaceUpdate]]:
    """Parts in which each update continues from the one before."""
    runs: list[list[PlaceUpdate]] = []
    for update in updates:
        if runs and runs[-1][-1].version == update.previous_version:
            runs[-1].append(update)
        else:
            runs.append([update])
    return runs
