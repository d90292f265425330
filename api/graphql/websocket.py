"""graphql-transport-ws: one socket's state machine.

    opened ── connection_init ──> acknowledged ── subscribe / complete ──> …

What is not allowed where it comes closes the socket, with a code of `close_codes`.
"""

import asyncio
from collections.abc import Mapping

from api.graphql import frames
from api.graphql.asgi import Gone, Receive, Scope, Send, headers_of, send_or_gone
from api.graphql.asgi import source_of as address_of
from api.graphql.close_codes import CloseCode
from api.graphql.frames import BadMessage, Complete, ConnectionInit, Ping, Subscribe, read_message
from api.graphql.operations import Operations
from api.graphql.problems import Problem, internal_error
from api.graphql.service import Service
from api.graphql.wire import Wire
from schema.execution import Credentials, Unauthenticated, Viewer


async def serve_socket(service: Service, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one WebSocket until it closes."""
    await receive()  # websocket.connect
    accepted = frames.SUBPROTOCOL in scope["subprotocols"]
    subprotocol = frames.SUBPROTOCOL if accepted else None
    await send_or_gone(send, {"type": "websocket.accept", "subprotocol": subprotocol})
    wire = Wire(send, service.limits)
    source = address_of(scope)
    if not accepted:
        told = f"Subprotocol not acceptable; speak {frames.SUBPROTOCOL}"
        wire.close(CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE, told)
    elif not service.presence.admit(source):
        wire.close(CloseCode.TOO_MANY_SOCKETS, "Too many sockets from this address")
    else:
        try:
            await Socket(service, wire, source, headers_of(scope)).serve(receive)
        finally:
            service.presence.dismiss(source)


class Socket:
    """One client's conversation."""

    __slots__ = (
        "_deadline",
        "_headers",
        "_operations",
        "_service",
        "_wire",
        "source",
        "viewer",
    )

    viewer: Viewer

    def __init__(
        self, service: Service, wire: Wire, source: str, headers: Mapping[bytes, bytes]
    ) -> None:
        self._service = service
        self._wire = wire
        self._headers = headers
        self._operations: Operations | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self.source = source

    async def serve(self, receive: Receive) -> None:
        """Until the client is gone."""
        seconds = self._service.limits.connection_init_seconds_max
        self._deadline = asyncio.get_running_loop().call_later(seconds, self._late)
        try:
            while (message := await receive())["type"] == "websocket.receive":
                if not self._wire.is_closed:
                    await self._take(message.get("text"))
        finally:
            self._end()

    def expel(self, reason: str) -> None:
        """The viewer may not be here any more: close, so that the client comes back as it is."""
        self._wire.close(CloseCode.FORBIDDEN, reason)
        if self._operations is not None:
            self._operations.stop_all()

    async def _take(self, text: str | None) -> None:
        if text is not None and len(text) > self._service.limits.message_bytes_max:
            self._wire.close(CloseCode.MESSAGE_TOO_BIG, "The message is too big")
            return
        try:
            await self._obey(text)
        except Gone:
            return
        except BadMessage as error:
            self._wire.close(CloseCode.BAD_MESSAGE, str(error))
        except Exception as error:  # noqa: BLE001 - a bug of ours must not end in 1006
            internal_error(error, where="websocket")
            self._wire.close(CloseCode.INTERNAL_SERVER_ERROR, "Something went wrong on our side")

    async def _obey(self, text: str | None) -> None:
        message = read_message(text)
        if isinstance(message, Subscribe):
            await self._subscribe(message)
        elif isinstance(message, Complete):
            if self._operations is not None:
                self._operations.stop(message.id)
        elif isinstance(message, Ping):
            await self._wire.deliver(frames.PONG)
        elif isinstance(message, ConnectionInit):
            await self._init(message)

    async def _init(self, message: ConnectionInit) -> None:
        if self._deadline is None:
            code = CloseCode.TOO_MANY_INITIALISATION_REQUESTS
            self._wire.close(code, "Too many initialisation requests")
            return
        self._deadline.cancel()
        self._deadline = None
        given = Credentials(self._headers, message.payload, self.source)
        try:
            self.viewer = await self._service.authenticate(given)
        except Unauthenticated as error:
            self._wire.close(CloseCode.UNAUTHORIZED, str(error) or "Unauthorized")
            return
        self._headers = {}
        self._operations = Operations(self._service, self._wire, self)
        self._service.presence.watch(self)
        await self._wire.deliver(frames.ACK)

    async def _subscribe(self, message: Subscribe) -> None:
        if self._operations is None:
            self._wire.close(CloseCode.UNAUTHORIZED, "Unauthorized: send connection_init first")
        elif message.id in self._operations:
            told = f"Subscriber for {message.id} already exists"
            self._wire.close(CloseCode.SUBSCRIBER_ALREADY_EXISTS, told)
        else:
            try:
                self._operations.start(message)
            except Problem as problem:
                told = frames.error_message(message.id, problem.errors)
                await self._wire.deliver(told)

    def _late(self) -> None:
        self._wire.close(CloseCode.INITIALISATION_TIMEOUT, "Connection initialisation timeout")

    def _end(self) -> None:
        self._wire.is_closed = True
        if self._deadline is not None:
            self._deadline.cancel()
        if self._operations is not None:
            self._operations.stop_all()
            self._service.presence.unwatch(self)
