"""Many virtual devices on a few sockets, with one memory file and one set of totals."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from coap_gateway.stack import ClientSocket, Faults, Limits, SecurityMaterial
from coap_gateway.virtual.device import DeviceSettings, Totals, VirtualDevice
from coap_gateway.virtual.lock import VirtualLock
from coap_gateway.virtual.memory import DeviceMemory, MemoryFile
from coap_gateway.virtual.reader import VirtualReader
from coap_gateway.virtual.sensor import VirtualSensor
from parking.devices.models import DeviceKind

if TYPE_CHECKING:
    from parking.clock import Clock
    from parking.devices.secrets import Secret

DEVICES_A_SOCKET = 500
STARTING_MAX = 64
"""Devices that boot at the same time; the others wait, as after a power cut they would not."""

KINDS: dict[DeviceKind, type[VirtualDevice]] = {
    DeviceKind.SENSOR: VirtualSensor,
    DeviceKind.LOCK: VirtualLock,
    DeviceKind.READER: VirtualReader,
}


def device_material(secret: Secret) -> SecurityMaterial:
    """A secret as the device's own OSCORE stack takes it."""
    return SecurityMaterial(
        credential_id=0,
        master_secret=bytes.fromhex(secret.master_secret),
        master_salt=bytes.fromhex(secret.master_salt),
        sender_id=bytes.fromhex(secret.sender_id),
        recipient_id=bytes.fromhex(secret.recipient_id),
        id_context=bytes.fromhex(secret.id_context) or None,
        algorithm=secret.algorithm,
        hash_name=secret.hash_name,
    )


class Fleet:
    """Virtual devices towards one gateway. `faults` spoil the link of all of them."""

    def __init__(
        self,
        gateway: tuple[str, int],
        memory: Path | None = None,
        faults: Faults | None = None,
        limits: Limits | None = None,
        clock: Clock | None = None,
        devices_a_socket: int = DEVICES_A_SOCKET,
    ) -> None:
        self.totals = Totals()
        self.devices: dict[str, VirtualDevice] = {}
        self._gateway = gateway
        self._file = MemoryFile(memory)
        self._faults = faults
        self._limits = limits
        self._clock = clock
        self._devices_a_socket = devices_a_socket
        self._sockets: list[ClientSocket] = []
        self._own: list[ClientSocket] = []
        self._sharing = 0

    async def add(
        self,
        endpoint: str,
        kind: DeviceKind,
        secret: Secret | None,
        settings: DeviceSettings | None = None,
    ) -> VirtualDevice:
        """Make a device; it does nothing before it is started."""
        made = KINDS[kind](
            endpoint,
            await self._socket_for(kind, settings),
            None if secret is None else device_material(secret),
            DeviceMemory(self._file, endpoint if secret is None else secret.sender_id),
            settings,
            self.totals,
            self._clock,
        )
        self.devices[endpoint] = made
        return made

    async def start(self, reset_cause: str = "power-on") -> None:
        """Boot all devices, some at a time."""
        limit = asyncio.Semaphore(STARTING_MAX)

        async def one(device: VirtualDevice) -> None:
            async with limit:
                await device.start(reset_cause)

        await asyncio.gather(*(one(device) for device in self.devices.values()))

    async def drain(self) -> None:
        """Wait until every report of every device is acknowledged or refused."""
        await asyncio.gather(*(device.drain() for device in self.devices.values()))

    async def close(self) -> None:
        """Stop all devices and close the sockets and the memory file."""
        await asyncio.gather(*(device.stop() for device in self.devices.values()))
        for socket in (*self._sockets, *self._own):
            socket.close()
        self._file.close()

    async def _socket_for(self, kind: DeviceKind, settings: DeviceSettings | None) -> ClientSocket:
        """One of those that many share; its own for a lock that can be asked."""
        if kind is DeviceKind.LOCK and not (settings or DeviceSettings()).is_sleepy:
            self._own.append(await self._open_socket())
            return self._own[-1]
        if self._sharing % self._devices_a_socket == 0:
            self._sockets.append(await self._open_socket())
        self._sharing += 1
        return self._sockets[-1]

    async def _open_socket(self) -> ClientSocket:
        faults = self._faults
        if faults is not None and faults.seed is not None:
            faults = replace(faults, seed=faults.seed + len(self._sockets) + len(self._own))
        return await ClientSocket.open(self._gateway, faults, self._limits)
