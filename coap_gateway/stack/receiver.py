"""Datagrams in: the guards before a request is believed, then OSCORE, then work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from coap_gateway.stack.answers import Answers
from coap_gateway.stack.codes import Code
from coap_gateway.stack.counters import Counters
from coap_gateway.stack.dedup import Duplicates
from coap_gateway.stack.endpoint import Route
from coap_gateway.stack.errors import (
    FormatError,
    RequestFailed,
    TooManyRequests,
)
from coap_gateway.stack.exchange import Exchange, failure
from coap_gateway.stack.options import OSCORE, InboundRequest, read_request
from coap_gateway.stack.outbox import Outbox, Outcome
from coap_gateway.stack.rates import SourceRates, retry_after
from coap_gateway.stack.requests import Peer, Request
from coap_gateway.stack.sampling import SampledLog
from coap_gateway.stack.unprotect import Unprotect
from coap_gateway.stack.wire import ACK, CON, HEADER_BYTES, NON, RST, Message, decode, encode_header
from coap_gateway.stack.work import Work

log = logging.getLogger(__name__)

VERSION_1 = 1
RESERVED_CLASSES = frozenset({1, 6, 7})


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an unsecured peer is taken for in development."""

    credential_id: int
    credential: Any


Unsecured = Callable[[Request], Identity | None]


