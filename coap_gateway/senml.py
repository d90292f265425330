"""SenML (RFC 8428) in CBOR (content format 112) and JSON (110): bytes to resolved records and back.

Pure. Whatever the bytes are, `decode` gives records or raises `SenmlError` and nothing else.
"""

from __future__ import annotations

import binascii
import math
import os
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import cbor2
import orjson

SENML_JSON = 110
SENML_CBOR = 112

BODY_BYTES_MAX = 2048
RECORDS_MAX = 64
NAME_CHARACTERS_MAX = 128
NESTING_MAX = 8
INTEGER_MAX = 2**63 - 1
"""Bound of integers; larger ones have no use in a report and would fit no column."""

VERSION = 10
"""The SenML version of RFC 8428; a pack of a later one is refused (section 4.4)."""

RELATIVE_TIME_LIMIT = 2**28
"""Times below it are seconds relative to now, others seconds since 1970 (RFC 8428 4.5.3)."""

Value = bool | int | float | str | bytes

_CBOR_LABELS: Mapping[int, str] = {
    -1: "bver",
    -2: "bn",
    -3: "bt",
    -4: "bu",
    -5: "bv",
    -6: "bs",
    0: "n",
    1: "u",
    2: "v",
    3: "vs",
    4: "vb",
    5: "s",
    6: "t",
    7: "ut",
    8: "vd",
}
"""RFC 8428 table 6."""

_LABELS_TO_CBOR = {label: number for number, label in _CBOR_LABELS.items()}
_VALUE_LABELS = frozenset({"v", "vs", "vb", "vd", "vlo"})
"""`vlo` is LwM2M's object link (TS Core 1.1 section 7.4.4); a text label in CBOR too."""

_ENTRY_LABELS = _VALUE_LABELS | {"n", "u", "t", "ut", "s"}
"""Labels that concern one record only."""

_NUMBERS_ONLY = frozenset({int})
_is_name = re.compile(rf"[A-Za-z0-9/][A-Za-z0-9\-:./_]{{0,{NAME_CHARACTERS_MAX - 1}}}").fullmatch
"""RFC 8428 section 4.5.1, and the leading `/` that LwM2M's names have."""

_is_base64url = re.compile(r"[A-Za-z0-9_-]*").fullmatch
_SENTINEL = os.urandom(8)


class SenmlError(ValueError):
    """The bytes are not a SenML pack that this gateway takes; the text says why, in few words."""


class Record(NamedTuple):
    """One resolved record: base values are applied, the time is absolute.

    `time` is in seconds since 1970 (UTC), None where the pack gave none: it is then now.
    """

    name: str
    value: Value
    time: float | None = None
    unit: str = ""


def decode(payload: bytes, content_format: int, now: float) -> list[Record]:
    """The resolved records of a pack; `now` is in seconds since 1970 and anchors relative times.

    Raises SenmlError.
    """
    if len(payload) > BODY_BYTES_MAX:
        raise SenmlError(f"pack of {len(payload)} bytes, at most {BODY_BYTES_MAX}")
    pack = _from_cbor(payload) if content_format == SENML_CBOR else _from_json(payload)
    if type(pack) is not list:
        raise SenmlError("a SenML pack is an array of records")
    if len(pack) > RECORDS_MAX:
        raise SenmlError(f"{len(pack)} records, at most {RECORDS_MAX}")
    resolver = _Resolver(now, is_cbor=content_format == SENML_CBOR)
    records = [record for raw in pack if (record := resolver.resolve(raw)) is not None]
    if not records:
        raise SenmlError("the pack has no record with a value")
    return records


def _from_cbor(payload: bytes) -> Any:
    # The decoder stops after the first item and says nothing of what follows it. Inside an array
    # whose second item nobody can guess, bytes left over or missing show.
    try:
        items = cbor2.loads(
            b"\x82" + payload + b"\x48" + _SENTINEL,
            max_depth=NESTING_MAX,
            allow_duplicate_keys=False,
        )
    except Exception as error:  # also what its built-in tags raise: it is all one to the sender
        raise SenmlError("not CBOR") from error
    if items[1] != _SENTINEL:
        raise SenmlError("not one CBOR item")
    return items[0]


def _from_json(payload: bytes) -> Any:
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise SenmlError("not JSON") from error


