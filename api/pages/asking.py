"""How a server-rendered page asks: the same operations, through the same schema, as any frontend;
only without a socket in between."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import strawberry
from starlette.requests import Request

from parking.accounts.viewer import ANONYMOUS
from parking.errors import BerthError
from schema.context import Asker
from schema.execution import ContextFactory

Data: TypeAlias = dict[str, Any]


class Asking:
    """Runs operations for somebody who is not signed in: a link's token is an argument."""

    def __init__(self, schema: strawberry.Schema, context_factory: ContextFactory) -> None:
        self._schema = schema
        self._context_factory = context_factory

    async def ask(self, request: Request, document: str, variables: Mapping[str, Any]) -> Any:
        """The value of the operation's one root field.

        Raises what the domain raised where the operation gives `errors[]`.
        """
        source = request.client.host if request.client else ""
        context = self._context_factory(Asker(ANONYMOUS, source), "direct")
        result = await self._schema.execute(
            document, variable_values=dict(variables), context_value=context
        )
        for error in result.errors or ():
            raise error.original_error or error
        assert result.data is not None
        (value,) = result.data.values()
        return value


class Refused(BerthError):
    """A mutation answered with a refusal: its `code` is the schema's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def outcome(answer: Data) -> Data:
    """The answer, if it is the mutation's outcome. Raises `Refused`."""
    if "code" in answer:
        raise Refused(answer["code"], answer["message"])
    return answer
