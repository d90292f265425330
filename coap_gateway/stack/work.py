"""From a decoded request to its answer: resource, body, handler, observation."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Hashable
from functools import partial

from coap_gateway.stack.answers import Answers
from coap_gateway.stack.blocks import Assemblies, Block, LongAnswers
from coap_gateway.stack.codes import Code
from coap_gateway.stack.counters import Counters
from coap_gateway.stack.errors import (
    EntityIncomplete,
    EntityTooLarge,
    RequestFailed,
    Unavailable,
)
from coap_gateway.stack.exchange import SIZE_EXPONENT, Exchange, failure
from coap_gateway.stack.limits import Limits
from coap_gateway.stack.notifier import Notifier
from coap_gateway.stack.observers import Observation, Observers
from coap_gateway.stack.options import InboundRequest
from coap_gateway.stack.requests import Response
from coap_gateway.stack.site import Handler, Resource, Site
from coap_gateway.stack.wire import CON

log = logging.getLogger(__name__)

BUSY_RETRY_S = 2


class Work:
    """Runs handlers, within `Limits.requests_in_flight_max` and its share for each peer."""

    def __init__(
        self,
        site: Site,
        answers: Answers,
        observers: Observers,
        notifier: Notifier,
        limits: Limits,
        counters: Counters,
    ) -> None:
        self._site = site
        self._answers = answers
        self._observers = observers
        self._notifier = notifier
        self._limits = limits
        self._counters = counters
        self._loop = asyncio.get_running_loop()
        self._assemblies = Assemblies(limits, counters)
        self._long_answers = LongAnswers(limits)
        self._running: set[asyncio.Future[Response]] = set()
        self._in_flight: Counter[Hashable] = Counter()

    def take(self, exchange: Exchange, request: InboundRequest) -> None:
        """Work on a request whose peer is known; the answer goes out by itself."""
        exchange.request = request
        try:
            resource, handler = self._site.resolve(request)
            if not self._body_complete(exchange, request):
                return
            if request.block2 is not None and self._later_block(exchange, request):
                return
            self._check_in_flight(exchange)
        except RequestFailed as error:
            self._counters.refuse(error, exchange.route[0], self._loop.time())
            self._answers.answer(exchange, failure(error))
            return
        try:
            result = handler(request)
        except RequestFailed as error:
            self._refuse(exchange, error)
            return
        except Exception:  # noqa: BLE001 - it is logged, and the peer gets 5.00
            self._failed(exchange)
            return
        if isinstance(result, Response):
            self._answer(exchange, resource, handler, result)
            return
        future = result if isinstance(result, asyncio.Future) else self._loop.create_task(result)
        self._running.add(future)
        self._in_flight[exchange.peer_key] += 1
        future.add_done_callback(partial(self._finished, exchange, resource, handler))
        self._answers.expect_late(exchange)

    async def close(self) -> None:
        """Cancel what runs and wait for it to end."""
        running = list(self._running)
        for future in running:
            future.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _finished(
        self,
        exchange: Exchange,
        resource: Resource,
        handler: Handler,
        future: asyncio.Future[Response],
    ) -> None:
        self._running.discard(future)
        left = self._in_flight[exchange.peer_key] - 1
        if left:
            self._in_flight[exchange.peer_key] = left
        else:
            del self._in_flight[exchange.peer_key]
        if future.cancelled():
            self._refuse(exchange, Unavailable("going down", max_age=BUSY_RETRY_S))
            return
        error = future.exception()
        if error is None:
            self._answer(exchange, resource, handler, future.result())
        elif isinstance(error, RequestFailed):
            self._refuse(exchange, error)
        else:
            self._failed(exchange, error)

    def _answer(
        self, exchange: Exchange, resource: Resource, handler: Handler, response: Response
    ) -> None:
        request = exchange.request
        assert request is not None
        if request.observe is not None and resource.observable and exchange.trusted:
            self._observe(exchange, request, handler, response)
        if len(response.payload) > 16 << SIZE_EXPONENT or request.block2 is not None:
            self._long_answers.keep(_body_key(exchange, request), response, self._loop.time())
        self._answers.answer(exchange, response)

    def _refuse(self, exchange: Exchange, error: RequestFailed) -> None:
        """Answer a handler's refusal; the handler knows best what of it to log."""
        self._counters.rejected[error.code.dotted] += 1
        self._answers.answer(exchange, failure(error))

    def _failed(self, exchange: Exchange, error: BaseException | None = None) -> None:
        request = exchange.request
        assert request is not None
        self._counters.handler_failures += 1
        log.error(
            "handler of %s /%s failed",
            request.method.name,
            "/".join(request.path),
            exc_info=error or True,
        )
        self._answers.answer(exchange, Response(Code.INTERNAL_SERVER_ERROR))

    def _check_in_flight(self, exchange: Exchange) -> None:
        limits = self._limits
        mine = self._in_flight.get(exchange.peer_key, 0)
        if mine >= limits.requests_in_flight_per_peer_max:
            raise Unavailable("too many of your requests are at work", max_age=BUSY_RETRY_S)
        if len(self._running) >= limits.requests_in_flight_max:
            raise Unavailable("too many requests are at work", max_age=BUSY_RETRY_S)

    def _body_complete(self, exchange: Exchange, request: InboundRequest) -> bool:
        """Put blocks together; False if an answer asking for the next one went out."""
        limits = self._limits
        if len(request.payload) > limits.body_bytes_max or (
            request.size1 is not None and request.size1 > limits.body_bytes_max
        ):
            raise EntityTooLarge("body too long", size=limits.body_bytes_max)
        block = request.block1
        if block is None:
            return True
        exchange.block1 = Block(block.number, block.more, block.size_exponent)
        key = _body_key(exchange, request)
        body = self._assemblies.feed(
            key, exchange.peer_key, block, request.payload, self._loop.time()
        )
        if body is None:
            self._answers.answer(exchange, Response(Code.CONTINUE))
            return False
        request.payload = body
        return True

    def _later_block(self, exchange: Exchange, request: InboundRequest) -> bool:
        """Answer from a kept long answer; True if that was possible."""
        assert request.block2 is not None
        if request.block2.number == 0:
            return False
        kept = self._long_answers.find(_body_key(exchange, request), self._loop.time())
        if kept is not None:
            self._answers.answer(exchange, kept)
            return True
        if request.method is Code.GET:
            return False
        raise EntityIncomplete("the answer is gone: send the request again")

    def _observe(
        self, exchange: Exchange, request: InboundRequest, handler: Handler, response: Response
    ) -> None:
        """Register or deregister (RFC 7641 4.1); refused registrations get a plain answer."""
        credential_id = request.peer.credential_id
        assert credential_id is not None
        if request.observe == 1:
            self._observers.cancel(exchange.route, exchange.token, credential_id)
            return
        if request.observe != 0 or request.method is not Code.GET or not response.code.is_success:
            return
        observation = Observation(
            exchange.route,
            exchange.token,
            exchange.kind == CON,
            request,
            handler,
            credential_id,
            exchange.context,
            exchange.binding,
            self._loop.time(),
        )
        if self._observers.add(observation):
            exchange.observe = self._notifier.next_number()


def _body_key(exchange: Exchange, request: InboundRequest) -> Hashable:
    """What blocks of one body have in common (RFC 7959 2.5, RFC 9175 3)."""
    return exchange.peer_key, request.method, request.path, request.query, request.request_tag
