"""Which format a file has, told from its content."""

from collections.abc import Mapping
from typing import Any

from parking.places.importing.codes import Code
from parking.places.importing.drafts import Format
from parking.places.importing.fiware_entity import TYPES, entity_type
from parking.places.importing.problems import Unreadable
from parking.places.importing.sensade_reader import looks_like_sensade

GEOJSON_TYPES = ("FeatureCollection", "Feature")
HEAD_BYTES = 512


def is_xml(source: bytes) -> bool:
    """Whether the first sign that is no space or mark is `<`, in any encoding XML has."""
    head = source[:HEAD_BYTES].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n")
    return head.startswith(b"<")


def is_json(text: str) -> bool:
    """Whether the text begins like a JSON object or list."""
    return text.lstrip()[:1] in ("{", "[")


def json_format(document: Any) -> Format:
    """The format of a parsed JSON document. Raises Unreadable for one that is not known."""
    if isinstance(document, Mapping) and document.get("type") in GEOJSON_TYPES:
        return Format.GEOJSON
    if looks_like_sensade(document):
        return Format.SENSADE
    if _has_fiware(document):
        return Format.FIWARE
    message = (
        "the JSON is neither GeoJSON (a FeatureCollection), nor FIWARE entities "
        f"({', '.join(sorted(TYPES))}), nor Sensade lots"
    )
    raise Unreadable(Code.FORMAT_UNKNOWN, message)


def _has_fiware(document: Any) -> bool:
    if isinstance(document, Mapping):
        document = document.get("@graph", [document])
    if not isinstance(document, list):
        return False
    return any(isinstance(entry, Mapping) and entity_type(entry) in TYPES for entry in document)
