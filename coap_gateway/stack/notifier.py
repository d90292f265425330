"""Notifications to observers (RFC 7641 4), plain or under OSCORE."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from coap_gateway.stack.codes import Code
from coap_gateway.stack.contexts import Contexts
from coap_gateway.stack.counters import Counters
from coap_gateway.stack.errors import RequestFailed
from coap_gateway.stack.exchange import Exchange, failure, outer_options, render
from coap_gateway.stack.limits import Limits
from coap_gateway.stack.observers import Observation, Observers
from coap_gateway.stack.outbox import Outbox, Outcome
from coap_gateway.stack.requests import Response
from coap_gateway.stack.site import Answer
from coap_gateway.stack.wire import CON, NON, encode_header

log = logging.getLogger(__name__)

OBSERVE_NUMBERS = 1 << 24


class Notifier:
    """Runs observed requests again and sends what comes out, newest state only."""

    def __init__(
        self,
        observers: Observers,
        outbox: Outbox,
        contexts: Contexts,
        limits: Limits,
        counters: Counters,
    ) -> None:
        self._observers = observers
        self._outbox = outbox
        self._contexts = contexts
        self._limits = limits
        self._counters = counters
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._number = 0

    def next_number(self) -> bytes:
        """Value of the Observe option: grows with every message to any observer."""
        self._number = (self._number + 1) % OBSERVE_NUMBERS
        return self._number.to_bytes((self._number.bit_length() + 7) // 8, "big")

    def changed(self, path: tuple[str, ...], credential_id: int | None = None) -> int:
        """Tell the observers of ``path``; how many there are."""
        observations = self._observers.at(path, credential_id)
        for observation in observations:
            self._refresh(observation)
        return len(observations)

    async def close(self) -> None:
        """Stop rendering."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _refresh(self, observation: Observation) -> None:
        if observation.busy:
            observation.dirty = True
            return
        observation.busy = True
        observation.dirty = False
        task = self._loop.create_task(self._notify(observation))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _notify(self, observation: Observation) -> None:
        response = await _rendered(observation)
        context = observation.context
        if context is not None and context.sequences_left == 0:
            try:
                await self._contexts.refill(context)
            except Exception:
                log.exception("no sequence number for a notification")
                observation.busy = False
                return
        if observation.ended or not self._still_valid(observation):
            return
        self._send(observation, response)

    def _still_valid(self, observation: Observation) -> bool:
        context = observation.context
        if context is None or self._contexts.is_current(context):
            return True
        self._observers.remove(observation)
        return False

    def _send(self, observation: Observation, response: Response) -> None:
        last = not response.code.is_success
        number = None if last else self.next_number()
        code, body = self._encode(observation, response, number)
        message_id = self._outbox.next_message_id(observation.route)
        confirm = observation.confirmable or self._confirmation_due(observation)
        head = encode_header(CON if confirm else NON, code, message_id, observation.token)
        self._counters.notified += 1
        if last:
            self._observers.remove(observation)
        if confirm:
            done = partial(self._settled, observation)
            self._outbox.transmit(observation.route, message_id, head + body, done)
            return
        observation.sent_since_confirmed += 1
        self._outbox.send(head + body, observation.route)
        self._settled(observation, None)

    def _encode(
        self, observation: Observation, response: Response, number: bytes | None
    ) -> tuple[int, bytes]:
        """Outer code and body of a notification."""
        context, binding = observation.context, observation.binding
        exchange = Exchange(
            observation.route,
            CON,
            0,
            observation.token,
            context=context,
            request=observation.request,
            observe=number,
        )
        code, body = render(exchange, response)
        if context is None or binding is None:
            return code, body
        sequence = context.take_sequence()
        self._contexts.top_up(context)
        option, ciphertext = context.seal_response(binding, bytes((code,)) + body, sequence)
        return Code.CONTENT, outer_options(option, number) + b"\xff" + ciphertext

    def _confirmation_due(self, observation: Observation) -> bool:
        """Now and then a notification must be confirmed, or dead observers stay (RFC 7641 4.5)."""
        limits = self._limits
        quiet = self._loop.time() - observation.confirmed_at
        many = observation.sent_since_confirmed >= limits.observer_confirm_every - 1
        return many or quiet > limits.observer_confirm_s

    def _settled(self, observation: Observation, outcome: Outcome | None) -> None:
        observation.busy = False
        if outcome is Outcome.ACKNOWLEDGED:
            observation.confirmed_at = self._loop.time()
            observation.sent_since_confirmed = 0
        elif outcome is not None and not observation.ended:
            self._observers.remove(observation)
            self._counters.observers_pruned += 1
        if observation.dirty and not observation.ended:
            self._refresh(observation)


async def _rendered(observation: Observation) -> Response:
    try:
        answer: Answer = observation.handler(observation.request)
        return answer if isinstance(answer, Response) else await answer
    except RequestFailed as error:
        return failure(error)
    except Exception:
        log.exception("a handler failed while notifying")
        return Response(Code.INTERNAL_SERVER_ERROR)
