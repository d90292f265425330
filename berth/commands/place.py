"""`berth place`: import whole places."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from berth.console import print_json, print_plain, print_table, steps
from berth.flags import STORE, takes_settings
from berth.settings import Settings
from parking.errors import BerthError
from parking.places.importing.drafts import Defaults, Format, RowProblem
from parking.places.importing.limits import FILE_BYTES_MAX
from parking.places.importing.report import ImportReport, Tally
from parking.places.models import PlaceKind

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

NOT_WRITTEN = 1


class FileUnreadable(BerthError):
    """The file cannot be read."""

    code = "FILE_UNREADABLE"


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True, help="Import and list places.")
    group.command("import")(import_command)
    group.command("list")(list_command)
    app.add_typer(group, name="place", rich_help_panel="Data")


@takes_settings(*STORE, "redis_url")
def import_command(  # noqa: PLR0913 - each is a flag
    settings: Settings,
    file: Annotated[Path, typer.Argument(help="CSV, GeoJSON, DATEX II, FIWARE or Sensade.")],
    organisation: Annotated[
        str, typer.Option(help="Whose places they become: an organisation's id or exact name.")
    ],
    file_format: Annotated[
        Format | None,
        typer.Option("--format", case_sensitive=False, help="Told from the content otherwise."),
    ] = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="Import the good rows although some are bad.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done.")
    ] = False,
    name: Annotated[str | None, typer.Option(help="The place of rows that name none.")] = None,
    kind: Annotated[
        PlaceKind | None,
        typer.Option(case_sensitive=False, help="The kind where the file names none."),
    ] = None,
    time_zone: Annotated[
        str | None, typer.Option(help="IANA time zone where the file names none.")
    ] = None,
    currency: Annotated[
        str | None, typer.Option(help="ISO 4217 currency where the file names none.")
    ] = None,
    json: Json = False,
) -> None:
    """Import the places of a file; the same file again changes nothing.

    Bad rows are told by line. Unless --partial is given, one bad row means that nothing is
    imported. Exit status 1 when nothing was written for that reason.
    """
    from berth.opening import with_database
    from berth.place_work import import_file

    source = _read(file)
    defaults = Defaults(time_zone=time_zone, currency=currency, kind=kind, place_name=name)

    async def work() -> ImportReport:
        return await import_file(
            settings, source, organisation, file_format, defaults, partial=partial, dry_run=dry_run
        )

    with steps(quiet=json) as told:
        told.begin(f"importing {file.name}")
        report = with_database(settings, work)
    print_json(_as_json(report)) if json else _print_report(report, dry_run)
    if not report.is_written and not (dry_run and not report.errors):
        raise typer.Exit(NOT_WRITTEN)


@takes_settings(*STORE)
def list_command(settings: Settings, json: Json = False) -> None:
    """List all places with their present counts."""
    from berth.opening import with_database
    from berth.place_work import list_places

    found = with_database(settings, list_places)
    if json:
        print_json(found)
        return
    columns = ("id", "name", "kind", "organisation", "state", "spaces", "available")
    print_table(columns, [tuple(each[column] for column in columns) for each in found])


def _read(file: Path) -> bytes:
    """Its bytes: one more than an import takes at most, so that a larger one is refused there."""
    try:
        with file.open("rb") as source:
            return source.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise FileUnreadable(f"{file} cannot be read: {error.strerror}") from error


def _as_json(report: ImportReport) -> dict[str, Any]:
    return {
        "written": report.is_written,
        "format": report.format,
        "places": asdict(report.places),
        "spaces": asdict(report.spaces),
        "placeIds": report.place_ids,
        "problems": [asdict(problem) for problem in report.problems],
    }


def _print_report(report: ImportReport, dry_run: bool) -> None:
    if report.problems:
        rows = [_problem_row(problem) for problem in report.problems]
        print_table(("line", "where", "", "code", "what is wrong"), rows)
    done = "imported" if report.is_written else "would be imported" if dry_run else "not imported"
    if report.is_written or dry_run:
        print_plain(f"{done}: {_told(report.places, 'places')}; {_told(report.spaces, 'spaces')}")
    else:
        print_plain(
            f"nothing was imported: {len(report.errors)} rows are bad. Mend them, or import the "
            "others with --partial."
        )


def _problem_row(problem: RowProblem) -> tuple[object, ...]:
    where = " ".join(filter(None, (problem.path, problem.field)))
    level = "warning" if problem.is_warning else "error"
    return problem.line, where, level, problem.code.value, problem.message


def _told(tally: Tally, what: str) -> str:
    return f"{tally.created} {what} new, {tally.updated} changed, {tally.unchanged} as they were"
