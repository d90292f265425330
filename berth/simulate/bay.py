"""One bay: its sensor, its lock if it has one, and the vehicles that come and go."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from berth.simulate.traffic import Scene, turns
from coap_gateway.virtual import VirtualLock, VirtualSensor
from parking.clock import Clock

DRIVE_IN_SECONDS = (4.0, 15.0)
"""From the arm being down until the vehicle stands."""
RAISE_AFTER_SECONDS = (8.0, 30.0)
"""From the vehicle being gone until the arm is raised behind it."""
CLEARED_SECONDS = (15.0, 60.0)
"""Until what obstructed the arm is gone."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Time in the simulation: `speed` of its seconds pass in a real one, from `begins_at` on."""

    clock: Clock
    begins_at: datetime
    speed: float

    def now(self) -> datetime:
        """The instant in the simulation."""
        return self.begins_at + (self.clock.now() - self.begins_at) * self.speed

    async def until(self, at: datetime) -> None:
        """Sleep until an instant of the simulation."""
        await asyncio.sleep((at - self.now()) / timedelta(seconds=1) / self.speed)

    async def seconds(self, seconds: float) -> None:
        """Sleep for so many seconds of the simulation."""
        await asyncio.sleep(seconds / self.speed)


class Bay:
    """Lives until its task is cancelled. A lock keeps the bay free: up unless somebody is in it."""

    def __init__(
        self,
        scene: Scene,
        pace: Pace,
        random: Random,
        sensor: VirtualSensor | None,
        lock: VirtualLock | None,
        obstruction: float = 0.0,
    ) -> None:
        self._scene = scene
        self._pace = pace
        self._random = random
        self._sensor = sensor
        self._lock = lock
        self._obstruction = obstruction
        self.arrivals = 0
        self.departures = 0

    async def live(self, is_occupied: bool) -> None:
        """Vehicles come and go, beginning with what stands there now."""
        for turn in turns(self._scene, self._pace.now(), is_occupied, self._random):
            await self._pace.until(turn.at)
            if turn.is_occupied:
                await self._arrive()
            else:
                await self._leave()

    async def _arrive(self) -> None:
        if self._lock is not None:
            await self._move(self._lock, 0)
            await self._pace.seconds(self._random.uniform(*DRIVE_IN_SECONDS))
            self._lock.sees_car = True
        if self._sensor is not None:
            self._sensor.change(True)
        self.arrivals += 1

    async def _leave(self) -> None:
        if self._sensor is not None:
            self._sensor.change(False)
        self.departures += 1
        if self._lock is not None:
            self._lock.sees_car = False
            await self._pace.seconds(self._random.uniform(*RAISE_AFTER_SECONDS))
            await self._move(self._lock, 100)

    async def _move(self, lock: VirtualLock, level: int) -> None:
        """Until the arm is there: what is in its way goes, and a reboot is waited for."""
        lock.is_obstructed = self._random.random() < self._obstruction
        while lock.word != {0: "lowered", 100: "raised"}[level]:
            # Not awaited itself: a reboot cancels the move, and that is not this task's end.
            await asyncio.wait([lock.move(level)])
            if lock.is_obstructed:
                await self._pace.seconds(self._random.uniform(*CLEARED_SECONDS))
                lock.is_obstructed = False
