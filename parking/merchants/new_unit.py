"""What a merchant gives to make or edit a unit, and what makes it sound. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from math import isfinite
from typing import Any

from parking.accounts.addresses import parse_address
from parking.accounts.texts import parse_locale
from parking.errors import InvalidInput
from parking.merchants.kinds import Payer, ToldSteps
from parking.places.edits import KEEP, Or
from parking.places.rules import LEVEL_MAX, PLAN_METRES_MAX, checked_text

NAME_CHARACTERS_MAX = 100
EXTERNAL_ID_CHARACTERS_MAX = 100
PLACES_MAX = 20
"""So many places a unit sends its guests to."""
LEAD_MINUTES_MAX = 4 * 60
TAIL_MINUTES_MAX = 4 * 60
STAY_MINUTES_MAX = 24 * 60
RAISE_MINUTES_MAX = 24 * 60
ORDERS_PER_DAY_MAX = 100_000

LEAD_MINUTES = 15
TAIL_MINUTES = 30
STAY_MINUTES = 120


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit of an organisation in a mall, on its plan (metres). Guests park at the first of
    `place_ids` that has room, from `lead_minutes` before the service to `tail_minutes` after it; a
    service without an end lasts `stay_minutes`. The lock is raised at once (`raise_minutes` None)
    or so long before. `orders_per_day_max` (None: no limit) counts parked orders of a day.
    Of the `told_steps` of its orders it is told at `told_email` and `told_phone`, as far as they
    are there."""

    organisation_id: int
    campus_id: int
    name: str
    place_ids: Sequence[int]
    x_metres: float = 0.0
    y_metres: float = 0.0
    level: int = 0
    external_id: str | None = None
    lead_minutes: int = LEAD_MINUTES
    tail_minutes: int = TAIL_MINUTES
    stay_minutes: int = STAY_MINUTES
    raise_minutes: int | None = None
    payer: Payer = Payer.GUEST
    locale: str = "en"
    orders_per_day_max: int | None = None
    told_email: str | None = None
    told_phone: str | None = None
    told_steps: ToldSteps = ToldSteps.ALL


@dataclass(frozen=True, slots=True)
class UnitEdit:
    """Changes of a unit, read at `version`; only what is not `KEEP` changes. For later orders."""

    id: int
    version: int
    name: Or[str] = KEEP
    place_ids: Or[Sequence[int]] = KEEP
    x_metres: Or[float] = KEEP
    y_metres: Or[float] = KEEP
    level: Or[int] = KEEP
    external_id: Or[str | None] = KEEP
    lead_minutes: Or[int] = KEEP
    tail_minutes: Or[int] = KEEP
    stay_minutes: Or[int] = KEEP
    raise_minutes: Or[int | None] = KEEP
    payer: Or[Payer] = KEEP
    locale: Or[str] = KEEP
    orders_per_day_max: Or[int | None] = KEEP
    told_email: Or[str | None] = KEEP
    told_phone: Or[str | None] = KEEP
    told_steps: Or[ToldSteps] = KEEP


def changes(edit: UnitEdit) -> Mapping[str, Any]:
    """The fields to change, under the table's column names; `place_ids` is a table of its own."""
    given = {each.name: getattr(edit, each.name) for each in fields(edit)}
    return {
        name: value
        for name, value in given.items()
        if value is not KEEP and name not in ("id", "version")
    }


def checked_unit(new: NewUnit) -> NewUnit:
    """The unit, sound in every field. Raises `InvalidInput`."""
    _whole("level", new.level, -LEVEL_MAX, LEVEL_MAX)
    for name in ("x_metres", "y_metres"):
        checked_metres(name, getattr(new, name))
    _whole("lead_minutes", new.lead_minutes, 0, LEAD_MINUTES_MAX)
    _whole("tail_minutes", new.tail_minutes, 0, TAIL_MINUTES_MAX)
    _whole("stay_minutes", new.stay_minutes, 1, STAY_MINUTES_MAX)
    if new.raise_minutes is not None:
        _whole("raise_minutes", new.raise_minutes, 0, RAISE_MINUTES_MAX)
    if new.orders_per_day_max is not None:
        _whole("orders_per_day_max", new.orders_per_day_max, 1, ORDERS_PER_DAY_MAX)
    return replace(
        new,
        name=checked_text("name", new.name, NAME_CHARACTERS_MAX),
        external_id=_external_id(new.external_id),
        place_ids=_places(new.place_ids),
        locale=parse_locale(new.locale),
        told_email=_address("told_email", new.told_email, "email"),
        told_phone=_address("told_phone", new.told_phone, "phone"),
    )


def checked_metres(field: str, value: float) -> float:
    """A coordinate on a plan. Raises `InvalidInput`."""
    if not isfinite(value) or abs(value) > PLAN_METRES_MAX:
        message = f"{value} is no position; give metres within {PLAN_METRES_MAX:g} of zero"
        raise InvalidInput(field, message)
    return value


def _external_id(value: str | None) -> str | None:
    if value is None:
        return None
    return checked_text("external_id", value, EXTERNAL_ID_CHARACTERS_MAX)


def _address(field: str, value: str | None, kind: str) -> str | None:
    if value is None:
        return None
    address = parse_address(value, field)
    if address.kind != kind:
        example = "name@example.com" if kind == "email" else "+8613800138000"
        raise InvalidInput(field, f"this is another kind of address; give one like {example}")
    return address.value


def _places(ids: Sequence[int]) -> tuple[int, ...]:
    if not 1 <= len(ids) <= PLACES_MAX or len(set(ids)) != len(ids):
        message = f"{len(ids)} places are given; name 1 to {PLACES_MAX}, each once, best first"
        raise InvalidInput("place_ids", message)
    return tuple(ids)


def _whole(field: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise InvalidInput(field, f"it is {value}; give a whole number from {least} to {most}")
