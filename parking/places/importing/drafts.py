"""What a reader makes of a file: whole places not yet written, and what was wrong."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from parking.places.importing.codes import Code
from parking.places.models import PlaceKind, SubplaceKind


class Format(StrEnum):
    """A kind of source file."""

    CSV = "CSV"
    GEOJSON = "GEOJSON"
    DATEX = "DATEX"
    FIWARE = "FIWARE"
    SENSADE = "SENSADE"


class Plan(StrEnum):
    """Where plan coordinates come from: the file, its degrees, or the drawing of rows."""

    GIVEN = "GIVEN"
    PROJECTED = "PROJECTED"
    DRAWN = "DRAWN"


@dataclass(frozen=True, slots=True)
class Where:
    """A spot in the source: `line` counts from 1, `path` is such as `features[3]`."""

    line: int | None = None
    path: str = ""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing that is wrong. A warning keeps its row, anything else drops it."""

    line: int | None
    field: str
    code: Code
    message: str
    path: str = ""
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the caller says of places whose file is silent about it.

    `place_name` also gathers spaces that name no place (and single-space sites) into one place.
    """

    time_zone: str | None = None
    currency: str | None = None
    kind: PlaceKind | None = None
    place_name: str | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a bay lies on the plan of its level, and why there."""

    x: float
    y: float
    width: float
    length: float
    rotation: float
    plan: Plan


@dataclass(frozen=True, slots=True)
class SpaceDraft:
    """A bay as the file tells it. None means: not said, so an update leaves it as it is.

    Lengths are metres, angles degrees clockwise, the plan's centre is (`x`, `y`) with y downwards.
    `level`, `row` and `area` are the file's labels. Made here: `subplace` is the draft they became,
    `spot` the place on the plan, said or drawn; `is_numbered_here` marks a space that the file only
    counts.
    """

    number: str
    where: Where = Where()
    external_id: str | None = None
    level: str = ""
    row: str = ""
    area: str = ""
    x: float | None = None
    y: float | None = None
    width: float | None = None
    length: float | None = None
    rotation: float | None = None
    latitude: float | None = None
    longitude: float | None = None
    is_ev: bool | None = None
    is_accessible: bool | None = None
    height_max: float | None = None
    sensor_id: str | None = None
    is_numbered_here: bool = False
    subplace: str | None = None
    spot: Spot | None = None


@dataclass(frozen=True, slots=True)
class SubplaceDraft:
    """A level, row or zone; `parent` is the name of another subplace of the same place."""

    name: str
    kind: SubplaceKind
    parent: str | None = None
    level: int = 0
    position: int = 0


@dataclass(frozen=True, slots=True)
class Unlisted:
    """Spaces that the file counts without listing them."""

    count: int
    area: str = ""
    is_ev: bool | None = None
    is_accessible: bool | None = None


@dataclass(frozen=True, slots=True)
class PlaceDraft:
    """A whole place as the file tells it. `outline` is (longitude, latitude) pairs, open ring.

    `assumed` names the fields that the file does not say itself: they are for a new place, and
    change nothing of one that exists.
    """

    name: str
    where: Where = Where()
    external_id: str | None = None
    kind: PlaceKind | None = None
    time_zone: str | None = None
    currency: str | None = None
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    outline: tuple[tuple[float, float], ...] = ()
    subplaces: tuple[SubplaceDraft, ...] = ()
    spaces: tuple[SpaceDraft, ...] = ()
    unlisted: tuple[Unlisted, ...] = ()
    assumed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class OccupancyHint:
    """What a status file says of one space: never written by an import, only told.

    `external_id` is the space's; `is_occupied` None means unknown; `observed_at` is UTC.
    """

    external_id: str
    is_occupied: bool | None
    observed_at: datetime | None = None
    where: Where = Where()


@dataclass(frozen=True, slots=True)
class Drafts:
    """All that one file gave."""

    format: Format | None
    places: tuple[PlaceDraft, ...] = ()
    hints: tuple[OccupancyHint, ...] = ()
    problems: tuple[RowProblem, ...] = field(default=())

    @property
    def errors(self) -> tuple[RowProblem, ...]:
        """The problems that drop a row; warnings are left out."""
        return tuple(problem for problem in self.problems if not problem.is_warning)

    @property
    def space_count(self) -> int:
        """Spaces in all places together."""
        return sum(len(place.spaces) for place in self.places)
