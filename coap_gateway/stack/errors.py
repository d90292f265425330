"""Errors of the stack.

::

    StackError
    ├── FormatError          the datagram is not CoAP; the message id is known where one was read
    ├── RequestFailed        knows its response code; raise it from a handler
    │   ├── BadRequest 4.00 · Unauthorized 4.01 · BadOption 4.02 · Forbidden 4.03 · NotFound 4.04
    │   ├── MethodNotAllowed 4.05 · NotAcceptable 4.06 · EntityIncomplete 4.08 · Conflict 4.09
    │   ├── PreconditionFailed 4.12 · EntityTooLarge 4.13 · UnsupportedFormat 4.15
    │   ├── Unprocessable 4.22 · TooManyRequests 4.29
    │   └── InternalError 5.00 · Unavailable 5.03 · ProxyingNotSupported 5.05
    ├── OscoreError          a protected message that cannot be opened (RFC 8613 section 8)
    ├── PortTaken            another process listens on the address
    ├── RequestTimeout       a client's request was never answered
    ├── Unreachable          a device that cannot be asked from here now
    └── Reset                a client's request was answered by a reset
"""

from __future__ import annotations

from typing import ClassVar

from coap_gateway.stack.codes import Code

DIAGNOSTIC_BYTES_MAX = 64


class StackError(Exception):
    """Root of everything this package raises on purpose."""


class FormatError(StackError):
    """A datagram that is not CoAP as RFC 7252 section 3 has it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RequestFailed(StackError):
    """A request that is answered with an error code and a short diagnostic text.

    ``max_age`` is in seconds; ``size`` is the Size1 option (bytes) of a 4.13.
    """

    code: ClassVar[Code] = Code.INTERNAL_SERVER_ERROR

    def __init__(
        self, message: str = "", *, max_age: int | None = None, size: int | None = None
    ) -> None:
        super().__init__(message or self.code.name)
        self.message = message
        self.max_age = max_age
        self.size = size

    @property
    def diagnostic(self) -> bytes:
        """The diagnostic payload (RFC 7252 5.5.2), cut to `DIAGNOSTIC_BYTES_MAX`."""
        cut = self.message.encode()[:DIAGNOSTIC_BYTES_MAX]
        return cut.decode(errors="ignore").encode()


class BadRequest(RequestFailed):
    """4.00: the request cannot be understood."""

    code = Code.BAD_REQUEST


class Unauthorized(RequestFailed):
    """4.01: the resource wants an OSCORE credential."""

    code = Code.UNAUTHORIZED


class BadOption(RequestFailed):
    """4.02: a critical option is unknown or malformed."""

    code = Code.BAD_OPTION


class Forbidden(RequestFailed):
    """4.03: the credential may not do this."""

    code = Code.FORBIDDEN


class NotFound(RequestFailed):
    """4.04: no such resource."""

    code = Code.NOT_FOUND


class MethodNotAllowed(RequestFailed):
    """4.05: the resource does not know the method."""

    code = Code.METHOD_NOT_ALLOWED


class NotAcceptable(RequestFailed):
    """4.06: the resource cannot answer in the wanted format."""

    code = Code.NOT_ACCEPTABLE


class EntityIncomplete(RequestFailed):
    """4.08: a block is missing or came too late."""

    code = Code.REQUEST_ENTITY_INCOMPLETE


class Conflict(RequestFailed):
    """4.09: the resource's state does not allow this."""

    code = Code.CONFLICT


class PreconditionFailed(RequestFailed):
    """4.12: the resource is not in the state the request expects."""

    code = Code.PRECONDITION_FAILED


class EntityTooLarge(RequestFailed):
    """4.13: the body is longer than `Limits.body_bytes_max`."""

    code = Code.REQUEST_ENTITY_TOO_LARGE


class UnsupportedFormat(RequestFailed):
    """4.15: the resource does not take this content format."""

    code = Code.UNSUPPORTED_CONTENT_FORMAT


class Unprocessable(RequestFailed):
    """4.22: well-formed, but its meaning is wrong (RFC 8132)."""

    code = Code.UNPROCESSABLE_ENTITY


class TooManyRequests(RequestFailed):
    """4.29: over the rate; ``max_age`` says when to come back (RFC 8516)."""

    code = Code.TOO_MANY_REQUESTS


class InternalError(RequestFailed):
    """5.00: a bug or an outage here."""

    code = Code.INTERNAL_SERVER_ERROR


class Unavailable(RequestFailed):
    """5.03: not now; ``max_age`` says when to come back."""

    code = Code.SERVICE_UNAVAILABLE


class ProxyingNotSupported(RequestFailed):
    """5.05: this is no proxy."""

    code = Code.PROXYING_NOT_SUPPORTED


class OscoreError(StackError):
    """A protected message that cannot be opened; answered unprotected (RFC 8613 8.2)."""

    def __init__(self, code: Code, diagnostic: str) -> None:
        super().__init__(diagnostic)
        self.code = code
        self.diagnostic = diagnostic


class PortTaken(StackError):
    """The UDP address is in use; choose another port or stop the other process."""


class RequestTimeout(StackError):
    """No answer after all retransmissions."""


class Unreachable(StackError):
    """The device cannot be asked from here: wait until it is heard, or another gateway has it."""


class Reset(StackError):
    """The peer reset the message: it does not understand it or has forgotten the exchange."""
