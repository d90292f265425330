"""The resources of a server and the rules that hold before a handler runs."""

from __future__ import annotations

from asyncio import Future
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from coap_gateway.stack.codes import Code, ContentFormat
from coap_gateway.stack.errors import (
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    Unauthorized,
    UnsupportedFormat,
)
from coap_gateway.stack.links import Link, filtered, link_format
from coap_gateway.stack.requests import Request, Response

Answer = Response | Coroutine[Any, Any, Response] | Future[Response]
Handler = Callable[[Request], Answer]

WELL_KNOWN_CORE = (".well-known", "core")


class Access(Enum):
    """Who may call a resource."""

    PUBLIC = "public"
    AUTHENTICATED = "authenticated"


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource at a path pattern such as ``rd/{id}``.

    A handler is a plain function that returns a `Response` (answered at once) or a
    `asyncio.Future` of one (answered from its callback, no task), or an ``async def`` (a task).
    ``accepts`` empty means any content format; ``default_format`` stands in for a missing one.
    ``produces`` empty means that the handler looks at Accept itself. ``link`` is None for a
    resource that ``/.well-known/core`` does not list. ``is_known_to_all`` is False for one that it
    lists to authenticated peers only, so that what a stranger gets stays small.
    """

    pattern: str
    handlers: Mapping[Code, Handler]
    access: Access = Access.AUTHENTICATED
    accepts: frozenset[int] = frozenset()
    default_format: int | None = None
    produces: frozenset[int] = frozenset()
    observable: bool = False
    link: Mapping[str, str] | None = field(default_factory=dict)
    is_known_to_all: bool = True


class Site:
    """Routes requests to resources; 4.01, 4.04, 4.05, 4.06 and 4.15 are decided here."""

    def __init__(self, resources: Iterable[Resource] = ()) -> None:
        self._exact: dict[tuple[str, ...], Resource] = {}
        self._patterns: list[tuple[tuple[str, ...], Resource]] = []
        self._links: list[Link] = []
        self._known_to_all: list[Link] = []
        self._exact[WELL_KNOWN_CORE] = Resource(
            "/".join(WELL_KNOWN_CORE),
            {Code.GET: self._core},
            access=Access.PUBLIC,
            produces=frozenset({ContentFormat.LINK}),
            link=None,
        )
        for resource in resources:
            self.add(resource)

    def add(self, resource: Resource) -> None:
        """Register a resource; a literal path wins over a pattern, an earlier pattern over later.

        Raises ValueError where the pattern is already taken.
        """
        parts = tuple(resource.pattern.strip("/").split("/"))
        if any(part.startswith("{") for part in parts):
            if any(parts == known for known, _ in self._patterns):
                raise ValueError(f"resource {resource.pattern!r} is registered twice")
            self._patterns.append((parts, resource))
            return
        if parts in self._exact:
            raise ValueError(f"resource {resource.pattern!r} is registered twice")
        self._exact[parts] = resource
        if resource.link is not None:
            self._links.append(_link_of(parts, resource))
            if resource.is_known_to_all:
                self._known_to_all.append(self._links[-1])

    def find(self, path: tuple[str, ...]) -> tuple[Resource, tuple[str, ...]] | None:
        """The resource at ``path`` and what its braces matched, or None."""
        resource = self._exact.get(path)
        if resource is not None:
            return resource, ()
        for parts, candidate in self._patterns:
            values = _matched(parts, path)
            if values is not None:
                return candidate, values
        return None

    def resolve(self, request: Request) -> tuple[Resource, Handler]:
        """The request's resource and handler, and ``path_values`` filled in.

        Raises `RequestFailed` with 4.01, 4.04, 4.05, 4.06 or 4.15 where the resource's
        declaration does not allow the request.
        """
        found = self.find(request.path)
        if found is None:
            raise NotFound("no such resource")
        resource, request.path_values = found
        if resource.access is Access.AUTHENTICATED and request.peer.credential is None:
            raise Unauthorized("OSCORE credential required")
        handler = resource.handlers.get(request.method)
        if handler is None:
            raise MethodNotAllowed("method not allowed here")
        _check_formats(resource, request)
        return resource, handler

    def _core(self, request: Request) -> Response:
        known = self._known_to_all if request.peer.credential is None else self._links
        links = filtered(known, request.query)
        return Response(payload=link_format(links), content_format=ContentFormat.LINK)


def _link_of(parts: tuple[str, ...], resource: Resource) -> Link:
    attributes = dict(resource.link or {})
    if resource.observable:
        attributes.setdefault("obs", "")
    return Link("/" + "/".join(parts), attributes)


def _matched(parts: tuple[str, ...], path: tuple[str, ...]) -> tuple[str, ...] | None:
    if len(parts) != len(path):
        return None
    values: list[str] = []
    for part, segment in zip(parts, path, strict=True):
        if part.startswith("{"):
            values.append(segment)
        elif part != segment:
            return None
    return tuple(values)


def _check_formats(resource: Resource, request: Request) -> None:
    if request.content_format is None:
        request.content_format = resource.default_format
    carries = request.payload or request.content_format is not None
    if resource.accepts and carries and request.content_format not in resource.accepts:
        raise UnsupportedFormat("content format not taken here")
    wanted = request.accept
    if resource.produces and wanted is not None and wanted not in resource.produces:
        raise NotAcceptable("cannot answer in the accepted format")
