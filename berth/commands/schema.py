"""`berth schema`: the GraphQL schema as text."""

from pathlib import Path
from typing import Annotated

import typer

from berth.console import print_plain


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True, help="The GraphQL schema.")
    group.command("export")(export)
    group.callback()(_group)
    app.add_typer(group, name="schema", rich_help_panel="Tools")


def _group() -> None:
    """The GraphQL schema."""


def export(
    to: Annotated[
        Path | None, typer.Option("--to", "-o", help="Write this file; else standard output.")
    ] = None,
) -> None:
    """Print the schema in the schema definition language."""
    from schema.schema import make_schema

    text = make_schema().as_str()
    if to is None:
        print_plain(text)
    else:
        to.write_text(text + "\n", encoding="utf-8")
