"""The resources that mean something to Berth, each with what is done with its value."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from coap_gateway.command_format import MOVES, REFUSAL
from coap_gateway.objects import BOOT_COUNTER, REPORT_SEQUENCE, RESET_CAUSE
from coap_gateway.reading import Reading, UplinkError, whole_number
from coap_gateway.senml import Record, Value
from parking.devices.rules import BOOT_MAX
from parking.occupancy.models import LockState

DURATION_SECONDS_MAX = 3650 * 86_400
REPORT_SEQUENCE_MAX = 2**32 - 1
TEXT_CHARACTERS_MAX = 100
RESET_CAUSE_CHARACTERS_MAX = 40
VOLTS_MAX = 1000
MOVES_MAX = 2**53
REFUSAL_CHARACTERS_MAX = 20

LOCK_WORDS: Mapping[str, LockState] = {
    "raised": LockState.RAISED,
    "lowered": LockState.LOWERED,
    "raising": LockState.MOVING,
    "lowering": LockState.MOVING,
    "obstructed_up": LockState.OBSTRUCTED,
    "obstructed_down": LockState.OBSTRUCTED,
    "forced": LockState.FORCED,
    "fault": LockState.FAULT,
    "unknown": LockState.UNKNOWN,
}


Take = Callable[[Reading, Record], bool]
"""Takes a record; False where its value is not of the resource's type."""


def _is_integer(value: Value) -> bool:
    return type(value) is int or (type(value) is float and value.is_integer())


def _take_occupancy(reading: Reading, record: Record) -> bool:
    if type(record.value) is not bool:
        return False
    reading.occupancy.append(record)
    return True


def _take_word(reading: Reading, record: Record) -> bool:
    if type(record.value) is not str:
        return False
    state = LOCK_WORDS.get(record.value)
    if state is None:
        raise UplinkError("bad_value", f"{record.name} is no lock state")
    reading.lock.append((0, state, record))
    return True


def _take_level(reading: Reading, record: Record) -> bool:
    if not _is_integer(record.value):
        return False
    level = whole_number(record, 0, 100)
    ends = {0: LockState.LOWERED, 100: LockState.RAISED}
    reading.lock.append((1, ends.get(level, LockState.MOVING), record))
    return True


def _take_status(reading: Reading, record: Record) -> bool:
    if type(record.value) is not bool:
        return False
    reading.lock.append((2, LockState.RAISED if record.value else LockState.LOWERED, record))
    return True


def _take_boot(reading: Reading, record: Record) -> bool:
    if not _is_integer(record.value):
        return False
    reading.result.boot = whole_number(record, 0, BOOT_MAX)
    return True


def _take_sequence(reading: Reading, record: Record) -> bool:
    if not _is_integer(record.value):
        return False
    reading.result.sequence = whole_number(record, 0, REPORT_SEQUENCE_MAX)
    return True


def _take_clock(reading: Reading, record: Record) -> bool:
    if type(record.value) not in (int, float):
        return False
    measured = reading.now if record.time is None else record.time
    assert isinstance(record.value, int | float)
    reading.result.health["clock_offset_seconds"] = round(record.value - measured, 3)
    return True


def _number(low: float, high: float, *, is_whole: bool = False) -> Take:
    """Keeps a number for `Reading` to use."""

    def take(reading: Reading, record: Record) -> bool:
        value = record.value
        if type(value) not in (int, float) or (is_whole and not _is_integer(value)):
            return False
        assert isinstance(value, int | float)
        if not low <= value <= high:
            raise UplinkError("bad_value", f"{record.name} must be {low:g} to {high:g}")
        reading.numbers[record.name] = float(value)
        return True

    return take


def _health_integer(column: str, low: int, high: int) -> Take:
    def take(reading: Reading, record: Record) -> bool:
        if not _is_integer(record.value):
            return False
        reading.result.health[column] = whole_number(record, low, high)
        return True

    return take


def _health_text(column: str) -> Take:
    def take(reading: Reading, record: Record) -> bool:
        text = record.value
        if type(text) is not str:
            return False
        if len(text) > TEXT_CHARACTERS_MAX or not text.isprintable():
            raise UplinkError("bad_value", f"{record.name}: at most 100 printable characters")
        reading.result.health[column] = text
        return True

    return take


def _take_volts(reading: Reading, record: Record) -> bool:
    if type(record.value) not in (int, float):
        return False
    assert isinstance(record.value, int | float)
    if not 0 <= record.value <= VOLTS_MAX:
        raise UplinkError("bad_value", f"{record.name} must be 0 to 1000 V")
    reading.result.health["battery_volts"] = float(record.value)
    return True


def _take_low(reading: Reading, record: Record) -> bool:
    if type(record.value) is not bool:
        return False
    reading.result.health["battery_low"] = record.value
    return True


def _take_refusal(reading: Reading, record: Record) -> bool:
    if type(record.value) is not str:
        return False
    if not 0 < len(record.value) <= REFUSAL_CHARACTERS_MAX or not record.value.isalpha():
        raise UplinkError("bad_value", f"{record.name}: one word of at most 20 letters")
    reading.result.refusal = record.value.lower()
    return True


def _take_reset_cause(reading: Reading, record: Record) -> bool:
    if type(record.value) is str and len(record.value) > RESET_CAUSE_CHARACTERS_MAX:
        raise UplinkError("bad_value", f"{record.name}: at most 40 characters")
    return _health_text("reset_cause")(reading, record)


_SECONDS = 2.0**53

TAKERS: Mapping[str, Take] = {
    "/3431/0/1": _take_occupancy,
    "/3431/0/2": _number(0, DURATION_SECONDS_MAX, is_whole=True),
    "/3431/0/5518": _number(0, _SECONDS),
    "/3431/0/6050": _number(0, 1),
    "/3306/0/5853": _take_word,
    "/3306/0/5518": _number(0, _SECONDS),
    "/3306/0/6050": _number(0, 1),
    "/3413/0/2": _take_level,
    "/3413/0/5518": _number(0, _SECONDS),
    "/3413/0/6050": _number(0, 1),
    MOVES: _health_integer("lock_moves", 0, MOVES_MAX),
    REFUSAL: _take_refusal,
    "/10359/0/50": _take_status,
    BOOT_COUNTER: _take_boot,
    REPORT_SEQUENCE: _take_sequence,
    RESET_CAUSE: _take_reset_cause,
    "/3/0/0": _health_text("manufacturer"),
    "/3/0/1": _health_text("model"),
    "/3/0/2": _health_text("serial"),
    "/3/0/3": _health_text("firmware"),
    "/3/0/9": _health_integer("battery_percent", 0, 100),
    "/3/0/13": _take_clock,
    "/3411/0/1": _health_integer("battery_percent", 0, 100),
    "/3411/0/3": _take_volts,
    "/3411/0/6": _take_low,
    "/4/0/2": _health_integer("rssi_dbm", -32768, 32767),
    "/4/0/11": _health_integer("sinr_db", -32768, 32767),
}
