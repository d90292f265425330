"""A device as server: it answers its gateway's requests, each proven fresh by Echo (RFC 9175)."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from coap_gateway.stack.codes import Code
from coap_gateway.stack.echo import EchoMint
from coap_gateway.stack.endpoint import Route
from coap_gateway.stack.errors import FormatError, OscoreError, RequestFailed
from coap_gateway.stack.options import OSCORE, read_request, response_options
from coap_gateway.stack.oscore import Binding, Context, OscoreOption
from coap_gateway.stack.requests import Peer, Request, Response
from coap_gateway.stack.wire import (
    ACK,
    CON,
    Message,
    decode_options,
    encode_header,
    encode_options,
)

ECHO_AGE_S = 30.0
"""How long a challenge may be answered: no captured request is good for longer."""
ANSWERS_KEPT_MAX = 16

Answer = Callable[[Request], Response]
"""Answers a request whose freshness is proven; may raise `RequestFailed`."""


class Answering:
    """Opens protected requests of the gateway and answers them.

    Every request has to bear an Echo that was given out here a moment ago: so one that somebody
    recorded and plays later ("open!") is worth nothing, also right after the device has booted
    and knows no sequence number of the gateway's (RFC 8613 appendix B.1.2).
    """

    def __init__(self, context: Context, take_sequence: Callable[[], int], answer: Answer) -> None:
        self._context = context
        self._take_sequence = take_sequence
        self._answer = answer
        self._echo = EchoMint(ECHO_AGE_S)
        self._kept: OrderedDict[tuple[Route, int], bytes] = OrderedDict()
        self._now = asyncio.get_running_loop().time

    def hear(self, message: Message, route: Route) -> bytes | None:
        """The datagram to send back; None for a message that deserves none."""
        key = (route, message.message_id)
        if message.kind == CON and key in self._kept:
            return self._kept[key]
        option = next((value for number, value in message.options if number == OSCORE), None)
        if message.kind != CON or option is None:
            return None
        try:
            datagram = self._open(message, option, route)
        except (OscoreError, FormatError):
            return None
        self._kept[key] = datagram
        while len(self._kept) > ANSWERS_KEPT_MAX:
            self._kept.popitem(last=False)
        return datagram

    def _open(self, message: Message, option: bytes, route: Route) -> bytes:
        decoded = OscoreOption.decode(option)
        window = self._context.window
        sequence = int.from_bytes(decoded.partial_iv, "big")
        plaintext, binding = self._context.open_request(decoded.partial_iv, message.payload)
        if window.initialised and not window.is_new(sequence):
            raise OscoreError(Code.UNAUTHORIZED, "replay detected")
        options, payload = decode_options(plaintext, 1)
        peer = Peer((route[0], route[1]))
        try:
            request = read_request(plaintext[0], options, payload, peer)
            response = self._fresh(request, sequence)
        except RequestFailed as error:
            response = Response(error.code, error.diagnostic, max_age=error.max_age)
        return self._sealed(message, response, binding)

    def _fresh(self, request: Request, sequence: int) -> Response:
        host, mark, now = request.peer.address[0], self._context.mark, self._now()
        if not self._echo.accepts(request.echo, mark, host, now):
            return Response(Code.UNAUTHORIZED, echo=self._echo.issue(mark, host, now))
        if self._context.window.initialised:
            self._context.window.strike(sequence)
        else:
            self._context.window.start_at(sequence)
        return self._answer(request)

    def _sealed(self, message: Message, response: Response, binding: Binding) -> bytes:
        plain = bytes((response.code,)) + encode_options(
            response_options(response, None, None, None)
        )
        if response.payload:
            plain += b"\xff" + response.payload
        option, ciphertext = self._context.seal_response(binding, plain, self._take_sequence())
        head = encode_header(ACK, Code.CHANGED, message.message_id, message.token)
        return head + encode_options([(OSCORE, option)]) + b"\xff" + ciphertext
