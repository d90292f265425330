"""What the schema and the transports tell each other: data and Protocols, no behaviour.

The layers are ``api > schema > parking``: the transports (``api/graphql``) import this module,
the schema marks its fields with the metadata below, and neither needs the other's inside.

Metadata goes into ``strawberry.field(metadata={...})`` / ``strawberry.subscription(...)``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Final, Literal, Protocol, TypeAlias

VERSIONED_BY: Final = "berth.versioned_by"
"""On a *query root field*: a `TagFunction`. An operation whose root fields all carry it is
answered from kept bytes while the versions of its tags are unchanged; sub-fields are covered
unless they are `VOLATILE`."""

VOLATILE: Final = "berth.volatile"
"""On any field: ``True`` when its value can change without its tag's version changing (a clock,
a random number, another person's data). An operation that selects it is never kept."""

COST: Final = "berth.cost"
"""On any field: a `Cost`. Default: 1 for a field that returns an object, 0 for a leaf."""

SHARED: Final = "berth.shared"
"""On a *subscription field*: a `Source`. Its subscribers share one execution and one encoding
per event. The field's resolver body is never run by the transports."""

RESUME_ARGUMENT: Final = "after"
"""The argument of a shared subscription field that may differ between members of one group. It
reaches `Stream.snapshot` as an integer (given as an integer or a decimal string)."""


class Viewer(Protocol):
    """Who asks. Immutable; made by the `Authenticate` hook, renewed by the `Revalidate` hook."""

    @property
    def identity(self) -> str | None:
        """Who it is, for limits per viewer; None when not signed in (the address counts then)."""

    @property
    def visibility(self) -> str:
        """Equal for two viewers only when kept answers and shared events read the same for both."""

    @property
    def valid_until(self) -> datetime | None:
        """When the credential ends (aware UTC): live sockets end then. None: it does not end."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request, or a socket's ``connection_init``, presents."""

    headers: Mapping[bytes, bytes]
    """Lower-case names as the ASGI server gives them; a repeated header keeps its last value."""
    payload: Mapping[str, Any] | None = None
    """``connection_init.payload`` on a WebSocket; None over HTTP."""
    source: str = ""
    """The peer's address as the server sees it."""


class Unauthenticated(Exception):
    """Credentials were presented and are not good; the message is shown to the caller."""


class Authenticate(Protocol):
    """Who presents these credentials? No credentials at all give the anonymous viewer.

    Raises:
        Unauthenticated: HTTP answers 401, a socket closes with 4401.
    """

    async def __call__(self, credentials: Credentials, /) -> Viewer: ...


Revalidate: TypeAlias = Callable[[Viewer], Awaitable["Viewer | None"]]
"""Asked at an interval for every viewer with a live socket: the viewer as of now, None when
revoked. Another `visibility` than before ends the socket, so that the client comes back."""

Transport: TypeAlias = Literal["http", "websocket", "sse", "multipart", "shared", "direct"]


@dataclass(slots=True)
class Context:
    """``info.context``: fresh for every operation and every shared event, never for a socket."""

    viewer: Viewer
    transport: Transport = "direct"
    services: Any = None
    """What the program wired in for resolvers (set by the context factory)."""
    loaders: dict[Any, Any] = field(default_factory=dict)
    """Dataloaders of this one execution, by whatever key the schema likes."""


ContextFactory: TypeAlias = Callable[[Viewer, Transport], Context]

TagFunction: TypeAlias = Callable[[Mapping[str, Any]], "Sequence[str] | None"]
"""From the root field's arguments (GraphQL names, coerced, defaults filled in) to the tags its
answer depends on, e.g. ``("place:12",)``; None: cannot say, do not keep. Pure and quick.
Whatever changes what such an answer shows, or who may see it, must give the tag a new version
in the same transaction."""


class VersionReader(Protocol):
    """The committed versions of tags."""

    async def versions(self, tags: Sequence[str]) -> Sequence[int]:
        """In the order of ``tags``, read after the call began (one call serves every request that
        arrived before it). A tag that names nothing has any constant, e.g. -1."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a field costs. Its children's cost is multiplied by its ``first`` or ``last`` argument,
    or by `assumed_size` where there is none."""

    weight: int = 1
    assumed_size: int = 1
    page_size_default: int = 50
    """Taken when neither ``first`` nor ``last`` is given nor has a default in the schema."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in a shared stream.

    ``version`` is the stream's position after it. A delta takes a consumer that stands at
    ``previous_version`` to ``version``; a snapshot has ``previous_version=None``. Positions are
    integers that only grow: the place's version for a stream of one place. A stream without such
    a number (an area) counts its own feed, with deltas that may safely be applied twice.
    """

    value: Any
    """What the subscription field resolves to: an instance of its Strawberry type."""
    version: int
    previous_version: int | None = None


class Gap(Enum):
    """Yielded by a feed that may have missed something: every member gets a new snapshot."""

    GAP = "gap"


class Stream(Protocol):
    """A live source for one group of subscribers. When the `Source` returns it, its feed is
    attached: a later commit is in the feed, in every snapshot taken from then on, or in both."""

    async def position(self) -> int | None:
        """The committed position now, if it is cheap to read: a snapshot of that position is then
        reused for later joiners. None: every batch of joiners takes its own snapshot."""

    async def snapshot(self, after: int | None) -> Sequence[Event]:
        """The state now, as one snapshot; or the deltas from ``after`` to now while retained.
        Never empty: when nothing changed, an empty delta with equal versions. The last event's
        version is where the joiner then stands."""

    def feed(self) -> AsyncIterator[Event | Gap]:
        """Deltas in order; called once. Its end completes the operation of every member."""

    def merge(self, events: Sequence[Event]) -> Event:
        """One delta that does what these consecutive deltas do together."""

    async def close(self) -> None:
        """The last member left; called once."""


@dataclass(frozen=True, slots=True)
class Only:
    """Given by a `Source` instead of a stream: send this one value and complete (a refusal)."""

    value: Any


Source: TypeAlias = Callable[[Mapping[str, Any], Context], Awaitable["Stream | Only"]]
"""``await source(arguments, context)``: arguments by GraphQL name, coerced, without ``after``.
Called once per group (same document, operation, variables but ``after``, visibility); the
stream may depend on ``context.viewer`` only as far as its ``visibility`` says."""
