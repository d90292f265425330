"""The bus over Redis pub/sub, for many processes.

Pub/sub forgets what nobody hears, so whenever the connection was away every subscription is told
of a gap, and while it is away this repeats: consumers then live from the database.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from parking.events.bus import LocalDelivery, Message, Subscription

log = logging.getLogger(__name__)

CHANNEL_PREFIX = "berth:"
CONTROL_CHANNEL = CHANNEL_PREFIX + "control"
CATCH_UP_SECONDS = 0.5
"""How often subscribers are told to read the database while Redis is away."""
PUBLISH_SECONDS_MAX = 1.0
LISTEN_SECONDS = 1.0
"""After so long a silence Redis is asked whether it is there, and has as long to answer."""


class RedisBus:
    """Publishes to and listens on one Redis server; works on while it is down."""

    def __init__(self, url: str) -> None:
        # Blocking reads need no socket timeout; a publish must fail at once (redis-py retries 10
        # times by default, which is 3.5 s with Redis down).
        self._publisher: Redis = Redis.from_url(
            url, socket_timeout=PUBLISH_SECONDS_MAX, retry=Retry(NoBackoff(), 0)
        )
        self._listener: Redis = Redis.from_url(
            url,
            socket_timeout=None,
            socket_connect_timeout=PUBLISH_SECONDS_MAX,
            retry=Retry(NoBackoff(), 0),
        )
        self._local = LocalDelivery()
        self._pubsub: PubSub | None = None
        self._task: asyncio.Task[None] | None = None
        self._topics: set[str] = set()
        self.is_connected = False
        self.publish_failures = 0

    async def publish(self, topic: str, body: bytes) -> None:
        try:
            await self._publisher.publish(CHANNEL_PREFIX + topic, body)
        except (RedisError, OSError) as error:
            self.publish_failures += 1
            log.warning("bus: publish failed, subscribers will catch up: %s", error)
            self._local.deliver(Message(topic, body))

    @asynccontextmanager
    async def subscribe(self, *topics: str) -> AsyncIterator[Subscription]:
        subscription = Subscription(topics)
        fresh = self._local.add(subscription)
        self._start_listening()
        try:
            await self._change("subscribe", fresh)
            yield subscription
        finally:
            idle = self._local.remove(subscription)
            await asyncio.shield(self._change("unsubscribe", idle))

    async def ping(self) -> None:
        """Have Redis answer. Raises RedisError or OSError."""
        await self._publisher.execute_command("PING")  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._publisher.aclose()
        await self._listener.aclose()

    def _start_listening(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._listen_forever(), name="redis bus")

    async def _change(self, verb: str, topics: list[str]) -> None:
        """Subscribe or unsubscribe on the live connection; a dead one resumes from `_topics`."""
        if verb == "subscribe":
            self._topics.update(topics)
        else:
            self._topics.difference_update(topics)
        if topics and self._pubsub is not None and self.is_connected:
            with suppress(RedisError, OSError):
                await getattr(self._pubsub, verb)(*(CHANNEL_PREFIX + t for t in topics))

    async def _listen_forever(self) -> None:
        while True:
            try:
                await self._listen()
            except (RedisError, OSError) as error:
                if self.is_connected:
                    log.warning("bus: lost Redis, living from the database: %s", error)
                self.is_connected = False
            self._local.tell_gap()
            await asyncio.sleep(CATCH_UP_SECONDS)

    async def _listen(self) -> None:
        async with self._listener.pubsub() as pubsub:
            # It greets first, and would wait for a greeting for ever.
            async with asyncio.timeout(PUBLISH_SECONDS_MAX):
                await pubsub.subscribe(CONTROL_CHANNEL, *(CHANNEL_PREFIX + t for t in self._topics))
            self._pubsub, self.is_connected = pubsub, True
            try:
                while True:
                    self._take(await self._next(pubsub))
            finally:
                self._pubsub, self.is_connected = None, False

    async def _next(self, pubsub: PubSub) -> dict[str, object] | None:
        """What Redis says; when it has been silent, whether it is still there.

        Whoever only listens never learns that the other side is gone: no packet of ours goes
        unanswered. Raises RedisError when a ping is not answered within `LISTEN_SECONDS`.
        """
        heard: dict[str, object] | None = await pubsub.get_message(timeout=LISTEN_SECONDS)
        if heard is None:
            await pubsub.ping()
            heard = await pubsub.get_message(timeout=LISTEN_SECONDS)
            if heard is None:
                raise RedisError(f"no answer within {LISTEN_SECONDS:g} s")
        return heard

    def _take(self, raw: dict[str, object] | None) -> None:
        """Deliver a message; a (re)subscription is a gap, for what came before it was not heard."""
        if raw is None or raw["type"] == "pong":
            return
        channel = raw["channel"]
        assert isinstance(channel, bytes)
        topic = channel.decode().removeprefix(CHANNEL_PREFIX)
        if raw["type"] == "message":
            body = raw["data"]
            assert isinstance(body, bytes)
            self._local.deliver(Message(topic, body))
        elif raw["type"] == "subscribe":
            self._local.deliver(Message(topic, None))
