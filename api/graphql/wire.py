"""The sending side of a WebSocket: never waits for a client longer than a limit."""

import asyncio

from api.graphql.asgi import Gone, Send, reset, send_now, send_or_gone
from api.graphql.close_codes import CloseCode, fitting
from api.graphql.direct import known_socket, write_now
from api.graphql.limits import Limits
from api.graphql.payload import Payload
from api.graphql.tasks import start


class Wire:
    """Sends texts, and closes."""

    __slots__ = ("_known", "_limits", "_send", "is_closed")

    def __init__(self, send: Send, limits: Limits) -> None:
        self._send = send
        self._known = known_socket(send)
        self._limits = limits
        self.is_closed = False

    def offer(self, text: str) -> bool:
        """Send if the connection takes it at once.

        Raises:
            Gone: the socket is closed.
        """
        if self.is_closed:
            raise Gone
        return send_now(self._send, {"type": "websocket.send", "text": text})

    def offer_next(self, head: bytes, payload: Payload) -> bool:
        """Send a `next` message if the connection takes it at once.

        Raises:
            Gone: the socket is closed.
        """
        if self._known is None:
            return self.offer(head.decode() + payload.text)
        if self.is_closed:
            raise Gone
        return write_now(self._known, payload.frame(head))

    async def deliver(self, text: str) -> None:
        """Send, and close the socket of a client that takes nothing for too long.

        Raises:
            Gone: the socket is closed.
        """
        if self.offer(text):
            return
        try:
            async with asyncio.timeout(self._limits.slow_client_seconds_max):
                await send_or_gone(self._send, {"type": "websocket.send", "text": text})
        except TimeoutError:
            self.close(CloseCode.SLOW_CLIENT, "Too slow: connect again and resume with `after`")
            raise Gone from None

    def say(self, text: str) -> None:
        """Send without anybody waiting for it."""
        try:
            if not self.offer(text):
                start(self._deliver_if_there(text))
        except Gone:
            return

    def close(self, code: CloseCode, reason: str) -> None:
        """Close; a client that does not take even that is cut off a little later."""
        if self.is_closed:
            return
        self.is_closed = True
        message = {"type": "websocket.close", "code": int(code), "reason": fitting(reason)}
        try:
            if not send_now(self._send, message):
                start(self._close_or_reset(message))
        except Gone:
            return

    async def _deliver_if_there(self, text: str) -> None:
        try:
            await self.deliver(text)
        except Gone:
            return

    async def _close_or_reset(self, message: dict[str, object]) -> None:
        try:
            async with asyncio.timeout(self._limits.slow_close_seconds_max):
                await send_or_gone(self._send, message)
        except TimeoutError:
            reset(self._send)
        except Gone:
            return
