"""`berth migrate`: bring the database to the tables that this version needs."""

import asyncio
from typing import Annotated

import typer

from berth.console import Steps, print_json, print_plain, steps
from berth.flags import STORE, takes_settings
from berth.logs import set_up_logging
from berth.secret import ensure_data_dir
from berth.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("migrate", rich_help_panel="Data")(migrate_command)


@takes_settings(*STORE)
def migrate_command(
    settings: Settings,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Create or update the database's tables.

    Safe to run again, and by several at once: one migrates, the others wait.
    """
    set_up_logging(settings)
    with steps(quiet=json) as told:
        applied = asyncio.run(migrate_database(settings, told))
    if json:
        print_json({"applied": applied})
    else:
        print_plain(f"applied {', '.join(applied)}" if applied else "nothing to do")


async def migrate_database(settings: Settings, told: Steps) -> list[str]:
    """Migrate the database of `settings`; the names of what was applied."""
    from parking.storage.migrate import migrate

    if settings.is_embedded:
        ensure_data_dir(settings)
    return await migrate(settings.database, lambda name: told.begin(f"migrating: {name}"))
