"""One encoded result in the form of each transport; a form is made once, for whoever needs it."""

from typing import Final

from api.graphql.direct import text_frame

MULTIPART_BOUNDARY: Final = b"graphql"
MULTIPART_OPENING: Final = b"--graphql"
MULTIPART_HEARTBEAT: Final = b"\r\nContent-Type: application/json\r\n\r\n{}\r\n--graphql"
MULTIPART_END: Final = b"--\r\n"
SSE_COMMENT: Final = b":\n\n"
SSE_COMPLETE: Final = b"event: complete\ndata: \n\n"


class Payload:
    """An encoded GraphQL response on its way to many."""

    __slots__ = ("_frame", "_frame_head", "_part", "_sse", "_text", "body")

    def __init__(self, body: bytes) -> None:
        self.body = body
        self._text = ""
        self._sse = b""
        self._part = b""
        self._frame = b""
        self._frame_head = b""

    @property
    def text(self) -> str:
        """For WebSocket frames, which have to be text."""
        if not self._text:
            self._text = self.body.decode() + "}"
        return self._text

    def frame(self, head: bytes) -> bytes:
        """A ready WebSocket frame; `head` is what comes before the body. Most clients give their
        first operation the same id, so the last frame made is kept for the next member."""
        if self._frame_head != head:
            self._frame_head = head
            self._frame = text_frame(b"".join((head, self.body, b"}")))
        return self._frame

    @property
    def sse(self) -> bytes:
        """A `next` event of graphql-sse's distinct connections mode."""
        if not self._sse:
            self._sse = b"event: next\ndata: " + self.body + b"\n\n"
        return self._sse

    @property
    def part(self) -> bytes:
        """A part of the multipart subscription protocol. The delimiter of the next part follows at
        once: clients take a part for whole only when they see it."""
        if not self._part:
            head = b'\r\nContent-Type: application/json\r\n\r\n{"payload":'
            self._part = head + self.body + b"}\r\n" + MULTIPART_OPENING
        return self._part
