"""The OSCORE contexts in use: a cache over the security store, by id."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from coap_gateway.stack.counters import Counters
from coap_gateway.stack.limits import Limits
from coap_gateway.stack.oscore import Context
from coap_gateway.stack.security import SecurityMaterial, SecurityStore

log = logging.getLogger(__name__)

SWEEP_BATCH = 1000

Key = tuple[bytes, bytes | None]
Waiter = Callable[[Context | None, bool], None]
"""Called with the context, or with None and whether that is because the store failed."""


class Contexts:
    """Finds contexts by (kid, kid context), loads them from the store, tops up their sequences.

    A context found here is owned by this process from its Echo round on; it leaves by `forget`
    (revoked, rotated, taken over), by the ownership sweep, or as the oldest of too many. Whoever
    comes back starts with an uninitialised replay window and so with a new Echo round.
    """

    def __init__(
        self, store: SecurityStore, owner: str, limits: Limits, counters: Counters
    ) -> None:
        self._store = store
        self._owner = owner
        self._limits = limits
        self._counters = counters
        self._by_key: dict[Key, Context] = {}
        self._by_credential: dict[int, tuple[Context, set[Key]]] = {}
        self._unknown: dict[Key, float] = {}
        self._waiting: dict[Key, list[Waiter]] = {}
        self._waiting_count = 0
        self._queue: deque[Key] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loads = 0
        self._used: set[int] = set()
        self._generation = 0

    def __len__(self) -> int:
        return len(self._by_credential)

    def find(self, kid: bytes, kid_context: bytes | None) -> Context | None:
        """The context if it is in memory."""
        return self._by_key.get((kid, kid_context))

    def is_current(self, context: Context) -> bool:
        """False once the context was forgotten; nothing new may be sent with it then."""
        entry = self._by_credential.get(context.credential_id)
        return entry is not None and entry[0] is context

    def held(self, credential_id: int) -> Context | None:
        """The context of a credential, where it is in memory and its peer has proven itself."""
        entry = self._by_credential.get(credential_id)
        return entry[0] if entry is not None and entry[0].window.initialised else None

    def known_absent(self, key: Key, now: float) -> bool:
        """True if the store was asked for this key a moment ago and had nothing."""
        until = self._unknown.get(key)
        return until is not None and until > now

    def load(self, key: Key, waiter: Waiter) -> bool:
        """Ask the store and call ``waiter`` afterwards; False when too many wait."""
        if self._waiting_count >= self._limits.context_waiting_max:
            return False
        self._waiting_count += 1
        waiters = self._waiting.get(key)
        if waiters is not None:
            waiters.append(waiter)
            return True
        self._waiting[key] = [waiter]
        self._queue.append(key)
        self._start_loads()
        return True

    def mark_used(self, credential_id: int) -> None:
        """Have the next ownership sweep look at this credential."""
        self._used.add(credential_id)

    async def claim(self, context: Context) -> bool:
        """Make this process the owner; False if the store failed."""
        try:
            await self._store.claim(context.credential_id, self._owner)
        except Exception:
            log.exception("claiming credential %s failed", context.credential_id)
            return False
        return self.is_current(context)

    def forget(self, credential_id: int) -> None:
        """Drop a context at once: its next request loads it again, or finds it revoked."""
        self._generation += 1
        entry = self._by_credential.pop(credential_id, None)
        self._used.discard(credential_id)
        self._unknown.clear()
        if entry is None:
            return
        self._counters.contexts_forgotten += 1
        for key in entry[1]:
            del self._by_key[key]

    def top_up(self, context: Context) -> None:
        """Reserve the next block of sender sequence numbers before the last one runs out."""
        if context.refilling or context.sequences_left > self._limits.sequence_block // 2:
            return
        context.refilling = True
        self._spawn(self._refill(context))

    async def refill(self, context: Context) -> None:
        """Reserve a block now; raises what the store raises."""
        count = self._limits.sequence_block
        first = await self._store.reserve(context.credential_id, count)
        context.add_sequences(first, count)

    async def sweep(self) -> list[int]:
        """Drop the contexts, of those used since the last sweep, that are no longer ours.

        What the store could not be asked about stays for the next sweep.
        """
        lost: list[int] = []
        rest = list(self._used)
        while rest:
            some, rest = rest[:SWEEP_BATCH], rest[SWEEP_BATCH:]
            kept = await self._store.owned(some, self._owner)
            self._used.difference_update(some)
            gone = [credential_id for credential_id in some if credential_id not in kept]
            for credential_id in gone:
                self.forget(credential_id)
            lost += gone
        return lost

    async def close(self) -> None:
        """End the loads and refills under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _start_loads(self) -> None:
        while self._queue and self._loads < self._limits.context_loads_max:
            self._loads += 1
            self._spawn(self._load(self._queue.popleft()))

    async def _load(self, key: Key) -> None:
        context: Context | None = None
        failed = True
        try:
            context = await self._fetch(key)
            failed = False
        except Exception:
            log.exception("loading an OSCORE context failed")
        finally:
            self._loads -= 1
            waiters = self._waiting.pop(key)
            self._waiting_count -= len(waiters)
        for waiter in waiters:
            waiter(context, failed)
        self._start_loads()

    async def _fetch(self, key: Key) -> Context | None:
        """Find and reserve; again if something was forgotten meanwhile: it may have been this."""
        while True:
            generation = self._generation
            material = await self._store.find(*key)
            if material is None:
                self._note_unknown(key)
                return None
            context = self._known(material.credential_id)
            if context is None:
                context = Context(material, self._limits.replay_window_bits)
                await self.refill(context)
            if generation == self._generation:
                return self._admit(key, material, context)

    def _known(self, credential_id: int) -> Context | None:
        entry = self._by_credential.get(credential_id)
        return None if entry is None else entry[0]

    def _admit(self, key: Key, material: SecurityMaterial, context: Context) -> Context:
        """Put a loaded context in, unless another load of the same credential was faster."""
        entry = self._by_credential.get(material.credential_id)
        if entry is None:
            self._make_room()
            entry = self._by_credential[material.credential_id] = (context, set())
            self._counters.contexts_loaded += 1
        entry[1].add(key)
        self._by_key[key] = entry[0]
        return entry[0]

    def _make_room(self) -> None:
        while len(self._by_credential) >= self._limits.contexts_max:
            self.forget(next(iter(self._by_credential)))

    def _note_unknown(self, key: Key) -> None:
        while len(self._unknown) >= self._limits.unknown_kids_max:
            del self._unknown[next(iter(self._unknown))]
        now = asyncio.get_running_loop().time()
        self._unknown[key] = now + self._limits.unknown_kid_s

    async def _refill(self, context: Context) -> None:
        try:
            await self.refill(context)
        except Exception:
            log.exception("reserving sequence numbers failed")
        finally:
            context.refilling = False
