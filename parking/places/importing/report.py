"""What an import did, or would do."""

from dataclasses import dataclass

from parking.places.importing.drafts import Format, OccupancyHint, RowProblem


@dataclass(frozen=True, slots=True)
class Tally:
    """How many were made, changed, and found to be so already."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
        )


@dataclass(frozen=True, slots=True)
class SensorHint:
    """The file says that the sensor of this id sits in the space."""

    space_id: int
    sensor_id: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The outcome. `is_written` False: a rehearsal, or problems without `partial`; nothing changed.

    The counts then tell what would have been written; `place_ids` are those of places that exist.
    """

    is_written: bool
    format: Format | None
    places: Tally = Tally()
    spaces: Tally = Tally()
    place_ids: tuple[int, ...] = ()
    problems: tuple[RowProblem, ...] = ()
    hints: tuple[OccupancyHint, ...] = ()
    sensors: tuple[SensorHint, ...] = ()

    @property
    def errors(self) -> tuple[RowProblem, ...]:
        """The problems that dropped a row; warnings are left out."""
        return tuple(problem for problem in self.problems if not problem.is_warning)
