"""What happens at the bays: virtual sensors, locks and readers, over real UDP with OSCORE."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from time import monotonic
from typing import TypeVar

from berth.replay.declared import Visit
from berth.replay.ground import Ground
from berth.replay.renter import Renter
from berth.replay.world import World
from coap_gateway.stack import Limits
from coap_gateway.virtual import Fleet, VirtualDevice, VirtualLock, VirtualReader, VirtualSensor
from coap_gateway.virtual.device import DeviceSettings
from parking.devices.models import DeviceKind
from parking.devices.rules import LIFETIME_SECONDS_MAX
from parking.errors import BerthError
from parking.storage.sql import database

LOCK_SCALE = 400.0
"""An arm that takes 4 s in the field takes 10 ms."""
ACK_SECONDS = 0.3
CHECK_SECONDS = 2.0
"""So often a lock asks for a command that may have been lost with its gateway."""
SETTLE_SECONDS_MAX = 180.0
POLL_SECONDS = 0.005
DEVICES_A_SOCKET = 100

Device = TypeVar("Device", bound=VirtualDevice)

LIVE_COMMANDS = (
    "SELECT id FROM lock_command WHERE state IN ('QUEUED', 'DELIVERED', 'ACCEPTED') LIMIT 1"
)


class BayStuck(BerthError):
    """A device, or the platform towards it, does not come to an end."""

    code = "BAY_STUCK"


class Bays:
    """The devices of the ground. `opened` counts how often an arm went down."""

    def __init__(self, world: World, ground: Ground) -> None:
        self._world = world
        self._ground = ground
        # After a kill the gateway comes back within a second or two: no use in waiting for long.
        limits = Limits(ack_timeout_s=ACK_SECONDS) if world.household else None
        self._fleet = Fleet(
            world.gateway, limits=limits, clock=world.clock, devices_a_socket=DEVICES_A_SOCKET
        )
        self._devices: dict[tuple[str, DeviceKind], VirtualDevice] = {}

    async def start(self, at: datetime) -> None:
        """All devices boot: every bay is free, every arm raised."""
        for key, entry in self._ground.devices.items():
            scale = LOCK_SCALE if key[1] is DeviceKind.LOCK else 1.0
            settings = DeviceSettings(
                scale=scale, registration_seconds=LIFETIME_SECONDS_MAX, check_seconds=CHECK_SECONDS
            )
            made = await self._fleet.add(entry.endpoint, key[1], entry.secret, settings)
            self._devices[key] = made
            if isinstance(made, VirtualSensor):
                made.stand(False, at)
            await made.start(at=at)
            await made.drain()

    async def close(self) -> None:
        """All devices stop."""
        await self._fleet.close()

    @property
    def reported(self) -> int:
        """Reports that were acknowledged."""
        return self._fleet.totals.acknowledged

    @property
    def refused(self) -> dict[str, int]:
        """Answers other than success, by code."""
        codes = self._fleet.totals.codes
        return {code: count for code, count in codes.items() if not code.startswith("2.")}

    def moves(self, number: str) -> int:
        """How often the arm of a bay has moved."""
        return self._of(number, DeviceKind.LOCK, VirtualLock).moves

    async def enter(self, visit: Visit, renter: Renter) -> str:
        """The driver comes: shows the QR where the bay is locked, and draws in if let in.

        Gives "" or the word with which the reader kept the bay shut.
        """
        number = visit.space
        if number in self._ground.locked:
            if renter.reservation is None:
                return "NO_BOOKING"
            reader = self._of(number, DeviceKind.READER, VirtualReader)
            scanned = await reader.scan(await renter.qr())
            if not scanned.is_open:
                return scanned.outcome
            await self.settle()
            lock = self._of(number, DeviceKind.LOCK, VirtualLock)
            if lock.word != "lowered":
                return f"ARM_{lock.word.upper()}"
            lock.sees_car = True
        await self._see(number, True, visit.arrival)
        return ""

    async def leave(self, visit: Visit) -> None:
        """The driver drives away."""
        if visit.space in self._ground.locked:
            self._of(visit.space, DeviceKind.LOCK, VirtualLock).sees_car = False
        await self._see(visit.space, False, visit.departure)

    async def settle(self) -> None:
        """Wait until no command is under way and every report is taken. Raises `BayStuck`."""

        async def is_over() -> bool:
            return not await database().fetch(LIVE_COMMANDS)

        await _until(is_over)
        locks = [key for key in self._devices if key[1] is DeviceKind.LOCK]
        await asyncio.gather(*(self._devices[key].drain() for key in locks))

    async def _see(self, number: str, is_occupied: bool, at: datetime) -> None:
        sensor = self._of(number, DeviceKind.SENSOR, VirtualSensor)
        sensor.change(is_occupied, at)
        async with asyncio.timeout(SETTLE_SECONDS_MAX):
            await sensor.drain()

    def _of(self, number: str, kind: DeviceKind, wanted: type[Device]) -> Device:
        found = self._devices[number, kind]
        assert isinstance(found, wanted), f"{found.endpoint} was made as a {kind}"
        return found


async def _until(is_true: Callable[[], Awaitable[bool]]) -> None:
    deadline = monotonic() + SETTLE_SECONDS_MAX
    while not await is_true():
        if monotonic() > deadline:
            message = f"a command to a lock was not carried out within {SETTLE_SECONDS_MAX:g} s"
            raise BayStuck(message)
        await asyncio.sleep(POLL_SECONDS)
