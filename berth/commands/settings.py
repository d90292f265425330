"""`berth settings`: every setting, its default and its present value."""

from typing import Annotated

import typer

from berth.console import print_json, print_plain, print_table
from berth.settings import SETTINGS, Setting, read_settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("settings", rich_help_panel="Tools")(settings_command)


def settings_command(
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the table of docs/settings.md.")
    ] = False,
) -> None:
    """Show every setting and what it is set to; secrets are not shown."""
    if markdown:
        print_plain(as_markdown())
        return
    present = read_settings()
    shown = {setting.variable: _shown(setting, present) for setting in SETTINGS}
    if json:
        print_json(shown)
    else:
        rows = [(each.variable, shown[each.variable], each.about) for each in SETTINGS]
        print_table(("setting", "value", "what it does"), rows)


def as_markdown() -> str:
    """`docs/settings.md`, made from the table that the program reads."""
    lines = [
        "# Settings",
        "",
        "Made by `berth settings --markdown`; a test fails when it differs. Each setting is an",
        "environment variable, and a flag of the commands that use it; the flag wins. A wrong",
        "value is told in one sentence and ends the command with status 2.",
        "",
        "| variable | flag | default | what it does | value |",
        "|---|---|---|---|---|",
    ]
    lines += [_markdown_row(setting) for setting in SETTINGS]
    return "\n".join(lines)


def _markdown_row(setting: Setting) -> str:
    expected = setting.kind.expected.replace("|", "\\|")
    default = setting.default or "-"
    return f"| `{setting.variable}` | `{setting.flag}` | {default} | {setting.about} | {expected} |"


def _shown(setting: Setting, present: object) -> str:
    value = getattr(present, setting.field)
    if value in (None, ()):
        return f"not set: {setting.default}" if setting.default else "not set"
    return "set, not shown" if setting.is_secret else str(value)
