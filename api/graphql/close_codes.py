"""Why a WebSocket was closed: the codes of graphql-transport-ws and ours beside them.

| code | reason | comes back by itself? (graphql-ws client) |
|------|--------|--------------------------------------------|
| 1009 | a message over the size limit | yes |
| 4400 | a message that is not of the protocol | no |
| 4401 | credentials not good at `connection_init`, or an operation before it | no |
| 4403 | the credential ended, was revoked, or what it may see has changed | yes, with new ones |
| 4406 | another subprotocol than graphql-transport-ws | no |
| 4408 | no `connection_init` in time | yes |
| 4409 | an operation's id is already in use | no |
| 4410 | the client took nothing for too long (ours) | yes, with `after` |
| 4420 | too many sockets from this address (ours) | yes |
| 4429 | more than one `connection_init` | no |
| 4500 | a bug on our side | no |
"""

from enum import IntEnum

REASON_BYTES_MAX = 123
"""A close frame's payload is 125 bytes, two of them the code (RFC 6455, section 5.5)."""


class CloseCode(IntEnum):
    """The codes that this server sends."""

    MESSAGE_TOO_BIG = 1009
    BAD_MESSAGE = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL_NOT_ACCEPTABLE = 4406
    INITIALISATION_TIMEOUT = 4408
    SUBSCRIBER_ALREADY_EXISTS = 4409
    SLOW_CLIENT = 4410
    TOO_MANY_SOCKETS = 4420
    TOO_MANY_INITIALISATION_REQUESTS = 4429
    INTERNAL_SERVER_ERROR = 4500


def fitting(reason: str) -> str:
    """The reason, cut to what a close frame can carry."""
    return reason.encode()[:REASON_BYTES_MAX].decode(errors="ignore")
