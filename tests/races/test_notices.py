"""Two workers at once: each notice is claimed by one of them."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from parking.clock import TestClock
from parking.notices import letters
from parking.notices.kinds import NoticeChannel
from parking.notices.letters import claim_letters
from parking.notices.records import Letter
from parking.storage.database import connect, disconnect
from parking.storage.transactions import detached, transaction
from tests.parking.notices.post import notice, put
from tests.parking.settlement.rails.test_races import until_it_waits


@pytest.fixture
async def outbox(postgres_url: str, clock: TestClock) -> AsyncIterator[TestClock]:
    """PostgreSQL with one notice; SQLite has one writer at a time anyway."""
    await connect(postgres_url)
    await put(notice(), clock.now())
    yield clock
    await disconnect()


async def claim(clock: TestClock) -> list[Letter]:
    return await claim_letters([NoticeChannel.SMS], clock.now())


async def test_a_notice_that_another_worker_claims_is_left_to_it(outbox: TestClock) -> None:
    async with transaction():
        assert len(await claim(outbox)) == 1
        async with asyncio.timeout(30):
            assert await detached(claim(outbox)) == []


async def test_without_skipping_two_workers_claim_the_same(
    outbox: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: the second waits for the first, and then takes what it saw before."""
    monkeypatch.setattr(letters, "SKIP_LOCKED", "")
    async with transaction() as sql:
        first = await claim(outbox)
        second = detached(claim(outbox))
        await until_it_waits(sql)
    assert [each.id for each in await second] == [each.id for each in first]
