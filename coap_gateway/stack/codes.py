"""CoAP codes and content formats (IANA "CoRE Parameters"), the ones this stack speaks."""

from __future__ import annotations

from enum import IntEnum


class Code(IntEnum):
    """A method or response code: class in the upper 3 bits, detail in the lower 5 (RFC 7252 3)."""

    EMPTY = 0
    GET = 1
    POST = 2
    PUT = 3
    DELETE = 4
    FETCH = 5
    PATCH = 6
    IPATCH = 7
    CREATED = 65
    DELETED = 66
    VALID = 67
    CHANGED = 68
    CONTENT = 69
    CONTINUE = 95
    BAD_REQUEST = 128
    UNAUTHORIZED = 129
    BAD_OPTION = 130
    FORBIDDEN = 131
    NOT_FOUND = 132
    METHOD_NOT_ALLOWED = 133
    NOT_ACCEPTABLE = 134
    REQUEST_ENTITY_INCOMPLETE = 136
    CONFLICT = 137
    PRECONDITION_FAILED = 140
    REQUEST_ENTITY_TOO_LARGE = 141
    UNSUPPORTED_CONTENT_FORMAT = 143
    UNPROCESSABLE_ENTITY = 150
    TOO_MANY_REQUESTS = 157
    INTERNAL_SERVER_ERROR = 160
    NOT_IMPLEMENTED = 161
    SERVICE_UNAVAILABLE = 163
    PROXYING_NOT_SUPPORTED = 165

    @property
    def dotted(self) -> str:
        """The code as people write it, such as ``4.04``."""
        return f"{self >> 5}.{self & 31:02d}"

    @property
    def is_success(self) -> bool:
        """True for the 2.xx class."""
        return self >> 5 == 2


class ContentFormat(IntEnum):
    """Content formats of the device contract (option Content-Format and Accept)."""

    TEXT = 0
    ACE_CBOR = 19
    LINK = 40
    OCTETS = 42
    JSON = 50
    CBOR = 60
    CWT = 61
    COSE_KEY_SET = 102
    SENML_JSON = 110
    SENML_CBOR = 112
    ACE_TRL_CBOR = 262
    SENML_ETCH_CBOR = 322


METHODS = frozenset(code for code in Code if 0 < code < 32)
