"""Migrating: once, by one at a time, never backwards."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from parking.accounts.models import Organisation
from parking.storage.database import connect, disconnect, open_context
from parking.storage.faults import Unreachable
from parking.storage.migrate import (
    DatabaseNotMigrated,
    DatabaseTooNew,
    known_migrations,
    migrate,
    migration_status,
    require_migrated,
)
from parking.storage.sql import Sql
from tests.support.churn import NOW
from tests.support.databases import PostgresDatabases
from tests.support.introspection import tables_of

MIGRATE = """
import asyncio, sys
from parking.storage.migrate import migrate
print(*asyncio.run(migrate(sys.argv[1])))
"""


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database that was never migrated."""
    if request.param == "sqlite":
        yield f"sqlite://{tmp_path / 'sub' / 'berth.db'}"
    else:
        databases: PostgresDatabases = request.getfixturevalue("postgres_databases")
        with databases.fresh(template="template0") as url:
            yield url


async def execute(url: str, statement: str) -> None:
    context = await open_context(url)
    with context:
        await Sql(context.db()).execute(statement)
    await context.close_connections()


async def test_applies_what_is_pending_and_tells_it(empty_url: str) -> None:
    told: list[str] = []
    assert await migrate(empty_url, told.append) == known_migrations() == told
    status = await migration_status(empty_url)
    assert (status.applied, status.pending, status.unknown) == (known_migrations(), [], [])


async def test_a_second_time_there_is_nothing_to_do(empty_url: str) -> None:
    await migrate(empty_url)
    told: list[str] = []
    assert await migrate(empty_url, told.append) == [] == told


async def test_migrators_at_once_apply_each_migration_once(empty_url: str) -> None:
    results = await asyncio.gather(*(migrate(empty_url) for _ in range(4)))
    assert sorted(results) == [[], [], [], known_migrations()]


async def test_processes_that_migrate_at_once_apply_each_migration_once(empty_url: str) -> None:
    command = [sys.executable, "-c", MIGRATE, empty_url]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(3)
    ]
    outputs = [(await asyncio.to_thread(process.communicate))[0] for process in processes]
    assert sorted(outputs) == ["\n", "\n", " ".join(known_migrations()) + "\n"]


async def test_a_newer_database_is_refused_with_a_sentence(database_url: str) -> None:
    await execute(
        database_url,
        "INSERT INTO tortoise_migrations (app, name, applied_at) "
        "VALUES ('parking', '9999_flying_cars', CURRENT_TIMESTAMP)",
    )
    for act in (migrate, require_migrated):
        with pytest.raises(DatabaseTooNew, match="9999_flying_cars.*Install the newer version"):
            await act(database_url)


async def test_a_database_that_lacks_a_migration_is_told_what_to_run(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        Path(empty_url.removeprefix("sqlite://")).parent.mkdir()
    with pytest.raises(DatabaseNotMigrated, match="0001_initial.*berth migrate"):
        await require_migrated(empty_url)
    await migrate(empty_url)
    await require_migrated(empty_url)


async def test_a_migration_that_fails_leaves_nothing_behind(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from migrations import _operations

    whole = _operations.spelled

    def broken(statement: str, dialect: str) -> str:
        text = whole(statement, dialect)
        return text.replace("CREATE TABLE place ", "CREATE NONSENSE place ")

    monkeypatch.setattr(_operations, "spelled", broken)
    with pytest.raises(Exception, match="(?i)syntax"):
        await migrate(empty_url)
    context = await open_context(empty_url)
    with context:
        assert await tables_of(Sql(context.db())) == {}
    await context.close_connections()
    monkeypatch.undo()
    assert await migrate(empty_url) == known_migrations()


async def test_a_database_that_is_not_there_is_unreachable(postgres_url: str) -> None:
    with pytest.raises(Unreachable, match="no_such"):
        await migrate(postgres_url.replace("/test_", "/no_such_"))


async def test_migrating_another_database_leaves_the_connected_one_usable(
    sqlite_url: str, empty_url: str
) -> None:
    await connect(sqlite_url)
    made = await Organisation.create(name="before", created_at=NOW)
    await migrate(empty_url)
    assert (await Organisation.get(id=made.id)).name == "before"
    await Organisation.create(name="after", created_at=NOW)
    assert await Organisation.filter(name="after").count() == 1
    await disconnect()


async def test_a_folder_that_cannot_be_written_is_named() -> None:
    with pytest.raises(Unreachable, match="/proc/berth.db"):
        await migrate("sqlite:///proc/berth.db")
