"""Commands that work on the database and leave again."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from berth.logs import set_up_logging
from berth.secret import ensure_data_dir
from berth.settings import Settings
from parking.storage.database import connect, disconnect
from parking.storage.migrate import require_migrated

T = TypeVar("T")


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[None]:
    """The database, connected for all tasks of this process.

    Raises `Unreachable`, `DatabaseNotMigrated` or `DatabaseTooNew`.
    """
    if settings.is_embedded:
        ensure_data_dir(settings)
    await require_migrated(settings.database)
    await connect(settings.database)
    try:
        yield
    finally:
        await disconnect()


def with_database(settings: Settings, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `work` with the database connected, and give its result."""

    async def run() -> T:
        async with opened(settings):
            return await work()

    set_up_logging(settings)
    return asyncio.run(run())
