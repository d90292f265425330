"""What a resource is given and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from coap_gateway.stack.codes import Code

Address = tuple[str, int]


@dataclass(slots=True)
class Peer:
    """Who sent a request.

    ``credential`` is the object that the `SecurityStore` put into `SecurityMaterial.credential`,
    None for a request without OSCORE. ``oscore_sequence`` is the request's partial IV, which the
    peer never uses twice with this credential.
    """

    address: Address
    credential: Any | None = None
    credential_id: int | None = None
    oscore_sequence: int | None = None


@dataclass(slots=True)
class Request:
    """One whole request: decrypted, reassembled, matched to a resource. Read-only by agreement.

    ``path_values`` holds what the braces of the resource's pattern matched. ``observe`` is 0 to
    register, 1 to deregister, None otherwise. ``content_format`` is the resource's default where
    the request names none.
    """

    method: Code
    path: tuple[str, ...]
    query: tuple[str, ...]
    payload: bytes
    peer: Peer
    content_format: int | None = None
    accept: int | None = None
    etags: tuple[bytes, ...] = ()
    if_match: tuple[bytes, ...] = ()
    if_none_match: bool = False
    observe: int | None = None
    echo: bytes | None = None
    path_values: tuple[str, ...] = ()

    def query_value(self, name: str) -> str | None:
        """Value of the query parameter ``name=value``; "" for a bare ``name``; None if absent."""
        for item in self.query:
            key, _, value = item.partition("=")
            if key == name:
                return value
        return None


@dataclass(slots=True)
class Response:
    """An answer. ``max_age`` is in seconds; ``location_path`` has no slashes in its parts.

    The stack adds Observe, Block2, Size and the message layer; a payload longer than one block
    goes out block-wise by itself.
    """

    code: Code = Code.CONTENT
    payload: bytes = b""
    content_format: int | None = None
    location_path: tuple[str, ...] = ()
    location_query: tuple[str, ...] = ()
    etag: bytes | None = None
    max_age: int | None = None
    size1: int | None = None
    echo: bytes | None = None
