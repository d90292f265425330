"""One one-time id at many readers at the same moment: one grant, because the database says so."""

import asyncio

import pytest

from parking.access.check import Outcome
from parking.clock import TestClock
from parking.devices.models import DeviceKind
from parking.storage.sql import database
from tests.support.bays import Bays
from tests.support.estate import make_estate
from tests.support.readers import Door, events, make_door

READERS = 8

UNGUARDED = """
CREATE TABLE credential_use (
    cti TEXT, reservation_id BIGINT, reader_device_id BIGINT, used_at TIMESTAMPTZ
)
"""


@pytest.fixture
async def door(database: str, clock: TestClock) -> Door:
    return await make_door(Bays(await make_estate(1), clock))


async def showings(door: Door) -> list[Outcome]:
    """The same token, at the same time, at readers of the whole place."""
    await door.bays.equip(0, DeviceKind.LOCK)
    token, reader = await door.token(await door.book()), await door.elsewhere(None)
    answers = await asyncio.gather(*(door.show(token, reader=reader) for _ in range(READERS)))
    return [answer.outcome for answer in answers]


async def test_there_is_one_grant_and_one_command(door: Door) -> None:
    outcomes = await showings(door)
    assert sorted(outcomes) == [Outcome.ALREADY_USED] * (READERS - 1) + [Outcome.GRANTED]
    assert len(await events()) == READERS
    assert len(await database().fetch("SELECT id FROM lock_command")) == 1


async def test_without_the_unique_index_there_are_more(door: Door) -> None:
    """The control: the same showings, the guard taken away."""
    for statement in ("DROP TABLE credential_use", UNGUARDED):
        await database().execute(statement)
    assert (await showings(door)).count(Outcome.GRANTED) > 1
