"""OSCORE in: context, replay, decryption, freshness (RFC 8613 8.2 and B.1.2)."""

from __future__ import annotations

import asyncio
from functools import partial

from coap_gateway.stack.answers import Answers
from coap_gateway.stack.codes import Code
from coap_gateway.stack.contexts import Contexts
from coap_gateway.stack.counters import Counters
from coap_gateway.stack.dedup import Duplicates
from coap_gateway.stack.echo import EchoMint
from coap_gateway.stack.errors import (
    BadRequest,
    FormatError,
    OscoreError,
    RequestFailed,
    TooManyRequests,
    Unavailable,
)
from coap_gateway.stack.exchange import Exchange, failure
from coap_gateway.stack.limits import Limits
from coap_gateway.stack.options import OBSERVE, InboundRequest, check_outer, read_request
from coap_gateway.stack.oscore import Context, OscoreOption
from coap_gateway.stack.rates import RateLimiter, SourceRates, retry_after
from coap_gateway.stack.requests import Peer, Response
from coap_gateway.stack.wire import Message, decode_options
from coap_gateway.stack.work import Work

STORE_RETRY_S = 5


class Unprotect:
    """Opens protected requests and hands them to `Work`, or answers what stands in the way."""

    def __init__(
        self,
        contexts: Contexts,
        duplicates: Duplicates,
        answers: Answers,
        work: Work,
        rates: SourceRates,
        limits: Limits,
        counters: Counters,
    ) -> None:
        self._strangers = rates.strangers
        self._contexts = contexts
        self._duplicates = duplicates
        self._answers = answers
        self._work = work
        self._counters = counters
        self._echo = EchoMint(limits.echo_age_s)
        self._rates = RateLimiter(
            limits.credential_rate, limits.credential_burst, limits.rate_entries_max
        )
        self._loop = asyncio.get_running_loop()
        self._waiting: set[tuple[object, int]] = set()
        self._claims: set[asyncio.Task[None]] = set()

    def take(self, exchange: Exchange, message: Message, option: bytes, now: float) -> None:
        """Work on a protected request; raises `RequestFailed` for outer options that are wrong."""
        if len(message.options) > 1:
            check_outer(message.options)
        try:
            decoded = OscoreOption.decode(option)
            if decoded.kid is None or not decoded.partial_iv:
                raise OscoreError(Code.BAD_OPTION, "kid or partial IV is missing")
            context = self._contexts.find(decoded.kid, decoded.kid_context)
            if context is not None:
                self._open(exchange, message, context, decoded, now)
            else:
                self._load(exchange, message, decoded, now)
        except OscoreError as error:
            self._refuse(exchange, error, now)

    async def close(self) -> None:
        """End the claims under way."""
        for task in self._claims:
            task.cancel()
        await asyncio.gather(*self._claims, return_exceptions=True)

    def _refuse(self, exchange: Exchange, error: OscoreError, now: float) -> None:
        """Answer without protection, within the rate for strangers."""
        self._counters.rejected[f"oscore: {error.diagnostic}"] += 1
        self._counters.samples.note(f"oscore: {error.diagnostic}", exchange.route[0], b"", now)
        if self._strangers.wait(exchange.route[0], now):
            self._counters.dropped += 1
            return
        self._answers.refuse_unprotected(exchange, error.code)

    def _load(self, exchange: Exchange, message: Message, option: OscoreOption, now: float) -> None:
        assert option.kid is not None
        key = (option.kid, option.kid_context)
        if self._contexts.known_absent(key, now):
            self._counters.unknown_context += 1
            raise OscoreError(Code.UNAUTHORIZED, "context not found")
        waiting = (exchange.route, exchange.message_id)
        if waiting in self._waiting:
            self._counters.deduplicated += 1
            return
        resume = partial(self._loaded, exchange, message, option)
        if self._contexts.load(key, resume):
            self._waiting.add(waiting)
        else:
            self._counters.dropped += 1

    def _loaded(
        self,
        exchange: Exchange,
        message: Message,
        option: OscoreOption,
        context: Context | None,
        failed: bool,
    ) -> None:
        self._waiting.discard((exchange.route, exchange.message_id))
        if failed:
            error = Unavailable("", max_age=STORE_RETRY_S)
            self._answers.answer(exchange, failure(error))
            return
        now = self._loop.time()
        try:
            if context is None:
                self._counters.unknown_context += 1
                raise OscoreError(Code.UNAUTHORIZED, "context not found")
            self._open(exchange, message, context, option, now)
        except OscoreError as error:
            self._refuse(exchange, error, now)

    def _open(
        self,
        exchange: Exchange,
        message: Message,
        context: Context,
        option: OscoreOption,
        now: float,
    ) -> None:
        sequence = int.from_bytes(option.partial_iv, "big")
        window = context.window
        fresh = window.initialised
        if fresh and not window.is_new(sequence):
            self._counters.replayed += 1
            raise OscoreError(Code.UNAUTHORIZED, "replay detected")
        try:
            plaintext, binding = context.open_request(option.partial_iv, message.payload)
        except OscoreError:
            self._counters.undecryptable += 1
            raise
        binding.reusable = fresh
        exchange.context = context
        exchange.binding = binding
        exchange.peer_key = context.credential_id
        exchange.entry = self._duplicates.remember(
            exchange.route, exchange.message_id, exchange.fingerprint, now
        )
        if fresh:
            window.strike(sequence)
        try:
            request = self._read(exchange, message, plaintext, sequence, context)
            if fresh:
                self._accepted(exchange, request, now)
            else:
                self._prove(exchange, request, sequence, now)
        except RequestFailed as error:
            self._counters.refuse(error, exchange.route[0], now)
            self._answers.answer(exchange, failure(error))

    def _read(
        self,
        exchange: Exchange,
        message: Message,
        plaintext: bytes,
        sequence: int,
        context: Context,
    ) -> InboundRequest:
        material = context.material
        route = exchange.route
        peer = Peer((route[0], route[1]), material.credential, material.credential_id, sequence)
        if not plaintext:
            raise BadRequest("nothing inside")
        try:
            options, payload = decode_options(plaintext, 1)
        except FormatError as error:
            raise BadRequest(error.reason) from None
        request = read_request(plaintext[0], options, payload, peer)
        if request.observe is not None and not _observes(message):
            request.observe = None
        return request

    def _accepted(self, exchange: Exchange, request: InboundRequest, now: float) -> None:
        credential_id = request.peer.credential_id
        assert credential_id is not None
        exchange.request = request
        wait = self._rates.wait(credential_id, now)
        if wait:
            self._counters.rate_limited += 1
            raise TooManyRequests("", max_age=retry_after(wait))
        self._contexts.mark_used(credential_id)
        if exchange.context is not None:
            exchange.context.route = exchange.route
        self._work.take(exchange, request)

    def _prove(
        self, exchange: Exchange, request: InboundRequest, sequence: int, now: float
    ) -> None:
        """The window is unknown: let the peer show by Echo that this is no replay."""
        context = exchange.context
        assert context is not None
        host = request.peer.address[0]
        exchange.request = request
        if not self._echo.accepts(request.echo, context.mark, host, now):
            self._counters.echo_rounds += 1
            value = self._echo.issue(context.mark, host, now)
            self._answers.answer(exchange, Response(Code.UNAUTHORIZED, echo=value))
            return
        task = self._loop.create_task(self._claimed(exchange, request, context, sequence))
        self._claims.add(task)
        task.add_done_callback(self._claims.discard)
        self._answers.expect_late(exchange)

    async def _claimed(
        self, exchange: Exchange, request: InboundRequest, context: Context, sequence: int
    ) -> None:
        """Own the context durably, then trust the request; its PIV counts only once."""
        owned = await self._contexts.claim(context)
        window = context.window
        if window.initialised and not window.is_new(sequence):
            self._counters.replayed += 1
            error = OscoreError(Code.UNAUTHORIZED, "replay detected")
            self._refuse(exchange, error, self._loop.time())
            return
        try:
            if not owned:
                raise Unavailable("credential state cannot be stored", max_age=STORE_RETRY_S)
            if window.initialised:
                window.strike(sequence)
            else:
                window.start_at(sequence)
            binding = exchange.binding
            assert binding is not None
            binding.reusable = True
            self._accepted(exchange, request, self._loop.time())
        except RequestFailed as failed:
            self._counters.rejected[failed.code.dotted] += 1
            self._answers.answer(exchange, failure(failed))


def _observes(message: Message) -> bool:
    """True if the outer message carries Observe, too (RFC 8613 4.1.3.5)."""
    return any(number == OBSERVE for number, _ in message.options)
