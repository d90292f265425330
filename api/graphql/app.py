"""The ASGI application that serves one schema over every transport, on one path."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import strawberry
from strawberry.http.ides import get_graphql_ide_html

from api.graphql.answers import Answers
from api.graphql.asgi import Receive, Scope, Send
from api.graphql.documents import Documents
from api.graphql.http import HttpEndpoint
from api.graphql.hub import Hub
from api.graphql.limits import Limits
from api.graphql.persisted import PersistedDocuments
from api.graphql.plans import Planner
from api.graphql.presence import Presence, utc_now
from api.graphql.running import Runner
from api.graphql.service import Service
from api.graphql.websocket import serve_socket
from schema.execution import Authenticate, ContextFactory, Revalidate, VersionReader


@dataclass(frozen=True, slots=True)
class Settings:
    """What is on or off; the defaults are those of production."""

    introspection: bool = False
    graphiql: bool = False
    """The page needs introspection, and loads its scripts from a public network."""
    trusted_documents: Mapping[str, str] = field(default_factory=dict)
    """Text by id, as `persisted.load_trusted` reads them."""
    only_trusted_documents: bool = False


class GraphQLApp:
    """ASGI: answers `http` and `websocket` scopes. Put it in front of anything that wraps `send`
    (a router's middleware): frames are then written without a task each, and slow clients can be
    cut off."""

    def __init__(self, service: Service, http: HttpEndpoint) -> None:
        self.service = service
        self._http = http

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or one socket."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await serve_socket(self.service, scope, receive, send)
        else:
            raise ValueError(f"An ASGI scope of type {scope['type']!r} is not served here.")

    async def close(self) -> None:
        """Let go of every stream; call it when the program ends."""
        await self.service.presence.close()
        await self.service.hub.close()


def graphql_app(
    schema: strawberry.Schema,
    *,
    context_factory: ContextFactory,
    authenticate: Authenticate,
    version_reader: VersionReader | None = None,
    revalidate: Revalidate | None = None,
    limits: Limits | None = None,
    settings: Settings | None = None,
    now: Callable[[], datetime] = utc_now,
) -> GraphQLApp:
    """Wire a schema to its transports.

    Without a `version_reader` no answer is kept. `now` (aware UTC) decides when credentials end.

    Raises:
        ValueError: the schema has Strawberry extensions, which are not run here.
    """
    if schema.extensions or schema.directives:
        raise ValueError("Strawberry's schema extensions and directives are not run here.")
    limits = limits or Limits()
    settings = settings or Settings()
    core = schema._schema  # noqa: SLF001 - Strawberry has no public name for it
    documents = Documents(core, limits, introspection=settings.introspection)
    trusted = settings.trusted_documents
    persisted = PersistedDocuments(trusted, only_trusted=settings.only_trusted_documents)
    runner = Runner(core, context_factory)
    service = Service(
        planner=Planner(core, documents, persisted, limits),
        runner=runner,
        answers=Answers(version_reader, limits.answers_bytes_max) if version_reader else None,
        hub=Hub(runner, limits),
        presence=Presence(limits, revalidate, now),
        authenticate=authenticate,
        limits=limits,
    )
    return GraphQLApp(service, HttpEndpoint(service, _page() if settings.graphiql else None))


def _page() -> bytes:
    html = get_graphql_ide_html("graphiql")
    return html.replace("{{ SUBSCRIPTION_ENABLED }}", "true").encode()
