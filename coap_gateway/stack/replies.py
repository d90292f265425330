"""Answers as a client sees them, and requests as a client writes them."""

from __future__ import annotations

from dataclasses import dataclass

from coap_gateway.stack.blocks import Block
from coap_gateway.stack.codes import Code
from coap_gateway.stack.options import (
    ACCEPT,
    BLOCK1,
    BLOCK2,
    CONTENT_FORMAT,
    ECHO,
    ETAG,
    IF_MATCH,
    IF_NONE_MATCH,
    LOCATION_PATH,
    MAX_AGE,
    OBSERVE,
    SIZE1,
    URI_PATH,
    URI_QUERY,
)
from coap_gateway.stack.wire import Option, encode_uint


@dataclass(slots=True)
class Reply:
    """An answer. ``protected`` is False for an error that came outside OSCORE: do not believe it
    more than its code says (RFC 8613 8.4). ``max_age`` in seconds."""

    code: int
    payload: bytes = b""
    content_format: int | None = None
    location_path: tuple[str, ...] = ()
    etag: bytes | None = None
    max_age: int | None = None
    size1: int | None = None
    echo: bytes | None = None
    observe: int | None = None
    block1: Block | None = None
    block2: Block | None = None
    protected: bool = False

    @property
    def is_success(self) -> bool:
        """True for the 2.xx class."""
        return self.code >> 5 == 2

    @property
    def is_challenge(self) -> bool:
        """True where the server wants the request once more, with this Echo (RFC 9175)."""
        return self.code == Code.UNAUTHORIZED and self.protected and self.echo is not None

    @property
    def dotted(self) -> str:
        """The code as people write it, such as ``2.04``."""
        return f"{self.code >> 5}.{self.code & 31:02d}"


def read_reply(code: int, options: list[Option], payload: bytes) -> Reply:
    """A reply from its decoded options; unknown ones are ignored."""
    reply = Reply(code, payload)
    for number, value in options:
        if number == CONTENT_FORMAT:
            reply.content_format = int.from_bytes(value, "big")
        elif number == LOCATION_PATH:
            reply.location_path += (value.decode(errors="replace"),)
        elif number == ETAG:
            reply.etag = value
        elif number == ECHO:
            reply.echo = value
        elif number in NUMBERS:
            setattr(reply, NUMBERS[number], int.from_bytes(value, "big"))
        elif number in BLOCKS:
            setattr(reply, BLOCKS[number], Block.decode(value))
    return reply


NUMBERS = {MAX_AGE: "max_age", SIZE1: "size1", OBSERVE: "observe"}
BLOCKS = {BLOCK1: "block1", BLOCK2: "block2"}


@dataclass(slots=True)
class Ask:
    """A request to send; ``path`` as parts, ``query`` as ``name=value`` items."""

    method: Code
    path: tuple[str, ...]
    payload: bytes = b""
    content_format: int | None = None
    accept: int | None = None
    query: tuple[str, ...] = ()
    etags: tuple[bytes, ...] = ()
    if_match: tuple[bytes, ...] = ()
    if_none_match: bool = False
    observe: int | None = None
    echo: bytes | None = None
    block1: Block | None = None
    block2: Block | None = None
    size1: int = 0

    def options(self) -> list[Option]:
        """Options in ascending order."""
        options: list[Option] = [(IF_MATCH, tag) for tag in self.if_match]
        options += [(ETAG, tag) for tag in self.etags]
        if self.if_none_match:
            options.append((IF_NONE_MATCH, b""))
        if self.observe is not None:
            options.append((OBSERVE, encode_uint(self.observe)))
        options += [(URI_PATH, part.encode()) for part in self.path]
        if self.content_format is not None:
            options.append((CONTENT_FORMAT, encode_uint(self.content_format)))
        options += [(URI_QUERY, item.encode()) for item in self.query]
        if self.accept is not None:
            options.append((ACCEPT, encode_uint(self.accept)))
        if self.block2 is not None:
            options.append((BLOCK2, self.block2.encode()))
        if self.block1 is not None:
            options.append((BLOCK1, self.block1.encode()))
        if self.block1 is not None and self.block1.number == 0:
            options.append((SIZE1, encode_uint(self.size1)))
        if self.echo is not None:
            options.append((ECHO, self.echo))
        return options


def parts(path: str | tuple[str, ...]) -> tuple[str, ...]:
    """``/a/b`` as ("a", "b"); a tuple stays as it is."""
    if isinstance(path, tuple):
        return path
    return tuple(part for part in path.split("/") if part)
