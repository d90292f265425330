"""A virtual reader: asks the gateway about what it is shown; cut off, it decides alone.

What it decided alone it tells as soon as it can, with the time and its own numbers, so that
nothing is lost and nothing counts twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cbor2

from coap_gateway.authz_info import AUDIENCE, CWT
from coap_gateway.credential_format import DECIDED, KEY, PLATE, TOKEN
from coap_gateway.key_set import KEYS_PATH
from coap_gateway.objects import BOOT_COUNTER, REPORT_SEQUENCE
from coap_gateway.revocation_list import TRL_PATH
from coap_gateway.senml import SENML_CBOR, Record, encode
from coap_gateway.stack import Code, OscoreError, Reply, RequestTimeout, Reset
from coap_gateway.virtual.device import Event, VirtualDevice
from parking.access.base45 import Base45Error, b45decode
from parking.access.check import Outcome
from parking.access.cose import parse_key_set
from parking.access.offline import Notebook
from parking.access.revocations import parse_revocation_list

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Any

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 3.0
"""How long somebody at the bay waits for the gateway before the reader decides alone."""
LEARN_SECONDS = 1800.0
"""How often what is observed is asked for anew: an observation can be lost without a sign."""

UNREACHABLE = "UNREACHABLE"
"""Neither the gateway nor the reader alone could say."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """What came of it: `GRANTED` or a refusal's code; and who decided."""

    outcome: str
    is_offline: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the holder is let in."""
        return self.outcome == Outcome.GRANTED


class VirtualReader(VirtualDevice):
    """A reader. `on_open` is what it is wired to: told when it has opened by itself.

    While `is_cut_off`, nothing of what it is shown reaches the gateway.
    """

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.notebook = Notebook(audience="")
        self.patience_seconds = PATIENCE_SECONDS
        self.is_cut_off = False
        self.on_open: Callable[[], object] | None = None
        self._alone: set[tuple[int, int]] = set()

    async def start(self, reset_cause: str = "power-on", at: datetime | None = None) -> None:
        """See `VirtualDevice.start`; it also learns what it needs to decide alone."""
        await super().start(reset_cause, at)
        try:
            await self.learn()
        except ConnectionRefusedError as error:
            log.warning("%s cannot decide alone: %s", self.endpoint, error)
        self._spawn(self._follow(KEYS_PATH, self._take_keys))
        self._spawn(self._follow(TRL_PATH, self._take_revocations))

    async def reboot(self, reset_cause: str = "watchdog") -> None:
        """See `VirtualDevice.reboot`. What it decided alone is in its flash, with its numbers."""
        kept = [each for each in self._outbox if (each.boot, each.sequence) in self._alone]
        await super().reboot(reset_cause)
        self._outbox.extend(kept)
        if self._pump is None:
            self._pump = self._spawn(self._send_all())

    async def learn(self) -> None:
        """Fetch which tokens are for it, the keys, and the revoked tokens."""
        hints = await self._get(("authz-info",))
        self.notebook.audience = cbor2.loads(hints.payload)[AUDIENCE]
        self._take_keys(await self._get(KEYS_PATH))
        self._take_revocations(await self._get(TRL_PATH))

    async def scan(self, text: str) -> Scanned:
        """A QR's text is shown."""
        try:
            token = b45decode(text)
        except Base45Error:
            return Scanned(Outcome.UNREADABLE)
        reply = await self._ask(token, CWT)
        if reply is None:
            return self._decide(token)
        scanned = self._scanned(reply)
        if scanned.is_open:
            self.notebook.note(token)
        return scanned

    async def type_key(self, text: str) -> Scanned:
        """A key number is typed: only the platform knows whether it is good."""
        return await self._show(Record(KEY, text))

    async def see_plate(self, text: str) -> Scanned:
        """A licence plate is seen by the reader's camera."""
        return await self._show(Record(PLATE, text))

    async def _show(self, record: Record) -> Scanned:
        self._sequence += 1
        numbers = [Record(BOOT_COUNTER, self._boot), Record(REPORT_SEQUENCE, self._sequence)]
        reply = await self._ask(encode([*numbers, record], SENML_CBOR), SENML_CBOR)
        return Scanned(UNREACHABLE) if reply is None else self._scanned(reply)

    async def _ask(self, payload: bytes, content_format: int) -> Reply | None:
        """The gateway's answer; None where there was none in time."""
        if self.is_cut_off:
            return None
        try:
            async with asyncio.timeout(self.patience_seconds):
                reply = await self._client.request(
                    Code.POST, "/authz-info", payload, content_format=content_format
                )
        except (TimeoutError, RequestTimeout, Reset, OscoreError):
            return None
        return None if reply.code == Code.SERVICE_UNAVAILABLE else reply

    def _scanned(self, reply: Reply) -> Scanned:
        """What the gateway says; an answer that is not protected opens nothing."""
        if self._material is not None and not reply.protected:
            return Scanned(UNREACHABLE)
        if reply.code == Code.CREATED:
            return Scanned(Outcome.GRANTED)
        word = reply.payload.decode(errors="replace").partition(":")[0]
        return Scanned(word if word in Outcome.__members__ else UNREACHABLE)

    def _decide(self, token: bytes) -> Scanned:
        """Decide alone, and tell as soon as it can be told."""
        now = self.clock.now()
        outcome = self.notebook.decide(token, now)
        self._alone.add((self._boot, self._sequence + 1))
        self._post(lambda event: self._decision(event, token, outcome), now)
        if outcome is Outcome.GRANTED and self.on_open is not None:
            self.on_open()
        return Scanned(outcome, is_offline=True)

    def _decision(self, event: Event, token: bytes, outcome: Outcome) -> list[Record]:
        return [Record(TOKEN, token, event.time(self._loop.time())), Record(DECIDED, outcome.value)]

    async def _send(self, event: Event) -> Reply:
        if (event.boot, event.sequence) not in self._alone:
            return await super()._send(event)
        if self.is_cut_off:
            raise RequestTimeout("cut off")
        numbers = [Record(BOOT_COUNTER, event.boot), Record(REPORT_SEQUENCE, event.sequence)]
        payload = encode([*numbers, *event.records(event)], SENML_CBOR)
        reply = await self._client.request(
            Code.POST, "/authz-info", payload, content_format=SENML_CBOR
        )
        if reply.is_success:
            self._alone.discard((event.boot, event.sequence))
        return reply

    async def _get(self, path: tuple[str, ...]) -> Reply:
        reply = await self._insist(lambda: self._client.request(Code.GET, path))
        if not reply.is_success:
            raise ConnectionRefusedError(f"{'/'.join(path)}: {reply.dotted} {reply.payload!r}")
        return reply

    async def _follow(self, path: tuple[str, ...], take: Callable[[Reply], None]) -> None:
        """Observe a resource, and begin anew now and then."""
        while True:
            with contextlib.suppress(TimeoutError, RequestTimeout, Reset, OscoreError):
                async with asyncio.timeout(LEARN_SECONDS), self._client.observe(path) as replies:
                    while True:
                        reply = await replies.get()
                        if reply.is_success:
                            take(reply)
            await asyncio.sleep(self._random.uniform(0.5, 1.5))

    def _take_keys(self, reply: Reply) -> None:
        self.notebook.keys = parse_key_set(reply.payload)

    def _take_revocations(self, reply: Reply) -> None:
        self.notebook.revoked = parse_revocation_list(reply.payload)
