"""Fresh migrated databases, copied from a template that is migrated once."""

import asyncio
import shutil
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from parking.storage.migrate import migrate
from tests.support.servers import PostgresServer

TEMPLATE = "template_berth"


def finish(work: Coroutine[Any, Any, Any]) -> None:
    """Run `work` to its end in a loop of its own, also while a test's loop is running."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


class PostgresDatabases:
    """Databases on one private server, made and dropped over one connection that is kept."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._numbers = count(1)
        self._thread = ThreadPoolExecutor(1, "databases")
        self._runner = asyncio.Runner()
        self._connection: asyncpg.Connection[Any] = self._run(self._connected())
        # Copying the files costs half of logging every page; before 15 there was no other way.
        is_told = self._connection.get_server_version() >= (15,)
        self._how = "STRATEGY FILE_COPY" if is_told else ""
        self._command(f"CREATE DATABASE {TEMPLATE}")
        finish(migrate(server.url(TEMPLATE)))

    def close(self) -> None:
        """Let go of the connection."""
        self._run(self._connection.close())
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()

    @contextmanager
    def fresh(self, template: str = TEMPLATE) -> Iterator[str]:
        """The URL of a database that is there until the end of the block."""
        name = f"test_{next(self._numbers)}"
        self._command(f"CREATE DATABASE {name} TEMPLATE {template} {self._how}")
        yield self._server.url(name)
        self._command(f"DROP DATABASE {name} WITH (FORCE)")

    def keep(self, url: str, template: str) -> None:
        """Have what is in the database at `url` as a template; nobody is connected to it."""
        name = urlsplit(url).path.removeprefix("/")
        self._command(f"CREATE DATABASE {template} TEMPLATE {name} {self._how}")

    def _command(self, statement: str) -> None:
        self._run(self._connection.execute(statement))

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """In a thread of its own, also while a test's loop is running."""
        return self._thread.submit(self._runner.run, work).result()

    async def _connected(self) -> "asyncpg.Connection[Any]":
        return await asyncpg.connect(
            host=str(self._server.folder), user="berth", database="postgres"
        )


class SqliteDatabases:
    """Databases in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        finish(migrate(f"sqlite://{self._file(TEMPLATE)}"))

    @contextmanager
    def fresh(self, template: str = TEMPLATE) -> Iterator[str]:
        """The URL of a database that is there until the end of the block."""
        folder = self._folder / f"test_{next(self._numbers)}"
        folder.mkdir()
        shutil.copy(self._file(template), folder / "berth.db")
        yield f"sqlite://{folder / 'berth.db'}"
        shutil.rmtree(folder, ignore_errors=True)

    def keep(self, url: str, template: str) -> None:
        """Have what is in the database at `url` as a template; nobody is connected to it."""
        file = Path(url.removeprefix("sqlite://"))
        assert not file.with_name(file.name + "-wal").exists(), "all of it is in the file"
        shutil.copy(file, self._file(template))

    def _file(self, template: str) -> Path:
        return self._folder / f"{template}.db"
