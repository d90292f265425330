"""Databases for a turn: as durable as in production, on a real disk, gone afterwards."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from tests.support.programs import postgres_program
from tests.support.servers import PostgresServer

SETTINGS = {
    "listen_addresses": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "60",
    "shared_buffers": "512MB",
}


class DurablePostgres(PostgresServer):
    """PostgreSQL with its data on disk, where a commit waits for the disk."""

    def _bring_up(self, initdb: str, postgres: str) -> None:
        self._data = Path(tempfile.mkdtemp(prefix="bench-postgres-"))
        if self._user is not None and self._group is not None:
            shutil.chown(self._data, self._user, self._group)
        data = self._data / "data"
        self.run(initdb, "-D", str(data), "-U", "berth", "-A", "trust", "-E", "UTF8",
                 "--locale=C.UTF-8")  # fmt: skip
        settings = {**SETTINGS, "unix_socket_directories": str(self.folder)}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        self.start(postgres, "-D", str(data), *options)
        ready = [postgres_program("pg_isready"), "-q", "-h", str(self.folder)]
        self.wait_until(lambda: os.spawnv(os.P_WAIT, ready[0], ready) == 0)

    def close(self) -> None:
        """End the server and remove its data."""
        super().close()
        shutil.rmtree(self._data, ignore_errors=True)


@contextmanager
def database(kind: str) -> Iterator[str]:
    """The URL of an empty database: `sqlite` with synchronous=FULL, or `postgres` with fsync."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="bench-sqlite-") as folder:
            yield f"sqlite://{Path(folder) / 'berth.db'}"
        return
    with DurablePostgres() as server:
        asyncio.run(_create(str(server.folder)))
        yield server.url("bench")


async def _create(host: str) -> None:
    connection = await asyncpg.connect(host=host, user="berth", database="postgres")
    await connection.execute("CREATE DATABASE bench")
    await connection.close()
