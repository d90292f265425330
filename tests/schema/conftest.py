"""Fixtures of the schema's tests."""

import pytest

from parking.accounts.keys import derive_keys
from parking.accounts.standings import Standings
from parking.clock import TestClock
from parking.devices.sealing import Sealer
from parking.notices.inbox import LogAndInboxChannel
from schema.context import Services
from tests.schema.town import LossyBus, Town, build_town

SECRET = "a secret of the tests, long enough"


@pytest.fixture
async def town(database: str, clock: TestClock) -> Town:
    """A town in an empty database of each dialect."""
    bus = LossyBus()
    services = Services(
        clock=clock,
        bus=bus,
        keys=derive_keys(SECRET),
        channel=LogAndInboxChannel(clock),
        standings=Standings(clock),
        sealer=Sealer(SECRET.encode()),
    )
    return await build_town(Town(services, clock, bus))
