"""Peers that speak to a server in raw datagrams."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, field, replace
from itertools import count

from coap_gateway.stack import Code, SecurityMaterial
from coap_gateway.stack.oscore import Binding, Context, OscoreOption
from coap_gateway.stack.replies import Ask, Reply, read_reply
from coap_gateway.stack.wire import (
    CON,
    Message,
    Option,
    decode,
    decode_options,
    encode_header,
    encode_options,
)

PATIENCE_S = 5.0
OSCORE = 9
PING = bytes.fromhex("4000fffe")
PONG = bytes.fromhex("7000fffe")
TOKEN = b"\xaa\xbb"

GATEWAY = SecurityMaterial(7, b"0123456789abcdef", sender_id=b"G", recipient_id=b"D1")
DEVICE = replace(GATEWAY, sender_id=b"D1", recipient_id=b"G")


class RawPeer:
    """A UDP socket of its own towards one server."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.connect((host, port))
        self._ids = count(1)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def next_id(self) -> int:
        """A message id that this peer has not used."""
        return next(self._ids)

    def send(self, datagram: bytes) -> None:
        """Send without waiting."""
        self._socket.send(datagram)

    async def hear(self) -> bytes:
        """The next datagram from the server."""
        async with asyncio.timeout(PATIENCE_S):
            return await asyncio.get_running_loop().sock_recv(self._socket, 65_535)

    async def ask(self, datagram: bytes) -> bytes:
        """Send, and the next datagram back."""
        self.send(datagram)
        return await self.hear()

    async def is_ignored(self, datagram: bytes) -> bool:
        """True if the server stays silent: a ping sent afterwards is answered first."""
        return await self.ask_twice(datagram) == PONG

    async def ask_twice(self, datagram: bytes) -> bytes:
        """Send a datagram and then a ping; what comes back first."""
        self.send(datagram)
        return await self.ask(PING)

    async def request(
        self,
        method: Code,
        *options: Option,
        payload: bytes = b"",
        kind: int = CON,
        message_id: int | None = None,
    ) -> Message:
        """A request without OSCORE, and its answer."""
        if message_id is None:
            message_id = self.next_id()
        body = encode_options(list(options)) + (b"\xff" + payload if payload else b"")
        return decode(await self.ask(encode_header(kind, method, message_id, TOKEN) + body))


@dataclass
class RawDevice:
    """A device that makes its protected datagrams by hand."""

    peer: RawPeer
    material: SecurityMaterial = DEVICE
    sequence: int = 0
    context: Context = field(init=False)

    def __post_init__(self) -> None:
        self.context = Context(self.material, 32)

    def seal(
        self,
        ask: Ask,
        *,
        sequence: int | None = None,
        message_id: int | None = None,
        kind: int = CON,
        token: bytes = TOKEN,
        outer: tuple[Option, ...] = (),
        plaintext: bytes | None = None,
    ) -> tuple[bytes, Binding]:
        """A protected datagram and the binding of its answer."""
        if sequence is None:
            sequence = self.sequence
            self.sequence += 1
        if plaintext is None:
            body = encode_options(ask.options()) + (b"\xff" + ask.payload if ask.payload else b"")
            plaintext = bytes((ask.method,)) + body
        option, ciphertext, binding = self.context.seal_request(sequence, plaintext)
        code = Code.POST if ask.observe is None else Code.FETCH
        options = sorted([*outer, (OSCORE, option)])
        if message_id is None:
            message_id = self.peer.next_id()
        head = encode_header(kind, code, message_id, token)
        return head + encode_options(options) + b"\xff" + ciphertext, binding

    def open(self, datagram: bytes, binding: Binding) -> Reply:
        """The reply inside a datagram; an unprotected one stays as it is."""
        message = decode(datagram)
        option = dict(message.options).get(OSCORE)
        if option is None:
            return read_reply(message.code, message.options, message.payload)
        decoded = OscoreOption.decode(option)
        plaintext, _ = self.context.open_response(binding, decoded, message.payload)
        reply = read_reply(plaintext[0], *decode_options(plaintext, 1))
        reply.protected = True
        return reply

    async def ask(self, ask: Ask) -> Reply:
        """Send once; the answer, Echo challenges included."""
        datagram, binding = self.seal(ask)
        return self.open(await self.peer.ask(datagram), binding)

    async def introduce(self, ask: Ask | None = None) -> Reply:
        """Ask, answer the Echo challenge, and give the answer to that."""
        ask = ask or Ask(Code.GET, ("state",))
        challenge = await self.ask(ask)
        return await self.ask(replace(ask, echo=challenge.echo))