class Receiver:
    """Sorts datagrams by the rules of RFC 7252 section 4 and hands requests on."""

    def __init__(
        self,
        outbox: Outbox,
        duplicates: Duplicates,
        answers: Answers,
        unprotect: Unprotect,
        work: Work,
        rates: SourceRates,
        counters: Counters,
        unsecured: Unsecured | None,
    ) -> None:
        self._outbox = outbox
        self._duplicates = duplicates
        self._answers = answers
        self._unprotect = unprotect
        self._work = work
        self._counters = counters
        self._unsecured = unsecured
        self._now = asyncio.get_running_loop().time
        self._rates = rates
        self._samples = SampledLog(log)

    def receive(self, datagram: bytes, route: Route) -> None:
        """Take one datagram; never raises."""
        self._counters.received += 1
        self._counters.received_bytes += len(datagram)
        try:
            self._sort(datagram, route)
        except FormatError as error:
            self._reject(datagram, route, error.reason)
        except Exception:
            log.exception("a datagram from %s was dropped because of a bug", route[0])

    def _sort(self, datagram: bytes, route: Route) -> None:
        if len(datagram) < HEADER_BYTES:
            self._count_undecodable("shorter than a header", datagram, route)
            return
        if datagram[0] >> 6 != VERSION_1:
            self._counters.wrong_version += 1
            return
        kind = datagram[0] >> 4 & 3
        code = datagram[1]
        if kind in (ACK, RST):
            self._settle(datagram, kind, route)
            if code != Code.EMPTY and kind == ACK:
                self._outbox.hear(decode(datagram), route)
        elif 0 < code < 32:
            self._request(datagram, route)
        elif code == Code.EMPTY:
            self._empty(datagram, kind, route)
        elif code >> 5 in RESERVED_CLASSES:
            raise FormatError("reserved code class")
        elif self._answered(datagram, route):
            return
        elif kind == CON:
            self._counters.rejected["unexpected response"] += 1
            self._answers.reset(route, _message_id(datagram))

    def _settle(self, datagram: bytes, kind: int, route: Route) -> None:
        outcome = Outcome.ACKNOWLEDGED if kind == ACK else Outcome.RESET
        self._outbox.settle(route, _message_id(datagram), outcome)

    def _answered(self, datagram: bytes, route: Route) -> bool:
        """An answer in a message of its own (RFC 7252 5.2.2), to a question of ours."""
        message = decode(datagram)
        is_ours = self._outbox.hear(message, route)
        if is_ours and message.kind == CON:
            self._outbox.send(encode_header(ACK, Code.EMPTY, message.message_id), route)
        return is_ours

    def _empty(self, datagram: bytes, kind: int, route: Route) -> None:
        if len(datagram) > HEADER_BYTES or datagram[0] & 0x0F:
            raise FormatError("bytes after an empty message")
        if kind == CON:
            self._counters.pings += 1
            self._answers.reset(route, _message_id(datagram))

    def _reject(self, datagram: bytes, route: Route, reason: str) -> None:
        """Reset a confirmable message that is malformed, ignore any other (RFC 7252 4.2, 4.3)."""
        self._count_undecodable(reason, datagram, route)
        if datagram[0] >> 4 & 3 == CON:
            self._answers.reset(route, _message_id(datagram))

    def _count_undecodable(self, reason: str, datagram: bytes, route: Route) -> None:
        self._counters.undecodable += 1
        self._samples.note(reason, route[0], datagram, self._now())

    def _request(self, datagram: bytes, route: Route) -> None:
        now = self._now()
        wait = self._rates.all.wait(route[0], now)
        if wait:
            self._over_rate(decode(datagram), route, wait, now)
            return
        fingerprint = hash(datagram)
        seen = self._duplicates.find(route, datagram[2] << 8 | datagram[3], fingerprint, now)
        if seen is not None:
            self._counters.deduplicated += 1
            if seen.answer is not None and datagram[0] >> 4 & 3 == CON:
                self._outbox.send(seen.answer, route)
            return
        message = decode(datagram)
        exchange = _exchange(message, route)
        exchange.fingerprint = fingerprint
        for number, value in message.options:
            if number == OSCORE:
                self._protected(exchange, message, value, now)
                return
        self._plain(exchange, message, now)

    def _over_rate(self, message: Message, route: Route, wait: float, now: float) -> None:
        """4.29 for some, silence for the rest: refusing must stay cheaper than serving."""
        self._counters.rate_limited += 1
        if self._rates.refusals.wait(route[0], now):
            self._counters.dropped += 1
            return
        error = TooManyRequests("", max_age=retry_after(wait))
        self._answers.answer(_exchange(message, route), failure(error))

    def _protected(self, exchange: Exchange, message: Message, option: bytes, now: float) -> None:
        if not message.payload:
            raise FormatError("OSCORE without a payload")
        try:
            self._unprotect.take(exchange, message, option, now)
        except RequestFailed as error:
            self._plain_error(exchange, error)

    def _plain(self, exchange: Exchange, message: Message, now: float) -> None:
        route = exchange.route
        wait = self._rates.strangers.wait(route[0], now) if self._unsecured is None else 0
        if wait:
            self._over_rate(message, route, wait, now)
            return
        try:
            request = read_request(
                message.code, message.options, message.payload, Peer((route[0], route[1]))
            )
        except RequestFailed as error:
            self._plain_error(exchange, error)
            return
        exchange.peer_key = route
        if self._unsecured is not None:
            self._identify(exchange, request, self._unsecured)
        if exchange.peer_key is not route or request.method is not Code.GET:
            exchange.entry = self._duplicates.remember(
                route, message.message_id, exchange.fingerprint, now
            )
        self._work.take(exchange, request)

    def _identify(self, exchange: Exchange, request: InboundRequest, unsecured: Unsecured) -> None:
        identity = unsecured(request)
        if identity is not None:
            request.peer.credential = identity.credential
            request.peer.credential_id = identity.credential_id
            exchange.peer_key = identity.credential_id

    def _plain_error(self, exchange: Exchange, error: RequestFailed) -> None:
        """An error found before the peer is known.

        A non-confirmable request with a critical option that is not understood is ignored, as
        RFC 7252 5.4.1 has it.
        """
        self._counters.refuse(error, exchange.route[0], self._now())
        exchange.answered = True
        if exchange.kind == NON and error.code is Code.BAD_OPTION:
            return
        self._answers.answer(exchange, failure(error))


def _exchange(message: Message, route: Route) -> Exchange:
    return Exchange(route, message.kind, message.message_id, message.token, message.code)


def _message_id(datagram: bytes) -> int:
    return datagram[2] << 8 | datagram[3]
