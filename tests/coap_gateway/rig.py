"""A gateway on a real socket and devices that speak to it, for tests."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from coap_gateway.gateway import Gateway, start_gateway
from coap_gateway.senml import SENML_CBOR, Record, encode
from coap_gateway.stack import ClientSocket, Code, DeviceClient, Limits, SecurityMaterial
from parking.accounts.viewer import SYSTEM
from parking.devices.health import HealthSnapshot, read_health
from parking.devices.models import DeviceKind
from parking.devices.provision import DeviceDraft, Provisioned, provision
from parking.devices.sealing import Sealer
from parking.devices.secrets import Secret
from parking.events.bus import InProcessBus
from parking.occupancy.rows import StateRow, read_states
from parking.storage.sql import database
from tests.support.estate import Estate, make_estate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from coap_gateway.stack import Reply
    from coap_gateway.stack.sequences import SequenceStore
    from parking.clock import TestClock
    from parking.events.bus import Bus

SECRET_KEY = b"a secret key of an installation that exists in tests only"
SEALER = Sealer(SECRET_KEY)
FAST = Limits(credential_rate=10_000, credential_burst=10_000, source_rate=1e6, source_burst=10**6)


def material_of(secret: Secret) -> SecurityMaterial:
    """The device's side of its secret."""
    return SecurityMaterial(
        credential_id=0,
        master_secret=bytes.fromhex(secret.master_secret),
        master_salt=bytes.fromhex(secret.master_salt),
        sender_id=bytes.fromhex(secret.sender_id),
        recipient_id=bytes.fromhex(secret.recipient_id),
    )


@dataclass
class Device:
    """A device under test; `boot` and `sequence` are put into its reports where set."""

    client: DeviceClient
    provisioned: Provisioned
    boot: int | None = 1
    sequence: int = 0

    async def post(self, path: str, payload: bytes, **options: Any) -> Reply:
        """A POST with SenML-CBOR unless told otherwise."""
        return await self.client.request(
            Code.POST, path, payload, **{"content_format": SENML_CBOR, **options}
        )

    async def report(self, occupied: bool, *more: Record, **options: Any) -> Reply:
        """An occupancy report, numbered."""
        self.sequence += 1
        records = [*self.numbers(), Record("/3431/0/1", occupied), *more]
        return await self.post("/dp", encode(records, SENML_CBOR), **options)

    async def send(self, *records: Record, **options: Any) -> Reply:
        """Any records, numbered."""
        self.sequence += 1
        return await self.post("/dp", encode([*self.numbers(), *records], SENML_CBOR), **options)

    def numbers(self) -> list[Record]:
        """The records that order the report."""
        if self.boot is None:
            return []
        return [Record("/3/0/26241", self.boot), Record("/3/0/26242", self.sequence)]


@dataclass
class Rig:
    """An estate, a gateway and a socket towards it."""

    estate: Estate
    clock: TestClock
    bus: Bus
    gateway: Gateway
    socket: ClientSocket
    made: int = 0
    sockets: list[ClientSocket] = field(default_factory=list)
    retired: list[Gateway] = field(default_factory=list)

    async def device(
        self, kind: DeviceKind = DeviceKind.SENSOR, space: int | None = 0, **values: Any
    ) -> Device:
        """A freshly provisioned device in a space of the estate."""
        self.made += 1
        draft = DeviceDraft(
            endpoint=f"{kind.lower()}-{self.made}",
            kind=kind,
            place_id=self.estate.place_id,
            space_id=None if space is None else self.estate.space_ids[space],
            **values,
        )
        made = await provision(SYSTEM, draft, self.clock, SEALER)
        return Device(self.client(made.secret), made)

    def client(
        self,
        secret: Secret | None,
        socket: ClientSocket | None = None,
        sequences: SequenceStore | None = None,
    ) -> DeviceClient:
        """A client with the secret, towards this rig's gateway unless told otherwise."""
        material = None if secret is None else material_of(secret)
        return DeviceClient(socket or self.socket, material, sequences)

    async def socket_to(self, gateway: Gateway) -> ClientSocket:
        """A socket towards another gateway; closed with the rig."""
        socket = await ClientSocket.open(("127.0.0.1", gateway.port))
        self.sockets.append(socket)
        return socket

    async def state(self, space: int = 0) -> StateRow:
        """The stored state of a space."""
        space_id = self.estate.space_ids[space]
        return (await read_states(database(), [space_id]))[space_id]

    async def health(self, *devices: Device) -> list[HealthSnapshot]:
        """The stored health of devices."""
        return await read_health(database(), [d.provisioned.device_id for d in devices])

    def refused(self, reason: str) -> int:
        """How often something was refused, or ignored, for this reason."""
        return self.gateway.refusals.counts[reason]


async def start(clock: TestClock, bus: Bus, **options: Any) -> Gateway:
    """A gateway on a free port of loopback that flushes only when told to."""
    values = {"port": 0, "flush_seconds": 3600.0, "limits": FAST, **options}
    return await start_gateway(clock=clock, bus=bus, secret_key=SECRET_KEY, **values)


@asynccontextmanager
async def rigged(clock: TestClock, **options: Any) -> AsyncIterator[Rig]:
    """A rig on the connected database."""
    bus = InProcessBus()
    gateway = await start(clock, bus, **options)
    socket = await ClientSocket.open(("127.0.0.1", gateway.port))
    rig = Rig(await make_estate(4), clock, bus, gateway, socket)
    try:
        yield rig
    finally:
        for each in (socket, *rig.sockets):
            each.close()
        for gateway in (rig.gateway, *rig.retired):
            await gateway.close()
