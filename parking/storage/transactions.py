"""What must happen together."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import Any, TypeVar

from tortoise.transactions import in_transaction

from parking.storage.faults import Contended
from parking.storage.sql import CONNECTION, Sql

T = TypeVar("T")

ATTEMPTS_MAX = 5

_background: set["asyncio.Task[Any]"] = set()


def transaction() -> "Transaction":
    """All or nothing: commits at the end, rolls back on an error or cancellation.

    Models used inside take part too. Nested, it is a savepoint. On SQLite it is the only writer
    (BEGIN IMMEDIATE) of all processes, so keep it short and wait for nothing else in it. Raises
    `Contended` when it should be run again: see `retried`.
    """
    return Transaction()


class Transaction:
    """What `transaction` gives: an `async with` that hands out the `Sql` to use inside."""

    __slots__ = ("_scope",)

    async def __aenter__(self) -> Sql:
        self._scope = in_transaction(CONNECTION)
        return Sql(await self._scope.__aenter__())

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._scope.__aexit__(kind, error, trace)


async def retried(work: Callable[[], Awaitable[T]]) -> T:
    """Run `work`, a whole transaction, again when others were in its way, `ATTEMPTS_MAX` times."""
    for _ in range(ATTEMPTS_MAX - 1):
        try:
            return await work()
        except Contended:
            continue
    return await work()


def detached(work: Coroutine[Any, Any, T], name: str | None = None) -> "asyncio.Task[T]":
    """Start `work` as a task that knows nothing of the transaction it is started in.

    A plain task inherits it: on PostgreSQL it then uses a connection that is not its own, and on
    SQLite its writes vanish with somebody else's rollback. The task is kept from being collected.
    """
    task = asyncio.get_running_loop().create_task(work, name=name, context=contextvars.Context())
    _background.add(task)
    task.add_done_callback(_background.discard)
    return task
