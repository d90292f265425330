"""Own requests of a server, to devices whose OSCORE context it holds (RFC 8613 section 8.1).

A context serves both ways: a gateway that answers a device may also ask it. What it sends takes a
sender sequence number of the same reserved blocks, so no nonce is ever used twice.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, replace

from coap_gateway.stack.codes import Code
from coap_gateway.stack.contexts import Contexts
from coap_gateway.stack.endpoint import Route
from coap_gateway.stack.errors import FormatError, OscoreError, RequestTimeout, Reset, Unreachable
from coap_gateway.stack.limits import Limits
from coap_gateway.stack.options import OSCORE
from coap_gateway.stack.oscore import Binding, Context, OscoreOption
from coap_gateway.stack.outbox import Outbox, Outcome
from coap_gateway.stack.replies import Ask, Reply, read_reply
from coap_gateway.stack.wire import (
    CON,
    Message,
    decode_options,
    encode_header,
    encode_options,
)

TOKEN_BYTES = 4


@dataclass(slots=True, eq=False)
class _Question:
    route: Route
    answer: asyncio.Future[Message]


class Asker:
    """Asks devices at the address that they were heard from last."""

    def __init__(self, contexts: Contexts, outbox: Outbox, limits: Limits) -> None:
        self._contexts = contexts
        self._outbox = outbox
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._questions: dict[bytes, _Question] = {}
        self._next_token = secrets.randbits(8 * TOKEN_BYTES)

    async def ask(self, credential_id: int, ask: Ask) -> Reply:
        """Send a confirmable request under OSCORE and give the answer.

        An Echo challenge (RFC 9175) is answered by itself. Raises `Unreachable` where the context
        is not held here or the device was never heard, `RequestTimeout`, `Reset`, `OscoreError`.
        """
        context = self._contexts.held(credential_id)
        if context is None or context.route is None:
            raise Unreachable("the device was not heard by this gateway yet")
        reply = await self._exchange(context, context.route, ask)
        if reply.code == Code.UNAUTHORIZED and reply.echo is not None:
            reply = await self._exchange(context, context.route, replace(ask, echo=reply.echo))
        return reply

    def heard(self, message: Message, route: Route) -> bool:
        """Take an answer in; False if nothing here asked for it."""
        question = self._questions.get(message.token)
        if question is None or question.route != route:
            return False
        if not question.answer.done():
            question.answer.set_result(message)
        return True

    def close(self) -> None:
        """Nobody will answer any more."""
        for question in self._questions.values():
            question.answer.cancel()

    async def _exchange(self, context: Context, route: Route, ask: Ask) -> Reply:
        if context.sequences_left == 0:
            await self._contexts.refill(context)
        sequence = context.take_sequence()
        self._contexts.top_up(context)
        if sequence is None:
            raise Unreachable("no sequence number is left for a request")
        plain = bytes((ask.method,)) + encode_options(ask.options())
        if ask.payload:
            plain += b"\xff" + ask.payload
        option, ciphertext, binding = context.seal_request(sequence, plain)
        body = encode_options([(OSCORE, option)]) + b"\xff" + ciphertext
        return _opened(context, binding, await self._send(route, body))

    async def _send(self, route: Route, body: bytes) -> Message:
        """One confirmable message, and what comes back for it."""
        token = self._fresh_token()
        question = _Question(route, self._loop.create_future())
        self._questions[token] = question
        message_id = self._outbox.next_message_id(route)
        head = encode_header(CON, Code.POST, message_id, token)

        def settled(outcome: Outcome) -> None:
            if question.answer.done() or outcome is Outcome.ACKNOWLEDGED:
                return
            is_reset = outcome is Outcome.RESET
            error = Reset("the device reset it") if is_reset else RequestTimeout("no answer")
            question.answer.set_exception(error)

        try:
            self._outbox.transmit(route, message_id, head + body, settled)
            async with asyncio.timeout(self._limits.answer_s):
                return await question.answer
        except TimeoutError:
            raise RequestTimeout(f"no answer within {self._limits.answer_s} s") from None
        finally:
            del self._questions[token]

    def _fresh_token(self) -> bytes:
        self._next_token = (self._next_token + 1) % (1 << 8 * TOKEN_BYTES)
        return self._next_token.to_bytes(TOKEN_BYTES, "big")


def _opened(context: Context, binding: Binding, message: Message) -> Reply:
    """The reply inside; an answer outside OSCORE proves nothing and is not believed."""
    option = next((value for number, value in message.options if number == OSCORE), None)
    if option is None:
        raise OscoreError(Code.BAD_REQUEST, "the answer came without OSCORE")
    plaintext, _ = context.open_response(binding, OscoreOption.decode(option), message.payload)
    try:
        options, payload = decode_options(plaintext, 1)
    except FormatError as error:
        raise OscoreError(Code.BAD_REQUEST, error.reason) from None
    reply = read_reply(plaintext[0], options, payload)
    reply.protected = True
    return reply
