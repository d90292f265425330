"""Changing a place: the one way by which anything in it changes.

Whatever the verb (a sensor's report, an operator closing a bay, a reservation claiming one), the
place row is locked first, each change takes the place's next version, its event row is written in
the same transaction, and the bus hears of it after the commit.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from parking.errors import NotFound
from parking.events.bus import Bus
from parking.occupancy import rows
from parking.occupancy.rows import Fact, PlaceRow, StateRow
from parking.occupancy.rules import moved, place_state
from parking.occupancy.state import PlaceUpdate, encode_update, merge
from parking.storage.locks import lock_places
from parking.storage.sql import Sql
from parking.storage.transactions import transaction

SPACE_CHANGED = "space_changed"
PLACE_CHANGED = "place_changed"
INVENTORY_CHANGED = "inventory_changed"


class PlaceChange:
    """Collects the changes of one transaction; `changing_places` makes, writes and publishes it."""

    def __init__(self, sql: Sql, places: dict[int, PlaceRow], at: datetime) -> None:
        self.sql = sql
        self.at = at
        self._places = places
        self._states: dict[int, StateRow] = {}
        self._dirty_states: dict[int, StateRow] = {}
        self._dirty_places: set[int] = set()
        self._facts: list[Fact] = []
        self._events: list[tuple[str, PlaceUpdate]] = []
        self.messages: list[tuple[str, bytes]] = []
        """What else is to be published after the commit: topic and body."""

    async def states(self, space_ids: Sequence[int]) -> dict[int, StateRow]:
        """The present states of these spaces, to be edited in place and handed to `put`."""
        missing = [i for i in space_ids if i not in self._states]
        self._states.update(await rows.read_states(self.sql, missing))
        return {i: self._states[i] for i in space_ids if i in self._states}

    def place(self, place_id: int) -> PlaceRow:
        """The locked row of the place."""
        return self._places[place_id]

    def put(self, state: StateRow) -> None:
        """Edited by the caller: derive its status, take the next version, note the event."""
        place = self._places[state.place_id]
        before, state.status = state.status, state.derived_status()
        place.counts = moved(place.counts, before, state.status)
        place.version += 1
        state.version = place.version
        self._dirty_states[state.space_id] = state
        update = self._next_update(place)
        self._events.append((SPACE_CHANGED, replace(update, spaces=(state.snapshot(),))))

    def touch(self, state: StateRow) -> None:
        """The row was edited in what no subscriber sees; it is written without a new version."""
        self._dirty_states[state.space_id] = state

    def keep(self, fact: Fact) -> None:
        """Keep an observation for history."""
        self._facts.append(fact)

    def tell(self, topic: str, body: bytes) -> None:
        """Have this published, too, after the commit: what a layer above has changed."""
        self.messages.append((topic, body))

    def place_changed(self, place_id: int) -> None:
        """The place itself (opened, closed, renamed) was edited by the caller's own SQL."""
        place = self._places[place_id]
        place.version += 1
        self._events.append((PLACE_CHANGED, replace(self._next_update(place), is_inventory=True)))

    async def inventory_changed(self, place_id: int) -> None:
        """Spaces were added, edited or retired by the caller's own SQL: count anew, tell all.

        Call it once, after the rows are written and before any later `put`.
        """
        await self._write_states()
        place = self._places[place_id]
        place.counts = await rows.count_spaces(self.sql, place_id)
        place.version += 1
        update = replace(self._next_update(place), is_inventory=True)
        self._events.append((INVENTORY_CHANGED, update))

    def _next_update(self, place: PlaceRow) -> PlaceUpdate:
        place.state = place_state(place.state, place.is_open, place.counts)
        self._dirty_places.add(place.place_id)
        return PlaceUpdate(
            place_id=place.place_id,
            version=place.version,
            previous_version=place.version - 1,
            at=self.at,
            state=place.state,
            counts=place.counts,
        )

    async def _write_states(self) -> None:
        if self._dirty_states:
            await rows.write_states(self.sql, self._dirty_states.values())
            self._dirty_states.clear()

    async def write(self) -> None:
        """Write everything collected; called once, inside the transaction."""
        await self._write_states()
        if self._facts:
            await rows.write_facts(self.sql, self._facts)
        if self._dirty_places:
            await rows.write_places(self.sql, [self._places[i] for i in self._dirty_places])
        if self._events:
            await self.sql.execute_many(
                rows.INSERT_EVENT,
                [
                    (u.place_id, u.version, kind, u.at, encode_update(u).decode())
                    for kind, u in self._events
                ],
            )

    def updates(self) -> list[PlaceUpdate]:
        """What was committed: one update a place."""
        by_place: dict[int, list[PlaceUpdate]] = {}
        for _, update in self._events:
            by_place.setdefault(update.place_id, []).append(update)
        return [merge(updates) for updates in by_place.values()]


class HasNow(Protocol):
    """A clock."""

    def now(self) -> datetime: ...


@asynccontextmanager
async def changing_places(
    place_ids: Sequence[int], clock: HasNow, bus: Bus
) -> AsyncIterator[PlaceChange]:
    """One transaction that changes these places.

    Raises NotFound when one of them does not exist. Nothing is published unless the commit
    succeeded; when the process dies in between, the relay tells subscribers to catch up.
    """
    async with transaction() as sql:
        change = await begin_change(sql, place_ids, clock.now())
        yield change
        await change.write()
    await publish_change(bus, change)


async def begin_change(sql: Sql, place_ids: Sequence[int], at: datetime) -> PlaceChange:
    """Lock the places inside the caller's transaction, who then calls `write` and publishes."""
    await lock_places(sql, place_ids)
    places = await rows.read_places(sql, place_ids)
    for place_id in place_ids:
        if place_id not in places:
            raise NotFound(f"There is no place {place_id}.")
    return PlaceChange(sql, places, at)


async def publish_change(bus: Bus, change: PlaceChange) -> None:
    """Tell subscribers of everything that a committed change did."""
    await publish_updates(bus, change.updates())
    for topic, body in change.messages:
        await bus.publish(topic, body)


async def publish_updates(bus: Bus, updates: Sequence[PlaceUpdate]) -> None:
    """Tell subscribers of committed updates."""
    for update in updates:
        await bus.publish(place_topic(update.place_id), encode_update(update))


def place_topic(place_id: int) -> str:
    """The bus topic of a place."""
    return f"place:{place_id}"
