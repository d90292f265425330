"""Transactions and savepoints as context managers, the same for both engines.

Tortoise's own leave a lock held or a connection out of the pool when the task is cancelled while
it enters; these do not. A client tells how to `enter`, `commit`, `roll_back` and `leave`.
"""

import logging
from contextlib import suppress
from itertools import count
from types import TracebackType
from typing import Any, Protocol

from tortoise.backends.base.client import TransactionContext
from tortoise.connection import get_connections

log = logging.getLogger(__name__)

_savepoint_numbers = count(1)


class TransactionClient(Protocol):
    """What a scope needs of an engine's transaction."""

    connection_name: str
    is_over: bool

    async def enter(self) -> None:
        """Get a connection and begin; if that fails or is cancelled, leave nothing behind."""

    async def commit(self) -> None:
        """Commit, to the end even when cancelled."""

    async def roll_back(self) -> None:
        """Undo, to the end even when cancelled; without effect when already undone."""

    async def leave(self) -> None:
        """Give the connection or lock back."""

    async def command(self, statement: str) -> None:
        """Execute a savepoint statement, to the end even when cancelled."""


class TransactionScope(TransactionContext):
    """`async with`: commit at the end, roll back on an error or cancellation."""

    client: Any

    def __init__(self, client: TransactionClient) -> None:
        self.client = client
        self.connection_name = client.connection_name

    async def __aenter__(self) -> Any:
        await self.client.enter()
        self._token = get_connections().set(self.connection_name, self.client)
        return self.client

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        try:
            if exc_type is not None:
                await self._undo()
            elif not self.client.is_over:
                await self.client.commit()
        finally:
            self.client.is_over = True
            # A scope that is left in another context than it was entered in (a generator closed
            # by the garbage collector) has nothing to put back there.
            with suppress(ValueError):
                get_connections().reset(self._token)
            await self.client.leave()

    async def _undo(self) -> None:
        try:
            await self.client.roll_back()
        except Exception:  # noqa: BLE001 - the error that led here says more than this one
            log.warning("a transaction could not be rolled back; its connection is dropped")


class SavepointScope(TransactionContext):
    """`async with` inside a transaction: what fails in it is undone without undoing the rest."""

    client: Any

    def __init__(self, client: TransactionClient) -> None:
        self.client = client
        self.connection_name = client.connection_name
        self._name = f"berth_{next(_savepoint_numbers)}"

    async def __aenter__(self) -> Any:
        await self.client.command(f"SAVEPOINT {self._name}")
        return self.client

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        if self.client.is_over:
            return
        if exc_type is not None:
            await self.client.command(f"ROLLBACK TO SAVEPOINT {self._name}")
        await self.client.command(f"RELEASE SAVEPOINT {self._name}")
