"""Importing a file of places: all of it, or nothing, or what is good of it."""

import asyncio
from dataclasses import dataclass, replace

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.events.bus import Bus
from parking.places.guards import require_organisation
from parking.places.importing.drafts import Defaults, Drafts, Format
from parking.places.importing.problems import Problems
from parking.places.importing.read import NO_DEFAULTS, read_drafts
from parking.places.importing.report import ImportReport
from parking.places.importing.write import write_drafts
from parking.places.recording import PlaceChange, publish_updates
from parking.places.rules import require_operator
from parking.storage.locks import lock_organisation
from parking.storage.transactions import retried, transaction


@dataclass(frozen=True, slots=True)
class _Order:
    """What was asked for, read."""

    viewer: Viewer
    organisation_id: int
    drafts: Drafts
    is_partial: bool
    is_rehearsal: bool
    clock: Clock


class _NothingWrittenError(Exception):
    """Ends the transaction and undoes it; carries the report."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__("nothing is to be written")
        self.report = replace(report, is_written=False, place_ids=(), sensors=())


async def import_places(  # noqa: PLR0913 - each is one thing that a caller decides
    viewer: Viewer,
    source: bytes,
    *,
    organisation_id: int,
    file_format: Format | None = None,
    defaults: Defaults = NO_DEFAULTS,
    partial: bool = False,
    dry_run: bool = False,
    clock: Clock,
    bus: Bus,
) -> ImportReport:
    """Import the places of a file into an organisation; the same file again changes nothing.

    Unless `partial`, any error in the file means that nothing is written. `dry_run` tells what
    would be written. What the file does not mention stays. Raises NotFound or NotPermitted.
    Reading takes its time, so don't call it inside a transaction: read before, and give what was
    read to `import_drafts`.
    """
    require_operator(viewer, organisation_id)
    drafts = await asyncio.to_thread(read_drafts, source, file_format, defaults)
    return await import_drafts(
        viewer,
        drafts,
        organisation_id=organisation_id,
        partial=partial,
        dry_run=dry_run,
        clock=clock,
        bus=bus,
    )


async def import_drafts(
    viewer: Viewer,
    drafts: Drafts,
    *,
    organisation_id: int,
    partial: bool = False,
    dry_run: bool = False,
    clock: Clock,
    bus: Bus,
) -> ImportReport:
    """`import_places` of a file that was read already."""
    require_operator(viewer, organisation_id)
    if not drafts.places or (drafts.errors and not partial):
        return ImportReport(False, drafts.format, problems=drafts.problems, hints=drafts.hints)
    order = _Order(viewer, organisation_id, drafts, partial, dry_run, clock)
    try:
        report, change = await retried(lambda: _written(order))
    except _NothingWrittenError as ended:
        return ended.report
    await publish_updates(bus, change.updates())
    return report


async def _written(order: _Order) -> tuple[ImportReport, PlaceChange]:
    """One transaction with all of it. Raises _NothingWrittenError after a rehearsal or an error."""
    problems, at = Problems(), order.clock.now()
    async with transaction() as sql:
        await lock_organisation(sql, order.organisation_id)
        await require_organisation(sql, order.organisation_id)
        report, change = await write_drafts(
            sql, order.organisation_id, order.drafts.places, problems, at
        )
        report = replace(
            report,
            format=order.drafts.format,
            problems=(*order.drafts.problems, *problems.all()),
            hints=order.drafts.hints,
        )
        if order.is_rehearsal or (problems.has_errors and not order.is_partial):
            raise _NothingWrittenError(report)
        detail = {
            "format": report.format,
            "places": [report.places.created, report.places.updated],
            "spaces": [report.spaces.created, report.spaces.updated],
        }
        subject = f"organisation:{order.organisation_id}"
        await record_audit(
            sql, order.viewer, "import_places", subject, order.organisation_id, detail, at
        )
    return report, change
