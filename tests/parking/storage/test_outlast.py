"""What must not be cut short is waited for by who is cancelled, too."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from parking.storage.outlast import Lasting, outlast

Way = Callable[["asyncio.Future[int]"], Awaitable[int]]


class Mishap(Exception):
    """How the work ends."""


async def lasting(future: "asyncio.Future[int]") -> int:
    assert isinstance(future, Lasting)
    result: int = await future.outcome()
    return result


async def plain(future: "asyncio.Future[int]") -> int:
    return await outlast(future)


@pytest.fixture(params=[lasting, plain], ids=["lasting", "outlast"])
def way(request: pytest.FixtureRequest) -> Way:
    found: Way = request.param
    return found


async def waiting(way: Way) -> "tuple[asyncio.Future[int], asyncio.Task[int]]":
    loop = asyncio.get_running_loop()
    future: asyncio.Future[int] = Lasting(loop=loop) if way is lasting else loop.create_future()

    async def wait() -> int:
        return await way(future)

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    return future, task


async def test_it_gives_the_result(way: Way) -> None:
    future, task = await waiting(way)
    future.set_result(7)
    assert await task == 7


async def test_a_cancellation_comes_after_the_result(way: Way) -> None:
    future, task = await waiting(way)
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
    assert not task.done()
    future.set_result(7)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert future.result() == 7


async def test_an_error_says_more_than_a_cancellation(way: Way) -> None:
    future, task = await waiting(way)
    task.cancel()
    await asyncio.sleep(0)
    future.set_exception(Mishap())
    with pytest.raises(Mishap):
        await task


async def test_a_timeout_is_told_when_the_work_is_done(way: Way) -> None:
    loop = asyncio.get_running_loop()
    future: asyncio.Future[int] = Lasting(loop=loop) if way is lasting else loop.create_future()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            loop.call_later(0.01, future.set_result, 7)
            await way(future)
    assert future.result() == 7
