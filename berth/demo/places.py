"""The demo places, drawn: a mall's garage and the lot beside it, a street-side lot, a courtyard.
Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from berth.demo.drawing import AISLE_METRES, BAY_LENGTH_METRES, RowOfBays, located
from parking.geo import Position
from parking.places.importing.drafts import PlaceDraft, SpaceDraft
from parking.places.importing.subplaces import with_subplaces
from parking.places.models import PlaceKind

MALL = "demo-hubin-mall"
STREET = "demo-uferstrasse"
COURTYARD = "demo-rosengarten"
MALL_LOT = "demo-hubin-lot"

MALL_LEVELS = ("B1", "B2", "B3", "B4")
MALL_AT = Position(30.2538, 120.1642)
LOT_AT = Position(30.2541, 120.1650)
LOT_LEFT_METRES = 70.0
"""The lot begins so far to the right on the mall's plan, whose zero is the garage's."""
CAMPUS = "湖滨广场"
STREET_AT = Position(48.7853, 9.1951)
COURTYARD_AT = Position(48.7718, 9.1689)
GARAGE_HEIGHT_METRES = 2.1

_ROW_DEPTH = BAY_LENGTH_METRES + AISLE_METRES


@dataclass(frozen=True, slots=True)
class DemoPlace:
    """A place to be made: its draft, who sees it, which spaces have a lock or are closed."""

    draft: PlaceDraft
    is_public: bool
    locked: frozenset[str]
    closed: frozenset[str]
    campus: str | None = None
    """The name of the estate it belongs to."""
    listed: tuple[str, ...] = ()
    """The spaces that can be booked; each has a lock and a reader."""


def demo_places() -> tuple[DemoPlace, ...]:
    """All of them: 286 spaces in two time zones. The first is the one that guides speak of."""
    return _mall(), _street(), _courtyard(), _mall_lot()


def _mall() -> DemoPlace:
    rows = (row for level in MALL_LEVELS for row in _mall_level(level))
    draft = PlaceDraft(
        name="湖滨广场地下停车场",
        external_id=MALL,
        kind=PlaceKind.GARAGE,
        time_zone="Asia/Shanghai",
        currency="CNY",
        address="浙江省杭州市上城区湖滨示范路 1 号",
        latitude=MALL_AT.latitude,
        longitude=MALL_AT.longitude,
        spaces=located(_bays(rows), MALL_AT, 8.0),
    )
    locked = frozenset(f"A1{index:02}" for index in range(5, 13))
    closed = frozenset({"D304", "D305", "C409"})
    listed = tuple(f"A1{index:02}" for index in range(5, 13))
    return DemoPlace(with_subplaces(draft), True, locked, closed, campus=CAMPUS, listed=listed)


def _mall_lot() -> DemoPlace:
    """Ten bays in front of the mall, on the mall's own plan; half of them can be booked."""
    row = RowOfBays("P", 10, y=30.0, left=LOT_LEFT_METRES, accessible=frozenset({1}))
    draft = PlaceDraft(
        name="湖滨广场地面停车场",
        external_id=MALL_LOT,
        kind=PlaceKind.LOT,
        time_zone="Asia/Shanghai",
        currency="CNY",
        address="浙江省杭州市上城区湖滨示范路 1 号",
        latitude=LOT_AT.latitude,
        longitude=LOT_AT.longitude,
        spaces=located(_bays([row]), MALL_AT, 8.0),
    )
    listed = tuple(f"P{index:02}" for index in range(6, 11))
    locked = frozenset(listed)
    return DemoPlace(with_subplaces(draft), True, locked, frozenset(), CAMPUS, listed)


def _mall_level(level: str) -> Iterator[RowOfBays]:
    """Two aisles between a row at each wall and a double row in the middle: 48 bays."""
    near_lifts = frozenset({1, 2}) if level in ("B1", "B2") else frozenset()
    charging = frozenset(range(5, 13)) if level in ("B1", "B2") else frozenset()
    middle = _ROW_DEPTH
    for label, count, y, left, accessible, ev in (
        ("A", 13, 0.0, 0.0, near_lifts, charging),
        ("B", 11, middle, 3.1, frozenset(), frozenset()),
        ("C", 11, middle + BAY_LENGTH_METRES, 3.1, frozenset(), frozenset()),
        ("D", 13, middle + BAY_LENGTH_METRES + _ROW_DEPTH, 0.0, frozenset(), frozenset()),
    ):
        yield RowOfBays(
            label=label,
            count=count,
            y=y,
            left=left,
            level=level,
            infix=level.removeprefix("B"),
            pillars=True,
            accessible=accessible,
            ev=ev,
            height_max=GARAGE_HEIGHT_METRES,
        )


def _street() -> DemoPlace:
    """Bays along the kerb, then two rows across an aisle from each other: 64 bays."""
    rows = (
        RowOfBays("A", 14, y=0.0, rotation=90.0),
        RowOfBays("B", 25, y=10.0, accessible=frozenset({1, 2}), left=2.0),
        RowOfBays("C", 25, y=10.0 + _ROW_DEPTH, ev=frozenset(range(20, 26)), left=2.0),
    )
    draft = PlaceDraft(
        name="Parkplatz Uferstraße",
        external_id=STREET,
        kind=PlaceKind.ON_STREET,
        time_zone="Europe/Berlin",
        currency="EUR",
        address="Uferstraße 20, 70190 Stuttgart",
        latitude=STREET_AT.latitude,
        longitude=STREET_AT.longitude,
        spaces=located(_bays(rows), STREET_AT, 35.0),
    )
    closed = frozenset({"A07"})
    return DemoPlace(with_subplaces(draft), is_public=True, locked=frozenset(), closed=closed)


def _courtyard() -> DemoPlace:
    """A private yard of twenty: one row at the wall, one at the house; each bay has a lock."""
    rows = (
        RowOfBays("A", 12, y=0.0, ev=frozenset({3, 4})),
        RowOfBays("B", 8, y=_ROW_DEPTH, left=5.0, accessible=frozenset({1})),
    )
    spaces = located(_bays(rows), COURTYARD_AT, 320.0)
    draft = PlaceDraft(
        name="Hof Rosengarten",
        external_id=COURTYARD,
        kind=PlaceKind.PRIVATE_DRIVE,
        time_zone="Europe/Berlin",
        currency="EUR",
        address="Am Rosengarten 12, 70178 Stuttgart",
        latitude=COURTYARD_AT.latitude,
        longitude=COURTYARD_AT.longitude,
        spaces=spaces,
    )
    locked = frozenset(space.number for space in spaces)
    return DemoPlace(
        with_subplaces(draft),
        is_public=False,
        locked=locked,
        closed=frozenset(),
        listed=("A01", "A02", "B08"),
    )


def _bays(rows: Iterable[RowOfBays]) -> Iterator[SpaceDraft]:
    for row in rows:
        yield from row.spaces()