class _Resolver:
    """Applies the base values that records set for themselves and those after them (4.6)."""

    __slots__ = ("_base_name", "_base_time", "_base_unit", "_base_value", "_is_cbor", "_now")

    def __init__(self, now: float, *, is_cbor: bool) -> None:
        self._now = now
        self._is_cbor = is_cbor
        self._base_name = ""
        self._base_time: float | None = None
        self._base_unit = ""
        self._base_value: float | None = None

    def resolve(self, raw: Any) -> Record | None:
        """The record, or None for one that only sets base values."""
        if type(raw) is not dict:
            raise SenmlError("a SenML record is a map")
        fields = _labelled(raw) if self._is_cbor else raw
        if not _ENTRY_LABELS.issuperset(fields):
            self._set_bases(fields)
        labels = _VALUE_LABELS.intersection(fields)
        if not labels:
            _check_valueless(fields)
            return None
        if len(labels) > 1:
            raise SenmlError("a record has more than one value")
        name = self._base_name + _text(fields.get("n", ""), "n")
        if not _is_name(name):
            raise SenmlError(_name_problem(name))
        [label] = labels
        value = self._value(label, fields[label])
        unit = _text(fields.get("u", self._base_unit), "u")
        return Record(name, value, self._time(fields.get("t")), unit)

    def _set_bases(self, fields: dict[str, Any]) -> None:
        """Take over base values; a label ending in `_` must be understood (section 4.4)."""
        for label, value in fields.items():
            if label == "bn":
                self._base_name = _text(value, "bn")
            elif label == "bt":
                self._base_time = _number(value, "bt")
            elif label == "bu":
                self._base_unit = _text(value, "bu")
            elif label == "bv":
                self._base_value = _number(value, "bv")
            elif label == "bver":
                if type(value) is not int or not 0 < value <= VERSION:
                    raise SenmlError(f"SenML version must be at most {VERSION}")
            elif label.endswith("_"):
                raise SenmlError("a label is unknown and must be understood")

    def _value(self, label: str, value: Any) -> Value:
        if label == "v":
            number = _number(value, "v")
            return number if self._base_value is None else _bounded(number + self._base_value, "v")
        if label in ("vs", "vlo"):
            return _text(value, label)
        if label == "vb":
            if type(value) is not bool:
                raise SenmlError("vb must be true or false")
            return value
        return self._data(value)

    def _data(self, value: Any) -> bytes:
        if self._is_cbor:
            if type(value) is not bytes:
                raise SenmlError("vd must be a byte string")
            return value
        text = _text(value, "vd")
        if not _is_base64url(text):
            raise SenmlError("vd must be base64url without padding")
        try:
            return urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except binascii.Error as error:
            raise SenmlError("vd must be base64url without padding") from error

    def _time(self, own: Any) -> float | None:
        if own is None and self._base_time is None:
            return None
        time = (self._base_time or 0) + (0 if own is None else _number(own, "t"))
        _bounded(time, "time")
        return self._now + time if time < RELATIVE_TIME_LIMIT else time


def _labelled(raw: dict[Any, Any]) -> dict[str, Any]:
    """A CBOR record by the labels of JSON; numbers that nobody defined yet are left out."""
    # By their types, because True and 1.0 would pass for the number 1.
    if _NUMBERS_ONLY.issuperset(map(type, raw)):
        if raw.keys() <= _CBOR_LABELS.keys():
            return {_CBOR_LABELS[number]: value for number, value in raw.items()}
        return {_CBOR_LABELS[n]: value for n, value in raw.items() if n in _CBOR_LABELS}
    fields: dict[str, Any] = {}
    for label, value in raw.items():
        if type(label) is int:
            if label in _CBOR_LABELS:
                fields[_CBOR_LABELS[label]] = value
        elif type(label) is not str:
            raise SenmlError("a label is neither number nor text")
        elif label in _LABELS_TO_CBOR:
            raise SenmlError(f"label {label} must be a number in CBOR")
        else:
            fields[label] = value
    return fields


def _check_valueless(fields: Mapping[str, Any]) -> None:
    if "s" in fields or "bs" in fields:
        raise SenmlError("sums are not taken; send v")
    if "n" in fields:
        raise SenmlError("a record has no value")


def _text(value: Any, label: str) -> str:
    if type(value) is not str:
        raise SenmlError(f"{label} must be text")
    return value


def _number(value: Any, label: str) -> int | float:
    """A finite number: integer, float, or (CBOR tags 4 and 5) decimal fraction and bigfloat."""
    if type(value) is int or type(value) is float:
        return _bounded(value, label)
    if type(value) is Decimal and value.is_finite() and value.adjusted() < 19:
        return _bounded(float(value), label)
    raise SenmlError(f"{label} must be a number")


def _bounded(number: float, label: str) -> int | float:
    if type(number) is int:
        if not -INTEGER_MAX <= number <= INTEGER_MAX:
            raise SenmlError(f"{label} is beyond 63 bits")
    elif not math.isfinite(number):
        raise SenmlError(f"{label} must be finite")
    return number


def _name_problem(name: str) -> str:
    if 0 < len(name) <= NAME_CHARACTERS_MAX:
        return "a name has a character that is not allowed"
    return f"a name has 1 to {NAME_CHARACTERS_MAX} characters"


def encode(records: Iterable[Record], content_format: int, *, base_name: str = "") -> bytes:
    """A pack of these records; names are given relative to `base_name`, times as they are.

    `Record.time` is written as is: seconds since 1970, or a number below 2**28 that the receiver
    takes relative to its now. Raises ValueError where a name does not begin with `base_name`.
    """
    pack = [_fields(record, base_name) for record in records]
    if base_name and pack:
        pack[0] = {"bn": base_name, **pack[0]}
    if content_format == SENML_JSON:
        return orjson.dumps([_json_ready(fields) for fields in pack])
    labelled = [{_LABELS_TO_CBOR[label]: value for label, value in f.items()} for f in pack]
    return cbor2.dumps(labelled)


def _fields(record: Record, base_name: str) -> dict[str, Any]:
    if not record.name.startswith(base_name):
        raise ValueError(f"{record.name} does not begin with {base_name}")
    fields: dict[str, Any] = {}
    if name := record.name[len(base_name) :]:
        fields["n"] = name
    if record.unit:
        fields["u"] = record.unit
    fields[_label_of(record.value)] = record.value
    if record.time is not None:
        fields["t"] = record.time
    return fields


def _label_of(value: Value) -> str:
    if isinstance(value, bool):
        return "vb"
    if isinstance(value, int | float):
        return "v"
    return "vs" if isinstance(value, str) else "vd"


def _json_ready(fields: dict[str, Any]) -> dict[str, Any]:
    data = fields.get("vd")
    if data is None:
        return fields
    return {**fields, "vd": urlsafe_b64encode(data).rstrip(b"=").decode()}
