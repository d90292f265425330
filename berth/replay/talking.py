"""A client of the public GraphQL API over graphql-transport-ws, as any dashboard has one."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Self

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidURI, WebSocketException
from websockets.typing import Subprotocol

from parking.errors import BerthError

SUBPROTOCOL = Subprotocol("graphql-transport-ws")
OPEN_SECONDS_MAX = 10.0
MESSAGE_BYTES_MAX = 64 * 1024 * 1024
"""A snapshot of a place with thousands of spaces is one message."""


class ApiAway(BerthError):
    """The API cannot be reached, or breaks off."""

    code = "API_AWAY"


class ApiRefuses(BerthError):
    """The API answers with errors."""

    code = "API_REFUSES"


class Talk:
    """One socket, one operation at a time."""

    def __init__(self, connection: ClientConnection, url: str) -> None:
        self._connection = connection
        self._url = url
        self._operations = 0

    @classmethod
    @asynccontextmanager
    async def open(cls, api: str, token: str | None = None) -> AsyncIterator[Self]:
        """Connect to the API at `http://host:port`, as whose access token is given.

        Raises `ApiAway`.
        """
        url = socket_url(api)
        try:
            async with connect(
                url,
                subprotocols=[SUBPROTOCOL],
                open_timeout=OPEN_SECONDS_MAX,
                max_size=MESSAGE_BYTES_MAX,
                compression=None,
            ) as connection:
                talk = cls(connection, url)
                payload = {} if token is None else {"authorization": f"Bearer {token}"}
                await talk._say({"type": "connection_init", "payload": payload})
                await talk._hear("connection_ack")
                yield talk
        except (OSError, TimeoutError, InvalidURI, InvalidHandshake, WebSocketException) as error:
            reason = str(error) or type(error).__name__
            raise ApiAway(f"the API at {api} does not answer as it should: {reason}") from error

    async def query(self, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The data of a query. Raises `ApiRefuses`."""
        async for data in self.subscribe(document, variables):
            return data
        raise ApiRefuses(f"{self._url} gave no answer to a query")

    async def subscribe(
        self, document: str, variables: Mapping[str, Any]
    ) -> AsyncIterator[dict[str, Any]]:
        """The data of each event, until the server completes. Raises `ApiRefuses`."""
        self._operations += 1
        operation = str(self._operations)
        payload = {"query": document, "variables": variables}
        await self._say({"id": operation, "type": "subscribe", "payload": payload})
        while True:
            message = await self._next()
            if message.get("id") != operation:
                continue
            if message["type"] == "complete":
                return
            errors = message["payload"] if message["type"] == "error" else None
            errors = errors or message["payload"].get("errors")
            if errors:
                raise ApiRefuses(f"{self._url} answers: {errors[0].get('message', errors[0])}")
            yield message["payload"]["data"]

    async def _hear(self, kind: str) -> None:
        while (await self._next())["type"] != kind:
            pass

    async def _next(self) -> dict[str, Any]:
        while True:
            message: dict[str, Any] = orjson.loads(await self._connection.recv())
            if message["type"] != "ping":
                return message
            await self._say({"type": "pong"})

    async def _say(self, message: Mapping[str, Any]) -> None:
        await self._connection.send(orjson.dumps(message).decode())


def socket_url(api: str) -> str:
    """`ws://host:port/graphql` for `http://host:port`."""
    return "ws" + api.removeprefix("http").rstrip("/") + "/graphql"
