"""Windows: half-open intervals `[starts_at, ends_at)` of aware times in UTC."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from parking.clock import as_utc
from parking.errors import InvalidInput

YEARS = range(1900, 2200)
"""What a caller's window may lie in: so far from the ends of `datetime` nothing overflows."""


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """`[starts_at, ends_at)`; never empty."""

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if not self.starts_at < self.ends_at:
            raise ValueError(f"a window must end after its start: {self.starts_at}, {self.ends_at}")

    @property
    def duration(self) -> timedelta:
        """How long it is; on the clock of physics, so DST days count 23 or 25 hours."""
        return self.ends_at - self.starts_at

    def overlaps(self, other: "Window") -> bool:
        """Whether they share an instant; touching windows do not."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def covers(self, other: "Window") -> bool:
        """Whether the other lies wholly inside."""
        return self.starts_at <= other.starts_at and other.ends_at <= self.ends_at

    def __contains__(self, instant: datetime) -> bool:
        return self.starts_at <= instant < self.ends_at


def window_of(starts_at: datetime, ends_at: datetime, field: str = "window") -> Window:
    """A window from a caller's times, in UTC. Raises InvalidInput for an empty or backward one, and
    for one of another age, in which no calendar could be reckoned on."""
    if not starts_at < ends_at:
        raise InvalidInput(field, "it ends before it starts; give endsAt after startsAt")
    return Window(checked_instant(field, starts_at), checked_instant(field, ends_at))


def checked_instant(field: str, instant: datetime) -> datetime:
    """A caller's time (aware), in UTC. Raises InvalidInput for one of another age, which no zone's
    clock could show."""
    if instant.year not in YEARS:
        years = f"{YEARS.start} to {YEARS.stop - 1}"
        raise InvalidInput(field, f"it is of another age; give times in the years {years}")
    return as_utc(instant)


def joined(windows: Iterable[Window]) -> list[Window]:
    """The same instants as few windows as possible, in order: what touches or overlaps is one."""
    found: list[Window] = []
    for each in sorted(windows):
        if found and each.starts_at <= found[-1].ends_at:
            end = max(found[-1].ends_at, each.ends_at)
            found[-1] = Window(found[-1].starts_at, end)
        else:
            found.append(each)
    return found
