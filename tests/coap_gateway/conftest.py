"""Fixtures of the gateway's tests."""

from collections.abc import AsyncIterator

import pytest

from parking.clock import TestClock
from tests.coap_gateway.rig import Rig, rigged


@pytest.fixture
async def rig(database: str, clock: TestClock) -> AsyncIterator[Rig]:
    """A gateway with an estate of four spaces, on each kind of database."""
    async with rigged(clock) as made:
        yield made
