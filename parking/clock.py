"""Time as a dependency: the domain never asks the operating system itself."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the present instant."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class TestClock:
    """A clock that moves only when told to; for tests and replays."""

    __test__ = False  # pytest must not collect it by its name

    def __init__(self, start: datetime = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)) -> None:
        self._now = as_utc(start)

    def now(self) -> datetime:
        return self._now

    def advance(self, **delta: float) -> datetime:
        """Move forward by a `timedelta` given as keywords (`seconds=30`), and tell the new time."""
        step = timedelta(**delta)
        assert step >= timedelta(0), "a clock never runs backwards"
        self._now += step
        return self._now

    def set(self, instant: datetime) -> None:
        """Jump to `instant`; backwards too, because devices' clocks do."""
        self._now = as_utc(instant)


def as_utc(instant: datetime) -> datetime:
    """The same instant in UTC.

    Raises ValueError for a naive datetime: what zone it means is the caller's knowledge.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} has no time zone; give an aware datetime")
    return instant.astimezone(UTC)


def rfc3339(instant: datetime) -> str:
    """RFC 3339 text in UTC with a `Z`, microseconds only when there are some."""
    return as_utc(instant).isoformat().replace("+00:00", "Z")
