"""Content negotiation of GraphQL over HTTP (sections 4 and 6), graphql-sse and multipart."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Literal, TypeAlias

from api.graphql.problems import BadRequest

JSON = b"application/json; charset=utf-8"
GRAPHQL_JSON = b"application/graphql-response+json; charset=utf-8"
SSE = b"text/event-stream; charset=utf-8"
MULTIPART = b'multipart/mixed;boundary="graphql";subscriptionSpec="1.0"'

Streaming: TypeAlias = Literal["sse", "multipart"]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a client takes, the best of each kind."""

    json: bytes | None
    """The media type of a single answer."""
    stream: Streaming | None
    """The form of a stream of them."""
    html: bool
    """A browser's address bar asks."""

    @property
    def is_legacy(self) -> bool:
        """`application/json`: what is well-formed is answered with 200, errors or not."""
        return self.json != GRAPHQL_JSON


_SINGLE = {
    "application/graphql-response+json": GRAPHQL_JSON,
    "application/json": JSON,
    "application/*": JSON,
    "*/*": JSON,
}
_STREAM: dict[str, Streaming] = {"text/event-stream": "sse", "multipart/mixed": "multipart"}


@lru_cache(maxsize=256)
def accepted(header: bytes | None) -> Accepted:
    """What an `Accept` header allows; without one `application/json` is assumed.

    Raises:
        BadRequest: nothing that is served here (406).
    """
    if not header or not header.strip():
        return Accepted(JSON, None, html=False)
    ranges = _by_preference(header.decode("latin-1"))
    json = next((_SINGLE[name] for name in ranges if name in _SINGLE), None)
    stream = next((_STREAM[name] for name in ranges if name in _STREAM), None)
    html = "text/html" in ranges
    if json is None and stream is None and not html:
        told = (
            "Nothing acceptable: served are application/graphql-response+json, "
            "application/json, text/event-stream and multipart/mixed."
        )
        raise BadRequest("NOT_ACCEPTABLE", told, status=HTTPStatus.NOT_ACCEPTABLE)
    return Accepted(json, stream, html=html)


def _by_preference(header: str) -> list[str]:
    """Media ranges by falling quality (RFC 9110, section 12.5.1); quality 0 means never."""
    weighed = []
    for position, each in enumerate(header.split(",")):
        name, *parameters = each.split(";")
        quality = _quality(parameters)
        if quality > 0:
            weighed.append((-quality, position, name.strip().lower()))
    return [name for _, _, name in sorted(weighed)]


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


@lru_cache(maxsize=256)
def check_content_type(header: bytes | None) -> None:
    """A POST carries `application/json` in UTF-8. Browsers send that across origins only after a
    preflight, so no foreign page can make a visitor's browser run an operation.

    Raises:
        BadRequest: anything else (415), uploads as `multipart/form-data` among it.
    """
    name, *parameters = (header or b"").decode("latin-1").split(";")
    charsets = [p.partition("=")[2].strip(' "') for p in parameters if "charset" in p.lower()]
    utf8 = all(charset.lower() in ("utf-8", "utf8") for charset in charsets)
    if name.strip().lower() != "application/json" or not utf8:
        told = "A POST has to carry `content-type: application/json`, in UTF-8."
        status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        raise BadRequest("UNSUPPORTED_MEDIA_TYPE", told, status=status)


PREFLIGHT_HEADER = b"graphql-require-preflight"


def check_same_site(headers: Mapping[bytes, bytes]) -> None:
    """A GET by a browser for another site's page needs a header that forces a preflight: a
    `content-type`, or `graphql-require-preflight` with any value.

    Raises:
        BadRequest: it has none (403).
    """
    site = headers.get(b"sec-fetch-site", b"none")
    if site in (b"none", b"same-origin"):
        return
    forced = headers.get(b"content-type", b"").startswith(b"application/json")
    if not forced and PREFLIGHT_HEADER not in headers:
        told = "A GET from another site needs the header `graphql-require-preflight: 1`."
        raise BadRequest("CSRF", told, status=HTTPStatus.FORBIDDEN)
