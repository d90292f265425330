"""Pages and files asked for by people with tokens, without a running Berth: the token is a name."""

from collections.abc import Mapping
from typing import cast

from api.pages.asking import Bearers
from parking.accounts.viewer import Viewer
from schema.context import Asker
from schema.execution import Credentials, Unauthenticated
from schema.execution import Viewer as ExecutionViewer


def bearers_of(people: Mapping[str, Viewer]) -> Bearers:
    """Who sends `Authorization: Bearer driver` is the driver."""

    async def authenticate(credentials: Credentials, /) -> ExecutionViewer:
        name = credentials.headers[b"authorization"].decode().removeprefix("Bearer ")
        if name not in people:
            raise Unauthenticated("this token is not good")
        return cast(ExecutionViewer, Asker(people[name]))

    return Bearers(authenticate)


def bearing(name: str) -> dict[str, str]:
    """The header."""
    return {"authorization": f"Bearer {name}"}
