"""Waiting for what must not be cut short."""

import asyncio
from typing import Any, TypeVar

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


class Lasting(asyncio.Future[T]):
    """What cannot be called back. It does as `outlast` for whoever awaits `outcome`, and cheaper.

    A task that is cancelled while it waits for this goes on waiting, for it asks the future to be
    cancelled and is told no; the cancellation is raised when the future is done.
    """

    def cancel(self, msg: Any | None = None) -> bool:
        """No."""
        return False

    async def outcome(self) -> T:
        """The result, or what was raised; a cancellation that arrived meanwhile comes after."""
        try:
            return await self
        except asyncio.CancelledError:
            self.result()  # an error says more
            raise
