"""DATEX II parking publications, versions 2 and 3: tables of parking records, and their status.

A `parkingRecord` of a site becomes a place; its `parkingSpace`s become spaces. A site of one space
that lists none is one space. With `Defaults.place_name`, sites of one space are gathered as the
spaces of that one place. Element names are the same in both versions but for their namespaces.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from parking.clock import as_utc
from parking.places.importing.codes import Code
from parking.places.importing.datex_record import read_record
from parking.places.importing.drafts import Defaults, OccupancyHint, PlaceDraft, SpaceDraft, Where
from parking.places.importing.problems import Problems, refuse_beyond
from parking.places.importing.values import as_number, shown
from parking.places.importing.xml_source import Element, elements, local_name
from parking.places.models import PlaceKind

RECORD: Final = "parkingRecord"
STATUS: Final = "parkingRecordStatus"
SITE_TYPES = frozenset(
    {"UrbanParkingSite", "InterUrbanParkingSite", "SpecialLocationParkingSite", "ParkingSite", ""}
)


def read_datex(
    source: bytes, defaults: Defaults, problems: Problems
) -> tuple[list[PlaceDraft], list[OccupancyHint]]:
    """The places of the table and the occupancies of the status publication of a document.

    Raises Unreadable when it is not XML that is safe to read.
    """
    places: list[PlaceDraft] = []
    gathered: list[SpaceDraft] = []
    hints: list[OccupancyHint] = []
    for count, element in enumerate(elements(source, (RECORD, STATUS))):
        where = Where(line=element.line, path=f"{element.name}[{count}]")
        refuse_beyond(count + 1, where)
        if element.name == STATUS:
            hint = _read_status(element, where)
            if hint is not None:
                hints.append(hint)
            continue
        kind = local_name(element.attributes.get("type", ""))
        if kind not in SITE_TYPES:
            message = f"a record of type {shown(kind)} is no site of its own and is not read"
            problems.warn(where, "type", Code.RECORD_IGNORED, message)
            continue
        place = read_record(element, where, problems)
        if place is None:
            continue
        if defaults.place_name is not None and _is_single(place):
            gathered.append(_renumbered(place.spaces[0]))
        else:
            places.append(place)
    if gathered and defaults.place_name is not None:
        kind_of_all = defaults.kind or PlaceKind.ON_STREET
        places.append(PlaceDraft(defaults.place_name, kind=kind_of_all, spaces=tuple(gathered)))
    return places, hints


def _is_single(place: PlaceDraft) -> bool:
    return len(place.spaces) == 1 and place.spaces[0].external_id == place.external_id


def _renumbered(space: SpaceDraft) -> SpaceDraft:
    """A single space among others goes by its record's id."""
    return replace(space, number=(space.external_id or space.number)[-40:])


def _read_status(status: Element, where: Where) -> OccupancyHint | None:
    """A record's status as a hint, if the record is a single space; counts of more say nothing."""
    reference = status.find("parkingRecordReference")
    record_id = reference.attributes.get("id", "") if reference is not None else ""
    vacant = as_number(status.value("parkingOccupancy", "parkingNumberOfVacantSpaces"))
    occupied = as_number(status.value("parkingOccupancy", "parkingNumberOfOccupiedSpaces"))
    if not record_id or (vacant or 0) + (occupied or 0) > 1:
        return None
    is_occupied = None
    if vacant is not None or occupied is not None:
        is_occupied = not vacant if vacant is not None else bool(occupied)
    return OccupancyHint(record_id, is_occupied, _instant(status), where)


def _instant(status: Element) -> datetime | None:
    try:
        return as_utc(datetime.fromisoformat(status.value("parkingStatusOriginTime")))
    except ValueError:
        return None
