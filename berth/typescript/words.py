"""Words of TypeScript: names of types, comments, blocks. Pure."""

import json
import textwrap
from collections.abc import Iterable, Sequence
from typing import Final

from graphql import (
    GraphQLInputType,
    GraphQLOutputType,
    is_list_type,
    is_non_null_type,
)

INDENT: Final = "  "
WIDTH_MAX: Final = 100
BUILT_IN: Final = {"String": "string", "Int": "number", "Float": "number", "Boolean": "boolean"}
SCALARS: Final = {
    "Currency": "string",
    "Date": "string",
    "DateTime": "string",
    "ID": "string",
    "MinorUnits": "number",
    "TimeZone": "string",
    "Version": "number",
}
"""What the schema's scalars are in JSON. Each is an alias of its own name, with its description."""

_WORDS: Final = """
arguments await break case catch class const continue debugger default delete do else enum eval
export extends false finally for function if implements import in instanceof interface let new null
package private protected public return static super switch this throw true try typeof var void
while with yield
"""
RESERVED: Final = frozenset(_WORDS.split())
"""What no constant of a module can be called (ECMA-262, 12.7.2, in strict code)."""


def nullable(text: str, kind: GraphQLOutputType | GraphQLInputType) -> str:
    """The words for a type whose innermost named type is written as `text`."""
    if is_non_null_type(kind):
        return _bare(text, kind.of_type)
    return f"{_bare(text, kind)} | null"


def literals(values: Iterable[str]) -> str:
    """One of these texts."""
    return " | ".join(json.dumps(value) for value in values)


def comment(text: str | None, indent: str = "") -> list[str]:
    """A JSDoc comment: one line where it fits."""
    if not text:
        return []
    lines = text.replace("*/", "* /").strip().splitlines()
    if len(lines) == 1 and len(indent) + len(lines[0]) + len("/**  */") <= WIDTH_MAX:
        return [f"{indent}/** {lines[0]} */"]
    return [f"{indent}/**", *(f"{indent} * {line}".rstrip() for line in _wrapped(lines)),
            f"{indent} */"]  # fmt: skip


def block(members: Sequence[str], indent: str = "") -> str:
    """An object type of these lines, which are indented already."""
    return "\n".join(["{", *members, f"{indent}}}"]) if members else "{}"


def template(text: str) -> str:
    """A template literal that is this text."""
    escaped = text.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")
    return f"`{escaped}`"


def lower_first(name: str) -> str:
    """`PlacesNear` → `placesNear`."""
    return name[:1].lower() + name[1:]


def _bare(text: str, kind: GraphQLOutputType | GraphQLInputType) -> str:
    if is_list_type(kind):
        return f"Array<{nullable(text, kind.of_type)}>"
    return text


def _wrapped(lines: Sequence[str]) -> Iterable[str]:
    for line in lines:
        yield from textwrap.wrap(line, WIDTH_MAX - len(INDENT) * 4) or [""]
