"""The connection to the database."""

from typing import Any

from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.context import TortoiseContext, get_current_context, set_global_context

from parking.storage.sql import CONNECTION
from parking.storage.urls import (
    DatabaseUrlInvalid,
    is_sqlite,
    postgres_settings,
    sqlite_path,
    sqlite_settings,
)

__all__ = [
    "APP",
    "MODELS",
    "DatabaseUrlInvalid",
    "config_for",
    "connect",
    "disconnect",
    "open_context",
    "sqlite_path",
]

APP = "parking"

MODELS = [
    "parking.events.models",
    "parking.notices.models",
    "parking.accounts.models",
    "parking.places.models",
    "parking.devices.models",
    "parking.vehicles.models",
    "parking.occupancy.models",
    "parking.rates.models",
    "parking.listings.models",
    "parking.reservations.models",
    "parking.access.models",
    "parking.sessions.models",
    "parking.ledger.models",
    "parking.settlement.models",
    "parking.settlement.disputes.models",
    "parking.rights.models",
    "parking.merchants.models",
    "parking.merchants.sms.models",
    "parking.locations.models",
    "parking.reminders.models",
]
"""The modules that hold tables."""


async def connect(url: str) -> None:
    """Connect this process to the database at `url`, for all its tasks.

    Raises `DatabaseUrlInvalid`, or `Unreachable` when the server or file cannot be used. For the
    forms of a URL see `parking.storage.urls`.
    """
    context = await open_context(url)
    try:
        set_global_context(context)
    except BaseException:
        await context.close_connections()
        raise


async def disconnect() -> None:
    """Close the connections that `connect` opened; without effect when there are none."""
    context = get_current_context()
    if context is not None:
        await context.close_connections()


async def open_context(url: str, *, for_migrating: bool = False) -> TortoiseContext:
    """A connected context of Tortoise's, current for nobody yet. Raises like `connect`.

    One for migrating leaves the models, which this process may be using, to their database, and
    lets a statement take as long as it takes.
    """
    config = config_for(url)
    if for_migrating and not is_sqlite(url):
        config["connections"][CONNECTION]["credentials"]["command_timeout"] = None
    # Tortoise keeps ready INSERT statements by connection name, not by dialect.
    EXECUTOR_CACHE.clear()
    context = TortoiseContext()
    with context:  # models find their connection through the current context
        await context.init(config, init_connections=not for_migrating)
        try:
            await context.db(CONNECTION).create_connection(with_db=True)
        except BaseException:
            await context.close_connections()
            raise
    return context


def config_for(url: str) -> dict[str, Any]:
    """Tortoise's configuration for a database URL. Raises `DatabaseUrlInvalid`."""
    if is_sqlite(url):
        engine, credentials = "parking.storage.sqlite_engine", sqlite_settings(url)
    else:
        engine, credentials = "parking.storage.asyncpg_engine", postgres_settings(url)
    app = {"models": MODELS, "default_connection": CONNECTION, "migrations": "migrations"}
    return {
        "connections": {CONNECTION: {"engine": engine, "credentials": credentials}},
        "apps": {APP: app},
        "use_tz": True,
        "timezone": "UTC",
    }
