"""The LwM2M objects that devices report (DEVICES section 1; OMA registry), and their types.

Which paths mean what is `coap_gateway.uplink`'s; here is what a path may be and what it may hold.
Three kinds of resource are told apart: those the registry defines are checked for their type,
those of the private range are the maker's own affair, all others do not exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from coap_gateway.senml import Value

PRIVATE_RESOURCES = range(26241, 32769)
"""Resource ids that the OMA registry leaves to makers."""

PARKING_SENSOR = 3431

BOOT_COUNTER = "/3/0/26241"
REPORT_SEQUENCE = "/3/0/26242"
RESET_CAUSE = "/3/0/26243"
"""Private resources of Berth's contract: how often the device booted, the number of this report
since, and why it booted last."""


class Kind(Enum):
    """LwM2M data types (TS Core 1.1 appendix C) as SenML carries them."""

    BOOLEAN = "a boolean (vb)"
    INTEGER = "an integer (v)"
    FLOAT = "a number (v)"
    STRING = "text (vs)"
    TIME = "a time in seconds (v)"
    LINK = "an object link (vlo)"
    NOTHING = "not readable"


_B, _I, _F, _S = Kind.BOOLEAN, Kind.INTEGER, Kind.FLOAT, Kind.STRING
_T, _L, _X = Kind.TIME, Kind.LINK, Kind.NOTHING

_MEASUREMENT = {5518: _T, 6050: _F, 6042: _I, 6049: _I}
"""Resources that uCIFI objects share: when and how well it was measured."""

OBJECTS: Mapping[int, Mapping[int, Kind]] = {
    3: {
        **dict.fromkeys((0, 1, 2, 3, 14, 15, 16, 17, 18, 19, 26243), _S),
        **dict.fromkeys((6, 7, 8, 9, 10, 11, 20, 21, 26241, 26242), _I),
        **dict.fromkeys((4, 5, 12), _X),
        13: _T,
        22: _L,
    },
    4: {**dict.fromkeys((0, 1, 2, 3, 6, 8, 9, 10, 11, 12, 13), _I), 4: _S, 5: _S, 7: _S},
    3200: {
        **dict.fromkeys((5500, 5502), _B),
        **dict.fromkeys((5501, 5503, 5504), _I),
        **dict.fromkeys((5750, 5751), _S),
        5505: _X,
        5518: _T,
        6050: _F,
    },
    3306: {5850: _B, 5851: _I, 5852: _I, 5853: _S, 5750: _S, 5518: _T, 6050: _F},
    3411: {
        **dict.fromkeys((1, 5, 8, 10), _I),
        **dict.fromkeys((2, 3), _F),
        **dict.fromkeys((6, 7, 9), _B),
        **dict.fromkeys((4, 12), _S),
        11: _X,
        **_MEASUREMENT,
    },
    3413: {1: _I, 2: _I, 3: _I, 4: _I, 5: _I, 6: _B, **_MEASUREMENT},
    3431: {1: _B, 2: _I, 3: _I, 4: _B, 5: _S, **_MEASUREMENT},
    10309: {1: _I, 2: _S, 3: _B, 4: _I, 5: _F, 6: _T, 5514: _S, 5515: _S},
    10359: {1: _S, 50: _B, 100: _X},
}
"""Object id to resource id to type, as the OMA registry defines them (10309 and 10359 included)."""


class UnknownPath(ValueError):
    """No such object, instance or resource; answered 4.04."""


class WrongType(ValueError):
    """The value is not of the resource's type; answered 4.00."""


class PathError(ValueError):
    """The name is not an LwM2M path; answered 4.00."""


Path = tuple[int, int, int, int | None]
"""Object, object instance, resource, resource instance."""


def parse_path(name: str) -> Path:
    """`/3431/0/1` or `/3/0/11/0` as numbers. Raises PathError."""
    parts = name.split("/")
    if len(parts) not in (4, 5) or parts[0] or not all(map(_is_id, parts[1:])):
        raise PathError(f"{name} is not /object/instance/resource")
    numbers = [int(part) for part in parts[1:]]
    return numbers[0], numbers[1], numbers[2], numbers[3] if len(numbers) == 4 else None


def _is_id(part: str) -> bool:
    """Whether it is a number from 0 to 65534, written the one way (TS Core 1.1 section 7.1)."""
    return part.isascii() and part.isdigit() and len(part) <= 5 and str(int(part)) == part


def check_value(path: Path, name: str, value: Value) -> bool:
    """Whether Berth has to look at the record; False for the maker's private resources.

    Raises UnknownPath where neither the registry nor the private range has the resource, and
    WrongType where the value is not of its type.
    """
    resources = OBJECTS.get(path[0])
    if resources is None:
        raise UnknownPath(f"object {path[0]} is not registered")
    if path[0] == PARKING_SENSOR and path[1] > 0:
        raise UnknownPath("a device watches one space: /3431/0")
    kind = resources.get(path[2])
    if kind is None:
        if path[2] in PRIVATE_RESOURCES:
            return False
        raise UnknownPath(f"{name} does not exist")
    if not _fits(kind, value):
        raise WrongType(f"{name} must be {kind.value}")
    return True


def _fits(kind: Kind, value: Value) -> bool:
    if kind is Kind.BOOLEAN:
        return type(value) is bool
    if kind is Kind.INTEGER:
        return type(value) is int or (type(value) is float and value.is_integer())
    if kind is Kind.STRING or kind is Kind.LINK:
        return type(value) is str
    return kind is not Kind.NOTHING and type(value) in (int, float)
