"""Reading much while others write: all as it was at one instant."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from tortoise.connection import get_connections

from parking.storage import sqlite_statements as statements
from parking.storage.sql import CONNECTION, Sql
from parking.storage.sqlite_engine import SqliteEngine, on
from parking.storage.sqlite_statements import Row, Values
from parking.storage.sqlite_thread import SqliteThread
from parking.storage.transactions import transaction

READ_ONLY = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
PATIENT = "SET LOCAL idle_in_transaction_session_timeout = 0"
"""Whoever reads may write it down slowly, somewhere else."""


@asynccontextmanager
async def snapshot() -> AsyncIterator[Sql]:
    """An `Sql` whose reads all see the database as it was at the first of them; it cannot write.

    Writers do not wait for it, on either dialect. Not within a `transaction`.
    """
    client = get_connections().get(CONNECTION)
    if isinstance(client, SqliteEngine):
        async with _sqlite_snapshot(client) as sql:
            yield sql
        return
    async with transaction() as sql:
        await sql.execute(READ_ONLY)
        await sql.execute(PATIENT)
        yield sql


@asynccontextmanager
async def _sqlite_snapshot(engine: SqliteEngine) -> AsyncIterator[Sql]:
    # A connection of its own: the shared one would show others nothing new meanwhile.
    thread = SqliteThread(engine.filename, {**engine.pragmas, "query_only": "ON"})
    await thread.open()
    try:
        await thread.submit(partial(thread.connection.execute, "BEGIN"))
        yield Sql(_Reader(engine, thread))
    finally:
        await thread.close()


class _Reader:
    """What `Sql` needs, over a connection that is inside a reading transaction."""

    def __init__(self, engine: SqliteEngine, thread: SqliteThread) -> None:
        self.capabilities = engine.capabilities
        self._thread = thread

    async def fetch(self, query: str, values: Values) -> list[Row]:
        return await on(self._thread, statements.fetch, statements.numbered(query), values)

    async def run(self, query: str, values: Values) -> int:
        return await on(self._thread, statements.run, statements.numbered(query), values)

    async def run_many(self, query: str, rows: Sequence[Values]) -> None:
        await on(self._thread, statements.run_many, statements.numbered(query), rows)
