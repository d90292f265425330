"""What all virtual devices do: boot, register, report until acknowledged, send a sign of life."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from coap_gateway.objects import BOOT_COUNTER, REPORT_SEQUENCE, RESET_CAUSE
from coap_gateway.senml import SENML_CBOR, Record, encode
from coap_gateway.stack import (
    ClientSocket,
    Code,
    DeviceClient,
    OscoreError,
    Reply,
    RequestTimeout,
    Reset,
    SecurityMaterial,
)
from coap_gateway.virtual.memory import DeviceMemory
from parking.clock import Clock, SystemClock

log = logging.getLogger(__name__)

RETRY_SECONDS_MIN = 1.0
RETRY_SECONDS_MAX = 60.0
UNPROVEN_MAX = 3
"""So many unprotected refusals in a row are taken for the gateway's answer. One proves nothing
(RFC 8613 sections 7.4, 8.2): it may be about a late copy of a message that was taken."""
BATTERY_LOW_PERCENT = 20.0
VOLTS_FULL, VOLTS_EMPTY = 3.65, 2.9


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """How a device behaves; seconds are the device's own, `scale` of them pass in a real one.

    A lock that sleeps hears of a command when it reports; one that is awake is told at once, and
    asks every `check_seconds` of real time in case its gateway was started anew.
    """

    scale: float = 1.0
    heartbeat_seconds: float = 86_400.0
    registration_seconds: int = 86_400
    battery_percent: float = 96.0
    battery_percent_a_report: float = 0.002
    manufacturer: str = "Berth"
    model: str = "virtual"
    firmware: str = "1.0"
    is_sleepy: bool = False
    check_seconds: float = 60.0


@dataclass(slots=True)
class Totals:
    """What devices did, and how it was taken; shared by a fleet."""

    booted: int = 0
    reported: int = 0
    acknowledged: int = 0
    refused: int = 0
    repeated: int = 0
    codes: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Event:
    """Something to report. `at` is given where the event's time is known absolutely, `command_id`
    where it is what came of a command."""

    records: Callable[[Event], list[Record]]
    boot: int
    sequence: int
    happened: float
    at: datetime | None = None
    command_id: int | None = None

    def time(self, now: float) -> float | None:
        """For SenML: seconds since 1970, or relative to now, None for this very moment."""
        if self.at is not None:
            return self.at.timestamp()
        age = now - self.happened
        return -round(age, 3) if age >= 0.5 else None


class VirtualDevice:
    """A device with a credential. Reports leave one by one, in order, until acknowledged."""

    def __init__(
        self,
        endpoint: str,
        socket: ClientSocket,
        material: SecurityMaterial | None,
        memory: DeviceMemory,
        settings: DeviceSettings | None = None,
        totals: Totals | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.settings = settings or DeviceSettings()
        self.totals = totals or Totals()
        self.clock = clock or SystemClock()
        self._socket = socket
        self._material = material
        self._memory = memory
        self._loop = asyncio.get_running_loop()
        self._random = random.Random(endpoint)  # noqa: S311 - behaviour, not secrets
        self._battery = self.settings.battery_percent
        self._outbox: deque[Event] = deque()
        self._pump: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._location: tuple[str, ...] = ()
        self._boot = 0
        self._sequence = 0
        self._client = self._new_client()
        self.on_settled: Callable[[VirtualDevice, Reply], None] | None = None
        """Told of the final answer to each report, in the order of the reports."""

    @property
    def waiting(self) -> int:
        """Reports that are not acknowledged yet."""
        return len(self._outbox)

    async def start(self, reset_cause: str = "power-on", at: datetime | None = None) -> None:
        """Boot, register and send the start-up message; then a sign of life now and then.

        `at` is the absolute time of what the start-up message says of the bay, where that is not
        now: a replayed device lives in the time of its trace.
        """
        self._boot_up()
        await self.register()
        self._post(lambda event: self._start_up(reset_cause, event), at)
        self._spawn(self._live())

    async def reboot(self, reset_cause: str = "watchdog") -> None:
        """Lose what was in memory, also unsent reports, and start again."""
        await self.stop()
        self._outbox.clear()
        await self.start(reset_cause)

    async def stop(self) -> None:
        """Stop at once, as when the power fails."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        # Before anything is awaited: who stops it may be cancelled meanwhile.
        self._pump = None
        await asyncio.gather(*tasks, return_exceptions=True)

    async def drain(self) -> None:
        """Wait until every report is acknowledged or refused."""
        while self._pump is not None and not self._pump.done():
            await asyncio.wait([self._pump])

    async def register(self) -> bool:
        """Register anew, or say why not; tried again until the gateway has answered."""
        query = (
            f"ep={self.endpoint}",
            f"lt={self.settings.registration_seconds}",
            "lwm2m=1.1",
            "b=U",
            *(["Q"] if self.settings.is_sleepy else []),
        )
        links = ",".join(f"</{number}/0>" for number in (3, 4, 3411, *self.objects())).encode()
        reply = await self._insist(
            lambda: self._client.request(Code.POST, "/rd", links, content_format=40, query=query)
        )
        self._location = reply.location_path if reply.is_success else ()
        return reply.is_success

    def objects(self) -> tuple[int, ...]:
        """Object ids beside those that every device has."""
        return ()

    def state_records(self, event: Event) -> list[Record]:
        """What the device sees now, for start-up and signs of life."""
        return []

    def heartbeat(self) -> None:
        """Send a sign of life: the state again, battery and radio."""
        self._post(lambda event: [*self.state_records(event), *self._condition()])

    def _boot_up(self) -> None:
        self._boot, self._sequence = self._memory.next_boot(), 0
        self._client = self._new_client()
        self.totals.booted += 1

    def _new_client(self) -> DeviceClient:
        return DeviceClient(self._socket, self._material, self._memory)

    def _post(
        self,
        records: Callable[[Event], list[Record]],
        at: datetime | None = None,
        command_id: int | None = None,
    ) -> None:
        """Number a report and send it when those before it are through."""
        self._sequence += 1
        event = Event(records, self._boot, self._sequence, self._loop.time(), at, command_id)
        self._outbox.append(event)
        self.totals.reported += 1
        if self._pump is None:
            self._pump = self._spawn(self._send_all())

    async def _send_all(self) -> None:
        while self._outbox:
            event = self._outbox[0]
            reply = await self._insist(partial(self._send, event))
            self.totals.codes[reply.dotted] = self.totals.codes.get(reply.dotted, 0) + 1
            if reply.is_success:
                self.totals.acknowledged += 1
                self._take_answer(reply)
            elif event.command_id is not None and reply.code == Code.CONFLICT:
                self.totals.acknowledged += 1  # it is recorded; the command was over already
            else:
                self.totals.refused += 1
                log.warning("%s: a report got %s %r", self.endpoint, reply.dotted, reply.payload)
            self._outbox.popleft()
            if self.on_settled is not None:
                self.on_settled(self, reply)
        self._pump = None

    async def _send(self, event: Event) -> Reply:
        """One try; the times in it are of this moment."""
        self._battery = max(0.0, self._battery - self.settings.battery_percent_a_report)
        numbers = [Record(BOOT_COUNTER, event.boot), Record(REPORT_SEQUENCE, event.sequence)]
        payload = encode([*numbers, *event.records(event)], SENML_CBOR)
        ask = partial(self._client.request, payload=payload, content_format=SENML_CBOR)
        if event.command_id is not None:
            return await ask(Code.PUT, f"/cmd/{event.command_id}")
        return await ask(Code.POST, "/dp", accept=self.accept())

    def accept(self) -> int | None:
        """The format in which an answer to a report may carry something; None for nothing."""
        return None

    def _take_answer(self, reply: Reply) -> None:
        """An acknowledged report may have brought something along."""

    async def _insist(self, ask: Callable[[], Coroutine[Any, Any, Reply]]) -> Reply:
        """Ask until there is an answer other than "later"."""
        pause, unproven = RETRY_SECONDS_MIN, 0
        while True:
            try:
                reply = await ask()
            except (RequestTimeout, Reset, OscoreError):
                reply = None
            unproven = unproven + 1 if reply is not None and self._is_unproven(reply) else 0
            if reply is not None and not _is_later(reply) and unproven in (0, UNPROVEN_MAX):
                return reply
            self.totals.repeated += 1
            wait = pause if reply is None or reply.max_age is None else reply.max_age
            await asyncio.sleep(wait * self._random.uniform(1.0, 1.5))
            pause = min(pause * 2, RETRY_SECONDS_MAX)

    def _is_unproven(self, reply: Reply) -> bool:
        is_refused = reply.code == Code.UNAUTHORIZED and not reply.protected
        return is_refused and self._material is not None

    async def _live(self) -> None:
        """Signs of life, the first at a time of the device's own; and registration updates."""
        wait = self.settings.heartbeat_seconds / self.settings.scale
        await asyncio.sleep(wait * self._random.uniform(0.5, 1.0))
        while True:
            await self._refresh_registration()
            self.heartbeat()
            await asyncio.sleep(wait)

    async def _refresh_registration(self) -> None:
        reply = None
        if self._location:
            path = "/".join(self._location)
            reply = await self._insist(lambda: self._client.request(Code.POST, path))
        if reply is None or not reply.is_success:
            await self.register()

    def _start_up(self, reset_cause: str, event: Event) -> list[Record]:
        about = self.settings
        said = [
            Record(RESET_CAUSE, reset_cause),
            Record("/3/0/0", about.manufacturer),
            Record("/3/0/1", about.model),
            Record("/3/0/2", self.endpoint),
            Record("/3/0/3", about.firmware),
        ]
        return [*said, *self.state_records(event), *self._condition()]

    def _condition(self) -> list[Record]:
        share = self._battery / 100
        volts = VOLTS_EMPTY + (VOLTS_FULL - VOLTS_EMPTY) * share
        return [
            Record("/3411/0/1", round(self._battery)),
            Record("/3411/0/3", round(volts, 2)),
            Record("/3411/0/6", self._battery <= BATTERY_LOW_PERCENT),
            Record("/4/0/2", self._random.randint(-112, -70)),
            Record("/4/0/11", self._random.randint(-3, 18)),
        ]

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._loop.create_task(work, name=f"{self.endpoint}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _is_later(reply: Reply) -> bool:
    """Whether nothing was decided: a challenge is no refusal, however often it comes."""
    return reply.is_challenge or reply.code in (Code.SERVICE_UNAVAILABLE, Code.TOO_MANY_REQUESTS)
