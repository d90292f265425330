"""An API process without Redis hears of what other processes did."""

import asyncio

from berth.jobs import polling_jobs
from berth.parts import running_worker
from parking.accounts.own_notices import follow_own_notices
from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.events.bus import InProcessBus
from parking.notices.kinds import NoticeTopic
from parking.notices.own import tell_person
from parking.notices.reach import Reach, Telling
from parking.settlement.live import follow_wallets
from parking.storage.transactions import transaction
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


async def test_a_notice_that_another_process_wrote_is_heard_by_polling(
    database: str, clock: TestClock
) -> None:
    bus = InProcessBus()
    async with running_worker(polling_jobs(clock, bus)), asyncio.timeout(LONG):
        stream = follow_own_notices(Viewer(person_id=7), bus)
        assert (await anext(stream)).notices == []
        fields = {"place": "Quay", "starts": "12:00"}
        told = Telling(
            key="one", topic=NoticeTopic.PARKING_CANCELLED, fields=fields, person_id=7
        )  # fmt: skip
        async with transaction() as sql:
            await tell_person(sql, Reach(), told, clock.now())
        assert [each.version for each in (await anext(stream)).notices] == [1]
