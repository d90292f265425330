"""Waiting for what must not be cut short."""

import asyncio
from typing import TypeVar

T = TypeVar("T")


async def outlast(work: "asyncio.Future[T]") -> T:
    """Wait until `work` is done even if this task is cancelled meanwhile.

    A COMMIT that is under way cannot be called back: the only honest thing is to learn how it
    ended. A cancellation that arrives in between is raised afterwards; an error of `work` wins
    over it, because it says more.
    """
    cancellation: asyncio.CancelledError | None = None
    while not work.done():
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError as error:
            if work.cancelled():
                raise
            cancellation = error
        except BaseException:  # noqa: BLE001 - told below by result(), once
            break
    result = work.result()
    if cancellation is not None:
        raise cancellation
    return result
