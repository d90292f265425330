"""A bad radio link, for tests and virtual devices: loss, duplicates, reordering, delay."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass

from coap_gateway.stack.endpoint import Route

Deliver = Callable[[bytes, Route], object]


@dataclass(frozen=True, slots=True)
class Faults:
    """Probabilities for each datagram, both ways; ``seed`` makes a run repeatable.

    A reordered datagram is held back for ``reorder_s`` seconds so that later ones overtake it.
    """

    loss: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    reorder_s: float = 0.05
    delay_s: float = 0.0
    seed: int | None = None


class FaultyLink:
    """Passes datagrams on with `Faults`; each direction of a link has its own."""

    def __init__(self, faults: Faults, deliver: Deliver) -> None:
        self._faults = faults
        self._deliver = deliver
        self._random = random.Random(faults.seed)  # noqa: S311
        self._loop = asyncio.get_running_loop()
        self._closed = False

    def pass_on(self, datagram: bytes, route: Route) -> bool:
        """Lose it, or deliver it once or twice, now or later; always looks sent."""
        faults = self._faults
        if self._random.random() < faults.loss:
            return True
        copies = 2 if self._random.random() < faults.duplicate else 1
        for _ in range(copies):
            held = faults.reorder_s if self._random.random() < faults.reorder else 0.0
            wait = faults.delay_s + held
            if wait:
                self._loop.call_later(wait, self._late, datagram, route)
            else:
                self._deliver(datagram, route)
        return True

    def close(self) -> None:
        """Deliver nothing any more."""
        self._closed = True

    def _late(self, datagram: bytes, route: Route) -> None:
        if not self._closed:
            self._deliver(datagram, route)
