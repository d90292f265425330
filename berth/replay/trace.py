"""A recorded trace as plain values: who stood where, from when to when."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from parking.errors import BerthError
from parking.places.models import PlaceKind


class TraceFormat(StrEnum):
    """The layouts that can be read."""

    ACN = "acn"
    MELBOURNE = "melbourne"
    CSV = "csv"


class TraceUnreadable(BerthError):
    """The file is not there, or is nothing that could be replayed."""

    code = "TRACE_UNREADABLE"


@dataclass(frozen=True, slots=True)
class Stay:
    """A vehicle in a space, in whole seconds of UTC; `departure` None: it was there at the end.

    `declared` is when it said on arrival that it would leave, where the format has that.
    """

    space: str
    arrival: datetime
    departure: datetime | None
    line: int
    declared: datetime | None = None


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that cannot be read: `line` counts from 1, the header included."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Origin:
    """What the format says of where it was recorded."""

    time_zone: str
    kind: PlaceKind
    currency: str


@dataclass(frozen=True, slots=True)
class Trace:
    """What a file holds. `left_out` counts good rows that are no stay, by the reason."""

    trace_format: TraceFormat
    origin: Origin
    stays: Sequence[Stay]
    problems: Sequence[RowProblem]
    left_out: Counter[str] = field(default_factory=Counter)
