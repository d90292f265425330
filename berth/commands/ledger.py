"""`berth ledger`: whether the books are right, and the books themselves."""

import os
import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TextIO

import typer

from berth.console import print_json, print_plain, print_table
from berth.flags import STORE, takes_settings
from berth.settings import Settings
from parking.errors import InvalidInput
from parking.ledger.export import ExportFormat

WRONG = 1

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
INSTANT = "RFC 3339 time or a date, such as 2026-10-01 (UTC)."


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True, help="Verify and export the ledger.")
    group.command("verify")(verify)
    group.command("export")(export)
    app.add_typer(group, name="ledger", rich_help_panel="Data")


@takes_settings(*STORE)
def verify(settings: Settings, json: Json = False) -> None:
    """Rebuild every balance from its postings and look at each transfer; others may go on writing.

    Exit status 1 when anything is wrong.
    """
    from berth.ledger_work import verify_books
    from berth.opening import with_database

    transfers, accounts, findings = with_database(settings, verify_books)
    if json:
        told = [each._asdict() for each in findings]
        print_json({"transfers": transfers, "accounts": accounts, "findings": told})
    elif findings:
        print_table(("what", "where and how"), findings)
    else:
        print_plain(f"the books are right: {transfers} transfers, {accounts} accounts")
    if findings:
        raise typer.Exit(WRONG)


@takes_settings(*STORE)
def export(
    settings: Settings,
    file_format: Annotated[
        ExportFormat, typer.Option("--format", case_sensitive=False, help="How it is written.")
    ] = ExportFormat.CSV,
    begin: Annotated[str | None, typer.Option("--from", help=INSTANT)] = None,
    end: Annotated[str | None, typer.Option("--until", help=INSTANT)] = None,
    currency: Annotated[str, typer.Option(help="ISO 4217; all of them otherwise.")] = "",
    to: Annotated[
        Path | None, typer.Option("--to", "-o", help="Write this file; else standard output.")
    ] = None,
) -> None:
    """Write the transfers made within [--from, --until), oldest first."""
    from berth.ledger_work import export_books
    from berth.opening import with_database

    from_at, until_at = _instant("--from", begin), _instant("--until", end)
    try:
        with nullcontext(sys.stdout) if to is None else _opened(to) as target:
            with_database(
                settings,
                lambda: export_books(
                    target.write, file_format, from_at, until_at, currency.upper()
                ),
            )
            target.flush()
    except BrokenPipeError:
        # Whoever read, such as `head`, has seen enough; what is still buffered goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _opened(file: Path) -> TextIO:
    """Raises InvalidInput."""
    try:
        return file.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise InvalidInput("--to", f"{file} cannot be written: {error.strerror}") from error


def _instant(flag: str, text: str | None) -> datetime | None:
    """Raises InvalidInput."""
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        message = (
            f"{flag} is {text[:40]!r}; expected a time such as 2026-10-01T08:00:00Z, or a date"
        )
        raise InvalidInput(flag, message) from None
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
