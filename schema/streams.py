"""Live sources of the shared subscriptions (`schema.execution.Stream`).

Each is subscribed to the bus before it is handed out, so every later commit is in its feed, in
each later snapshot, or in both. What the bus may have lost, and what cannot be told as a delta
(spaces added, edited or retired), is a gap: the viewer's right is looked at again, and everybody
gets a new snapshot, or the end.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeAlias, TypeVar

import orjson

from parking.clock import Clock
from parking.events.bus import Bus, Message, Subscription, SubscriptionContext
from parking.occupancy.change import place_topic
from parking.occupancy.live import place_deltas, place_snapshot, place_versions
from parking.occupancy.state import PlaceUpdate, UpdateKind, decode_update, merge
from schema.execution import Context, Event, Gap, Only, Source
from schema.updates import PlaceOccupancyUpdate, update_of

Item = TypeVar("Item")

MaySee: TypeAlias = Callable[[], Awaitable[bool]]
"""Whether the viewers of a stream may still see what it is about."""

UNTOLD = -1
"""The version of a stream that has told nothing yet."""


class BusFeed:
    """A subscription to bus topics that lasts until `close`."""

    def __init__(self, messages: Subscription, subscribed: SubscriptionContext) -> None:
        self.messages = messages
        self._subscribed = subscribed

    @classmethod
    async def open(cls, bus: Bus, topics: Sequence[str]) -> "BusFeed":
        """Subscribe; what is published after this returns arrives in `messages`."""
        subscribed = bus.subscribe(*topics)
        return cls(await subscribed.__aenter__(), subscribed)

    async def close(self) -> None:
        """Unsubscribe."""
        await self._subscribed.__aexit__(None, None, None)


class PlaceStream:
    """One place; its position is the place's version."""

    def __init__(self, place_id: int, feed: BusFeed, may_see: MaySee, clock: Clock) -> None:
        self._place_id, self._clock = place_id, clock
        self._feed, self._may_see = feed, may_see
        self._told = UNTOLD

    @classmethod
    async def open(cls, place_id: int, bus: Bus, may_see: MaySee, clock: Clock) -> "PlaceStream":
        """Attach to what happens to the place."""
        feed = await BusFeed.open(bus, [place_topic(place_id)])
        return cls(place_id, feed, may_see, clock)

    async def position(self) -> int | None:
        """The place's committed version."""
        return (await place_versions([self._place_id])).get(self._place_id)

    async def snapshot(self, after: int | None) -> Sequence[Event]:
        """The place now, or what happened after version `after`, while that is retained."""
        delta = None if after is None else await place_deltas(self._place_id, after)
        if delta is None:
            delta = await place_snapshot(self._place_id, self._clock)
        if delta.version == after:
            delta = replace(delta, kind=UpdateKind.DELTA, previous_version=after, spaces=())
        if self._told == UNTOLD:
            self._told = delta.version
        return [_event(delta)]

    async def feed(self) -> AsyncIterator[Event | Gap]:
        """One delta a commit; what the bus lost or told out of order is read from the database."""
        async for message in self._feed.messages:
            announced = announced_version(message)
            if announced is not None and announced <= self._told:
                continue
            update = await self._update(message, announced)
            if update is not None and not update.is_inventory:
                if update.version > self._told:
                    self._told = update.version
                    yield _event(update)
            elif await self._may_see():
                self._told = UNTOLD
                yield Gap.GAP
            else:
                return

    async def _update(self, message: Message, announced: int | None) -> PlaceUpdate | None:
        """What the message tells; None where a new snapshot has to tell it."""
        if message.body is None:
            return None
        update = None if announced is not None else decode_update(message.body)
        if self._told == UNTOLD or (update is not None and self._is_next_or_old(update)):
            return update
        return await place_deltas(self._place_id, self._told)

    def _is_next_or_old(self, update: PlaceUpdate) -> bool:
        return self._told == update.previous_version or update.version <= self._told

    def merge(self, events: Sequence[Event]) -> Event:
        """The newest state of each space that any of them names."""
        return _event(merge([_update(event) for event in events]))

    async def close(self) -> None:
        """Detach."""
        await self._feed.close()


