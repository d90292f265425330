"""How a server-rendered page asks: the same operations, through the same schema, as any frontend;
only without a socket in between. And whose token a request for a page or file brings."""

from collections.abc import Mapping
from typing import Any, TypeAlias, cast

import strawberry
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from parking.accounts.viewer import ANONYMOUS, Viewer
from parking.errors import BerthError
from schema.context import Asker
from schema.execution import Authenticate, ContextFactory, Credentials, Unauthenticated

Data: TypeAlias = dict[str, Any]


class Asking:
    """Runs operations; mostly for somebody who is not signed in: a link's token is an argument."""

    def __init__(self, schema: strawberry.Schema, context_factory: ContextFactory) -> None:
        self._schema = schema
        self._context_factory = context_factory

    async def ask(self, request: Request, document: str, variables: Mapping[str, Any]) -> Any:
        """The value of the operation's one root field, for nobody in particular.

        Raises what the domain raised where the operation gives `errors[]`.
        """
        return await self.ask_as(Asker(ANONYMOUS, _source(request)), document, variables)

    async def ask_as(self, asker: Asker, document: str, variables: Mapping[str, Any]) -> Any:
        """The same, for somebody."""
        context = self._context_factory(asker, "direct")
        result = await self._schema.execute(
            document, variable_values=dict(variables), context_value=context
        )
        for error in result.errors or ():
            raise error.original_error or error
        assert result.data is not None
        (value,) = result.data.values()
        return value


class Bearers:
    """Whose access token or API key a request brings; pages and files take no cookie."""

    def __init__(self, authenticate: Authenticate) -> None:
        self._authenticate = authenticate

    async def asker_of(self, request: Request) -> Asker | None:
        """Who asks; None when nothing is presented. Raises `Unauthenticated` for what is not
        good."""
        if "authorization" not in request.headers:
            return None
        headers = {b"authorization": request.headers["authorization"].encode("latin-1")}
        asker = await self._authenticate(Credentials(headers, source=_source(request)))
        return cast(Asker, asker)

    async def viewer_of(self, request: Request) -> Viewer:
        """The same as the domain knows them. Raises `Unauthenticated` also for nobody."""
        asker = await self.asker_of(request)
        if asker is None:
            raise Unauthenticated("send an access token as `Authorization: Bearer …`")
        return asker.viewer


def denied(error: Unauthenticated) -> Response:
    """The answer to a token that is missing or not good (RFC 6750)."""
    headers = {"www-authenticate": "Bearer", "cache-control": "no-store"}
    return PlainTextResponse(f"{error}\n", 401, headers)


def _source(request: Request) -> str:
    return request.client.host if request.client else ""


class Refused(BerthError):
    """A mutation answered with a refusal: its `code` is the schema's, `told` all that it says."""

    def __init__(self, code: str, message: str, told: Data) -> None:
        super().__init__(message)
        self.code = code
        self.told = told


def outcome(answer: Data) -> Data:
    """The answer, if it is the mutation's outcome. Raises `Refused`."""
    if "code" in answer:
        raise Refused(answer["code"], answer["message"], answer)
    return answer
