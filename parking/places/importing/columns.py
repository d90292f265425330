"""The names of fields in CSV headers and GeoJSON properties, and the other names they go by.

The CSV header is any of these names in any order; case, spaces, underscores and units do not matter
(`Max height (m)` is `max_height`). Only `number` is required; `place` may come from the caller.

| column | of the | meaning |
| --- | --- | --- |
| place | place | its name; rows with the same one (or the same place_id) are one place |
| place_id | place | its id in the source system; makes a second import an update |
| place_kind | place | GARAGE, LOT, ON_STREET or PRIVATE_DRIVE |
| time_zone | place | IANA name, such as Europe/Berlin |
| currency | place | ISO 4217, such as EUR |
| address | place | one line |
| place_latitude, place_longitude | place | degrees WGS 84 |
| number | space | what is painted on it, unique in its place |
| space_id | space | its id in the source system |
| level, row, area | space | labels; levels, rows and areas are made from them |
| kind | space | STANDARD, EV or ACCESSIBLE (or the place's kind) |
| x, y | space | centre on the plan of its level, metres, y downwards |
| width, length | space | metres |
| rotation | space | degrees clockwise; 0 has the length along y |
| latitude, longitude | space | degrees WGS 84 |
| ev, accessible | space | yes or no |
| max_height | space | metres |
| sensor | space | id of the sensor in it |
"""

import re

PLACE_FIELDS = (
    "place",
    "place_id",
    "place_kind",
    "time_zone",
    "currency",
    "address",
    "place_latitude",
    "place_longitude",
)
SPACE_FIELDS = (
    "number",
    "space_id",
    "level",
    "row",
    "area",
    "kind",
    "x",
    "y",
    "width",
    "length",
    "rotation",
    "latitude",
    "longitude",
    "ev",
    "accessible",
    "max_height",
    "sensor",
)
SYNONYMS = {
    "place": ("place name", "parking", "parking place", "lot", "lot name", "garage", "site"),
    "place_id": ("place external id", "lot id", "site id", "parking lot id"),
    "place_kind": ("place type", "lot kind"),
    "time_zone": ("timezone", "tz", "place time zone"),
    "currency": ("place currency",),
    "address": ("place address", "street address"),
    "place_latitude": ("place lat",),
    "place_longitude": ("place lon", "place lng"),
    "number": ("no", "nr", "num", "space", "space number", "bay", "bay number", "bay id", "stall"),
    "space_id": ("external id", "id", "space external id"),
    "level": ("floor", "storey", "deck", "etage"),
    "row": ("aisle", "lane"),
    "area": ("zone", "sector", "section"),
    "kind": ("type", "space kind", "space type"),
    "x": ("x metres", "x m"),
    "y": ("y metres", "y m"),
    "width": ("width metres", "width m"),
    "length": ("length metres", "length m", "depth"),
    "rotation": ("rotation degrees", "angle", "heading"),
    "latitude": ("lat", "y wgs84"),
    "longitude": ("lon", "lng", "long", "x wgs84"),
    "ev": ("is ev", "electric", "charging", "charger"),
    "accessible": ("is accessible", "disabled", "handicap", "handicapped", "wheelchair"),
    "max_height": ("height max", "height", "clearance", "max height m", "max height metres"),
    "sensor": ("sensor id", "device", "device id", "dev eui", "deveui"),
}


def _key(name: str) -> str:
    """The name without case, punctuation and spaces."""
    return re.sub(r"[\W_]+", "", name.casefold())


_FIELD_OF = {_key(field): field for field in PLACE_FIELDS + SPACE_FIELDS} | {
    _key(synonym): field for field, synonyms in SYNONYMS.items() for synonym in synonyms
}


def field_of(name: str) -> str | None:
    """The field that a column or property of that name holds, None when it is not known."""
    return _FIELD_OF.get(_key(name))
