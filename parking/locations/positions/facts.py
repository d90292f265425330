"""What a version says of where a car stands, and what the next one keeps of it. Pure.

    BASIC, MOVED   only what is given: nothing from before holds
    REFINED        what is given is put over what was known; nothing can be taken away
    CORRECTED      the same, and what is given as null or empty is taken away

A bay of the plan brings its facts (level, area, number, coordinates), under what is given by hand.
Where what is given contradicts the bay that was known, the bay falls with all that it had brought.
"""

from collections.abc import Mapping
from math import isfinite
from typing import Any, NamedTuple

from parking.errors import InvalidInput
from parking.locations.kinds import VersionKind
from parking.locations.limits import (
    ACCURACY_METRES_MAX,
    AREA_CHARACTERS_MAX,
    BAY_CHARACTERS_MAX,
    FLOOR_CHARACTERS_MAX,
    NOTE_CHARACTERS_MAX,
)
from parking.locations.records import PositionVersionRecord
from parking.places.rules import checked_text


class Facts(NamedTuple):
    """What one version says; as `PositionVersionRecord` has it. WGS 84, metres."""

    place_id: int | None = None
    space_id: int | None = None
    subplace_id: int | None = None
    floor: str = ""
    area: str = ""
    bay: str = ""
    latitude: float | None = None
    longitude: float | None = None
    accuracy_metres: float | None = None
    note: str = ""
    photo_id: int | None = None


NOTHING = Facts()

Given = Mapping[str, Any]
"""Values by the names of `Facts`; what is not in it is not given. Null or empty: taken away."""

ANSWERING = ("floor", "area", "bay", "space_id", "latitude")
"""A terminal's answer says at least one of these (CLAIMS E4)."""
_TEXTS = {
    "floor": FLOOR_CHARACTERS_MAX,
    "area": AREA_CHARACTERS_MAX,
    "bay": BAY_CHARACTERS_MAX,
    "note": NOTE_CHARACTERS_MAX,
}
_COORDINATES = ("latitude", "longitude", "accuracy_metres")
_OF_SPACE = ("floor", "area", "bay", *_COORDINATES)
_OF_PLACE = ("space_id", "subplace_id", "floor", "area", "bay")


def facts_of(version: PositionVersionRecord) -> Facts:
    """What the version says."""
    return Facts(**{name: getattr(version, name) for name in Facts._fields})


def checked_given(given: Given) -> dict[str, Any]:
    """The same with texts trimmed and coordinates whole. Raises `InvalidInput`."""
    checked = dict(given)
    for name in checked.keys() & _TEXTS.keys():
        text = checked[name] or ""
        checked[name] = checked_text(name, text, _TEXTS[name], is_required=False)
    if not checked.keys().isdisjoint(_COORDINATES):
        checked |= _checked_coordinates(checked)
    return checked


def _checked_coordinates(given: Given) -> dict[str, float | None]:
    """All three, or none of them."""
    latitude, longitude, accuracy = (given.get(name) for name in _COORDINATES)
    if (latitude is None) != (longitude is None):
        raise InvalidInput("coordinates", "give latitude and longitude, or neither")
    if latitude is None or longitude is None:
        return dict.fromkeys(_COORDINATES, None)
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):  # false for NaN, too
        raise InvalidInput(
            "coordinates", "latitude is -90 to 90 and longitude -180 to 180, in degrees (WGS 84)"
        )
    if accuracy is not None and not (isfinite(accuracy) and 0 <= accuracy <= ACCURACY_METRES_MAX):
        raise InvalidInput(
            "coordinates", f"accuracy is 0 to {ACCURACY_METRES_MAX:.0f} metres, or not given"
        )
    return {"latitude": latitude, "longitude": longitude, "accuracy_metres": accuracy}


def next_facts(
    before: Facts,
    kind: VersionKind,
    given: Given,
    *,
    space: Facts = NOTHING,
    former_space: Facts = NOTHING,
) -> Facts:
    """What the next version says. `given` is checked; `space` is what the bay that is given brings,
    `former_space` what the bay of `before` had brought.

    Raises `InvalidInput` for something taken away that is only to be added to.
    """
    if kind in (VersionKind.BASIC, VersionKind.MOVED):
        return _said(NOTHING, given, space)
    if kind is VersionKind.REFINED:
        _require_added(given)
    return _said(_kept(before, given, former_space), given, space)


def _require_added(given: Given) -> None:
    for name, value in given.items():
        if value in (None, "") and name != "accuracy_metres":
            raise InvalidInput(
                "coordinates" if name in _COORDINATES else name,
                "a refinement adds; to take something away, say that it was wrong (CORRECTED)",
            )


def _kept(before: Facts, given: Given, former_space: Facts) -> Facts:
    """What is left of the version before."""
    if "place_id" in given and given["place_id"] != before.place_id:
        before = before._replace(**{name: NOTHING._asdict()[name] for name in _OF_PLACE})
    if before.space_id is None or not _contradicts(before, given):
        return before
    brought = {
        name: NOTHING._asdict()[name]
        for name in _OF_SPACE
        if getattr(before, name) == getattr(former_space, name)
    }
    return before._replace(space_id=None, subplace_id=None, **brought)


def _contradicts(before: Facts, given: Given) -> bool:
    names = ("space_id", "floor", "area", "bay")
    return any(name in given and given[name] != getattr(before, name) for name in names)


def _said(kept: Facts, given: Given, space: Facts) -> Facts:
    brought = {name: value for name, value in space._asdict().items() if value not in (None, "")}
    return kept._replace(**{**brought, **given})


def is_empty(facts: Facts) -> bool:
    """Whether it says nothing at all."""
    return facts == NOTHING


def answers(given: Given) -> bool:
    """Whether it says at least one of floor, area, bay and coordinates (CLAIMS E4)."""
    return any(given.get(name) not in (None, "") for name in ANSWERING)
