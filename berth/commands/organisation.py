"""`berth organisation`: who runs places."""

from typing import Annotated, Any

import typer

from berth.console import print_json, print_plain, print_table
from berth.flags import STORE, takes_settings
from berth.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True, help="Make and list organisations.")
    group.command("add")(add)
    group.command("list")(list_command)
    app.add_typer(group, name="organisation", rich_help_panel="Data")


@takes_settings(*STORE)
def add(
    settings: Settings,
    name: Annotated[str, typer.Argument(help="Its name.")],
    operator: Annotated[
        str, typer.Option(help="E-mail address or phone number of its first OPERATOR.")
    ],
    json: Json = False,
) -> None:
    """Make an organisation; its first operator then signs in and invites the others."""
    from berth.opening import with_database
    from berth.organisations import make_organisation

    made = with_database(settings, lambda: make_organisation(name, operator))
    if json:
        print_json({"id": made, "name": name, "operator": operator})
    else:
        print_plain(f"made organisation {made}: {name}")


@takes_settings(*STORE)
def list_command(settings: Settings, json: Json = False) -> None:
    """List all organisations."""
    from berth.opening import with_database
    from parking.storage.sql import database

    async def work() -> list[dict[str, Any]]:
        return await database().fetch(
            "SELECT o.id, o.name, (SELECT COUNT(*) FROM place p WHERE p.organisation_id = o.id)"
            " AS places FROM organisation o ORDER BY o.name, o.id"
        )

    found = with_database(settings, work)
    if json:
        print_json(found)
    else:
        rows = [(each["id"], each["name"], each["places"]) for each in found]
        print_table(("id", "name", "places"), rows)
