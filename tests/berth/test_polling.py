"""An API process without Redis hears of what other processes did."""

import asyncio

from berth.jobs import polling_jobs
from berth.parts import running_worker
from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.events.bus import InProcessBus
from parking.settlement.live import follow_wallets
from tests.support.wallets import fill_wallet

LONG = 30.0
"""Seconds that a busy machine may take; a test that is right never waits so long."""


async def test_money_that_moved_in_another_process_is_heard_by_polling(
    database: str, clock: TestClock
) -> None:
    """The other process' bus is its own: nothing comes from there."""
    bus = InProcessBus()
    async with running_worker(polling_jobs(clock, bus)), asyncio.timeout(LONG):
        stream = follow_wallets(Viewer(person_id=7), bus)
        assert await anext(stream) == []
        await fill_wallet(7, 500, at=clock.now())
        assert [each.balance_minor for each in await anext(stream)] == [500]
