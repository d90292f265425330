"""Tortoise's SQLite engine, corrected. Tortoise finds it by the module's name.

What differs from `tortoise.backends.sqlite`, and why:

- BEGIN IMMEDIATE: a deferred BEGIN that writes later fails with "database is locked", whatever
  busy_timeout says, as soon as a second process writes.
- Cancelling a task anywhere in a transaction leaves neither the lock nor the transaction behind.
- SELECTs outside transactions have a connection of their own and never wait for a writer.
- Brief statements of a transaction run in the event loop itself: see `sqlite_brief` and ADR 0041.
- `synchronous=FULL`: with WAL, NORMAL may lose acknowledged commits when the power fails.
- A transaction that SQLite has rolled back by itself refuses further statements, which would
  otherwise be committed one by one.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Concatenate, NoReturn, ParamSpec, TypeVar

from tortoise.backends.base.client import TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient

from parking.storage import sqlite_statements as statements
from parking.storage.faults import TransactionOver, Unreachable
from parking.storage.scopes import SavepointScope, TransactionScope
from parking.storage.sqlite_brief import (
    ROWS_MAX,
    STATEMENTS_MAX,
    Brevity,
    TooLong,
    writes_one_row,
)
from parking.storage.sqlite_statements import Row, Values, numbered, only_reads
from parking.storage.sqlite_thread import SqliteThread

P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[Concatenate[sqlite3.Connection, P], T]

BUSY_TIMEOUT_MS = 30_000
"""How long a writer waits for another process's transaction before `Contended`."""

WAL_BYTES_MAX = 64 * 1024 * 1024
"""The write-ahead log is cut back to this after a checkpoint."""


class SqliteEngine(SqliteClient):
    """The client outside transactions: one writer's connection, one reader's."""

    def __init__(self, file_path: str, synchronous: str = "FULL", **kwargs: Any) -> None:
        super().__init__(file_path, **kwargs)
        self.pragmas = {
            "busy_timeout": BUSY_TIMEOUT_MS,
            "journal_mode": "WAL",
            "synchronous": synchronous,
            "foreign_keys": "ON",
            # Without it INSERT OR REPLACE deletes rows and no trigger hears of it.
            "recursive_triggers": "ON",
            "journal_size_limit": WAL_BYTES_MAX,
        }
        self._opening = asyncio.Lock()
        self.turn = asyncio.Lock()
        """Whose turn it is to write; a transaction keeps it to its end."""
        self.brevity = Brevity()
        self._writer: SqliteThread | None = None
        self._reader: SqliteThread | None = None

    async def create_connection(self, with_db: bool) -> None:
        """Open both connections, once."""
        async with self._opening:
            if self._writer is not None:
                return
            try:
                writer = SqliteThread(self.filename, self.pragmas)
                await writer.open()
                try:
                    reader = SqliteThread(self.filename, {**self.pragmas, "query_only": "ON"})
                    await reader.open()
                except BaseException:
                    writer.stop()
                    raise
            except sqlite3.Error as error:
                raise Unreachable(f"SQLite file {self.filename}: {error}") from error
            self._writer, self._reader = writer, reader
            await self._post_connect()

    async def close(self) -> None:
        """Close both connections after what was submitted to them; without effect if not open."""
        writer, reader = self._writer, self._reader
        self._writer = self._reader = None
        if reader is not None:
            await reader.close()
        if writer is not None:
            await writer.close()

    async def writer(self) -> SqliteThread:
        """The writer's thread, opened when it is not yet. Take the `turn` to use it."""
        if self._writer is None:
            await self.create_connection(with_db=True)
        assert self._writer is not None
        return self._writer

    async def _write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        thread = await self.writer()
        async with self.turn:
            return await on(thread, work, *args, **kwargs)

    async def _read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._reader is None:
            await self.create_connection(with_db=True)
        assert self._reader is not None
        return await on(self._reader, work, *args, **kwargs)

    async def fetch(self, query: str, values: Values) -> list[Row]:
        """Rows of a statement with `$1` placeholders."""
        query = numbered(query)
        if only_reads(query):
            return await self._read(statements.fetch, query, values)
        return await self._write(statements.fetch, query, values)

    async def run(self, query: str, values: Values) -> int:
        """Execute a statement with `$1` placeholders; rows affected."""
        return await self._write(statements.run, numbered(query), values)

    async def run_many(self, query: str, rows: Sequence[Values]) -> None:
        """Execute a statement with `$1` placeholders for each of `rows`: all or none."""
        await self._write(statements.run_many, numbered(query), rows)

    async def execute_insert(self, query: str, values: list[Any]) -> Any:
        return await self._write(statements.insert, query, values)

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        await self._write(statements.run_many, query, values)

    async def execute_query(
        self, query: str, values: list[Any] | None = None
    ) -> tuple[int, Sequence[Row]]:
        act = self._read if only_reads(query) else self._write
        return await act(statements.fetch_counted, query, values or ())

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[Row]:
        act = self._read if only_reads(query) else self._write
        return await act(statements.fetch, query, values or ())

    async def execute_script(self, query: str) -> None:
        await self._write(statements.script, query)

    def _in_transaction(self) -> TransactionContext:
        return TransactionScope(SqliteTransaction(self))


