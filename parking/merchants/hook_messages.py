"""The JSON in which an order system tells of an order by webhook: read strictly (CLAIMS D1). Pure.

Unknown fields, fields that are there twice and values of another type are refused, each by its
name: what is misspelt must not be overlooked. `null` is the same as leaving a field out.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from parking.errors import InvalidInput, Refusal
from parking.merchants.kinds import Demand
from parking.merchants.orders.ordered import (
    Guest,
    Ordered,
    checked_ordered,
    checked_ref,
    checked_stamp,
)
from parking.merchants.records import Needs
from parking.places.rules import time_zone_fault
from parking.windows import checked_instant

FAULTS_MAX = 20
SEQUENCE_MAX = 999
NUMBER_MAX = 10**9
"""Beyond every number that means something here; what is sound is for the rules of orders."""
SHOWN_CHARACTERS_MAX = 40
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DEMANDS = {None: Demand.UNSAID, True: Demand.YES, False: Demand.NO}
_NAMES = {
    "order_ref": "orderRef",
    "stamp": "updatedAt",
    "guest.plate": "plate",
    "service": "serviceAt",
    "service_ends_at": "serviceEndsAt",
    "needs.height_metres": "needs.heightMetres",
}
"""What the rules of orders call otherwise."""


class Fault(NamedTuple):
    """What is wrong with a field; its path is as in the message, empty for the whole of it."""

    field: str
    message: str


class Unreadable(Refusal):
    """The message is not as the guide says; `faults` names the fields."""

    code = "INVALID_MESSAGE"

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("the message is not as expected; see each field in errors")
        self.faults = faults[:FAULTS_MAX]


class HookMessage(NamedTuple):
    """What a message says. `ordered` is None for a cancellation; `stamp` is when it was made."""

    unit: str
    order_ref: str
    stamp: datetime
    ordered: Ordered | None


def read_message(body: bytes, now: datetime) -> HookMessage:
    """The message, sound in every field. Raises `Unreadable`."""
    told = _Reading(_document(body))
    values = told.object("", told.document, _FIELDS, required=("orderRef", "unit", "updatedAt"))
    is_cancelled = values.get("cancelled", False)
    if not is_cancelled and told.document.get("serviceAt") is None:
        told.fault("serviceAt", "it is missing; give the start of the service, or cancelled: true")
    _check_zone(told, values)
    if told.faults:
        raise Unreadable(told.faults)
    try:
        return _sound(values, is_cancelled, now)
    except InvalidInput as error:
        raise Unreadable([Fault(_NAMES.get(error.field, error.field), error.message)]) from error


def _sound(values: Mapping[str, Any], is_cancelled: bool, now: datetime) -> HookMessage:
    stamp = checked_stamp(_stamp(values), now)
    ref = checked_ref(values["orderRef"])
    ordered = None if is_cancelled else checked_ordered(_ordered(values))
    return HookMessage(values["unit"], ref, stamp, ordered)


def _stamp(values: Mapping[str, Any]) -> datetime:
    """`sequence` tells messages of one millisecond apart."""
    at: datetime = values["updatedAt"]
    if "sequence" not in values:
        return at
    milliseconds = at.microsecond // 1000 * 1000
    return at.replace(microsecond=milliseconds) + timedelta(microseconds=values["sequence"])


def _ordered(values: Mapping[str, Any]) -> Ordered:
    guest, needs = values.get("guest", {}), values.get("needs", {})
    return Ordered(
        order_ref=values["orderRef"],
        service_at=values["serviceAt"],
        service_ends_at=values.get("serviceEndsAt"),
        demand=_DEMANDS[values.get("parking")],
        party=values.get("party"),
        guest=Guest(
            guest.get("name", ""),
            guest.get("phone", ""),
            values.get("plate", ""),
            guest.get("language", ""),
        ),
        needs=Needs(
            needs.get("accessible", False), needs.get("electric", False), needs.get("heightMetres")
        ),
    )


class _Reading:
    """One message being read; `faults` gathers what is wrong."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.faults: list[Fault] = []

    def fault(self, field: str, message: str) -> None:
        self.faults.append(Fault(field, message))

    def object(
        self, path: str, value: Any, kinds: Mapping[str, Any], required: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """The fields that are there and sound."""
        if not isinstance(value, dict):
            self.fault(path, "expected an object")
            return {}
        for name in value.keys() - kinds.keys():
            self.fault(_path(path, _shown(name)), f"unknown field; known: {', '.join(kinds)}")
        for name in required:
            if value.get(name) is None:
                self.fault(_path(path, name), "it is missing")
        there = {name: each for name, each in value.items() if name in kinds and each is not None}
        read = {name: self.value(_path(path, name), there[name], kinds[name]) for name in there}
        return {name: each for name, each in read.items() if each is not None}

    def value(self, path: str, value: Any, kind: Any) -> Any:
        """The value of this kind, None when it is not sound."""
        if isinstance(kind, Mapping):
            return self.object(path, value, kind)
        try:
            return kind(value)
        except InvalidInput as error:
            self.fault(path, error.message)
        except ValueError as error:
            self.fault(path, str(error))
        return None


def _check_zone(told: _Reading, values: Mapping[str, Any]) -> None:
    """Whether clocks in `zone` show the offset then that the times have. A `Z` says nothing of
    local clocks and fits every zone (RFC 9557 section 2)."""
    name = values.get("zone")
    if name is None:
        return
    for field in ("serviceAt", "serviceEndsAt"):
        at: datetime | None = values.get(field)
        if at is None or told.document[field].upper().endswith("Z"):
            continue
        shown = at.astimezone(ZoneInfo(name))
        if shown.utcoffset() != at.utcoffset():
            there = shown.isoformat()[-6:]
            told.fault(field, f"clocks in {name} are at {there} then; give that offset, or no zone")


def _document(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(
            body.decode(), object_pairs_hook=_without_doubles, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, _Double) else "expected JSON in UTF-8"
        raise Unreadable([Fault("", why)]) from None
    if not isinstance(found, dict):
        raise Unreadable([Fault("", "expected a JSON object")])
    return found


class Unfit(ValueError):
    """A value of the wrong kind."""


class _Double(ValueError):
    """A field is there twice."""


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _Double(f"the field {_shown(name)} is there twice")
        found[name] = value
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _path(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _shown(name: str) -> str:
    """A name that a stranger chose, as it may be written into an answer."""
    return name.encode("ascii", "backslashreplace").decode()[:SHOWN_CHARACTERS_MAX]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Unfit("expected text")
    if "\0" in value or any("\ud800" <= each <= "\udfff" for each in value):
        raise Unfit("it has characters that are no text (NUL, or half of a surrogate pair)")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unfit("expected true or false")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > NUMBER_MAX:
        raise Unfit("expected a number")
    return float(value)


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > NUMBER_MAX:
        raise Unfit("expected a whole number")
    return value


def _sequence(value: Any) -> int:
    if not 0 <= _count(value) <= SEQUENCE_MAX:
        raise Unfit(f"expected a whole number from 0 to {SEQUENCE_MAX}")
    return _count(value)


def _instant(value: Any) -> datetime:
    if not _TIME.fullmatch(_text(value)):
        raise Unfit("expected a time with its offset (RFC 3339), such as 2026-01-05T19:30:00+01:00")
    at = datetime.fromisoformat(value.upper())
    checked_instant("", at)
    return at


def _zone(value: Any) -> str:
    fault = time_zone_fault(_text(value))
    if fault is not None:
        raise Unfit(fault)
    return _text(value)


_GUEST: Mapping[str, Callable[[Any], Any]] = {"name": _text, "phone": _text, "language": _text}
_NEEDS: Mapping[str, Callable[[Any], Any]] = {
    "accessible": _flag,
    "electric": _flag,
    "heightMetres": _number,
}
_FIELDS: Mapping[str, Any] = {
    "orderRef": _text,
    "unit": _text,
    "updatedAt": _instant,
    "sequence": _sequence,
    "cancelled": _flag,
    "serviceAt": _instant,
    "serviceEndsAt": _instant,
    "zone": _zone,
    "parking": _flag,
    "party": _count,
    "guest": _GUEST,
    "plate": _text,
    "needs": _NEEDS,
}
