"""Fresh migrated databases, copied from a template that is migrated once."""

import asyncio
import shutil
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg

from parking.storage.migrate import migrate
from tests.support.servers import PostgresServer

TEMPLATE = "template_berth"


def finish(work: Coroutine[Any, Any, Any]) -> None:
    """Run `work` to its end in a loop of its own, also while a test's loop is running."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


class PostgresDatabases:
    """Databases on one private server."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._numbers = count(1)
        self._command(f"CREATE DATABASE {TEMPLATE}")
        finish(migrate(server.url(TEMPLATE)))

    @contextmanager
    def fresh(self, template: str = TEMPLATE) -> Iterator[str]:
        """The URL of a database that is there until the end of the block."""
        name = f"test_{next(self._numbers)}"
        self._command(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield self._server.url(name)
        self._command(f"DROP DATABASE {name} WITH (FORCE)")

    def _command(self, statement: str) -> None:
        finish(self._execute(statement))

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(
            host=str(self._server.folder), user="berth", database="postgres"
        )
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


class SqliteDatabases:
    """Databases in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._template = folder / "template.db"
        finish(migrate(f"sqlite://{self._template}"))

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The URL of a database that is there until the end of the block."""
        folder = self._folder / f"test_{next(self._numbers)}"
        folder.mkdir()
        shutil.copy(self._template, folder / "berth.db")
        yield f"sqlite://{folder / 'berth.db'}"
        shutil.rmtree(folder, ignore_errors=True)
