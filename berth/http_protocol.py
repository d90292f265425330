"""uvicorn's HTTP protocol with two limits that it lacks: how large the head of a request may be,
and how long a request may take to arrive.

Without the first one connection fills the memory and keeps the event loop busy with joining bytes
(measured: 60 MB of one header, 8 s, every other caller waits up to 0.5 s); without the second,
connections that say nothing stay for ever.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES_MAX = 64 * 1024
"""Request line and headers; what arrives in one piece with the end of the head is not counted."""
ARRIVAL_SECONDS_MAX = 30.0
"""From the first byte of a request, or from the connection, to the request's last byte."""


class BoundedHttpProtocol(HttpToolsProtocol):
    """One connection."""

    _head_bytes = 0
    _is_in_head = False
    _is_arriving = True
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Wait for a first request, not for ever."""
        super().connection_made(transport)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse, and refuse a head that does not end."""
        super().data_received(data)
        if self._is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES_MAX:
                self._is_in_head = False
                self.send_400_response(f"The head is larger than {HEAD_BYTES_MAX} bytes.")
                return
        if self._is_arriving and self._deadline is None:
            self._watch()

    def handle_websocket_upgrade(self) -> None:
        """From here on the socket has its own limits."""
        self._arrived()
        super().handle_websocket_upgrade()

    # Called by the parser

    def on_message_begin(self) -> None:
        """A request begins."""
        self._is_in_head, self._is_arriving, self._head_bytes = True, True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head is there."""
        self._is_in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of it is there. Most requests come in one piece and never need a timer."""
        self._arrived()
        super().on_message_complete()

    def _watch(self) -> None:
        self._deadline = self.loop.call_later(ARRIVAL_SECONDS_MAX, self._too_late)

    def _arrived(self) -> None:
        self._is_arriving = False
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_late(self) -> None:
        self._deadline = None
        self.transport.close()
