"""Where a car stands, for who has to find it, worked out from the schema's answers. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from api.pages.booking_words import Words
from api.pages.plan import Plan, plan_of
from api.pages.way import GuestWay, way_in

DEGREE_DIGITS = 6
"""Of coordinates: a tenth of a metre."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of where a car stands. Each may be empty. `bays` and `walk` are the schema's;
    `at` its coordinates, of the car or else of the place."""

    place: str
    floor: str
    area: str
    bay: str
    bays: Sequence[dict[str, Any]]
    walk: Sequence[Mapping[str, Any]]
    at: Mapping[str, float] | None


@dataclass(frozen=True, slots=True)
class Where:
    """The same in words: a heading, the rest as pairs of name and value, and how to get there, as
    steps, and as a plan of each level or of the bay's own."""

    heading: str
    rows: tuple[tuple[str, str], ...]
    steps: tuple[str, ...]
    way: GuestWay | None
    plan: Plan | None
    navigate: str


def where_of(found: Found, words: Words, heading: str = "") -> Where:
    """What a page shows of it; `heading` is for where not even a place is known."""
    told = [(name, getattr(found, name)) for name in ("bay", "area", "floor", "place")]
    known = [(name, value) for name, value in told if value]
    name, value = known[0] if known else ("", heading)
    way = way_in(found.place, found.bays, found.walk, words)
    return Where(
        heading=f"{words('bay')} {value}" if name == "bay" else value,
        rows=tuple((words(each), value) for each, value in reversed(known)),
        steps=way.walk if way else _steps(known, words),
        way=way,
        plan=None if way else plan_of(found.bays),
        navigate=geo_link(found.at, found.place) if found.at else "",
    )


def coordinates_text(at: Mapping[str, float]) -> str:
    """Latitude and longitude, as maps take them."""
    return f"{at['latitude']:.{DEGREE_DIGITS}f}, {at['longitude']:.{DEGREE_DIGITS}f}"


def geo_link(at: Mapping[str, float], name: str) -> str:
    """A `geo:` address (RFC 5870): it opens the telephone's own navigation and tells no site."""
    place = coordinates_text(at).replace(" ", "")
    return f"geo:{place}?q={place}" + (f"({quote(name, safe='')})" if name else "")


def _steps(known: Sequence[tuple[str, str]], words: Words) -> tuple[str, ...]:
    """From the whole to the bay, for where no way is drawn."""
    return tuple(words(f"step_{name}", name=value) for name, value in reversed(known))
