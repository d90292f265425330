"""The simulation: devices on real sockets, and what happens around them."""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from berth.device_file import DeviceEntry
from berth.simulate.bay import Bay, Pace
from berth.simulate.cast import Cast, Standing, Surroundings
from berth.simulate.traffic import HABITS, Scene
from coap_gateway.stack import Faults
from coap_gateway.virtual import (
    DeviceSettings,
    Fleet,
    VirtualDevice,
    VirtualLock,
    VirtualSensor,
)
from parking.clock import Clock

DAY_SECONDS = 86_400.0
LOW_BATTERY_PERCENT = (4, 16)
FULL_BATTERY_PERCENT = (45, 99)
DEVICES_A_SOCKET = 8
"""As behind a modem that several devices share; a socket each would take too many files."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How the devices behave. Shares are of all, rates are a day and device.

    `speed` simulated seconds pass in a real one; `turnover` makes stays so many times as short.
    """

    seed: str
    speed: float = 1.0
    turnover: float = 1.0
    faults: Faults | None = None
    reboots_a_day: float = 0.0
    low_battery: float = 0.0
    obstruction: float = 0.0


@dataclass(frozen=True, slots=True)
class Score:
    """What happened so far."""

    sensors: int
    locks: int
    arrivals: int
    departures: int
    reboots: int
    reported: int
    acknowledged: int
    refused: int
    repeated: int


@dataclass(slots=True)
class Stage:
    """Devices of a cast towards one or several gateways. `open` it, then `run`, then `close`."""

    cast: Cast
    gateways: Sequence[tuple[str, int]]
    memory: Path
    behaviour: Behaviour
    clock: Clock
    reboots: int = 0
    _fleets: list[Fleet] = field(default_factory=list)
    _bays: list[tuple[Bay, bool]] = field(default_factory=list)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def open(self) -> None:
        """Make the devices as they stand; they do nothing yet."""
        self._fleets = [
            Fleet(
                gateway,
                self.memory,
                self.behaviour.faults,
                clock=self.clock,
                devices_a_socket=DEVICES_A_SOCKET,
            )
            for gateway in self.gateways
        ]
        pace = Pace(self.clock, self.clock.now(), self.behaviour.speed)
        count = len(self.cast.bays)
        for index, ((place_id, _), entries) in enumerate(self.cast.bays.items()):
            surroundings = self.cast.places.get(place_id, Surroundings())
            popularity = 0.75 - 0.5 * index / max(1, count - 1)
            scene = Scene(
                HABITS[surroundings.kind],
                ZoneInfo(surroundings.time_zone),
                popularity,
                self.behaviour.turnover,
            )
            await self._open_bay(entries, scene, pace, self._fleets[index % len(self._fleets)])

    async def start(self) -> None:
        """Boot all devices; returns once all are registered and have reported."""
        await asyncio.gather(*(fleet.start() for fleet in self._fleets))
        await asyncio.gather(*(fleet.drain() for fleet in self._fleets))

    def run(self) -> None:
        """Let vehicles come and go, and devices fail as told."""
        for bay, is_occupied in self._bays:
            self._spawn(bay.live(is_occupied))
        if self.behaviour.reboots_a_day:
            for device in self._devices():
                self._spawn(self._reboot_now_and_then(device))

    def score(self) -> Score:
        """What happened so far."""
        totals = [fleet.totals for fleet in self._fleets]
        devices = list(self._devices())
        return Score(
            sensors=sum(isinstance(each, VirtualSensor) for each in devices),
            locks=sum(isinstance(each, VirtualLock) for each in devices),
            arrivals=sum(bay.arrivals for bay, _ in self._bays),
            departures=sum(bay.departures for bay, _ in self._bays),
            reboots=self.reboots,
            reported=sum(each.reported for each in totals),
            acknowledged=sum(each.acknowledged for each in totals),
            refused=sum(each.refused for each in totals),
            repeated=sum(each.repeated for each in totals),
        )

    async def drain(self) -> None:
        """Nothing new happens; returns once every report is answered."""
        await self._stop_tasks()
        await asyncio.gather(*(fleet.drain() for fleet in self._fleets))

    async def close(self) -> None:
        """Stop everything at once."""
        await self._stop_tasks()
        for fleet in self._fleets:
            await fleet.close()

    async def _open_bay(
        self, entries: Sequence[DeviceEntry], scene: Scene, pace: Pace, fleet: Fleet
    ) -> None:
        random = Random(f"{self.behaviour.seed}/{entries[0].endpoint}")  # noqa: S311 - traffic
        standing = Standing()
        if entries[0].space_id is not None:
            standing = self.cast.standings.get(entries[0].space_id, standing)
        is_occupied = standing.is_occupied
        drawn = random.random()
        if is_occupied is None:
            is_occupied = drawn < scene.share_at(pace.now())
        sensor: VirtualSensor | None = None
        lock: VirtualLock | None = None
        for entry in entries:
            made = await fleet.add(entry.endpoint, entry.kind, entry.secret, self._settings(entry))
            if isinstance(made, VirtualSensor):
                made.stand(is_occupied, standing.since)
                sensor = made
            elif isinstance(made, VirtualLock):
                _stand(made, standing, is_occupied)
                lock = made
        if sensor is None and lock is None:
            return  # a reader of the whole place: nobody parks in it
        bay = Bay(scene, pace, random, sensor, lock, self.behaviour.obstruction)
        self._bays.append((bay, is_occupied))

    def _settings(self, entry: DeviceEntry) -> DeviceSettings:
        random = Random(f"{self.behaviour.seed}/battery/{entry.endpoint}")  # noqa: S311 - a picture
        is_low = random.random() < self.behaviour.low_battery
        low, high = LOW_BATTERY_PERCENT if is_low else FULL_BATTERY_PERCENT
        return DeviceSettings(
            scale=self.behaviour.speed,
            battery_percent=random.randint(low, high),
            model=f"Virtual {entry.kind.lower()}",
        )

    def _devices(self) -> Iterator[VirtualDevice]:
        for fleet in self._fleets:
            yield from fleet.devices.values()

    async def _reboot_now_and_then(self, device: VirtualDevice) -> None:
        random = Random(f"{self.behaviour.seed}/reboots/{device.endpoint}")  # noqa: S311 - chance
        mean = DAY_SECONDS / self.behaviour.reboots_a_day / self.behaviour.speed
        while True:
            await asyncio.sleep(random.expovariate(1 / mean))
            await device.reboot(random.choice(("watchdog", "brown-out", "software")))
            self.reboots += 1

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(work))

    async def _stop_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        self._tasks.clear()


def _stand(lock: VirtualLock, standing: Standing, is_occupied: bool) -> None:
    """The arm as the platform knows it; otherwise up unless somebody is in the bay."""
    is_raised = not is_occupied if standing.is_raised is None else standing.is_raised
    lock.word, lock.command = ("raised", 100) if is_raised else ("lowered", 0)
