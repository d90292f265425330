"""A row of named values as a space and as what it says of its place; shared by CSV and GeoJSON."""

from dataclasses import dataclass

from parking.places.importing.codes import Code
from parking.places.importing.drafts import SpaceDraft
from parking.places.importing.limits import LABEL_CHARACTERS_MAX, SENSOR_ID_CHARACTERS_MAX
from parking.places.importing.values import Row, shown
from parking.places.models import PlaceKind
from parking.places.rules import (
    ADDRESS_CHARACTERS_MAX,
    BAY_METRES_MAX,
    BAY_METRES_MIN,
    EXTERNAL_ID_CHARACTERS_MAX,
    HEIGHT_METRES_MAX,
    HEIGHT_METRES_MIN,
    NAME_CHARACTERS_MAX,
    NUMBER_CHARACTERS_MAX,
    PLAN_METRES_MAX,
)

PLACE_KINDS = {kind.value.replace("_", ""): kind for kind in PlaceKind} | {
    "STREET": PlaceKind.ON_STREET,
    "OFFSTREET": PlaceKind.LOT,
    "PARKINGLOT": PlaceKind.LOT,
    "CARPARK": PlaceKind.GARAGE,
    "DRIVEWAY": PlaceKind.PRIVATE_DRIVE,
}
STANDARD_WORDS = frozenset({"STANDARD", "DEFAULT", "NORMAL", "GENERAL", "REGULAR", "CAR"})
EV_WORDS = frozenset({"EV", "ELECTRIC", "CHARGING", "ECHARGING", "ELECTRICCHARGING"})
ACCESSIBLE_WORDS = frozenset(
    {"ACCESSIBLE", "DISABLED", "HANDICAP", "HANDICAPPED", "WHEELCHAIR", "PMR", "ADA"}
)


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """What one row says of its place; None where it is silent."""

    name: str | None = None
    external_id: str | None = None
    kind: PlaceKind | None = None
    time_zone: str | None = None
    currency: str | None = None
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None


def read_place_facts(row: Row) -> PlaceFacts:
    """The place's half of a row."""
    latitude, longitude = row.position("place_latitude", "place_longitude")
    return PlaceFacts(
        name=row.text("place", NAME_CHARACTERS_MAX),
        external_id=row.text("place_id", EXTERNAL_ID_CHARACTERS_MAX),
        kind=_place_kind(row),
        time_zone=row.text("time_zone", NAME_CHARACTERS_MAX),
        currency=row.text("currency", NAME_CHARACTERS_MAX),
        address=row.text("address", ADDRESS_CHARACTERS_MAX),
        latitude=latitude,
        longitude=longitude,
    )


def read_space(row: Row) -> SpaceDraft | None:
    """The space's half of a row; None when any of the row was bad, which is then reported."""
    number = row.text("number", NUMBER_CHARACTERS_MAX)
    if number is None and not row.is_spoiled:
        row.refuse("number", Code.VALUE_MISSING, "number is empty; every space needs one")
    is_ev, is_accessible = _attributes(row)
    x, y = _plan_position(row)
    latitude, longitude = row.position("latitude", "longitude")
    draft = SpaceDraft(
        number=number or "",
        where=row.where,
        external_id=row.text("space_id", EXTERNAL_ID_CHARACTERS_MAX),
        level=row.text("level", LABEL_CHARACTERS_MAX) or "",
        row=row.text("row", LABEL_CHARACTERS_MAX) or "",
        area=row.text("area", LABEL_CHARACTERS_MAX) or "",
        x=x,
        y=y,
        width=row.number("width", BAY_METRES_MIN, BAY_METRES_MAX),
        length=row.number("length", BAY_METRES_MIN, BAY_METRES_MAX),
        rotation=row.number("rotation", -360, 360),
        latitude=latitude,
        longitude=longitude,
        is_ev=is_ev,
        is_accessible=is_accessible,
        height_max=row.number("max_height", HEIGHT_METRES_MIN, HEIGHT_METRES_MAX),
        sensor_id=row.text("sensor", SENSOR_ID_CHARACTERS_MAX),
    )
    return None if row.is_spoiled else draft


def place_kind_of(word: str) -> PlaceKind | None:
    """The place kind a word means, whatever its case and joints."""
    return PLACE_KINDS.get(_plain(word))


def _plain(word: str) -> str:
    return "".join(sign for sign in word.upper() if sign.isalnum())


def _place_kind(row: Row) -> PlaceKind | None:
    own = row.raw("place_kind")
    if own is None:
        return place_kind_of(str(row.raw("kind") or ""))
    kind = place_kind_of(str(own))
    if kind is None:
        words = ", ".join(PlaceKind)
        message = f"place_kind is {shown(own)}; expected one of {words}"
        row.refuse("place_kind", Code.KIND_UNKNOWN, message)
    return kind


def _attributes(row: Row) -> tuple[bool | None, bool | None]:
    """(is_ev, is_accessible), from their own columns or from the kind of the space."""
    is_ev, is_accessible = row.answer("ev"), row.answer("accessible")
    kind = _plain(str(row.raw("kind") or ""))
    if kind in EV_WORDS:
        is_ev = True if is_ev is None else is_ev
    elif kind in ACCESSIBLE_WORDS:
        is_accessible = True if is_accessible is None else is_accessible
    elif kind and kind not in STANDARD_WORDS and kind not in PLACE_KINDS:
        message = f"kind is {shown(row.raw('kind'))}; expected STANDARD, EV or ACCESSIBLE"
        row.refuse("kind", Code.KIND_UNKNOWN, message)
    return is_ev, is_accessible


def _plan_position(row: Row) -> tuple[float | None, float | None]:
    had_x, had_y = row.raw("x") is not None, row.raw("y") is not None
    x = row.number("x", -PLAN_METRES_MAX, PLAN_METRES_MAX)
    y = row.number("y", -PLAN_METRES_MAX, PLAN_METRES_MAX)
    if had_x != had_y:
        missing = "y" if had_x else "x"
        message = f"{missing} is missing; give both plan coordinates or neither"
        row.refuse(missing, Code.COORDINATES_INCOMPLETE, message)
    return x, y
