"""Group commit: work of many callers in one transaction (docs/adr/0021-group-commit.md).

While one group is being committed the next gathers, so that a busy gateway pays one commit for
hundreds of reports and an idle one makes nobody wait for company that does not come.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from tortoise.exceptions import OperationalError

from parking.storage.faults import Contended, Unreachable
from parking.storage.transactions import detached

log = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")

GATHER_SECONDS = 0.002
"""How long the first of a group waits for others when nothing is being committed."""

GROUP_MAX = 256
WAITING_MAX = 8_192
"""What may wait at all; beyond it callers are told to come back."""


class TooManyWaiting(Exception):
    """The queue is full: nothing was taken; try again in a second."""


Commit = Callable[[Sequence[T]], Awaitable[Sequence[R | Exception]]]
Done = Callable[[R | Exception], None]


class Gathering(Generic[T, R]):
    """Gathers items, commits them in groups and tells each caller of its own outcome.

    `commit` gets a group in order of arrival and returns one outcome for each; what it raises is
    the whole group's: when the database is the reason every caller is told so, else the group
    is halved until the item that spoils it stands alone.
    """

    def __init__(
        self,
        commit: Commit[T, R],
        *,
        gather_seconds: float = GATHER_SECONDS,
        group_max: int = GROUP_MAX,
        waiting_max: int = WAITING_MAX,
    ) -> None:
        self._commit = commit
        self._gather_seconds = gather_seconds
        self._group_max = group_max
        self._waiting_max = waiting_max
        self._waiting: deque[tuple[T, Done[R]]] = deque()
        self._runner: asyncio.Task[None] | None = None
        self.groups = 0
        self.largest_group = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def submit(self, item: T, done: Done[R]) -> None:
        """Take an item; `done` is called once, after its commit. Raises TooManyWaiting."""
        if len(self._waiting) >= self._waiting_max:
            raise TooManyWaiting(f"{len(self._waiting)} are waiting already")
        self._waiting.append((item, done))
        if self._runner is None:
            self._runner = detached(self._run(), "group commit")

    async def result(self, item: T) -> R:
        """`submit` for a caller that can wait. Raises the item's outcome if that is an error."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()

        def done(outcome: R | Exception) -> None:
            if future.done():
                return
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

        self.submit(item, done)
        return await future

    async def drain(self) -> None:
        """Wait until everything taken so far is committed."""
        while self._runner is not None:
            await asyncio.wait([self._runner])

    async def _run(self) -> None:
        await asyncio.sleep(self._gather_seconds)
        while self._waiting:
            size = min(len(self._waiting), self._group_max)
            group = [self._waiting.popleft() for _ in range(size)]
            self.groups += 1
            self.largest_group = max(self.largest_group, size)
            await self._settle(group)
        self._runner = None

    async def _settle(self, group: Sequence[tuple[T, Done[R]]]) -> None:
        outcomes: Sequence[R | Exception]
        try:
            outcomes = await self._commit([item for item, _ in group])
        except (Contended, Unreachable, OSError) as error:
            outcomes = [error] * len(group)
        except Exception as error:
            if len(group) > 1:
                middle = len(group) // 2
                await self._settle(group[:middle])
                await self._settle(group[middle:])
                return
            if not isinstance(error, OperationalError):
                log.exception("an item could not be committed: %r", group[0][0])
            outcomes = [error]
        for (_, done), outcome in zip(group, outcomes, strict=True):
            try:
                done(outcome)
            except Exception:
                log.exception("a caller could not be told its outcome")
