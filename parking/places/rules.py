"""Pure decisions about places: who may see and change them, and which values are sound."""

from collections.abc import Callable
from difflib import get_close_matches
from functools import lru_cache
from typing import TypeVar
from zoneinfo import available_timezones

from parking.accounts.models import Role
from parking.accounts.rules import acts_in, may
from parking.accounts.scopes import Scope
from parking.accounts.viewer import Viewer
from parking.errors import InvalidInput, NotFound, NotPermitted
from parking.geo import Position
from parking.places.currencies import CURRENCIES

T = TypeVar("T")

NAME_CHARACTERS_MAX = 200
NUMBER_CHARACTERS_MAX = 40
EXTERNAL_ID_CHARACTERS_MAX = 200
ADDRESS_CHARACTERS_MAX = 300
SUBPLACE_NAME_CHARACTERS_MAX = 100

BAY_METRES_MIN = 0.5
BAY_METRES_MAX = 60.0
"""Width and length of a bay: from a bicycle's to a road train's."""
PLAN_METRES_MAX = 20_000.0
"""Plan coordinates either side of zero."""
HEIGHT_METRES_MIN = 1.0
HEIGHT_METRES_MAX = 10.0
LEVEL_MAX = 200
"""Storeys above and below ground."""

READING_SCOPES = frozenset({Scope.PLACES_READ, Scope.PLACES_WRITE, Scope.OCCUPANCY_READ})
"""Any of these lets an API key see the private places of its organisation."""


def may_see_place(viewer: Viewer, organisation_id: int, is_public: bool) -> bool:
    """A public place is everybody's to see; a private one its organisation's members' and keys'."""
    if is_public:
        return True
    if viewer.api_key_id is not None:
        return acts_in(viewer, organisation_id) and not READING_SCOPES.isdisjoint(viewer.scopes)
    return acts_in(viewer, organisation_id)


def may_operate(viewer: Viewer, organisation_id: int) -> bool:
    """Create and edit the organisation's places: its OPERATORs and keys with `places:write`."""
    return may(viewer, organisation_id, (Role.OPERATOR,), Scope.PLACES_WRITE)


def visible_organisations(viewer: Viewer) -> frozenset[int] | None:
    """The organisations whose private places the viewer may see; None means all of them."""
    if viewer.is_system:
        return None
    return frozenset(o for o in viewer.roles if may_see_place(viewer, o, is_public=False))


def operated_organisations(viewer: Viewer) -> frozenset[int] | None:
    """The organisations whose places the viewer may change; None means all of them."""
    if viewer.is_system:
        return None
    return frozenset(o for o in viewer.roles if may_operate(viewer, o))


def require_visible(viewer: Viewer, organisation_id: int, is_public: bool) -> None:
    """Raises `NotFound` for a place that the viewer may not know of."""
    if not may_see_place(viewer, organisation_id, is_public):
        raise NotFound("there is no such place")


def require_operator(viewer: Viewer, organisation_id: int, is_public: bool = False) -> None:
    """Raises `NotFound`, or `NotPermitted` when the viewer sees the place but may not change it."""
    require_visible(viewer, organisation_id, is_public)
    if not may_operate(viewer, organisation_id):
        raise NotPermitted("only an OPERATOR of the place's organisation may do this")


@lru_cache(maxsize=1)
def time_zones() -> frozenset[str]:
    """IANA names known to this installation: an area and a city, or UTC."""
    return frozenset(name for name in available_timezones() if "/" in name or name == "UTC")


def time_zone_fault(name: str) -> str | None:
    """What is wrong with a time zone, None when it is known."""
    if name in time_zones():
        return None
    start = name[:3].casefold()
    likely = [zone for zone in time_zones() if zone[:3].casefold() == start]
    close = get_close_matches(name[:64], likely, n=1)
    hint = f"did you mean {close[0]}?" if close else "use an IANA name such as Europe/Berlin"
    return f"unknown time zone {name[:64]!r}; {hint}"


def currency_fault(code: str) -> str | None:
    """What is wrong with a currency, None when it is one."""
    if code in CURRENCIES:
        return None
    return f"unknown currency {code[:16]!r}; use an ISO 4217 code such as EUR"


def checked_text(field: str, value: str, characters_max: int, *, is_required: bool = True) -> str:
    """The text without surrounding or repeated spaces. Raises `InvalidInput`."""
    plain = " ".join(value.split())
    if is_required and not plain:
        raise InvalidInput(field, f"{field} is empty; give it at least one character")
    if len(plain) > characters_max:
        message = f"{field} has {len(plain)} characters; at most {characters_max} fit"
        raise InvalidInput(field, message)
    if not plain.isprintable():
        raise InvalidInput(field, f"{field} has control characters; remove them")
    return plain


def checked_time_zone(field: str, name: str) -> str:
    """The IANA name. Raises `InvalidInput`."""
    return _checked(field, name, time_zone_fault)


def checked_currency(field: str, code: str) -> str:
    """The ISO 4217 code. Raises `InvalidInput`."""
    return _checked(field, code, currency_fault)


def _checked(field: str, value: T, fault: Callable[[T], str | None]) -> T:
    message = fault(value)
    if message is not None:
        raise InvalidInput(field, message)
    return value


def checked_number(field: str, value: float, low: float, high: float) -> float:
    """The number if it lies within [low, high]; NaN never does. Raises `InvalidInput`."""
    if not low <= value <= high:
        message = f"{field} is {value:g}; it must lie within {low:g} and {high:g}"
        raise InvalidInput(field, message)
    return value


def checked_position(
    latitude: float | None, longitude: float | None, prefix: str = ""
) -> Position | None:
    """Both coordinates or neither, in degrees. Raises `InvalidInput`."""
    if latitude is None and longitude is None:
        return None
    if latitude is None or longitude is None:
        missing = "latitude" if latitude is None else "longitude"
        message = f"{missing} is missing; give both coordinates or neither"
        raise InvalidInput(f"{prefix}{missing}", message)
    checked_number(f"{prefix}latitude", latitude, -90, 90)
    checked_number(f"{prefix}longitude", longitude, -180, 180)
    return Position(latitude, longitude)
