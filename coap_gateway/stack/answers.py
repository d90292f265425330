"""Answers out: protection, piggy-backing, separate responses, copies for duplicates."""

from __future__ import annotations

import asyncio
import logging
from collections import deque

from coap_gateway.stack.codes import Code
from coap_gateway.stack.contexts import Contexts
from coap_gateway.stack.counters import Counters
from coap_gateway.stack.dedup import Duplicates
from coap_gateway.stack.endpoint import Route
from coap_gateway.stack.exchange import (
    MAX_AGE_ZERO,
    Exchange,
    outer_options,
    render,
    unwanted,
)
from coap_gateway.stack.limits import Limits
from coap_gateway.stack.outbox import Outbox
from coap_gateway.stack.requests import Response
from coap_gateway.stack.wire import ACK, CON, NON, RST, encode_header

log = logging.getLogger(__name__)


class Answers:
    """Sends answers for exchanges; everything the server sends passes through `send`."""

    def __init__(
        self,
        outbox: Outbox,
        duplicates: Duplicates,
        contexts: Contexts,
        limits: Limits,
        counters: Counters,
    ) -> None:
        self._outbox = outbox
        self._duplicates = duplicates
        self._contexts = contexts
        self._limits = limits
        self._counters = counters
        self._loop = asyncio.get_running_loop()
        self._unacknowledged: deque[tuple[float, Exchange]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: set[asyncio.Task[None]] = set()

    def answer(self, exchange: Exchange, response: Response) -> None:
        """Protect and send the answer of an exchange, once."""
        exchange.answered = True
        if unwanted(exchange.request, response.code):
            self._stay_silent(exchange)
            return
        code, body = render(exchange, response)
        self._counters.answered[code] += 1
        context = exchange.context
        if context is None:
            self._send_plain(exchange, code, body)
            return
        binding = exchange.binding
        assert binding is not None
        sequence = None
        if not binding.reusable:
            sequence = context.take_sequence()
            self._contexts.top_up(context)
            if sequence is None:
                self._spawn_refill(exchange, response)
                return
        option, ciphertext = context.seal_response(binding, bytes((code,)) + body, sequence)
        outer = Code.CONTENT if exchange.outer_code == Code.FETCH else Code.CHANGED
        self._send(exchange, outer, outer_options(option, exchange.observe) + b"\xff" + ciphertext)

    def refuse_unprotected(self, exchange: Exchange, code: Code) -> None:
        """An error outside OSCORE (RFC 8613 8.2): Max-Age 0, no text, always the same size."""
        exchange.answered = True
        self._counters.answered[code] += 1
        exchange.context = None
        self._send(exchange, code, MAX_AGE_ZERO)

    def reset(self, route: Route, message_id: int) -> None:
        """Reject a message (RFC 7252 4.2), or answer a ping."""
        self._outbox.send(encode_header(RST, Code.EMPTY, message_id), route)

    def expect_late(self, exchange: Exchange) -> None:
        """The handler is at work: acknowledge emptily if it takes `Limits.empty_ack_delay_s`."""
        if exchange.kind != CON:
            return
        deadline = self._loop.time() + self._limits.empty_ack_delay_s
        self._unacknowledged.append((deadline, exchange))
        if self._timer is None:
            self._timer = self._loop.call_at(deadline, self._acknowledge_late)

    async def close(self) -> None:
        """Stop timers and what waits for sequence numbers."""
        if self._timer is not None:
            self._timer.cancel()
        for task in self._waiting:
            task.cancel()
        await asyncio.gather(*self._waiting, return_exceptions=True)

    def _send_plain(self, exchange: Exchange, code: int, body: bytes) -> None:
        most = self._limits.unauthenticated_bytes_max - 4 - len(exchange.token)
        if not exchange.trusted and len(body) > most:
            log.error("an answer of %d bytes without OSCORE was withheld", len(body))
            code, body = Code.INTERNAL_SERVER_ERROR, b""
        self._send(exchange, code, body)

    def _send(self, exchange: Exchange, code: int, body: bytes) -> None:
        route = exchange.route
        if exchange.kind == CON and not exchange.acknowledged:
            head = encode_header(ACK, code, exchange.message_id, exchange.token)
            datagram = head + body
            if exchange.entry is not None:
                self._duplicates.answer(route, exchange.message_id, exchange.entry, datagram)
            self._outbox.send(datagram, route)
            return
        message_id = self._outbox.next_message_id(route)
        if exchange.kind == CON and exchange.trusted:
            head = encode_header(CON, code, message_id, exchange.token)
            self._outbox.transmit(route, message_id, head + body)
            return
        head = encode_header(NON, code, message_id, exchange.token)
        self._outbox.send(head + body, route)

    def _stay_silent(self, exchange: Exchange) -> None:
        if exchange.kind == CON and not exchange.acknowledged:
            self._acknowledge(exchange)

    def _acknowledge(self, exchange: Exchange) -> None:
        exchange.acknowledged = True
        datagram = encode_header(ACK, Code.EMPTY, exchange.message_id)
        if exchange.entry is not None:
            self._duplicates.answer(exchange.route, exchange.message_id, exchange.entry, datagram)
        self._outbox.send(datagram, exchange.route)

    def _acknowledge_late(self) -> None:
        now = self._loop.time()
        waiting = self._unacknowledged
        while waiting and (waiting[0][1].answered or waiting[0][0] <= now):
            exchange = waiting.popleft()[1]
            if not exchange.answered:
                self._acknowledge(exchange)
        self._timer = None
        if waiting:
            self._timer = self._loop.call_at(waiting[0][0], self._acknowledge_late)

    def _spawn_refill(self, exchange: Exchange, response: Response) -> None:
        task = self._loop.create_task(self._answer_refilled(exchange, response))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def _answer_refilled(self, exchange: Exchange, response: Response) -> None:
        """Sequence numbers ran out: reserve some first. Without any, the peer will ask again."""
        assert exchange.context is not None
        try:
            await self._contexts.refill(exchange.context)
        except Exception:
            log.exception("no sequence number for an answer")
            return
        self.answer(exchange, response)
