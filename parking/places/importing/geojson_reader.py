"""GeoJSON (RFC 7946): points and polygons of spaces, and outlines of places.

A feature with a `number` (under any name in `columns`) is a space; one without is a place, and its
name is in `place` or `name`. Members `name`, `time_zone` and `currency` of the collection count for
all of it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from parking.places.importing.codes import Code
from parking.places.importing.columns import field_of
from parking.places.importing.drafts import Defaults, PlaceDraft, SpaceDraft, Where
from parking.places.importing.gather import Gatherer
from parking.places.importing.geojson_geometry import Shape, read_shape
from parking.places.importing.geometry import Projection, bay_of
from parking.places.importing.problems import Problems, Unreadable, refuse_beyond
from parking.places.importing.rows import read_place_facts, read_space
from parking.places.importing.values import Row, shown
from parking.places.rules import BAY_METRES_MAX, BAY_METRES_MIN


def read_geojson(document: Any, defaults: Defaults, problems: Problems) -> list[PlaceDraft]:
    """The places of a FeatureCollection or a single Feature.

    Raises Unreadable for anything else; bad features go to `problems` by their path.
    """
    if not isinstance(document, Mapping):
        raise Unreadable(Code.STRUCTURE_UNEXPECTED, "a GeoJSON object is expected")
    gatherer = Gatherer(_collection_defaults(document, defaults), problems)
    features = document.get("features") if document.get("type") != "Feature" else [document]
    if not isinstance(features, list):
        message = "a FeatureCollection with a list of features is expected"
        raise Unreadable(Code.STRUCTURE_UNEXPECTED, message)
    for index, feature in enumerate(features):
        where = Where(path=f"features[{index}]")
        refuse_beyond(index + 1, where)
        _take_feature(feature, where, gatherer)
    common = gatherer.defaults
    return [
        replace(
            place,
            time_zone=place.time_zone or common.time_zone,
            currency=place.currency or common.currency,
        )
        for place in gatherer.drafts()
    ]


def _collection_defaults(document: Mapping[str, Any], defaults: Defaults) -> Defaults:
    """What the collection's own members say, over the caller's defaults."""
    said = {field_of(name): value for name, value in document.items() if isinstance(value, str)}
    name = said.get("place") or document.get("name")
    return replace(
        defaults,
        place_name=name if isinstance(name, str) and name else defaults.place_name,
        time_zone=said.get("time_zone") or defaults.time_zone,
        currency=said.get("currency") or defaults.currency,
    )


def _take_feature(feature: Any, where: Where, gatherer: Gatherer) -> None:
    problems = gatherer.problems
    if not isinstance(feature, Mapping) or feature.get("type") != "Feature":
        message = f"{shown(feature)} is no Feature"
        problems.add(where, "type", Code.STRUCTURE_UNEXPECTED, message)
        return
    properties = feature.get("properties")
    if not isinstance(properties, Mapping):
        properties = {}
    values = {field: value for name, value in properties.items() if (field := field_of(name))}
    row = Row(values, where, problems)
    shape = read_shape(feature.get("geometry"), row)
    own_id = feature.get("id")
    if row.raw("number") is None:
        _take_place(row, shape, own_id, properties, gatherer)
    else:
        _take_space(row, shape, own_id, gatherer)


def _take_place(
    row: Row, shape: Shape | None, own_id: Any, properties: Mapping[str, Any], gatherer: Gatherer
) -> None:
    row.values.setdefault("place", properties.get("name"))
    row.values["place_id"] = row.values.get("place_id") or row.values.get("space_id") or own_id
    if row.raw("place") is None and shape is not None and not shape.ring:
        row.refuse("number", Code.VALUE_MISSING, "number is empty; every space needs one")
        return
    if shape is not None:
        row.values["place_longitude"], row.values["place_latitude"] = shape.centre
    facts = read_place_facts(row)
    if not row.is_spoiled:
        gatherer.place(facts, row.where, shape.ring if shape else ())


def _take_space(row: Row, shape: Shape | None, own_id: Any, gatherer: Gatherer) -> None:
    if row.raw("space_id") is None and own_id is not None:
        row.values["space_id"] = own_id
    if shape is not None:
        row.values["longitude"], row.values["latitude"] = shape.centre
    facts = read_place_facts(row)
    space = read_space(row)
    if space is None:
        return
    place = gatherer.place(facts, row.where)
    if place is not None:
        place.spaces.append(_with_bay(space, shape))


def _with_bay(space: SpaceDraft, shape: Shape | None) -> SpaceDraft:
    """The space with the width, length and rotation that its polygon draws, unless it says them."""
    if shape is None or not shape.ring:
        return space
    projection = Projection(shape.centre[1], shape.centre[0])
    bay = bay_of([projection.metres(longitude, latitude) for longitude, latitude in shape.ring])
    if not BAY_METRES_MIN <= bay.width <= bay.length <= BAY_METRES_MAX:
        return space
    return replace(
        space,
        width=space.width or round(bay.width, 2),
        length=space.length or round(bay.length, 2),
        rotation=round(bay.rotation, 1) if space.rotation is None else space.rotation,
    )
