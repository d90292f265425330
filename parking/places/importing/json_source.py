"""JSON files: parsed fast, and searched for line numbers only when something is wrong."""

import re
from collections.abc import Collection
from typing import Any

import orjson

from parking.places.importing.codes import Code
from parking.places.importing.drafts import Where
from parking.places.importing.problems import Unreadable

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|\n', re.DOTALL)


def load_json(text: str) -> Any:
    """The parsed document. Raises Unreadable with line and column when it is not JSON."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        message = f"not valid JSON in column {error.colno}: {error.msg}"
        raise Unreadable(Code.JSON_MALFORMED, message, Where(line=error.lineno)) from error


def lines_of(text: str, wanted: Collection[str]) -> dict[str, int]:
    """The line, from 1, on which the value at each wanted path (`a.b[3]`) begins.

    `text` must be valid JSON. Only objects and arrays are found.
    """
    found: dict[str, int] = {}
    missing = set(wanted)
    line = 1
    stack: list[str | int] = []  # of each open container: its present key or index
    is_key = False
    for token in TOKEN.finditer(text):
        word = token.group()
        if word == "\n":
            line += 1
        elif word in "{[":
            path = path_text(stack)
            if path in missing:
                found[path] = line
                missing.discard(path)
            stack.append("" if word == "{" else 0)
            is_key = word == "{"
        elif word in "}]":
            stack.pop()
        elif word == ",":
            top = stack[-1]
            is_key = isinstance(top, str)
            stack[-1] = top if isinstance(top, str) else top + 1
        elif word == ":":
            is_key = False
        elif is_key:
            stack[-1] = orjson.loads(word)
        if not missing:
            break
    return found


def path_text(parts: Collection[str | int]) -> str:
    """`("features", 3, "id")` as `features[3].id`."""
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text