class SqliteTransaction(SqliteEngine, TransactionalDBClient):
    """The client inside one transaction: holds the writer's turn from `enter` to `leave`."""

    def __init__(self, parent: SqliteEngine) -> None:
        self.connection_name = parent.connection_name
        self.filename = parent.filename
        self.log = parent.log
        self.fetch_inserted = parent.fetch_inserted
        self._bound_loop = parent._bound_loop  # noqa: SLF001 - Tortoise has no other way
        self._parent: SqliteEngine = parent
        self._writer = None
        self._is_begun = False
        self._failure: sqlite3.Error | None = None
        """Why BEGIN failed; known to whoever was told of a later statement."""
        self._stayed = 0
        self.is_over = False

    async def enter(self) -> None:
        thread = await self._parent.writer()
        await self._parent.turn.acquire()
        # BEGIN comes with the first statement, so nothing can be cancelled between turn and BEGIN.
        self._writer = thread

    async def leave(self) -> None:
        self._parent.turn.release()

    async def fetch(self, query: str, values: Values) -> list[Row]:
        query = numbered(query)
        if self._may_stay(query):
            with suppress(TooLong):
                return self._here(self._parent.brevity.fetch, query, values)
        return await self._write(statements.fetch, query, values)

    async def run(self, query: str, values: Values) -> int:
        query = numbered(query)
        if writes_one_row(query) and self._may_stay(query):
            return self._here(statements.run, query, values)
        return await self._write(statements.run, query, values)

    async def run_many(self, query: str, rows: Sequence[Values]) -> None:
        query = numbered(query)
        if len(rows) <= ROWS_MAX and writes_one_row(query) and self._may_stay(query):
            self._here(statements.run_many, query, rows)
        else:
            await self._write(statements.run_many, query, rows)

    async def _write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._told(self._thread().submit(self._job(work, *args, **kwargs)))

    _read = _write

    def _job(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> Callable[[], T]:
        """`work` for the thread; the first one begins the transaction."""
        connection, self._stayed = self._thread().connection, 0
        if self._is_begun:
            return partial(_inside, connection, work, *args, **kwargs)
        self._is_begun = True
        return partial(self._begun, connection, lambda known: work(known, *args, **kwargs))

    def _begun(self, connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            statements.begin(connection)
        except sqlite3.Error as error:
            self._failure = error
            raise
        return work(connection)

    def _may_stay(self, query: str) -> bool:
        """Whether the loop may run the statement itself, now."""
        return self._parent.brevity.is_brief(query) and self._is_free()

    def _is_free(self) -> bool:
        """Whether the connection is the loop's: the thread has let it go, and none waits for it."""
        thread = self._thread()
        if self._stayed >= STATEMENTS_MAX or not thread.is_idle:
            return False
        if not self._is_begun:
            self._is_begun = statements.begins_at_once(thread.connection)
        return self._is_begun

    def _here(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        self._stayed += 1
        try:
            return _inside(self._thread().connection, work, *args, **kwargs)
        except (sqlite3.Error, TransactionOver) as error:
            self._explain(error)

    async def command(self, statement: str) -> None:
        if self._is_free() and not statement.startswith("ROLLBACK"):
            self._here(statements.run, statement, ())
        else:
            job = self._job(statements.run, statement, ())
            await self._told(self._thread().submit_lasting(job).outcome())

    async def commit(self) -> None:
        end = statements.commit if self._is_begun else partial(self._begun, work=statements.commit)
        await self._end(end)

    async def roll_back(self) -> None:
        if self._is_begun and not self.is_over:
            await self._end(statements.rollback)

    async def _end(self, how: Callable[[sqlite3.Connection], None]) -> None:
        thread, self.is_over = self._thread(), True
        await self._told(thread.submit_lasting(partial(how, thread.connection)).outcome())

    def _thread(self) -> SqliteThread:
        if self.is_over or self._writer is None:
            raise TransactionOver(
                "this transaction has ended; a task that outlives it must be started with "
                "parking.storage.transactions.detached"
            )
        return self._writer

    async def _told(self, work: Awaitable[T]) -> T:
        """Wait for `work`, its errors explained."""
        try:
            return await work
        except (sqlite3.Error, TransactionOver) as error:
            self._explain(error)

    def _explain(self, error: sqlite3.Error | TransactionOver) -> NoReturn:
        """Raise it in the words of `faults`; where there is no transaction, why none began."""
        cause = self._failure if isinstance(error, TransactionOver) else error
        if cause is None:
            raise error
        raise statements.translated(cause) from cause

    def _in_transaction(self) -> TransactionContext:
        return SavepointScope(self)

    rollback = roll_back

    async def begin(self) -> None:
        await self.enter()

    async def savepoint(self) -> None:
        await self.command("SAVEPOINT berth_manual")

    async def savepoint_rollback(self) -> None:
        await self.command("ROLLBACK TO SAVEPOINT berth_manual")

    async def release_savepoint(self) -> None:
        await self.command("RELEASE SAVEPOINT berth_manual")


async def on(thread: SqliteThread, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `work` with the thread's connection, on that thread, and wait for it."""
    try:
        return await thread.submit(partial(work, thread.connection, *args, **kwargs))
    except sqlite3.Error as error:
        raise statements.translated(error) from error


def _inside(
    connection: sqlite3.Connection, work: Work[P, T], /, *args: P.args, **kwargs: P.kwargs
) -> T:
    statements.require_transaction(connection)
    return work(connection, *args, **kwargs)


client_class = SqliteEngine
