"""A CoAP client for virtual devices and tests: OSCORE, Echo, blocks, observation.

One client is a few hundred bytes; thousands share a `ClientSocket`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from coap_gateway.stack.answering import Answer, Answering
from coap_gateway.stack.blocks import Block
from coap_gateway.stack.client_socket import ClientSocket
from coap_gateway.stack.codes import Code
from coap_gateway.stack.errors import OscoreError, RequestTimeout
from coap_gateway.stack.options import OBSERVE, OSCORE
from coap_gateway.stack.oscore import Binding, Context, OscoreOption
from coap_gateway.stack.replies import Ask, Reply, parts, read_reply
from coap_gateway.stack.security import SecurityMaterial
from coap_gateway.stack.sequences import MemorySequences, SequenceStore
from coap_gateway.stack.wire import Message, Option, decode_options, encode_options

ANSWER_S = 93.0
"""MAX_TRANSMIT_WAIT (RFC 7252 4.8.2)."""
SEQUENCE_BLOCK = 100
BLOCK_EXPONENT = 6
ECHO_ROUNDS_MAX = 3
"""A gateway that restarts between its challenge and the answer to it asks once more."""


class DeviceClient:
    """Requests of one device to one server.

    ``material`` is seen from the device: ``sender_id`` is its own kid. None sends without OSCORE.
    A request is given up after ``answer_s`` seconds without an answer.
    """

    def __init__(
        self,
        socket: ClientSocket,
        material: SecurityMaterial | None = None,
        sequences: SequenceStore | None = None,
        *,
        window_bits: int = 32,
        answer_s: float = ANSWER_S,
    ) -> None:
        self._socket = socket
        self._context = Context(material, window_bits) if material is not None else None
        self._sequences = sequences or MemorySequences()
        self._answer_s = answer_s

    async def request(
        self,
        method: Code,
        path: str | tuple[str, ...],
        payload: bytes = b"",
        *,
        content_format: int | None = None,
        accept: int | None = None,
        query: tuple[str, ...] = (),
        etags: tuple[bytes, ...] = (),
        confirmable: bool = True,
    ) -> Reply:
        """Send a request and give the whole answer, block-wise both ways where needed.

        An Echo challenge is answered by itself, up to `ECHO_ROUNDS_MAX` times; one beyond is the
        reply. Raises `RequestTimeout`, `Reset` or `OscoreError`.
        """
        ask = Ask(method, parts(path), payload, content_format, accept, query, etags)
        reply = await self._upload(ask, confirmable)
        return await self._download(ask, reply, confirmable)

    @asynccontextmanager
    async def observe(
        self, path: str | tuple[str, ...], *, accept: int | None = None
    ) -> AsyncIterator[asyncio.Queue[Reply]]:
        """Observe a resource: the queue gets the first answer and then each newer one.

        Leaving the context deregisters by forgetting: the next notification is reset.
        """
        ask = Ask(Code.GET, parts(path), accept=accept, observe=0)
        await self._freshen(ask)
        queue: asyncio.Queue[Reply] = asyncio.Queue()
        newest = -1

        def hear(heard: Message | Exception) -> None:
            nonlocal newest
            if isinstance(heard, Exception):
                return
            reply, sequence = self._open(heard, binding)
            if sequence is None or sequence > newest:
                newest = newest if sequence is None else sequence
                queue.put_nowait(reply)

        token = self._socket.listen(hear)
        code, body, binding = self._seal(ask)
        self._socket.send(code, token, body, confirmable=True)
        try:
            yield queue
        finally:
            self._socket.unlisten(token)

    def serve(self, answer: Answer) -> None:
        """Answer the server's own requests; the socket must be this device's alone."""
        assert self._context is not None, "only protected requests are answered"
        context = self._context
        answering = Answering(context, lambda: self._take_sequence(context), answer)
        self._socket.on_request = answering.hear

    async def _freshen(self, ask: Ask) -> None:
        """Get an Echo round out of the way before a request that cannot be repeated simply."""
        await self._ask(replace(ask, observe=None), True)

    async def _upload(self, ask: Ask, confirmable: bool) -> Reply:
        size = 16 << BLOCK_EXPONENT
        if len(ask.payload) <= size:
            return await self._ask(ask, confirmable)
        reply = Reply(Code.CONTINUE)
        for start in range(0, len(ask.payload), size):
            more = start + size < len(ask.payload)
            block = Block(start // size, more, BLOCK_EXPONENT)
            piece = ask.payload[start : start + size]
            part = replace(ask, payload=piece, block1=block, size1=len(ask.payload))
            reply = await self._ask(part, confirmable)
            if more and reply.code != Code.CONTINUE:
                return reply
        return reply

    async def _download(self, ask: Ask, reply: Reply, confirmable: bool) -> Reply:
        whole = reply.payload
        last = reply
        while last.block2 is not None and last.block2.more:
            block = Block(last.block2.number + 1, False, last.block2.size_exponent)
            later = replace(ask, payload=b"", block2=block)
            last = await self._ask(later, confirmable)
            if not last.is_success or last.etag != reply.etag:
                return last
            whole += last.payload
        return replace(reply, payload=whole)

    async def _ask(self, ask: Ask, confirmable: bool) -> Reply:
        reply = await self._exchange(ask, confirmable)
        for _ in range(ECHO_ROUNDS_MAX):
            if not reply.is_challenge:
                break
            reply = await self._exchange(replace(ask, echo=reply.echo), confirmable)
        return reply

    async def _exchange(self, ask: Ask, confirmable: bool) -> Reply:
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()

        def hear(heard: Message | Exception) -> None:
            if future.done():
                return
            if isinstance(heard, Exception):
                future.set_exception(heard)
            else:
                future.set_result(heard)

        code, body, binding = self._seal(ask)
        token = self._socket.listen(hear)
        try:
            self._socket.send(code, token, body, confirmable=confirmable)
            async with asyncio.timeout(self._answer_s):
                message = await future
        except TimeoutError:
            raise RequestTimeout(f"no answer within {self._answer_s} s") from None
        finally:
            self._socket.unlisten(token)
        return self._open(message, binding)[0]

    def _seal(self, ask: Ask) -> tuple[int, bytes, Binding | None]:
        """Outer code, options with payload, and the binding of the answer."""
        options = ask.options()
        plain = encode_options(options)
        if ask.payload:
            plain += b"\xff" + ask.payload
        context = self._context
        if context is None:
            return ask.method, plain, None
        option, ciphertext, binding = context.seal_request(
            self._take_sequence(context), bytes((ask.method,)) + plain
        )
        outer: list[Option] = [(number, value) for number, value in options if number == OBSERVE]
        outer.append((OSCORE, option))
        code = Code.POST if ask.observe is None else Code.FETCH
        return code, encode_options(outer) + b"\xff" + ciphertext, binding

    def _take_sequence(self, context: Context) -> int:
        sequence = context.take_sequence()
        if sequence is None:
            context.add_sequences(self._sequences.reserve(SEQUENCE_BLOCK), SEQUENCE_BLOCK)
            sequence = context.take_sequence()
        if sequence is None:
            raise OscoreError(Code.BAD_REQUEST, "the credential's sequence numbers are used up")
        return sequence

    def _open(self, message: Message, binding: Binding | None) -> tuple[Reply, int | None]:
        """The reply and the number that orders notifications."""
        option = next((value for number, value in message.options if number == OSCORE), None)
        if self._context is None or binding is None or option is None:
            reply = read_reply(message.code, message.options, message.payload)
            return reply, reply.observe
        plaintext, sequence = self._context.open_response(
            binding, OscoreOption.decode(option), message.payload
        )
        options, payload = decode_options(plaintext, 1)
        reply = read_reply(plaintext[0], options, payload)
        reply.protected = True
        if all(number != OBSERVE for number, _ in message.options):
            reply.observe = None
        return reply, sequence
