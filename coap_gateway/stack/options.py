"""Options of a request, read into an `InboundRequest`, and of a response, written.

Unknown critical options, those of a wrong length and those that occur too often are refused with
4.02, elective ones are ignored (RFC 7252 5.4.1, 5.4.3, 5.4.5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from coap_gateway.stack.blocks import Block
from coap_gateway.stack.codes import METHODS
from coap_gateway.stack.errors import BadOption, BadRequest, MethodNotAllowed, ProxyingNotSupported
from coap_gateway.stack.requests import Peer, Request, Response
from coap_gateway.stack.wire import Option, encode_uint

IF_MATCH: Final = 1
URI_HOST: Final = 3
ETAG: Final = 4
IF_NONE_MATCH: Final = 5
OBSERVE: Final = 6
URI_PORT: Final = 7
LOCATION_PATH: Final = 8
OSCORE: Final = 9
URI_PATH: Final = 11
CONTENT_FORMAT: Final = 12
MAX_AGE: Final = 14
URI_QUERY: Final = 15
ACCEPT: Final = 17
LOCATION_QUERY: Final = 20
BLOCK2: Final = 23
BLOCK1: Final = 27
SIZE2: Final = 28
PROXY_URI: Final = 35
PROXY_SCHEME: Final = 39
SIZE1: Final = 60
ECHO: Final = 252
NO_RESPONSE: Final = 258
REQUEST_TAG: Final = 292

METHOD_OF: Final = {int(code): code for code in METHODS}
LENGTH_RANGE: Final = {
    IF_MATCH: (0, 8),
    URI_HOST: (1, 255),
    ETAG: (1, 8),
    IF_NONE_MATCH: (0, 0),
    OBSERVE: (0, 3),
    URI_PORT: (0, 2),
    URI_PATH: (0, 255),
    CONTENT_FORMAT: (0, 2),
    URI_QUERY: (0, 255),
    ACCEPT: (0, 2),
    BLOCK2: (0, 3),
    BLOCK1: (0, 3),
    SIZE2: (0, 4),
    SIZE1: (0, 4),
    ECHO: (1, 40),
    NO_RESPONSE: (0, 1),
    REQUEST_TAG: (0, 8),
}
REPEATABLE: Final = frozenset({IF_MATCH, ETAG, URI_PATH, URI_QUERY, REQUEST_TAG})


@dataclass(slots=True)
class InboundRequest(Request):
    """A request with what only the stack looks at."""

    block1: Block | None = None
    block2: Block | None = None
    size1: int | None = None
    no_response: int = 0
    request_tag: bytes | None = None


def read_request(
    code: int, options: Iterable[Option], payload: bytes, peer: Peer
) -> InboundRequest:
    """A request from its decoded options.

    Raises `MethodNotAllowed`, `BadOption` (4.02), `BadRequest` (SZX 7) or `ProxyingNotSupported`.
    """
    method = METHOD_OF.get(code)
    if method is None:
        raise MethodNotAllowed("unknown method")
    path: list[str] = []
    query: list[str] = []
    rest: list[Option] | None = None
    content_format = None
    previous = 0
    for number, value in options:
        if number == URI_PATH and len(value) <= 255:
            path.append(_text(value))
        elif number == CONTENT_FORMAT and len(value) <= 2 and previous != CONTENT_FORMAT:
            content_format = int.from_bytes(value, "big")
        elif number == URI_QUERY and len(value) <= 255:
            query.append(_text(value))
        else:
            rest = [] if rest is None else rest
            rest.append((number, value))
        previous = number
    request = InboundRequest(
        method, tuple(path), tuple(query), payload, peer, content_format=content_format
    )
    if rest is not None:
        _read_rest(request, rest)
    return request


def _read_rest(request: InboundRequest, options: list[Option]) -> None:
    previous = -1
    for number, value in options:
        acceptable = _acceptable(number, value, repeated=number == previous)
        previous = number
        if number in (PROXY_URI, PROXY_SCHEME):
            raise ProxyingNotSupported("this is no proxy")
        if not acceptable:
            if number & 1:
                raise BadOption(f"critical option {number} not understood")
            continue
        setter = SETTERS.get(number)
        if setter is not None:
            setter(request, value)


def _acceptable(number: int, value: bytes, *, repeated: bool) -> bool:
    length = LENGTH_RANGE.get(number)
    if length is None or not length[0] <= len(value) <= length[1]:
        return False
    return not repeated or number in REPEATABLE


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise BadOption("path or query is not UTF-8") from None


def _uint(value: bytes) -> int:
    return int.from_bytes(value, "big")


def _block(value: bytes) -> Block:
    block = Block.decode(value)
    if block.size_exponent == 7:
        raise BadRequest("block size exponent 7 is reserved")
    return block


def _set_etag(request: InboundRequest, value: bytes) -> None:
    request.etags += (value,)


def _set_if_match(request: InboundRequest, value: bytes) -> None:
    request.if_match += (value,)


def _set_if_none_match(request: InboundRequest, _: bytes) -> None:
    request.if_none_match = True


def _set_observe(request: InboundRequest, value: bytes) -> None:
    request.observe = _uint(value)


def _set_accept(request: InboundRequest, value: bytes) -> None:
    request.accept = _uint(value)


def _set_block1(request: InboundRequest, value: bytes) -> None:
    request.block1 = _block(value)


def _set_block2(request: InboundRequest, value: bytes) -> None:
    request.block2 = _block(value)


def _set_size1(request: InboundRequest, value: bytes) -> None:
    request.size1 = _uint(value)


def _set_echo(request: InboundRequest, value: bytes) -> None:
    request.echo = value


def _set_no_response(request: InboundRequest, value: bytes) -> None:
    request.no_response = _uint(value)


def _set_request_tag(request: InboundRequest, value: bytes) -> None:
    request.request_tag = (request.request_tag or b"") + bytes((len(value),)) + value


SETTERS: Final[dict[int, Callable[[InboundRequest, bytes], None]]] = {
    ETAG: _set_etag,
    IF_MATCH: _set_if_match,
    IF_NONE_MATCH: _set_if_none_match,
    OBSERVE: _set_observe,
    ACCEPT: _set_accept,
    BLOCK1: _set_block1,
    BLOCK2: _set_block2,
    SIZE1: _set_size1,
    ECHO: _set_echo,
    NO_RESPONSE: _set_no_response,
    REQUEST_TAG: _set_request_tag,
}


def check_outer(options: Iterable[Option]) -> None:
    """Outer options of a protected request: class U or known class E, else 4.02 or 5.05.

    Class E options outside are ignored (RFC 8613 8.2 step 1); outer block-wise transfer is for
    proxies and not offered.
    """
    for number, value in options:
        if number in (PROXY_URI, PROXY_SCHEME):
            raise ProxyingNotSupported("this is no proxy")
        if number in (BLOCK1, BLOCK2):
            _block(value)
            raise BadOption("outer block-wise transfer is not offered")
        if number & 1 and number not in LENGTH_RANGE and number != OSCORE:
            raise BadOption(f"critical option {number} not understood")


def response_options(
    response: Response, block1: Block | None, block2: Block | None, observe: bytes | None
) -> list[Option]:
    """Options of a response in ascending order; ``observe`` is that option's value or None."""
    options: list[Option] = []
    if response.etag is not None:
        options.append((ETAG, response.etag))
    if observe is not None:
        options.append((OBSERVE, observe))
    if response.location_path:
        options += [(LOCATION_PATH, segment.encode()) for segment in response.location_path]
    if response.content_format is not None:
        options.append((CONTENT_FORMAT, encode_uint(response.content_format)))
    if response.max_age is not None:
        options.append((MAX_AGE, encode_uint(response.max_age)))
    if response.location_query:
        options += [(LOCATION_QUERY, item.encode()) for item in response.location_query]
    _add_transfer_options(options, response, block1, block2)
    if response.echo is not None:
        options.append((ECHO, response.echo))
    return options


def _add_transfer_options(
    options: list[Option], response: Response, block1: Block | None, block2: Block | None
) -> None:
    if block2 is not None:
        options.append((BLOCK2, block2.encode()))
    if block1 is not None:
        options.append((BLOCK1, block1.encode()))
    if block2 is not None and block2.number == 0:
        options.append((SIZE2, encode_uint(len(response.payload))))
    if response.size1 is not None:
        options.append((SIZE1, encode_uint(response.size1)))
