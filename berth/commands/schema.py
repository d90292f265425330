"""`berth schema`: the GraphQL schema as text, and what is made of it for frontends."""

from pathlib import Path
from typing import Annotated

import typer

from berth.console import print_plain


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True, help="The GraphQL schema.")
    group.command("export")(export)
    group.command("typescript")(typescript)
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


def typescript(
    operations: Annotated[
        Path, typer.Argument(help="A file of GraphQL operations.", exists=True, dir_okay=False)
    ],
    to: Annotated[
        Path | None,
        typer.Option("--to", "-o", help="Write this file; else the operations' with the end .ts."),
    ] = None,
) -> None:
    """Make a TypeScript module of operations: their texts, and the types of all they name."""
    from graphql import build_schema

    from berth.typescript import typescript as made_of
    from schema.schema import printed_schema

    text = operations.read_text(encoding="utf-8")
    module = made_of(build_schema(printed_schema()), operations.name, text)
    (to or operations.with_suffix(".ts")).write_text(module, encoding="utf-8")
