"""A hardened CoAP and OSCORE stack; it knows nothing of parking."""

from coap_gateway.stack.client import DeviceClient
from coap_gateway.stack.client_socket import ClientSocket
from coap_gateway.stack.codes import Code, ContentFormat
from coap_gateway.stack.counters import Counters
from coap_gateway.stack.errors import (
    BadOption,
    BadRequest,
    Conflict,
    EntityTooLarge,
    Forbidden,
    InternalError,
    NotAcceptable,
    NotFound,
    OscoreError,
    PortTaken,
    PreconditionFailed,
    RequestFailed,
    RequestTimeout,
    Reset,
    StackError,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    Unprocessable,
    Unreachable,
    UnsupportedFormat,
)
from coap_gateway.stack.faults import Faults
from coap_gateway.stack.limits import Limits
from coap_gateway.stack.receiver import Identity
from coap_gateway.stack.replies import Ask, Reply
from coap_gateway.stack.requests import Peer, Request, Response
from coap_gateway.stack.security import MemorySecurityStore, SecurityMaterial, SecurityStore
from coap_gateway.stack.sequences import FileSequences, MemorySequences, SequenceStore
from coap_gateway.stack.server import Server, serve
from coap_gateway.stack.site import Access, Resource, Site

__all__ = [
    "Access",
    "Ask",
    "BadOption",
    "BadRequest",
    "ClientSocket",
    "Code",
    "Conflict",
    "ContentFormat",
    "Counters",
    "DeviceClient",
    "EntityTooLarge",
    "Faults",
    "FileSequences",
    "Forbidden",
    "Identity",
    "InternalError",
    "Limits",
    "MemorySecurityStore",
    "MemorySequences",
    "NotAcceptable",
    "NotFound",
    "OscoreError",
    "Peer",
    "PortTaken",
    "PreconditionFailed",
    "Reply",
    "Request",
    "RequestFailed",
    "RequestTimeout",
    "Reset",
    "Resource",
    "Response",
    "SecurityMaterial",
    "SecurityStore",
    "SequenceStore",
    "Server",
    "Site",
    "StackError",
    "TooManyRequests",
    "Unauthorized",
    "Unavailable",
    "Unprocessable",
    "Unreachable",
    "UnsupportedFormat",
    "serve",
]
