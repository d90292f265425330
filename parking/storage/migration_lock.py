"""One migrator at a time, whatever the number of processes that start together."""

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg

from parking.storage.faults import Unreachable
from parking.storage.urls import is_sqlite, postgres_settings, sqlite_path

ADVISORY_KEY = 0x6265727468
"""`berth` in ASCII: the key of the PostgreSQL advisory lock."""

POLL_SECONDS = 0.05


@asynccontextmanager
async def only_migrator(url: str) -> AsyncIterator[None]:
    """Hold the right to migrate the database at `url`; wait for whoever has it.

    PostgreSQL: an advisory lock, given back by the server when the process dies. SQLite: a lock on
    a file beside the database, given back by the operating system.
    """
    async with _file_lock(url) if is_sqlite(url) else _advisory_lock(url):
        yield


@asynccontextmanager
async def _file_lock(url: str) -> AsyncIterator[None]:
    database = sqlite_path(url)
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        file = database.with_name(database.name + ".migrating").open("wb")
    except OSError as error:
        raise Unreachable(f"cannot write beside {database}: {error.strerror}") from error
    with file:
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            await asyncio.sleep(POLL_SECONDS)
        yield


@asynccontextmanager
async def _advisory_lock(url: str) -> AsyncIterator[None]:
    wanted = postgres_settings(url)
    del wanted["minsize"], wanted["maxsize"]
    try:
        connection = await asyncpg.connect(**wanted)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        raise Unreachable(f"PostgreSQL at {wanted['host']}: {error}") from error
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", ADVISORY_KEY)
        yield
    finally:
        connection.terminate()
