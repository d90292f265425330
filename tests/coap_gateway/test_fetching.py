"""A friend fetches the car, by virtual devices over CoAP: the bay's arm goes down, the gate lets
out once, and what was taken back opens nothing at once."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coap_gateway.stack import Code
from coap_gateway.virtual import DeviceSettings, Fleet, Scanned, VirtualLock, VirtualReader
from parking.access.base45 import b45encode
from parking.access.cwt import token_hash
from parking.access.models import DelegationState
from parking.accounts.viewer import SYSTEM
from parking.devices.models import DeviceKind
from parking.devices.provision import DeviceDraft, provision
from parking.locations.fetching.revoke import revoke_exit
from tests.coap_gateway.rig import SEALER, Rig
from tests.coap_gateway.virtual.test_reader import PATIENT, eventually
from tests.support.fetching import Fetching, make_fetching

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CWT = 61


@dataclass
class Scene:
    """A parked car, with a reader and a lock in its bay and a reader at the gate."""

    fetching: Fetching
    bay: VirtualReader
    gate: VirtualReader
    lock: VirtualLock

    async def code(self, delegation_id: int) -> str:
        """A fresh QR's text."""
        return b45encode(await self.fetching.code(delegation_id))


@asynccontextmanager
async def scene(rig: Rig) -> AsyncIterator[Scene]:
    fetching = await make_fetching(rig.clock)
    fetching.settled.bus = rig.bus
    lease = fetching.lease
    fleet = Fleet(("127.0.0.1", rig.gateway.port), clock=rig.clock)

    async def add(kind: DeviceKind, name: str, space_id: int | None) -> object:
        draft = DeviceDraft(name, kind, lease.estate.place_id, space_id)
        made = await provision(SYSTEM, draft, rig.clock, SEALER)
        device = await fleet.add(name, kind, made.secret, DeviceSettings(scale=100.0))
        if isinstance(device, VirtualReader):
            device.patience_seconds = PATIENT
        await device.start()
        return device

    try:
        bay = await add(DeviceKind.READER, "fetch-bay", lease.space_id)
        gate = await add(DeviceKind.READER, "fetch-gate", None)
        lock = await add(DeviceKind.LOCK, "fetch-lock", lease.space_id)
        assert isinstance(bay, VirtualReader)
        assert isinstance(gate, VirtualReader)
        assert isinstance(lock, VirtualLock)
        yield Scene(fetching, bay, gate, lock)
    finally:
        await fleet.close()


async def test_the_bay_opens_and_the_gate_lets_out_once(rig: Rig) -> None:
    async with scene(rig) as stage:
        fetching = stage.fetching
        made = await fetching.delegate()
        await fetching.park()
        assert await stage.bay.scan(await stage.code(made)) == Scanned("GRANTED")
        await eventually(lambda: stage.lock.word == "lowered")
        assert await fetching.state(made) is DelegationState.LEAVING
        spare = await stage.code(made)
        assert await stage.gate.scan(await stage.code(made)) == Scanned("GRANTED")
        assert await stage.gate.scan(spare) == Scanned("NOT_DELEGATED")
        assert await stage.bay.scan(spare) == Scanned("NOT_DELEGATED")
        assert await fetching.state(made) is DelegationState.USED


async def test_taken_back_it_is_forbidden_at_once_and_known_to_who_decides_alone(rig: Rig) -> None:
    async with scene(rig) as stage:
        fetching = stage.fetching
        made = await fetching.delegate()
        await fetching.park()
        token = await fetching.code(made)
        await revoke_exit(fetching.owner, made, **fetching.both)
        plain = await rig.device(DeviceKind.READER, space=None)
        reply = await plain.client.request(Code.POST, "/authz-info", token, content_format=CWT)
        assert reply.dotted == "4.03"
        assert await stage.gate.scan(b45encode(token)) == Scanned("NOT_DELEGATED")
        await eventually(lambda: token_hash(token) in stage.gate.notebook.revoked)
        stage.gate.is_cut_off = True
        alone = await stage.gate.scan(b45encode(token))
        assert (alone.outcome, alone.is_offline) == ("CANCELLED", True)
