"""Fixtures for every test: real databases, a real Redis, a clock that moves when told to.

Tests are plain `async def`. A server starts when the first test needs it and ends with the run.
"""

import os
from collections.abc import AsyncIterator, Iterator
from typing import Any, TypeVar

import pytest

from parking.clock import TestClock
from parking.storage.database import connect, disconnect
from tests.support.databases import PostgresDatabases, SqliteDatabases
from tests.support.folders import private_folder
from tests.support.servers import PostgresServer, RedisServer, ServerMissing

Server = TypeVar("Server", PostgresServer, RedisServer)

_skipped: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember what was skipped."""
    if report.skipped and not hasattr(report, "wasxfail"):
        _skipped.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a skipped test is a failed run: nobody would see what it no longer proves."""
    if _skipped and os.environ.get("CI") == "true":
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say so."""
    if _skipped and os.environ.get("CI") == "true":
        names = ", ".join(_skipped)
        terminalreporter.write_line(f"CI=true: nothing may be skipped, but was: {names}", red=True)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Plain asyncio: aiocoap must never run under uvloop."""
    return "asyncio"


def started(server: type[Server]) -> Server:
    """Start a server, or end the whole run with one clear message if it is not installed."""
    try:
        return server()
    except ServerMissing as missing:
        pytest.exit(str(missing), returncode=1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The private PostgreSQL of this run."""
    with started(PostgresServer) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_databases(postgres_server: PostgresServer) -> Iterator[PostgresDatabases]:
    """Makes fresh PostgreSQL databases."""
    made = PostgresDatabases(postgres_server)
    yield made
    made.close()


@pytest.fixture(scope="session")
def sqlite_databases() -> Iterator[SqliteDatabases]:
    """Makes fresh SQLite databases."""
    with private_folder() as folder:
        yield SqliteDatabases(folder)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """The private Redis of this run."""
    with started(RedisServer) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_databases: PostgresDatabases) -> Iterator[str]:
    """A fresh, migrated, empty PostgreSQL database; nobody is connected."""
    with postgres_databases.fresh() as url:
        yield url


@pytest.fixture
def sqlite_url(sqlite_databases: SqliteDatabases) -> Iterator[str]:
    """A fresh, migrated, empty SQLite database; nobody is connected."""
    with sqlite_databases.fresh() as url:
        yield url


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The private Redis, emptied."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> Any:
    """A fresh, migrated, empty database of each dialect; nobody is connected."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[str]:
    """A fresh, migrated, empty database of each dialect, connected; its URL."""
    await connect(database_url)
    yield database_url
    await disconnect()


@pytest.fixture
def clock() -> TestClock:
    """A clock that stands still until the test moves it."""
    return TestClock()


@pytest.fixture(autouse=True)
def _only_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run in this process warn of variables that are no setting: these are the suite's."""
    for name in ("BERTH_TEST_WORKERS", "BERTH_SHARED_DATA"):
        monkeypatch.delenv(name, raising=False)
