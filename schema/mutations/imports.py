"""Importing whole places from files."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.accounts.viewer import Viewer
from parking.places.importing.drafts import Defaults, Drafts, Format
from parking.places.importing.read import read_drafts
from parking.places.importing.report import ImportReport
from parking.places.importing.verb import import_drafts
from parking.places.models import PlaceKind
from parking.places.rules import may_operate
from schema.context import Info, viewer_of
from schema.ids import wanted_key
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.places import Place, load_place
from schema.refusals import VerbRefusal
from schema.scalars import Currency, TimeZone

REPORTED = ("is_written", "format", "places", "spaces", "place_ids", "problems")


@strawberry.input(description="A file of places, and how to take it.")
class ImportPlacesInput:
    """The arguments of `parking.places.importing.verb.import_drafts`."""

    organisation_id: strawberry.ID = strawberry.field(description="Who runs the places.")
    content: str = strawberry.field(description="The file's text.")
    format: Format | None = strawberry.field(
        default=None, description="The file's format; null: told from its content."
    )
    partial: bool = strawberry.field(
        default=False,
        description="Keep what is good; else any error means that nothing is written.",
    )
    dry_run: bool = strawberry.field(default=False, description="Only say what would be written.")
    time_zone: TimeZone | None = strawberry.field(
        default=None, description="For places whose file names none."
    )
    currency: Currency | None = strawberry.field(
        default=None, description="For places whose file names none."
    )
    kind: PlaceKind | None = strawberry.field(
        default=None, description="For places whose file names none."
    )
    place_name: str | None = strawberry.field(
        default=None, description="Gathers spaces that name no place into one place of this name."
    )


@strawberry.type(description="One thing that is wrong in the file.")
class ImportProblem:
    """`parking.places.importing.drafts.RowProblem`."""

    line: int | None = strawberry.field(description="Line, counted from 1; null: the whole file.")
    path: str = strawberry.field(description="Spot in JSON or XML, such as `features[3]`.")
    field: str = strawberry.field(description="Column or property; may be empty.")
    code: str = strawberry.field(description="Stable, for programs: UPPER_SNAKE.")
    message: str = strawberry.field(description="For people: what is wrong and what to do.")
    is_warning: bool = strawberry.field(description="Whether the row is kept all the same.")


@strawberry.type(description="How many were made, changed, and found to be so already.")
class ImportTally:
    """`parking.places.importing.report.Tally`."""

    created: int = strawberry.field(description="Made.")
    updated: int = strawberry.field(description="Changed.")
    unchanged: int = strawberry.field(description="As in the file already.")


@strawberry.type(
    description="A file was read. Unless `isWritten`, nothing changed, and the tallies say what"
    " would have been."
)
class PlacesImported:
    """`parking.places.importing.report.ImportReport`."""

    is_written: bool = strawberry.field(description="Whether anything was written.")
    format: Format | None = strawberry.field(description="The file's format; null: not known.")
    places: ImportTally = strawberry.field(description="Places.")
    spaces: ImportTally = strawberry.field(description="Spaces.")
    imported: list[Place] = strawberry.field(description="The places of the file that exist now.")
    problems: list[ImportProblem] = strawberry.field(
        description="What is wrong in the file, by line; at most 1000."
    )


ImportPlacesResult: TypeAlias = Annotated[
    PlacesImported | VerbRefusal,
    strawberry.union("ImportPlacesResult", description="What `importPlaces` answers."),
]


def kept(report: ImportReport) -> dict[str, Any]:
    """What of the report is told, and kept under the idempotency key."""
    told = asdict(report)
    return {name: told[name] for name in REPORTED}


async def outcome_of(info: Info, report: dict[str, Any]) -> PlacesImported:
    """The kept report as the schema's type."""
    found = await asyncio.gather(*(load_place(info, key) for key in report["place_ids"]))
    told = report["format"]
    return PlacesImported(
        is_written=report["is_written"],
        format=None if told is None else Format(told),
        places=ImportTally(**report["places"]),
        spaces=ImportTally(**report["spaces"]),
        imported=[place for place in found if place is not None],
        problems=[ImportProblem(**problem) for problem in report["problems"]],
    )


def defaults_of(given: ImportPlacesInput) -> Defaults:
    """The domain's defaults."""
    return Defaults(
        time_zone=given.time_zone,
        currency=given.currency,
        kind=given.kind,
        place_name=given.place_name,
    )


async def drafts_for(viewer: Viewer, organisation_id: int, given: ImportPlacesInput) -> Drafts:
    """What the file says; nothing for somebody whose import will be refused."""
    if not may_operate(viewer, organisation_id):
        return Drafts(format=given.format)
    content = given.content.encode()
    return await asyncio.to_thread(read_drafts, content, given.format, defaults_of(given))


@strawberry.type
class ImportMutations:
    """Root fields."""

    @mutation(
        "Import places with their spaces from CSV, GeoJSON, DATEX II or FIWARE; the same file again"
        " changes nothing. For OPERATORs of the organisation."
    )
    async def import_places(
        self,
        info: Info,
        input: Annotated[ImportPlacesInput, strawberry.argument(description="The file.")],
        idempotency_key: IdempotencyKey,
    ) -> ImportPlacesResult:
        organisation_id = wanted_key(input.organisation_id, "Organisation")
        # Reading takes its time, so it is done before the transaction that keeps the answer.
        drafts = await drafts_for(viewer_of(info.context), organisation_id, input)

        async def do(work: Work) -> Answer:
            report = await import_drafts(
                work.viewer,
                drafts,
                organisation_id=organisation_id,
                partial=input.partial,
                dry_run=input.dry_run,
                clock=work.clock,
                bus=work.bus,
            )
            return kept(report)

        done = await once(info, idempotency_key, {"input": input}, do)
        return await outcome_of(info, done.answer)
