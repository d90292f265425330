"""Bringing a database to the tables that this version of Berth needs."""

import importlib
import pkgutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.recorder import MigrationRecorder

from parking.errors import BerthError
from parking.storage.database import APP, config_for, open_context
from parking.storage.migration_lock import only_migrator
from parking.storage.sql import CONNECTION

MIGRATIONS = "migrations"

Progress = Callable[[str], object]


class DatabaseTooNew(BerthError):
    """The database has migrations that this version of Berth does not know."""

    code = "DATABASE_TOO_NEW"


class DatabaseNotMigrated(BerthError):
    """The database lacks migrations that this version of Berth needs."""

    code = "DATABASE_NOT_MIGRATED"


@dataclass(frozen=True)
class MigrationStatus:
    """Names of migrations: `applied` and known, `pending` here, `unknown` to this version."""

    applied: list[str]
    pending: list[str]
    unknown: list[str]


async def migrate(url: str, progress: Progress | None = None) -> list[str]:
    """Apply what is pending, and tell the names of what was applied; safe to run twice at once.

    Each migration is one transaction. `progress` is called with each name when it begins. Raises
    `DatabaseTooNew`, `DatabaseUrlInvalid` or `Unreachable`.
    """
    async with only_migrator(url), _context(url) as context:
        connection = context.db(CONNECTION)
        status = await _status(connection)
        refuse_newer(status)
        if status.pending:
            await _apply(connection, config_for(url)["apps"], progress)
        return status.pending


async def migration_status(url: str) -> MigrationStatus:
    """What of this version's migrations the database has. Raises `Unreachable`."""
    async with _context(url) as context:
        return await _status(context.db(CONNECTION))


async def require_migrated(url: str) -> None:
    """Raise `DatabaseTooNew` or `DatabaseNotMigrated` unless the database fits this version."""
    status = await migration_status(url)
    refuse_newer(status)
    if status.pending:
        raise DatabaseNotMigrated(
            f"the database lacks {', '.join(status.pending)}; run `berth migrate` first"
        )


def refuse_newer(status: MigrationStatus) -> None:
    """Raise `DatabaseTooNew` if the database knows more than this version."""
    if status.unknown:
        raise DatabaseTooNew(
            f"the database was migrated by a newer Berth: this version does not know "
            f"{', '.join(status.unknown)}. Install the newer version, or restore a backup made "
            f"before it ran."
        )


async def _status(connection: Any) -> MigrationStatus:
    known = known_migrations()
    recorded = {key.name for key in await _recorded(connection) if key.app_label == APP}
    return MigrationStatus(
        applied=[name for name in known if name in recorded],
        pending=[name for name in known if name not in recorded],
        unknown=sorted(recorded - set(known)),
    )


async def _recorded(connection: Any) -> list[Any]:
    """The recorded migrations; Tortoise's own reading takes a lost connection for an empty list."""
    tables = {
        "sqlite": "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1",
        "postgres": "SELECT 1 FROM pg_tables WHERE schemaname = current_schema AND tablename = $1",
    }
    table = tables[connection.capabilities.dialect]
    if not await connection.fetch(table, ["tortoise_migrations"]):
        return []
    return await MigrationRecorder(connection).applied_migrations()


def known_migrations() -> list[str]:
    """Names of this version's migrations, in order."""
    package = importlib.import_module(MIGRATIONS)
    modules = pkgutil.iter_modules(package.__path__)
    return sorted(module.name for module in modules if module.name[0] != "_" and not module.ispkg)


async def _apply(connection: Any, apps: dict[str, Any], progress: Progress | None) -> None:
    executor = MigrationExecutor(connection, apps)
    executor.recorder = _AlreadyRecorded(connection)

    def told(event: str, _app: str, name: str) -> None:
        if progress is not None and event == "apply_start":
            progress(name)

    await executor.migrate(direction="forward", progress=told)


class _AlreadyRecorded(MigrationRecorder):
    """Our migrations record themselves, in their own transaction."""

    async def record_applied(self, app: str, name: str) -> None:
        """Nothing is left to do."""


@asynccontextmanager
async def _context(url: str) -> AsyncIterator[TortoiseContext]:
    context = await open_context(url, for_migrating=True)
    try:
        with context:
            yield context
    finally:
        await context.close_connections()
