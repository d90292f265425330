"""What the tests of devices share."""

from dataclasses import dataclass

import pytest

from parking.accounts.models import Role
from parking.accounts.viewer import SYSTEM, Viewer
from parking.clock import TestClock
from parking.devices.models import DeviceKind
from parking.devices.provision import DeviceDraft, Provisioned, provision
from parking.devices.sealing import Sealer
from parking.events.bus import InProcessBus
from tests.support.estate import Estate, make_estate


@dataclass
class House:
    """An estate with what verbs need."""

    estate: Estate
    clock: TestClock
    bus: InProcessBus
    sealer: Sealer

    @property
    def operator(self) -> Viewer:
        return self.member(Role.OPERATOR)

    def member(self, *roles: Role) -> Viewer:
        return Viewer(person_id=1, roles={self.estate.organisation_id: frozenset(roles)})

    def draft(self, endpoint: str = "bay-1", space: int | None = 0) -> DeviceDraft:
        space_id = None if space is None else self.estate.space_ids[space]
        return DeviceDraft(endpoint, DeviceKind.SENSOR, self.estate.place_id, space_id)

    async def provision(self, endpoint: str = "bay-1", space: int | None = 0) -> Provisioned:
        return await provision(SYSTEM, self.draft(endpoint, space), self.clock, self.sealer)


@pytest.fixture
async def house(database: str, clock: TestClock) -> House:
    """An estate of three spaces on each kind of database."""
    return House(await make_estate(3), clock, InProcessBus(), Sealer(b"installation secret"))
