"""One request on its way to an answer, and the bytes of that answer."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from coap_gateway.stack.blocks import Block, cut
from coap_gateway.stack.codes import Code
from coap_gateway.stack.dedup import Remembered
from coap_gateway.stack.endpoint import Route
from coap_gateway.stack.errors import BadRequest, RequestFailed
from coap_gateway.stack.options import (
    MAX_AGE,
    OBSERVE,
    OSCORE,
    InboundRequest,
    response_options,
)
from coap_gateway.stack.oscore import Binding, Context
from coap_gateway.stack.requests import Response
from coap_gateway.stack.wire import encode_options

SIZE_EXPONENT = 6
SIZE_EXPONENT_UNAUTHENTICATED = 2
NO_RESPONSE_BITS = {2: 2, 4: 8, 5: 16}
"""No-Response bit by class of the response code (RFC 7967 2.1)."""

MAX_AGE_ZERO = encode_options([(MAX_AGE, b"")])


@dataclass(slots=True, eq=False)
class Exchange:
    """A request being answered. ``context`` and ``binding`` are None without OSCORE."""

    route: Route
    kind: int
    message_id: int
    token: bytes
    outer_code: int = 0
    fingerprint: int = 0
    entry: Remembered | None = None
    context: Context | None = None
    binding: Binding | None = None
    request: InboundRequest | None = None
    peer_key: Hashable = None
    block1: Block | None = None
    observe: bytes | None = None
    acknowledged: bool = False
    answered: bool = False

    @property
    def protected(self) -> bool:
        """True if the answer goes out under OSCORE."""
        return self.context is not None

    @property
    def trusted(self) -> bool:
        """True if the peer is authenticated (or stands in for it in development)."""
        return self.request is not None and self.request.peer.credential is not None


def failure(error: RequestFailed) -> Response:
    """The answer to a request that failed."""
    return Response(error.code, error.diagnostic, max_age=error.max_age, size1=error.size)


def unwanted(request: InboundRequest | None, code: int) -> bool:
    """True if the No-Response option asks not to send this answer."""
    if request is None or not request.no_response:
        return False
    return bool(request.no_response & NO_RESPONSE_BITS.get(code >> 5, 0))


def render(exchange: Exchange, response: Response) -> tuple[int, bytes]:
    """Code, and options with payload, of the inner (or only) message of an answer.

    The Observe option inside OSCORE is empty; its number stands outside (RFC 8613 4.1.3.5.2).
    """
    request = exchange.request
    if request is not None and request.etags and _still_valid(request, response):
        response = Response(Code.VALID, etag=response.etag, max_age=response.max_age)
    exponent = SIZE_EXPONENT if exchange.trusted else SIZE_EXPONENT_UNAUTHENTICATED
    payload = response.payload
    block2 = None
    if response.code >> 5 == 2:
        wanted = request.block2 if request is not None else None
        if wanted is not None or len(payload) > 16 << exponent:
            try:
                payload, block2 = cut(payload, wanted, exponent)
            except BadRequest as error:
                return error.code, b"\xff" + error.diagnostic
    observe = b"" if exchange.observe is not None and exchange.protected else exchange.observe
    options = response_options(response, exchange.block1, block2, observe)
    body = encode_options(options) if options else b""
    return response.code, body + b"\xff" + payload if payload else body


def _still_valid(request: InboundRequest, response: Response) -> bool:
    """True if the peer already has this representation (RFC 7252 5.10.6.2)."""
    readable = request.method is Code.GET and response.code is Code.CONTENT
    return readable and response.etag in request.etags


def outer_options(oscore: bytes, observe: bytes | None) -> bytes:
    """Options outside a protected answer."""
    if observe is None and len(oscore) < 13:
        return bytes((OSCORE << 4 | len(oscore),)) + oscore
    options = [(OSCORE, oscore)] if observe is None else [(OBSERVE, observe), (OSCORE, oscore)]
    return encode_options(options)
