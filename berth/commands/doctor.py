"""`berth doctor`: what is wrong, and what to do."""

import asyncio
import logging
import os
from typing import Annotated

import typer
from rich.text import Text

from berth.console import print_json, print_table
from berth.doctoring import Finding, Level, examine, settings_or_finding
from berth.flags import gives_flags

FAILED = 1
COLOURS = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor", rich_help_panel="Tools")(doctor)


@gives_flags()
def doctor(
    flags: dict[str, str | None],
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Look at everything that Berth needs: each line ok, warn or fail, and what to do.

    Exit status 1 when anything fails.
    """
    logging.disable(logging.CRITICAL)  # what is wrong is in the table
    findings = asyncio.run(_findings(flags))
    if json:
        print_json([_as_json(finding) for finding in findings])
    else:
        print_table(("", "what", "how it is", "what to do"), [_row(each) for each in findings])
    if any(finding.level is Level.FAIL for finding in findings):
        raise typer.Exit(FAILED)


async def _findings(flags: dict[str, str | None]) -> list[Finding]:
    settings = settings_or_finding(os.environ, flags)
    if isinstance(settings, Finding):
        return [settings]
    return [finding async for finding in examine(settings, os.environ)]


def _row(finding: Finding) -> tuple[object, ...]:
    level = Text(finding.level.value, COLOURS[finding.level])
    return level, finding.name, finding.about, finding.advice


def _as_json(finding: Finding) -> dict[str, str]:
    return {
        "level": finding.level.value,
        "name": finding.name,
        "about": finding.about,
        "advice": finding.advice,
    }
