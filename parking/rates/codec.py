"""Strict reading of JSON into values and writing them back, with errors that name the path.

A `Codec` reads one JSON value and writes it. `Shape` is the codec of a dataclass: every key is
known, required or has the dataclass' default; what equals the default is not written.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from typing import Any, Generic, TypeVar

from parking.errors import InvalidInput

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

TEXT_CHARACTERS_MAX = 200


def fault(path: str, message: str) -> InvalidInput:
    """A refusal that names the JSON path, such as `document.collections.0.id`."""
    return InvalidInput(path, f"{path}: {message}")


@dataclass(frozen=True, slots=True)
class Codec(Generic[T]):
    """`read(value, path)` raises InvalidInput; `write` gives JSON."""

    read: Callable[[Any, str], T]
    write: Callable[[T], Any]


def text(characters_max: int = TEXT_CHARACTERS_MAX) -> Codec[str]:
    """A string of printable characters."""

    def read(value: Any, path: str) -> str:
        if not isinstance(value, str):
            raise fault(path, f"{_kind(value)} is given; give a string")
        if not value.isprintable() or len(value) > characters_max:
            raise fault(path, f"give at most {characters_max} printable characters")
        return value

    return Codec(read, str)


def worded(parse: Callable[[str], T], write: Callable[[T], str]) -> Codec[T]:
    """A string with a notation of its own; `parse` raises ValueError with what is wrong."""

    def read(value: Any, path: str) -> T:
        if not isinstance(value, str):
            raise fault(path, f"{_kind(value)} is given; give a string")
        try:
            return parse(value)
        except ValueError as error:
            raise fault(path, str(error)) from error

    return Codec(read, write)


def integer(low: int, high: int) -> Codec[int]:
    """A whole number within [low, high]; never a float, not even 1.0."""

    def read(value: Any, path: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise fault(path, f"{_kind(value)} is given; give a whole number")
        if not low <= value <= high:
            raise fault(path, f"{value} is given; give {low} to {high}")
        return value

    return Codec(read, int)


def _read_flag(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise fault(path, f"{_kind(value)} is given; give true or false")
    return value


FLAG: Codec[bool] = Codec(_read_flag, bool)


def word(kind: type[E]) -> Codec[E]:
    """One of an enumeration's words."""

    known = {each.value: each for each in kind}

    def parse(given: str) -> E:
        if given not in known:
            raise ValueError(f"{given[:40]!r} is unknown; use one of {', '.join(known)}")
        return known[given]

    return worded(parse, str)


def many(item: Codec[T], most: int, least: int = 0) -> Codec[tuple[T, ...]]:
    """A list of `least` to `most` items."""

    def read(value: Any, path: str) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise fault(path, f"{_kind(value)} is given; give a list")
        if not least <= len(value) <= most:
            raise fault(path, f"{len(value)} items are given; give {least} to {most}")
        return tuple(item.read(each, f"{path}.{place}") for place, each in enumerate(value))

    return Codec(read, lambda values: [item.write(each) for each in values])


def few(
    item: Codec[T], most: int, order: Callable[[Any], Any] | None = None
) -> Codec[frozenset[T]]:
    """A list of different items whose order does not matter; at least one. It is written in the
    order of its items, or by the key `order` of what is written."""
    listed = many(item, most, least=1)

    def read(value: Any, path: str) -> frozenset[T]:
        found = listed.read(value, path)
        if len(set(found)) < len(found):
            raise fault(path, "an item is given twice; name each once")
        return frozenset(found)

    def write(values: frozenset[T]) -> Any:
        return sorted((item.write(each) for each in values), key=order)

    return Codec(read, write)


def shape(kind: type[T], **codecs: Codec[Any]) -> Codec[T]:
    """A JSON object as a dataclass. Keys are the attributes' names in camelCase, but `from`, `to`
    and `if` for `starts`, `ends` and `condition`."""
    keys = {_key(name): name for name in codecs}
    defaults = {each.name: _default(each) for each in fields(kind)}  # type: ignore[arg-type]
    required = [key for key, name in keys.items() if defaults[name] is MISSING]

    def read(value: Any, path: str) -> T:
        if not isinstance(value, Mapping):
            raise fault(path, f"{_kind(value)} is given; give an object")
        found: dict[str, Any] = {}
        for key, given in value.items():
            if key not in keys:
                raise fault(f"{path}.{key}", f"no such key; known are {', '.join(keys)}")
            if given is not None:
                found[keys[key]] = codecs[keys[key]].read(given, f"{path}.{key}")
        for key in required:
            if keys[key] not in found:
                raise fault(f"{path}.{key}", "it is missing and has no default")
        return kind(**found)

    def write(made: T) -> Any:
        pairs = ((key, name, getattr(made, name)) for key, name in keys.items())
        return {key: codecs[name].write(v) for key, name, v in pairs if v != defaults[name]}

    return Codec(read, write)


_RENAMED = {"starts": "from", "ends": "to", "condition": "if"}


def _key(name: str) -> str:
    if name in _RENAMED:
        return _RENAMED[name]
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _default(each: Any) -> Any:
    return each.default if each.default_factory is MISSING else each.default_factory()


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    names = {bool: "true or false", int: "a number", float: "a number with a fraction"}
    names |= {str: "a string", list: "a list", dict: "an object"}
    return names.get(type(value), type(value).__name__)
