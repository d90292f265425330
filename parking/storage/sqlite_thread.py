"""One `sqlite3` connection and the thread it lives on.

Statements run in the order in which they were submitted, whether or not the submitter still
waits: a rollback submitted after a cancelled BEGIN finds the BEGIN done. The thread is a daemon,
so a process that forgot to close still ends.
"""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, TypeVar

from parking.storage.outlast import Lasting

T = TypeVar("T")
F = TypeVar("F", bound="asyncio.Future[Any]")
_Job = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Any]", Callable[[], Any]]

STATEMENTS_CACHED = 512
OPEN_ATTEMPT_SECONDS = 0.05


class SqliteThread:
    """A connection to the file at `path`; `pragmas` are set when it opens, in their order."""

    def __init__(self, path: str, pragmas: dict[str, str | int]) -> None:
        self.path = path
        self._pragmas = pragmas
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._connection: sqlite3.Connection | None = None
        self._submitted = 0
        self._done = _Count()
        self._thread = threading.Thread(
            target=_work, args=(self._jobs, self._done), daemon=True, name="sqlite"
        )

    async def open(self) -> None:
        """Start the thread and connect. Raises `sqlite3.Error` if the file cannot be used."""
        self._thread.start()
        try:
            await self.submit(self._connect)
        except BaseException:
            self.stop()
            raise

    def _connect(self) -> None:
        connection = sqlite3.connect(
            self.path,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=STATEMENTS_CACHED,
        )
        self._connection = connection
        for name, value in self._pragmas.items():
            _set_pragma(connection, name, value)

    def submit(self, work: Callable[[], T]) -> "asyncio.Future[T]":
        """Queue `work` behind what was submitted before; it runs even if nobody waits for it."""
        loop = asyncio.get_running_loop()
        return self._put(loop, loop.create_future(), work)

    def submit_lasting(self, work: Callable[[], T]) -> Lasting[T]:
        """As `submit`, for what has to be waited for even by who is cancelled."""
        loop = asyncio.get_running_loop()
        return self._put(loop, Lasting(loop=loop), work)

    def _put(self, loop: asyncio.AbstractEventLoop, future: F, work: Callable[[], Any]) -> F:
        self._submitted += 1
        self._jobs.put((loop, future, work))
        return future

    @property
    def is_idle(self) -> bool:
        """Whether the thread has done all that was submitted, and so has let the connection go."""
        return self._done.value == self._submitted

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection; to be used by work that runs on the thread, or while that `is_idle`."""
        assert self._connection is not None, "open() comes first"
        return self._connection

    def stop(self) -> None:
        """Close the connection after all that was submitted, and end the thread; do not wait."""
        with suppress(RuntimeError):
            forget(self.submit(self._disconnect))
        self._jobs.put(None)

    async def close(self) -> None:
        """Close the connection after all that was submitted, and end the thread."""
        closed = self.submit(self._disconnect)
        self._jobs.put(None)
        await asyncio.shield(closed)

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()


def forget(future: "asyncio.Future[Any]") -> None:
    """Let nobody be told that the outcome of `future` was never asked for."""
    future.add_done_callback(lambda done: done.cancelled() or done.exception())


def _set_pragma(connection: sqlite3.Connection, name: str, value: str | int) -> None:
    """Set one pragma; going to WAL wants the file alone, whatever busy_timeout says."""
    deadline = time.monotonic() + 10
    while True:
        try:
            connection.execute(f"PRAGMA {name}={value}").fetchall()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(OPEN_ATTEMPT_SECONDS)


class _Count:
    """How many jobs are done; written by the thread alone."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0


def _work(jobs: "SimpleQueue[_Job | None]", done: _Count) -> None:
    how: Callable[..., None]
    while (job := jobs.get()) is not None:
        loop, future, work = job
        try:
            how, result = _succeed, work()
        except BaseException as error:  # noqa: BLE001 - whoever waits decides
            how, result = _fail, error
        done.value += 1
        _tell(loop, how, future, result)
        del job, future, work, result


def _tell(loop: asyncio.AbstractEventLoop, how: Callable[..., None], *args: Any) -> None:
    # A closed loop means that nobody is left to be told.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(how, *args)


def _succeed(future: "asyncio.Future[Any]", result: Any) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: "asyncio.Future[Any]", error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
