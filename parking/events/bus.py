"""The event bus: carries committed changes to whoever listens; never the place they are kept.

Losing a message loses nothing: consumers know their version and read what they missed from the
database. What the bus must do is say so: a subscription yields a message with `body=None`
whenever something may have been lost (a *gap*), and its consumer reads again.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

QUEUE_MESSAGES_MAX = 1_000
"""Messages waiting for one slow consumer; beyond it they are dropped and a gap is told."""


@dataclass(frozen=True, slots=True)
class Message:
    """What was published on `topic`; `body` None means that something may have been lost."""

    topic: str
    body: bytes | None


class Subscription:
    """A consumer's bounded queue of messages; iterate it."""

    def __init__(self, topics: Iterable[str]) -> None:
        self.topics = frozenset(topics)
        self._queue: asyncio.Queue[Message] = asyncio.Queue(QUEUE_MESSAGES_MAX)
        self._overflowed: set[str] = set()

    def offer(self, message: Message) -> None:
        """Take a message without waiting; when full, remember that its topic has a gap."""
        if self._queue.full():
            self._overflowed.add(message.topic)
        else:
            self._queue.put_nowait(message)

    def __aiter__(self) -> AsyncIterator[Message]:
        return self

    async def __anext__(self) -> Message:
        if self._queue.empty() and self._overflowed:
            return Message(self._overflowed.pop(), None)
        return await self._queue.get()


class Bus(Protocol):
    """Publish after commit; subscribe before reading the state that the messages continue."""

    async def publish(self, topic: str, body: bytes) -> None:
        """Tell all subscribers of `topic`. Never raises for a bus that is down."""
        ...

    def subscribe(self, *topics: str) -> "SubscriptionContext":
        """A context manager giving a `Subscription`; what is published after entry arrives."""
        ...

    async def close(self) -> None:
        """Stop; subscriptions get no more messages."""
        ...


class SubscriptionContext(Protocol):
    """What `async with bus.subscribe(...)` enters."""

    async def __aenter__(self) -> Subscription: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> bool | None: ...


class LocalDelivery:
    """Topic to subscriptions inside one process; both buses end in it."""

    def __init__(self) -> None:
        self._by_topic: dict[str, set[Subscription]] = defaultdict(set)

    def deliver(self, message: Message) -> None:
        """Give the message to every subscription of its topic."""
        for subscription in self._by_topic.get(message.topic, ()):
            subscription.offer(message)

    def tell_gap(self) -> None:
        """Tell every subscription that anything may have been lost."""
        for topic in list(self._by_topic):
            self.deliver(Message(topic, None))

    def add(self, subscription: Subscription) -> list[str]:
        """Register; returns the topics that nobody listened to before."""
        fresh = [t for t in subscription.topics if not self._by_topic.get(t)]
        for topic in subscription.topics:
            self._by_topic[topic].add(subscription)
        return fresh

    def remove(self, subscription: Subscription) -> list[str]:
        """Unregister; returns the topics that nobody listens to any more."""
        idle = []
        for topic in subscription.topics:
            self._by_topic[topic].discard(subscription)
            if not self._by_topic[topic]:
                del self._by_topic[topic]
                idle.append(topic)
        return idle


class InProcessBus:
    """The embedded bus: one process, no server."""

    def __init__(self) -> None:
        self._local = LocalDelivery()

    async def publish(self, topic: str, body: bytes) -> None:
        self._local.deliver(Message(topic, body))

    @asynccontextmanager
    async def subscribe(self, *topics: str) -> AsyncIterator[Subscription]:
        subscription = Subscription(topics)
        self._local.add(subscription)
        try:
            yield subscription
        finally:
            self._local.remove(subscription)

    async def close(self) -> None:
        pass
