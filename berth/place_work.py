"""What `berth place` does, as the system, on a connected database."""

from typing import Any

from berth.buses import make_bus
from berth.finding import find_organisation
from berth.settings import Settings
from parking.accounts.viewer import SYSTEM
from parking.clock import SystemClock
from parking.places.importing.drafts import Defaults, Format
from parking.places.importing.report import ImportReport
from parking.places.importing.verb import import_places
from parking.storage.sql import database

SELECT_PLACES = """
SELECT p.id, p.name, p.kind, o.name AS organisation, p.state, p.available_count AS available,
       p.unknown_count AS unknown,
       p.available_count + p.reserved_count + p.occupied_count + p.closed_count + p.unknown_count
       AS spaces
  FROM place p JOIN organisation o ON o.id = p.organisation_id
 WHERE p.retired_at IS NULL
 ORDER BY p.name, p.id
"""


async def import_file(
    settings: Settings,
    source: bytes,
    organisation: str,
    file_format: Format | None,
    defaults: Defaults,
    *,
    partial: bool,
    dry_run: bool,
) -> ImportReport:
    """Import the file's places into the organisation. Raises `NotFound` for the organisation."""
    organisation_id = await find_organisation(organisation)
    bus = make_bus(settings)
    try:
        return await import_places(
            SYSTEM,
            source,
            organisation_id=organisation_id,
            file_format=file_format,
            defaults=defaults,
            partial=partial,
            dry_run=dry_run,
            clock=SystemClock(),
            bus=bus,
        )
    finally:
        await bus.close()


async def list_places() -> list[dict[str, Any]]:
    """All places with their counts."""
    return await database().fetch(SELECT_PLACES)
