"""Between the transports, which carry credentials, and the domain, which knows whose they are."""

from collections.abc import Mapping
from typing import Any, cast

from parking.accounts.authenticate import Gate
from parking.errors import Unauthenticated as Denied
from schema.context import Asker
from schema.execution import Credentials, Unauthenticated, Viewer

PAYLOAD_NAMES = ("authorization", "token")
"""Keys of `connection_init.payload` that may carry a token, in any case, the first one first."""


class Identity:
    """The `Authenticate` and `Revalidate` hooks of the transports."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def authenticate(self, credentials: Credentials, /) -> Viewer:
        """Whose credentials these are; a socket's payload counts before its headers."""
        text = token_of(credentials.headers, credentials.payload)
        try:
            viewer = await self._gate.authenticate(text)
        except Denied as error:
            raise Unauthenticated(error.message) from error
        return Asker(viewer, source=credentials.source)

    async def revalidate(self, viewer: Viewer) -> Viewer | None:
        """The viewer as of now; None when their proof has ended."""
        asker = cast("Asker", viewer)
        renewed = await self._gate.revalidate(asker.viewer)
        return None if renewed is None else Asker(renewed, source=asker.source)


def token_of(headers: Mapping[bytes, bytes], payload: Mapping[str, Any] | None) -> str | None:
    """The authorization that is presented, if any. Raises `Unauthenticated` for what is no text."""
    by_name = {name.lower(): value for name, value in (payload or {}).items()}
    for name in PAYLOAD_NAMES:
        given = by_name.get(name)
        if given is not None:
            if not isinstance(given, str):
                raise Unauthenticated(f"`{name}` in the connection's payload has to be a string")
            return given
    header = headers.get(b"authorization")
    return None if header is None else header.decode("latin-1")
