"""What a caller gives to change something: only the fields that are not `KEEP` change."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, Final, TypeAlias, TypeVar

from parking.places.models import PlaceKind, SubplaceKind

T = TypeVar("T")


class Keep(Enum):
    """Stands for "as it is"."""

    KEEP = "KEEP"


KEEP: Final = Keep.KEEP
Or: TypeAlias = T | Keep


@dataclass(frozen=True, slots=True)
class CampusEdit:
    """Another name for a campus."""

    id: int
    name: Or[str] = KEEP


@dataclass(frozen=True, slots=True)
class PlaceEdit:
    """Changes of a place; opening, closing and retiring are verbs of their own."""

    id: int
    name: Or[str] = KEEP
    kind: Or[PlaceKind] = KEEP
    time_zone: Or[str] = KEEP
    currency: Or[str] = KEEP
    address: Or[str] = KEEP
    latitude: Or[float | None] = KEEP
    longitude: Or[float | None] = KEEP
    campus_id: Or[int | None] = KEEP
    is_public: Or[bool] = KEEP
    external_id: Or[str | None] = KEEP


@dataclass(frozen=True, slots=True)
class SubplaceEdit:
    """Changes of a subplace."""

    id: int
    name: Or[str] = KEEP
    kind: Or[SubplaceKind] = KEEP
    parent_id: Or[int | None] = KEEP
    level: Or[int] = KEEP
    position: Or[int] = KEEP


@dataclass(frozen=True, slots=True)
class SpaceEdit:
    """Changes of a space; its service is a verb of its own."""

    id: int
    number: Or[str] = KEEP
    subplace_id: Or[int | None] = KEEP
    external_id: Or[str | None] = KEEP
    x_metres: Or[float] = KEEP
    y_metres: Or[float] = KEEP
    width_metres: Or[float] = KEEP
    length_metres: Or[float] = KEEP
    rotation_degrees: Or[float] = KEEP
    latitude: Or[float | None] = KEEP
    longitude: Or[float | None] = KEEP
    is_ev: Or[bool] = KEEP
    is_accessible: Or[bool] = KEEP
    height_max_metres: Or[float | None] = KEEP


def changes(edit: CampusEdit | PlaceEdit | SubplaceEdit | SpaceEdit) -> Mapping[str, Any]:
    """The fields to change, under the table's column names."""
    given = {each.name: getattr(edit, each.name) for each in fields(edit) if each.name != "id"}
    return {name: value for name, value in given.items() if value is not KEEP}


def merged(record: object, edit: PlaceEdit | SubplaceEdit | SpaceEdit, kind: type[T]) -> T:
    """The `New…` (of type `kind`) that would make the record as it will be after the edit."""
    wanted = changes(edit)
    values = {
        each.name: wanted.get(each.name, getattr(record, each.name, None))
        for each in fields(kind)  # type: ignore[arg-type]
    }
    return kind(**values)
