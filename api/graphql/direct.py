"""Ready frames for a WebSocket of a server that we know, past ASGI (ADR 0010).

ASGI makes the frame anew for each member of a group: a message, a coroutine, the protocol's state
machine. Where `send` is the method of uvicorn's websockets-sansio protocol, the frame is made once
and its bytes go to that connection's transport. Everywhere else `frame_writer` gives None.
"""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

from api.graphql.asgi import Gone, Send

FINAL_TEXT = 0x81
"""FIN, and the opcode of a text frame (RFC 6455, section 5.2)."""
LENGTH_7_BITS_MAX = 125
LENGTH_16_BITS_MAX = 0xFFFF


def text_frame(payload: bytes) -> bytes:
    """One whole, unmasked text frame, as a server sends it (RFC 6455, section 5.2)."""
    length = len(payload)
    if length <= LENGTH_7_BITS_MAX:
        return bytes((FINAL_TEXT, length)) + payload
    if length <= LENGTH_16_BITS_MAX:
        return bytes((FINAL_TEXT, 126)) + length.to_bytes(2, "big") + payload
    return bytes((FINAL_TEXT, 127)) + length.to_bytes(8, "big") + payload


def known_socket(send: Send) -> WebSocketsSansIOProtocol | None:
    """The server's connection behind `send`, if it is of the kind whose frames we may write."""
    connection = getattr(send, "__self__", None)
    if type(connection) is not WebSocketsSansIOProtocol or not connection.handshake_complete:
        return None
    return None if connection.conn.extensions else connection


def write_now(connection: WebSocketsSansIOProtocol, frame: bytes) -> bool:
    """Write if the connection takes it at once; False when it does not, and nothing was written.

    Raises:
        Gone: the connection is closed or closing.
    """
    if (
        connection.disconnected
        or connection.close_sent
        or connection.conn.state is not State.OPEN
        or connection.transport.is_closing()
    ):
        raise Gone
    if not connection.writable.is_set():
        return False
    connection.transport.write(frame)
    return True
