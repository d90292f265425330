"""FIWARE / NGSI entities in any of their notations as plain keys and values.

Normalized NGSI v2 (`{"type": "Text", "value": …}`), NGSI-LD (`Property.value`,
`Relationship.object`, `GeoProperty.value`, names possibly as URIs), and key-values.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from parking.places.importing.drafts import Where

URN = re.compile(r"^urn:ngsi-ld:[^:]+:", re.IGNORECASE)
TYPES = frozenset({"OnStreetParking", "OffStreetParking", "ParkingSpot", "ParkingGroup"})


def entities(document: Any) -> Iterator[tuple[dict[str, Any], Where]]:
    """Every entity of a parking type with its path; others and broken ones are passed over."""
    if isinstance(document, Mapping) and isinstance(document.get("@graph"), list):
        listed, prefix = document["@graph"], "@graph"
    elif isinstance(document, list):
        listed, prefix = document, ""
    else:
        listed, prefix = [document], ""
    single = not isinstance(document, list) and not prefix
    for index, entity in enumerate(listed):
        if isinstance(entity, Mapping) and entity_type(entity) in TYPES:
            path = "" if single else f"{prefix}[{index}]"
            yield key_values(entity), Where(line=1 if single else None, path=path)


def entity_type(entity: Mapping[str, Any]) -> str:
    """The local name of the entity's type."""
    kind = entity.get("type", entity.get("@type"))
    if isinstance(kind, list):
        kind = kind[0] if kind else None
    return _local(kind) if isinstance(kind, str) else ""


def key_values(entity: Mapping[str, Any]) -> dict[str, Any]:
    """The entity with local names and bare values."""
    flat = {_local(name): _bare(value) for name, value in entity.items()}
    flat["id"] = entity.get("id", entity.get("@id"))
    flat["type"] = entity_type(entity)
    return flat


def short_id(value: Any) -> str | None:
    """An entity id without its `urn:ngsi-ld:Type:` prefix, so that all notations agree."""
    if not isinstance(value, str) or not value.strip():
        return None
    return URN.sub("", value.strip(), count=1) or None


def words(value: Any) -> frozenset[str]:
    """A word or list of words as a set."""
    if isinstance(value, str):
        return frozenset({value})
    if isinstance(value, list):
        return frozenset(each for each in value if isinstance(each, str))
    return frozenset()


def _bare(value: Any) -> Any:
    if isinstance(value, Mapping) and "value" in value and "coordinates" not in value:
        return value["value"]
    if isinstance(value, Mapping) and value.get("type") == "Relationship" and "object" in value:
        return value["object"]
    return value


def _local(name: str) -> str:
    return name if name.startswith("@") else name.rpartition("/")[2].rpartition("#")[2]
