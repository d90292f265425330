"""What a caller gives to make something new, checked."""

from dataclasses import dataclass, replace

from parking.places.models import PlaceKind, SubplaceKind
from parking.places.rules import (
    ADDRESS_CHARACTERS_MAX,
    BAY_METRES_MAX,
    BAY_METRES_MIN,
    EXTERNAL_ID_CHARACTERS_MAX,
    HEIGHT_METRES_MAX,
    HEIGHT_METRES_MIN,
    LEVEL_MAX,
    NAME_CHARACTERS_MAX,
    NUMBER_CHARACTERS_MAX,
    PLAN_METRES_MAX,
    SUBPLACE_NAME_CHARACTERS_MAX,
    checked_currency,
    checked_number,
    checked_position,
    checked_text,
    checked_time_zone,
)


@dataclass(frozen=True, slots=True)
class NewCampus:
    """An estate or mall of an organisation."""

    organisation_id: int
    name: str


@dataclass(frozen=True, slots=True)
class NewPlace:
    """A place of an organisation; position in degrees, both or neither."""

    organisation_id: int
    name: str
    kind: PlaceKind
    time_zone: str
    currency: str
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    campus_id: int | None = None
    is_public: bool = True
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class NewSubplace:
    """A level, row or zone of a place; `level` 0 is the ground."""

    place_id: int
    name: str
    kind: SubplaceKind
    parent_id: int | None = None
    level: int = 0
    position: int = 0


@dataclass(frozen=True, slots=True)
class NewSpace:
    """A bay: plan in metres (centre, y downwards, clockwise degrees), position in degrees."""

    number: str
    subplace_id: int | None = None
    external_id: str | None = None
    x_metres: float = 0.0
    y_metres: float = 0.0
    width_metres: float = 2.5
    length_metres: float = 5.0
    rotation_degrees: float = 0.0
    latitude: float | None = None
    longitude: float | None = None
    is_ev: bool = False
    is_accessible: bool = False
    height_max_metres: float | None = None


def checked_external_id(field: str, value: str | None) -> str | None:
    """The id in another system, None for an empty one. Raises `InvalidInput`."""
    if value is None:
        return None
    return checked_text(field, value, EXTERNAL_ID_CHARACTERS_MAX, is_required=False) or None


def checked_campus(new: NewCampus) -> NewCampus:
    """The campus with a sound name. Raises `InvalidInput`."""
    return replace(new, name=checked_text("name", new.name, NAME_CHARACTERS_MAX))


def checked_place(new: NewPlace) -> NewPlace:
    """The place, sound in every field. Raises `InvalidInput` naming the first that is not."""
    checked_position(new.latitude, new.longitude)
    return replace(
        new,
        name=checked_text("name", new.name, NAME_CHARACTERS_MAX),
        time_zone=checked_time_zone("timeZone", new.time_zone),
        currency=checked_currency("currency", new.currency),
        address=checked_text("address", new.address, ADDRESS_CHARACTERS_MAX, is_required=False),
        external_id=checked_external_id("externalId", new.external_id),
    )


def checked_subplace(new: NewSubplace) -> NewSubplace:
    """The subplace, sound in every field. Raises `InvalidInput`."""
    checked_number("level", new.level, -LEVEL_MAX, LEVEL_MAX)
    checked_number("position", new.position, 0, 2**31 - 1)
    return replace(new, name=checked_text("name", new.name, SUBPLACE_NAME_CHARACTERS_MAX))


def checked_space(new: NewSpace, prefix: str = "") -> NewSpace:
    """The space, sound in every field; `prefix` such as `spaces.3.`. Raises `InvalidInput`."""
    bounds = {
        "xMetres": (new.x_metres, -PLAN_METRES_MAX, PLAN_METRES_MAX),
        "yMetres": (new.y_metres, -PLAN_METRES_MAX, PLAN_METRES_MAX),
        "widthMetres": (new.width_metres, BAY_METRES_MIN, BAY_METRES_MAX),
        "lengthMetres": (new.length_metres, BAY_METRES_MIN, BAY_METRES_MAX),
        "rotationDegrees": (new.rotation_degrees, -360.0, 360.0),
    }
    for name, (value, low, high) in bounds.items():
        checked_number(f"{prefix}{name}", value, low, high)
    if new.height_max_metres is not None:
        field = f"{prefix}heightMaxMetres"
        checked_number(field, new.height_max_metres, HEIGHT_METRES_MIN, HEIGHT_METRES_MAX)
    checked_position(new.latitude, new.longitude, prefix)
    return replace(
        new,
        number=checked_text(f"{prefix}number", new.number, NUMBER_CHARACTERS_MAX),
        external_id=checked_external_id(f"{prefix}externalId", new.external_id),
    )
