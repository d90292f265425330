"""Relay's conventions: nodes, connections with keyset cursors, page sizes with a limit.

A cursor holds the sort key of its row, so a page begins after a *value*, not after a row number:
nothing is skipped or shown twice when rows come and go between two pages.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeAlias, TypeVar

import orjson
import strawberry
from graphql import GraphQLError

from schema.fields import resolved

T = TypeVar("T")
Row = TypeVar("Row")
Key: TypeAlias = tuple[Any, ...]

PAGE_SIZE_DEFAULT = 50
PAGE_SIZE_MAX = 500
SPACES_PAGE_SIZE_MAX = 1_000
"""Most places have fewer spaces than this: their plan comes in one page."""
CURSOR_CHARACTERS_MAX = 1_000
INTEGER_END = 2**63
"""The first integer that is too large for a database's column."""


@strawberry.interface(description="An object with an id that is unique among all objects.")
class Node:
    """Everything that `node(id)` can find."""

    id: strawberry.ID = strawberry.field(
        description="Opaque; stays the same for the object's life; names its type."
    )


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    """Relay's PageInfo."""

    has_next_page: bool = strawberry.field(description="Whether there is more after this page.")
    has_previous_page: bool = strawberry.field(description="Whether a page came before this one.")
    start_cursor: str | None = strawberry.field(description="Cursor of the page's first object.")
    end_cursor: str | None = strawberry.field(
        description="Cursor of the page's last object: give it as `after` to go on."
    )


@strawberry.type(description="An object in a list, with its cursor.")
class Edge(Generic[T]):
    """Relay's Edge."""

    cursor: str = strawberry.field(description="Give it as `after` to go on behind this object.")
    node: T = strawberry.field(description="The object.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[T]):
    """Relay's Connection."""

    nodes: list[T] = strawberry.field(description="The objects of this page.")
    page_info: PageInfo = strawberry.field(description="Where this page lies.")
    keys: strawberry.Private[Sequence[Key]]

    @resolved("The objects of this page, each with its cursor.")
    def edges(self) -> list[Edge[T]]:
        pairs = zip(self.keys, self.nodes, strict=True)
        return [Edge(cursor=encode_cursor(key), node=node) for key, node in pairs]


@dataclass(frozen=True, slots=True)
class Page:
    """What a caller asked for: at most `first` rows after the row with sort key `after`."""

    first: int
    after: Key | None

    @property
    def limit(self) -> int:
        """How many rows to read: one more than asked tells whether there is a next page."""
        return self.first + 1


def page(first: int, after: str | None, size_max: int = PAGE_SIZE_MAX) -> Page:
    """The page that a field's arguments ask for.

    Raises GraphQLError `PAGE_SIZE` or `CURSOR_INVALID`: the request is over a limit or malformed.
    """
    if not 1 <= first <= size_max:
        message = f"`first` is {first}; ask for 1 to {size_max}."
        raise GraphQLError(message, extensions={"code": "PAGE_SIZE"})
    return Page(first=first, after=None if after is None else decode_cursor(after))


def after_id(asked: Page) -> int:
    """The id behind which a page begins, in a list sorted by id; 0 at its beginning.

    Raises GraphQLError `CURSOR_INVALID` for a cursor of another list.
    """
    if asked.after is None:
        return 0
    if len(asked.after) != 1 or type(asked.after[0]) is not int:
        message = "`after` is not a cursor of this list; use one that a page of it gave."
        raise GraphQLError(message, extensions={"code": "CURSOR_INVALID"})
    return asked.after[0]


def check_count(count: int, count_max: int, argument: str) -> None:
    """Raises GraphQLError `TOO_MANY` for a list argument that is longer than is allowed."""
    if count > count_max:
        message = f"`{argument}` has {count} entries; give at most {count_max}."
        raise GraphQLError(message, extensions={"code": "TOO_MANY"})


def connection(
    asked: Page, rows: Sequence[Row], key: Callable[[Row], Key], node: Callable[[Row], T]
) -> Connection[T]:
    """The page made of rows read with `asked.limit`."""
    shown = rows[: asked.first]
    keys = [key(row) for row in shown]
    return Connection(
        nodes=[node(row) for row in shown],
        keys=keys,
        page_info=PageInfo(
            has_next_page=len(rows) > asked.first,
            has_previous_page=asked.after is not None,
            start_cursor=encode_cursor(keys[0]) if keys else None,
            end_cursor=encode_cursor(keys[-1]) if keys else None,
        ),
    )


def encode_cursor(key: Key) -> str:
    """A sort key as an opaque text."""
    return urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def decode_cursor(text: str) -> Key:
    """The sort key in a cursor. Raises GraphQLError `CURSOR_INVALID`."""
    try:
        if len(text) > CURSOR_CHARACTERS_MAX:
            raise ValueError("too long")
        key = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not isinstance(key, list) or not all(map(_is_key, key)):
            raise ValueError("not a list of keys")
    except ValueError:
        message = "`after` is not a cursor of this list; use one that a page of it gave."
        raise GraphQLError(message, extensions={"code": "CURSOR_INVALID"}) from None
    return tuple(key)


def _is_key(part: Any) -> bool:
    """Whether a database can be asked for it: no NUL in a text, no integer beyond 64 bits."""
    if isinstance(part, str):
        return "\0" not in part
    if isinstance(part, int):
        return -INTEGER_END <= part < INTEGER_END
    return isinstance(part, float)


First: TypeAlias = Annotated[
    int, strawberry.argument(description=f"Page size, 1 to {PAGE_SIZE_MAX}.")
]
FirstSpaces: TypeAlias = Annotated[
    int, strawberry.argument(description=f"Page size, 1 to {SPACES_PAGE_SIZE_MAX}.")
]
After: TypeAlias = Annotated[
    str | None, strawberry.argument(description="A cursor of this list: go on behind it.")
]
Id: TypeAlias = Annotated[strawberry.ID, strawberry.argument(description="The object's id.")]
