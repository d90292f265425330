"""Both buses deliver what is published, and say when something may have been lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from parking.events import redis_bus
from parking.events.bus import QUEUE_MESSAGES_MAX, Bus, InProcessBus, Message, Subscription
from parking.events.redis_bus import RedisBus
from tests.support.servers import RedisServer

SECONDS_MAX = 10


async def take(messages: Subscription) -> Message:
    async with asyncio.timeout(SECONDS_MAX):
        return await anext(messages)


async def take_body(messages: Subscription) -> bytes:
    """The next message that is not a gap."""
    while (body := (await take(messages)).body) is None:
        pass
    return body


@pytest.fixture(params=["in process", "redis"])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[Bus]:
    made: Bus = InProcessBus()
    if request.param == "redis":
        made = RedisBus(request.getfixturevalue("redis_url"))
    yield made
    await made.close()


async def listening(bus: Bus, messages: Subscription) -> None:
    """Wait until what is published arrives: Redis needs a moment to subscribe."""
    if isinstance(bus, RedisBus):
        assert (await take(messages)).body is None


async def test_a_subscriber_gets_its_topics_in_order_and_no_others(bus: Bus) -> None:
    async with bus.subscribe("place:1") as messages:
        await listening(bus, messages)
        for topic, body in (("place:1", b"a"), ("place:2", b"x"), ("place:1", b"b")):
            await bus.publish(topic, body)
        assert [(await take(messages)).body for _ in range(2)] == [b"a", b"b"]


async def test_every_subscriber_of_a_topic_gets_the_message(bus: Bus) -> None:
    async with bus.subscribe("t") as one:
        await listening(bus, one)
        async with bus.subscribe("t", "u") as two:
            await bus.publish("t", b"1")
            assert await take_body(one) == await take_body(two) == b"1"


async def test_leaving_ends_delivery(bus: Bus) -> None:
    async with bus.subscribe("t") as messages:
        await listening(bus, messages)
    await bus.publish("t", b"late")
    assert messages._queue.empty()


def test_a_slow_consumer_is_told_of_its_gap_after_what_it_has() -> None:
    messages = Subscription(["t"])
    for _ in range(QUEUE_MESSAGES_MAX + 5):
        messages.offer(Message("t", b"x"))

    async def drain() -> list[Message]:
        return [await anext(messages) for _ in range(QUEUE_MESSAGES_MAX + 1)]

    assert asyncio.run(drain())[-1] == Message("t", None)


async def test_two_processes_hear_each_other_over_redis(redis_url: str) -> None:
    here, there = RedisBus(redis_url), RedisBus(redis_url)
    async with there.subscribe("t") as messages:
        assert (await take(messages)).body is None
        await here.publish("t", b"hello")
        assert await take(messages) == Message("t", b"hello")
    await here.close()
    await there.close()


async def test_without_redis_publishing_goes_on_and_subscribers_hear_of_gaps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(redis_bus, "CATCH_UP_SECONDS", 0.02)
    bus = RedisBus("redis://127.0.0.1:1")
    async with bus.subscribe("t") as messages:
        await bus.publish("t", b"kept local")
        bodies = {(await take(messages)).body for _ in range(4)}
    assert bodies == {None, b"kept local"}
    assert bus.publish_failures == 1
    await bus.close()


@asynccontextmanager
async def hanging_proxy(target: str, path: Path) -> AsyncIterator[asyncio.Event]:
    """A way to a server that carries nothing more, and says nothing, once the event is set."""
    hung, pumps = asyncio.Event(), set[asyncio.Task[None]]()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            if not hung.is_set():
                writer.write(data)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(target)
        pumps.update(map(asyncio.create_task, (pump(reader, back), pump(there, writer))))

    async with await asyncio.start_unix_server(serve, path):
        yield hung
        for task in pumps:
            task.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)


async def test_a_redis_that_falls_silent_is_noticed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, redis_url: str
) -> None:
    monkeypatch.setattr(redis_bus, "CATCH_UP_SECONDS", 0.02)
    monkeypatch.setattr(redis_bus, "LISTEN_SECONDS", 0.5)
    path = tmp_path / "proxy.sock"
    async with hanging_proxy(redis_url.removeprefix("unix://").partition("?")[0], path) as hung:
        bus = RedisBus(f"unix://{path}")
        async with bus.subscribe("t") as messages:
            await listening(bus, messages)
            await asyncio.sleep(1.5)  # quiet for long, but there: it answers
            assert bus.is_connected
            hung.set()
            while bus.is_connected:
                assert (await take(messages)).body is None
            for _ in range(3):  # and again and again, as long as it lasts
                assert (await take(messages)).body is None
        await bus.close()


async def test_a_redis_that_comes_back_is_used_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(redis_bus, "CATCH_UP_SECONDS", 0.02)
    link = tmp_path / "redis.sock"
    bus = RedisBus(f"unix://{link}")
    with RedisServer() as first:
        link.symlink_to(first.folder / "redis.sock")
        listener = bus.subscribe("t")
        messages = await listener.__aenter__()
        assert (await take(messages)).body is None
    while bus.is_connected:
        assert (await take(messages)).body is None
    with RedisServer() as second:
        link.unlink()
        link.symlink_to(second.folder / "redis.sock")
        while not bus.is_connected:
            assert (await take(messages)).body is None
        await bus.publish("t", b"back")
        assert await take_body(messages) == b"back"
        await listener.__aexit__(None, None, None)
        await bus.close()
