"""Drawing bays: rows on a plan, and where on the earth they lie. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import cos, degrees, radians, sin

from parking.geo import EARTH_RADIUS_METRES, Position
from parking.places.importing.drafts import SpaceDraft

BAY_WIDTH_METRES = 2.5
BAY_LENGTH_METRES = 5.0
ACCESSIBLE_WIDTH_METRES = 3.5
AISLE_METRES = 6.0
PILLAR_METRES = 0.6
"""Garages have a pillar after every third bay."""
BAYS_BETWEEN_PILLARS = 3


@dataclass(frozen=True, slots=True)
class RowOfBays:
    """Bays side by side from the left: centres at `y`, the first one's edge at `left` (metres).

    `accessible` and `ev` say which bays, counted from 1; `height_max` is in metres.
    """

    label: str
    count: int
    y: float
    level: str = ""
    left: float = 0.0
    infix: str = ""
    rotation: float = 0.0
    pillars: bool = False
    accessible: frozenset[int] = frozenset()
    ev: frozenset[int] = frozenset()
    height_max: float | None = None

    def spaces(self) -> Iterator[SpaceDraft]:
        """The bays, numbered `A01` on; with the infix 2, `A201` on."""
        x = self.left
        for index in range(1, self.count + 1):
            is_accessible = index in self.accessible
            width = ACCESSIBLE_WIDTH_METRES if is_accessible else BAY_WIDTH_METRES
            along = BAY_LENGTH_METRES if self.rotation in (90.0, 270.0) else width
            yield SpaceDraft(
                number=f"{self.label}{self.infix}{index:02}",
                level=self.level,
                row=self.label,
                x=round(x + along / 2, 2),
                y=self.y,
                width=width,
                length=BAY_LENGTH_METRES,
                rotation=self.rotation,
                is_ev=index in self.ev,
                is_accessible=is_accessible,
                height_max=self.height_max,
            )
            x += along
            if self.pillars and index % BAYS_BETWEEN_PILLARS == 0:
                x += PILLAR_METRES


def located(
    spaces: Iterable[SpaceDraft], anchor: Position, bearing_degrees: float
) -> tuple[SpaceDraft, ...]:
    """The spaces with positions on the earth: plan (0, 0) at `anchor`, plan "up" at `bearing`."""
    return tuple(_located(space, anchor, radians(bearing_degrees)) for space in spaces)


def _located(space: SpaceDraft, anchor: Position, bearing: float) -> SpaceDraft:
    right, up = space.x or 0.0, -(space.y or 0.0)
    north = up * cos(bearing) - right * sin(bearing)
    east = up * sin(bearing) + right * cos(bearing)
    latitude = anchor.latitude + degrees(north / EARTH_RADIUS_METRES)
    parallel = EARTH_RADIUS_METRES * cos(radians(anchor.latitude))
    longitude = anchor.longitude + degrees(east / parallel)
    return replace(space, latitude=round(latitude, 7), longitude=round(longitude, 7))
