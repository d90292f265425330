"""The readers' one entrance: bytes of a file in, drafts of whole places out. Pure."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from parking.places.importing.codes import Code
from parking.places.importing.csv_reader import read_csv
from parking.places.importing.datex_reader import read_datex
from parking.places.importing.detect import is_json, is_xml, json_format
from parking.places.importing.drafts import Defaults, Drafts, Format, OccupancyHint, PlaceDraft
from parking.places.importing.fiware_reader import FiwareReader
from parking.places.importing.geojson_reader import read_geojson
from parking.places.importing.geometry import Point, mean_position
from parking.places.importing.json_source import lines_of, load_json
from parking.places.importing.layout import draw_plan
from parking.places.importing.limits import FILE_BYTES_MAX
from parking.places.importing.places_check import checked_places
from parking.places.importing.problems import Problems, Unreadable
from parking.places.importing.sensade_reader import read_sensade
from parking.places.importing.subplaces import with_subplaces
from parking.places.importing.text_source import decode

Found = tuple[list[PlaceDraft], list[OccupancyHint]]
JsonReader = Callable[[Any, Defaults, Problems], Found]
NO_DEFAULTS = Defaults()


def read_drafts(
    source: bytes, file_format: Format | None = None, defaults: Defaults = NO_DEFAULTS
) -> Drafts:
    """Drafts of all places of a file, with plans, subplaces and the list of what is wrong.

    Never raises for what is in the file: a file that cannot be read at all gives no places and the
    problem that says why. `file_format` None tells it from the content. CSV and JSON are UTF-8 (or
    have a byte order mark); XML says its encoding itself.
    """
    problems = Problems()
    try:
        _check_size(source)
        chosen, found, text = _read(source, file_format, defaults, problems)
        places, hints = found
        places = checked_places(places, defaults, problems)
        _check_found(chosen, places, hints, problems)
    except Unreadable as error:
        return Drafts(file_format, problems=(*problems.all(), error.problem))
    wanted = problems.wanted_paths
    lines = lines_of(text, wanted) if wanted and text else {}
    whole = tuple(_whole(place) for place in places)
    return Drafts(chosen, whole, tuple(hints), problems.all(lines))


def anchor_of(place: PlaceDraft) -> Point | None:
    """Where plan coordinate (0, 0) of a projected plan lies: the place's own position."""
    if place.latitude is None or place.longitude is None:
        return None
    return place.longitude, place.latitude


def _check_size(source: bytes) -> None:
    if not source.strip():
        raise Unreadable(Code.FILE_EMPTY, "the file is empty")
    if len(source) > FILE_BYTES_MAX:
        message = f"the file has more than the {FILE_BYTES_MAX} bytes that are read at once"
        raise Unreadable(Code.FILE_TOO_LARGE, message)


def _check_found(
    chosen: Format, places: list[PlaceDraft], hints: list[OccupancyHint], problems: Problems
) -> None:
    if not places and not hints and not problems.has_errors:
        raise Unreadable(Code.NOTHING_FOUND, f"the {chosen} file holds no parking place")


def _read(
    source: bytes, file_format: Format | None, defaults: Defaults, problems: Problems
) -> tuple[Format, Found, str]:
    """(format, what it holds, its text for finding lines; empty where lines are known)."""
    if file_format is Format.DATEX or (file_format is None and is_xml(source)):
        return Format.DATEX, read_datex(source, defaults, problems), ""
    text = decode(source)
    if file_format is Format.CSV or (file_format is None and not is_json(text)):
        return Format.CSV, (read_csv(text, defaults, problems), []), ""
    document = load_json(text)
    chosen = file_format or json_format(document)
    return chosen, JSON_READERS[chosen](document, defaults, problems), text


def _read_fiware(document: Any, defaults: Defaults, problems: Problems) -> Found:
    reader = FiwareReader(defaults, problems)
    return reader.read(document), reader.hints


JSON_READERS: dict[Format, JsonReader] = {
    Format.GEOJSON: lambda *given: (read_geojson(*given), []),
    Format.SENSADE: lambda *given: (read_sensade(*given), []),
    Format.FIWARE: _read_fiware,
}


def _whole(place: PlaceDraft) -> PlaceDraft:
    """The place with a position, subplaces, and a plan."""
    placed = _with_position(place)
    planned = replace(placed, spaces=draw_plan(placed.spaces, anchor_of(placed)))
    return with_subplaces(planned)


def _with_position(place: PlaceDraft) -> PlaceDraft:
    if anchor_of(place) is not None:
        return place
    located = [
        (space.longitude, space.latitude)
        for space in place.spaces
        if space.longitude is not None and space.latitude is not None
    ]
    if not located:
        return place
    longitude, latitude = mean_position(located)
    assumed = place.assumed | {"latitude", "longitude"}
    return replace(place, longitude=longitude, latitude=latitude, assumed=assumed)
