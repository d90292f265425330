"""CoAP messages to and from bytes (RFC 7252 section 3).

aiocoap's `Message` costs 60-90 µs to decode, copy and encode; a gateway pays that on every report,
so the hot path has its own codec. The tests hold the two against each other.
"""

from __future__ import annotations

from dataclasses import dataclass

from coap_gateway.stack.errors import FormatError

CON, NON, ACK, RST = 0, 1, 2, 3
HEADER_BYTES = 4
TOKEN_BYTES_MAX = 8
PAYLOAD_MARKER = 0xFF
OPTION_NUMBER_MAX = 65535

Option = tuple[int, bytes]


@dataclass(slots=True)
class Message:
    """A decoded datagram; ``options`` are in wire order, values still bytes."""

    kind: int
    code: int
    message_id: int
    token: bytes
    options: list[Option]
    payload: bytes


def decode(datagram: bytes) -> Message:
    """Decode a datagram whose version is known to be 1; raises `FormatError`."""
    token_bytes = datagram[0] & 0x0F
    if token_bytes > TOKEN_BYTES_MAX:
        raise FormatError(f"token length {token_bytes} is reserved")
    start = HEADER_BYTES + token_bytes
    if len(datagram) < start:
        raise FormatError("token is cut off")
    options, payload = decode_options(datagram, start)
    return Message(
        datagram[0] >> 4 & 3,
        datagram[1],
        datagram[2] << 8 | datagram[3],
        datagram[HEADER_BYTES:start],
        options,
        payload,
    )


def decode_options(data: bytes, at: int) -> tuple[list[Option], bytes]:
    """Options and payload of ``data`` from offset ``at``; raises `FormatError`."""
    options: list[Option] = []
    number = 0
    end = len(data)
    while at < end:
        first = data[at]
        at += 1
        if first == PAYLOAD_MARKER:
            if at == end:
                raise FormatError("payload marker with nothing after it")
            return options, data[at:]
        delta = first >> 4
        length = first & 15
        if delta > 12:
            delta, at = _extended(data, at, delta)
        if length > 12:
            length, at = _extended(data, at, length)
        number += delta
        stop = at + length
        if stop > end:
            raise FormatError("option value is cut off")
        options.append((number, data[at:stop]))
        at = stop
    if number > OPTION_NUMBER_MAX:
        raise FormatError("option number beyond 65535")
    return options, b""


def _extended(data: bytes, at: int, nibble: int) -> tuple[int, int]:
    """Value of an extended option delta or length (RFC 7252 3.1) and the offset after it."""
    if nibble == 15:
        raise FormatError("option nibble 15 is reserved")
    width = nibble - 12
    if at + width > len(data):
        raise FormatError("option header is cut off")
    base = 13 if nibble == 13 else 269
    return base + int.from_bytes(data[at : at + width], "big"), at + width


def encode_header(kind: int, code: int, message_id: int, token: bytes = b"") -> bytes:
    """The fixed header and the token."""
    return ((0x40 | kind << 4 | len(token)) << 24 | code << 16 | message_id).to_bytes(
        HEADER_BYTES, "big"
    ) + token


def encode_options(options: list[Option]) -> bytes:
    """Options in wire form; ``options`` must be in ascending order of number."""
    out = bytearray()
    previous = 0
    for number, value in options:
        delta = number - previous
        length = len(value)
        previous = number
        if delta < 13 and length < 13:
            out.append(delta << 4 | length)
        else:
            _encode_long_header(out, delta, length)
        out += value
    return bytes(out)


def _encode_long_header(out: bytearray, delta: int, length: int) -> None:
    delta_nibble, delta_tail = _nibble(delta)
    length_nibble, length_tail = _nibble(length)
    out.append(delta_nibble << 4 | length_nibble)
    out += delta_tail
    out += length_tail


def _nibble(value: int) -> tuple[int, bytes]:
    if value < 13:
        return value, b""
    if value < 269:
        return 13, bytes((value - 13,))
    return 14, (value - 269).to_bytes(2, "big")


def encode_uint(value: int) -> bytes:
    """An option of format uint: no leading zero bytes, 0 is empty (RFC 7252 3.2)."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def encode(message: Message) -> bytes:
    """A whole message to bytes."""
    head = encode_header(message.kind, message.code, message.message_id, message.token)
    body = encode_options(message.options)
    if message.payload:
        return head + body + b"\xff" + message.payload
    return head + body
