"""Gathering the records of a report until they can be understood together. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

from coap_gateway.objects import (
    OBJECTS,
    Path,
    PathError,
    UnknownPath,
    WrongType,
    check_value,
    parse_path,
)
from coap_gateway.senml import Record, Value
from parking.devices.rules import HealthValue
from parking.occupancy.intake import StateFact
from parking.occupancy.models import Axis, LockState, Occupancy

FUTURE_SECONDS_MAX = 120.0
"""A time further ahead than this is a wrong clock; less is a drifting one and is held for now."""

PAST_SECONDS_MAX = 10 * 366 * 86_400.0
"""A measurement older than this is a clock that was never set: those begin in 1970, 1980 or 2000.
What is younger is believed, because recorded traces of years ago are replayed (docs/replay.md)."""

ALARM_CHARACTERS_MAX = 20
ERROR_CODE_MAX = 255

DIGITAL_INPUT = 3200
INPUT_STATE = 5500
APPLICATION_TYPE = 5750
ERROR_CODE = (3, 0, 11)


class UplinkError(ValueError):
    """A report that cannot be taken. `reason` is the word it is counted under.

    `clock_offset_seconds` is by how much the device's clock is ahead, where that is the reason.
    """

    def __init__(
        self, reason: str, message: str, clock_offset_seconds: float | None = None
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.clock_offset_seconds = clock_offset_seconds


@dataclass(slots=True)
class Uplink:
    """One report, understood.

    `boot` and `sequence` are None where the device does not send them. `alarms` says which were
    raised (True) or cleared. `ignored` counts records that Berth has no use for. `refusal` is the
    word with which a lock refuses to move.
    """

    boot: int | None = None
    sequence: int | None = None
    facts: list[StateFact] = field(default_factory=list)
    health: dict[str, HealthValue] = field(default_factory=dict)
    alarms: dict[str, bool] = field(default_factory=dict)
    ignored: int = 0
    refusal: str = ""


class Reading:
    """Gathers what belongs together before it can be understood; `takers` fill it."""

    def __init__(self, now: float) -> None:
        self.now = now
        self.result = Uplink()
        self.occupancy: list[Record] = []
        self.lock: list[tuple[int, LockState, Record]] = []
        self.numbers: dict[str, float] = {}
        self.inputs: dict[int, dict[int, Value]] = {}
        self.errors: list[int] = []

    def other(self, record: Record, registered: Collection[int]) -> None:
        """Any record that has no taker of its own, or one of the wrong type."""
        try:
            path = _path(record.name)
            if path[0] in registered and path[0] not in OBJECTS:
                self.result.ignored += 1
                return
            is_ours = check_value(path, record.name, record.value)
        except PathError as error:
            raise UplinkError("bad_path", str(error)) from error
        except UnknownPath as error:
            raise UplinkError("unknown_resource", str(error)) from error
        except WrongType as error:
            raise UplinkError("wrong_type", str(error)) from error
        if is_ours and path[0] == DIGITAL_INPUT:
            self.inputs.setdefault(path[1], {})[path[2]] = record.value
        elif is_ours and path[:3] == ERROR_CODE:
            self.errors.append(whole_number(record, 0, ERROR_CODE_MAX))
        else:
            self.result.ignored += 1

    def uplink(self) -> Uplink:
        """Everything is read: put it together."""
        for record in self.occupancy:
            self.result.facts.append(self._occupancy_fact(record))
        if self.lock:
            self._lock_facts()
        self.result.facts.sort(key=lambda fact: fact.observed_at)
        if self.inputs:
            self._alarms()
        if self.errors:
            present = sorted({code for code in self.errors if code})
            self.result.health["error_codes"] = " ".join(map(str, present))
        return self.result

    def _occupancy_fact(self, record: Record) -> StateFact:
        measured = self._measured_at(record, "/3431/0/5518", len(self.occupancy) == 1)
        if not record.value:
            return StateFact(Axis.OCCUPANCY, Occupancy.FREE.value, _instant(measured))
        # The registry: seconds that the place has been occupied; of a free place, how long the
        # last occupation was, which says nothing of when it became free.
        seconds = self.numbers.get("/3431/0/2")
        since = None if seconds is None else _instant(measured - seconds)
        return StateFact(Axis.OCCUPANCY, Occupancy.OCCUPIED.value, _instant(measured), since)

    def _lock_facts(self) -> None:
        best = min(rank for rank, _, _ in self.lock)
        chosen = [(state, record) for rank, state, record in self.lock if rank == best]
        stamp = ("/3306/0/5518", "/3413/0/5518", "")[best]
        for state, record in chosen:
            measured = self._measured_at(record, stamp, len(chosen) == 1)
            self.result.facts.append(StateFact(Axis.LOCK, state.value, _instant(measured)))

    def _measured_at(self, record: Record, stamp: str, is_only: bool) -> float:
        """The Timestamp resource, or the record's own time, or now."""
        at = self.numbers.get(stamp) if is_only else None
        if at is None:
            at = self.now if record.time is None else record.time
        else:
            at += self.numbers.get(stamp.replace("5518", "6050"), 0.0)
        ahead = at - self.now
        if ahead > FUTURE_SECONDS_MAX:
            raise UplinkError("future_time", f"time is {ahead:.0f} s ahead; GET /time", ahead)
        if ahead < -PAST_SECONDS_MAX:
            raise UplinkError("time_too_old", "time is over ten years ago; GET /time", ahead)
        return min(at, self.now)

    def _alarms(self) -> None:
        for instance, values in self.inputs.items():
            is_on = values.get(INPUT_STATE)
            if is_on is None:
                self.result.ignored += 1
                continue
            name = str(values.get(APPLICATION_TYPE, f"input{instance}"))
            if not 0 < len(name) <= ALARM_CHARACTERS_MAX or not _is_plain(name.replace("_", "")):
                raise UplinkError("bad_value", f"/3200/{instance}/5750 must be one word")
            self.result.alarms[name] = bool(is_on)


@lru_cache(maxsize=4096)
def _path(name: str) -> Path:
    return parse_path(name)


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isalnum()


def whole_number(record: Record, low: int, high: int) -> int:
    """The record's number, whose type was checked. Raises UplinkError outside the range."""
    number = record.value
    assert isinstance(number, int | float), "the type was checked"
    if not low <= number <= high:
        raise UplinkError("bad_value", f"{record.name} must be {low} to {high}")
    return int(number)
