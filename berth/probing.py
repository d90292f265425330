"""Asking whether somebody answers: over HTTP, and over CoAP with its ping."""

import asyncio
import secrets
import socket
from contextlib import suppress

from berth.addresses import reachable

ANSWER_SECONDS_MAX = 1.0
HEAD_BYTES_MAX = 4096

COAP_PING = 0x40
"""Version 1, confirmable, no token; with code 0.00 it is a ping (RFC 7252 section 4.3)."""
COAP_RESET = 0x70


async def answers_http(host: str, port: int, path: str) -> bool:
    """Whether a GET of `path` is answered with 200."""
    return (await http_status(host, port, path)) == 200


async def http_status(host: str, port: int, path: str) -> int | None:
    """The status that a GET is answered with; None when nobody answers in time."""
    target = reachable(host).strip("[]")
    with suppress(OSError, TimeoutError, ValueError, IndexError):
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            reader, writer = await asyncio.open_connection(target, port, limit=HEAD_BYTES_MAX)
            try:
                request = f"GET {path} HTTP/1.1\r\nHost: {reachable(host)}:{port}\r\n"
                writer.write(f"{request}Connection: close\r\n\r\n".encode())
                line = await reader.readline()
                return int(line.split()[1])
            finally:
                writer.close()
    return None


async def answers_coap(host: str, port: int) -> bool:
    """Whether a CoAP ping is answered."""
    message_id = secrets.token_bytes(2)
    loop = asyncio.get_running_loop()
    with suppress(OSError, TimeoutError):
        target = reachable(host).strip("[]")
        [found, *_] = await loop.getaddrinfo(target, port, type=socket.SOCK_DGRAM)
        with socket.socket(found[0], socket.SOCK_DGRAM) as asking:
            asking.setblocking(False)
            asking.connect(found[4])
            asking.send(bytes([COAP_PING, 0]) + message_id)
            async with asyncio.timeout(ANSWER_SECONDS_MAX):
                return await loop.sock_recv(asking, 64) == bytes([COAP_RESET, 0]) + message_id
    return False
