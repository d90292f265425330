"""Sensade's lots (JSON): each a place whose spaces carry the id of the sensor in them."""

from collections.abc import Iterator, Mapping
from typing import Any

from parking.places.importing.codes import Code
from parking.places.importing.drafts import Defaults, PlaceDraft, SpaceDraft, Where
from parking.places.importing.problems import Problems, Unreadable, refuse_beyond
from parking.places.importing.rows import read_space
from parking.places.importing.values import Row, shown
from parking.places.rules import (
    ADDRESS_CHARACTERS_MAX,
    EXTERNAL_ID_CHARACTERS_MAX,
    NAME_CHARACTERS_MAX,
)

SPACE_FIELDS = {
    "id": "space_id",
    "number": "number",
    "devEui": "sensor",
    "latitude": "latitude",
    "longitude": "longitude",
    "type": "kind",
}


def read_sensade(document: Any, defaults: Defaults, problems: Problems) -> list[PlaceDraft]:
    """The lots of a lot file, or of a list of organisations with their lots.

    Raises Unreadable for another structure; bad lots and spaces go to `problems` by their path.
    """
    del defaults
    if not isinstance(document, list):
        raise Unreadable(Code.STRUCTURE_UNEXPECTED, "a list of lots is expected")
    drafts = [_read_lot(lot, where, problems) for lot, where in _lots(document, problems)]
    return [draft for draft in drafts if draft is not None]


def looks_like_sensade(document: Any) -> bool:
    """Whether the JSON is a list of lots, or of organisations with lots."""
    if not isinstance(document, list) or not document or not isinstance(document[0], Mapping):
        return False
    return "parkingSpaces" in document[0] or "parkingLots" in document[0]


def _lots(document: list[Any], problems: Problems) -> Iterator[tuple[Mapping[str, Any], Where]]:
    for index, entry in enumerate(document):
        where = Where(path=f"[{index}]")
        if not isinstance(entry, Mapping):
            message = f"{shown(entry)} is no lot"
            problems.add(where, "", Code.STRUCTURE_UNEXPECTED, message)
        elif isinstance(entry.get("parkingLots"), list):
            for count, lot in enumerate(entry["parkingLots"]):
                if isinstance(lot, Mapping):
                    yield lot, Where(path=f"[{index}].parkingLots[{count}]")
        else:
            yield entry, where


def _read_lot(lot: Mapping[str, Any], where: Where, problems: Problems) -> PlaceDraft | None:
    row = Row(dict(lot), where, problems)
    row.values["address"] = ", ".join(
        text for text in (_word(lot.get("address")), _town(lot)) if text
    )
    latitude, longitude = row.position("latitude", "longitude")
    name = row.text("name", NAME_CHARACTERS_MAX)
    external_id = row.text("id", EXTERNAL_ID_CHARACTERS_MAX)
    address = row.text("address", ADDRESS_CHARACTERS_MAX)
    if not row.is_spoiled and external_id is None:
        row.refuse("id", Code.VALUE_MISSING, "the lot has no id")
    if row.is_spoiled:
        return None
    return PlaceDraft(
        name=name or external_id or "",
        where=where,
        external_id=external_id,
        address=address,
        latitude=latitude,
        longitude=longitude,
        assumed=frozenset() if name else frozenset({"name"}),
        spaces=tuple(_spaces(lot.get("parkingSpaces"), where, problems)),
    )


def _town(lot: Mapping[str, Any]) -> str:
    return f"{_word(lot.get('zip'))} {_word(lot.get('city'))}".strip()


def _word(value: Any) -> str:
    return str(value) if isinstance(value, str | int) else ""


def _spaces(spaces: Any, where: Where, problems: Problems) -> Iterator[SpaceDraft]:
    for index, entry in enumerate(spaces if isinstance(spaces, list) else ()):
        spot = Where(path=f"{where.path}.parkingSpaces[{index}]")
        refuse_beyond(index + 1, spot)
        if not isinstance(entry, Mapping):
            message = f"{shown(entry)} is no space"
            problems.add(spot, "", Code.STRUCTURE_UNEXPECTED, message)
            continue
        values = {ours: entry.get(theirs) for theirs, ours in SPACE_FIELDS.items()}
        draft = read_space(Row(values, spot, problems))
        if draft is not None:
            yield draft
