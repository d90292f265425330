"""What an issuer gives to make grant codes, and what makes it sound. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from parking.errors import InvalidInput
from parking.geo import Position
from parking.places.rules import checked_position, checked_text
from parking.rights.content import checked_validity, checked_whole
from parking.rights.kinds import GrantCodeKind
from parking.rights.limits import NAME_CHARACTERS_MAX, RADIUS_METRES_MAX

CODES_AT_ONCE_MAX = 500
"""A print run, or a till's stock."""
USES_MAX = 10**9
NUMBER_CHARACTERS = len(f" {CODES_AT_ONCE_MAX}")


@dataclass(frozen=True, slots=True)
class NewGrantCode:
    """A code that grants rights of a specification under a contract, at its place, `uses_max` times
    (None: as often as the contract allows), over `[valid_from, valid_until)` (None: from now, with
    no end but the contract's).

    With `radius_metres` only to who says to be that near to the position, or to the place's own
    where none is given. `needs_reference`: of a purchase, each of which grants once.
    """

    specification_id: int
    contract_id: int
    kind: GrantCodeKind = GrantCodeKind.STATIC
    label: str = ""
    uses_max: int | None = None
    needs_reference: bool = False
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None
    radius_metres: int | None = None


def checked_code(new: NewGrantCode, count: int, now: datetime) -> NewGrantCode:
    """The code, sound in every field, with a beginning. Raises `InvalidInput`."""
    checked_whole("count", count, 1, CODES_AT_ONCE_MAX)
    if new.uses_max is not None:
        checked_whole("uses_max", new.uses_max, 1, USES_MAX)
    room = NAME_CHARACTERS_MAX - (NUMBER_CHARACTERS if count > 1 else 0)
    begins, ends = checked_validity(new.valid_from, new.valid_until, now)
    _check_fence(new)
    label = checked_text("label", new.label, room, is_required=False)
    return replace(new, label=label, valid_from=begins, valid_until=ends)


def fenced(new: NewGrantCode, place: Position | None) -> NewGrantCode:
    """The code with a position for its radius: its own, else the place's. Raises `InvalidInput`."""
    if new.radius_metres is None or new.latitude is not None:
        return new
    if place is None:
        message = "the place has no position; give the code's own latitude and longitude"
        raise InvalidInput("latitude", message)
    return replace(new, latitude=place.latitude, longitude=place.longitude)


def labels(label: str, count: int) -> list[str]:
    """A label for each of so many codes: numbered where there are several."""
    if count == 1 or not label:
        return [label] * count
    return [f"{label} {number}" for number in range(1, count + 1)]


def _check_fence(new: NewGrantCode) -> None:
    position = checked_position(new.latitude, new.longitude)
    if new.radius_metres is not None:
        checked_whole("radius_metres", new.radius_metres, 1, RADIUS_METRES_MAX)
    elif position is not None:
        message = "a position is given without a radius; say how near one has to be"
        raise InvalidInput("radius_metres", message)