def announced_version(message: Message) -> int | None:
    """The version that the relay announces with the message; None for any other."""
    is_bare = message.body is not None and message.body.isdigit()
    return int(message.body or b"0") if is_bare else None


def _event(update: PlaceUpdate) -> Event:
    return Event(update_of(update), update.version, update.previous_version)


def _update(event: Event) -> PlaceUpdate:
    assert isinstance(event.value, PlaceOccupancyUpdate)
    return event.value.domain


@dataclass(frozen=True, slots=True)
class Items(Generic[Item]):
    """What a stream of items is about.

    `read` gives all of them now; `pick` those of a message, or a gap; `tell` makes the
    subscription's value of them.
    """

    read: Callable[[], Awaitable[Sequence[Item]]]
    pick: Callable[[bytes], Sequence[Item] | Gap]
    key: Callable[[Item], Hashable]
    tell: Callable[[UpdateKind, list[Item]], Any]
    may_see: MaySee


class ItemStream(Generic[Item]):
    """Items that change one by one; its position counts its own feed.

    A delta may tell what a snapshot told already, so consumers apply the newest version of each.
    """

    def __init__(self, items: Items[Item], feed: BusFeed) -> None:
        self._items, self._feed = items, feed
        self._position = 0
        self._versions: dict[str, int] = {}

    async def position(self) -> int | None:
        """Not known: the feed's count says nothing of what is committed."""
        return None

    async def snapshot(self, after: int | None) -> Sequence[Event]:
        """All items now; as of a position taken before they are read."""
        del after  # each item has its own version; there is no place to resume from
        position = self._position
        found = await self._items.read()
        return [Event(self._items.tell(UpdateKind.SNAPSHOT, list(found)), position)]

    async def feed(self) -> AsyncIterator[Event | Gap]:
        """One delta a message that concerns an item."""
        async for message in self._feed.messages:
            picked = self._pick(message)
            if picked is not Gap.GAP:
                if picked:
                    yield self._delta(picked)
            elif await self._items.may_see():
                yield Gap.GAP
            else:
                return

    def merge(self, events: Sequence[Event]) -> Event:
        """The newest of each item."""
        newest: dict[Hashable, Item] = {}
        for event in events:
            newest.update((self._items.key(item), item) for item in event.value.items())
        first, last = events[0], events[-1]
        told = self._items.tell(UpdateKind.DELTA, list(newest.values()))
        return Event(told, last.version, first.previous_version)

    async def close(self) -> None:
        """Detach."""
        await self._feed.close()

    def _pick(self, message: Message) -> Sequence[Item] | Gap:
        if message.body is None:
            return Gap.GAP
        announced = announced_version(message)
        if announced is None:
            self._versions[message.topic] = orjson.loads(message.body).get("version", 0)
            return self._items.pick(message.body)
        # Of what was told already the relay's announcement says nothing new.
        is_news = announced > self._versions.get(message.topic, -1)
        self._versions[message.topic] = max(announced, self._versions.get(message.topic, -1))
        return Gap.GAP if is_news else ()

    def _delta(self, picked: Sequence[Item]) -> Event:
        self._position += 1
        told = self._items.tell(UpdateKind.DELTA, list(picked))
        return Event(told, self._position, self._position - 1)


async def read_source(
    source: Source, arguments: Mapping[str, Any], context: Context, after: int | None = None
) -> AsyncIterator[Any]:
    """The values of a source for a single reader: a state, then deltas; a new state after a gap."""
    stream = await source(arguments, context)
    if isinstance(stream, Only):
        yield stream.value
        return
    try:
        position = -1
        for event in await stream.snapshot(after):
            position = event.version
            yield event.value
        async for item in stream.feed():
            events = [item] if isinstance(item, Event) else await stream.snapshot(None)
            for event in events:
                if event.previous_version is None or event.version > position:
                    position = event.version
                    yield event.value
    finally:
        await stream.close()
