"""Following what one is told: nothing is left out, nothing is anybody else's."""

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

import pytest

from parking.accounts import own_notices
from parking.accounts.models import Role
from parking.accounts.own_notices import (
    NoticesUpdate,
    follow_dead_notices,
    follow_own_notices,
    list_own_notices,
)
from parking.accounts.viewer import ANONYMOUS, Viewer
from parking.clock import TestClock
from parking.errors import NotFound, NotPermitted
from parking.events.bus import InProcessBus
from parking.notices.kinds import NoticeTopic
from parking.notices.models import Notice, OwnNotice
from parking.notices.own import tell_person
from parking.notices.reach import Reach, Telling
from parking.notices.relay import NoticeRelay, own_notices_topic
from parking.storage.transactions import transaction
from tests.support.operators import api_key, make_organisation

LONG = 30.0
ADA = Viewer(person_id=7)
T = TypeVar("T")


async def heard(stream: AsyncIterator[T]) -> T:
    async with asyncio.timeout(LONG):
        return await anext(stream)


async def tell(clock: TestClock, *keys: str, person_id: int = 7) -> None:
    for key in keys:
        told = Telling(
            key=key, topic=NoticeTopic.PARKING_CANCELLED, person_id=person_id,
            fields={"place": key, "starts": "12:00"},
        )  # fmt: skip
        async with transaction() as sql:
            await tell_person(sql, Reach(), told, clock.now())


def shown(update: NoticesUpdate) -> tuple[list[int], int, int | None]:
    """Versions of its notices, and where it leads from where."""
    versions = [each.version for each in update.notices]
    return versions, update.version, update.previous_version


@pytest.mark.usefixtures("database")
async def test_a_snapshot_then_each_notice(clock: TestClock) -> None:
    bus = InProcessBus()
    relay = NoticeRelay(bus, clock)
    await tell(clock, "a", "b")
    await tell(clock, "x", person_id=8)
    stream = follow_own_notices(ADA, bus)
    assert shown(await heard(stream)) == ([1, 2], 2, None)
    await tell(clock, "c")
    assert await relay.run_once() == 4
    assert shown(await heard(stream)) == ([3], 3, 2)
    assert await relay.run_once() == 0
    await tell(clock, "d", "e")
    await relay.run_once()
    assert shown(await heard(stream)) == ([4, 5], 5, 3)
    assert [each.version for each in await list_own_notices(ADA, limit=2)] == [5, 4]


@pytest.mark.usefixtures("database")
async def test_who_comes_back_goes_on_where_they_were(
    clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus = InProcessBus()
    await tell(clock, "a", "b", "c")

    async def first(after: int) -> tuple[list[int], int, int | None]:
        return shown(await heard(follow_own_notices(ADA, bus, after)))

    assert await first(1) == ([2, 3], 3, 1)
    assert await first(3) == ([], 3, 3)
    assert await first(0) == ([1, 2, 3], 3, 0)
    assert await first(9) == ([1, 2, 3], 3, None), "there never was a ninth"
    await OwnNotice.filter(version=1).delete()
    assert await first(0) == ([2, 3], 3, None), "the first is forgotten"
    monkeypatch.setattr(own_notices, "SNAPSHOT_MAX", 1)
    assert await first(1) == ([3], 3, None), "too many to be told one by one"


@pytest.mark.usefixtures("database")
async def test_what_the_bus_lost_is_told_by_the_next_message(clock: TestClock) -> None:
    bus = InProcessBus()
    stream = follow_own_notices(ADA, bus)
    assert shown(await heard(stream)) == ([], 0, None)
    await tell(clock, "a", "b")
    await bus.publish(own_notices_topic(7), b"{}")
    assert shown(await heard(stream)) == ([1, 2], 2, 0)


@pytest.mark.usefixtures("database")
async def test_only_a_person_who_is_signed_in_has_a_list(clock: TestClock) -> None:
    await tell(clock, "a")
    link = Viewer(person_id=7, link_of=3)
    for viewer in (ANONYMOUS, link, Viewer(person_id=7, enrolment_of=3), api_key(1)):
        with pytest.raises(NotFound):
            await heard(follow_own_notices(viewer, InProcessBus()))
        with pytest.raises(NotFound):
            await list_own_notices(viewer, limit=9)
        assert await own_notices.own_notices(viewer, [1]) == {}


async def dead(clock: TestClock, organisation_id: int | None, key: str) -> None:
    now = clock.now()
    await Notice.create(
        key=key, channel="SMS", state="DEAD", recipient="+8613800138000", topic="PARKING_BOOKED",
        organisation_id=organisation_id, body="text", due_at=now, give_up_at=now, created_at=now,
        done_at=now,
    )  # fmt: skip


@pytest.mark.usefixtures("database")
async def test_an_organisation_follows_its_dead_letters(clock: TestClock) -> None:
    bus, shop = InProcessBus(), await make_organisation("Shop")
    other = await make_organisation("Other")
    relay = NoticeRelay(bus, clock)
    await dead(clock, shop, "a")
    runs = Viewer(person_id=1, roles={shop: frozenset({Role.OPERATOR})})
    stream = follow_dead_notices(runs, shop, bus)
    snapshot = await heard(stream)
    assert (snapshot.is_snapshot, len(snapshot.notices)) == (True, 1)
    await dead(clock, other, "x")
    await dead(clock, None, "y")
    await dead(clock, shop, "b")
    assert await relay.run_once() == 3
    told = [await heard(stream) for _ in range(2)]
    assert [each.is_snapshot for each in told] == [False, False]
    assert {each.recipient for update in told for each in update.notices} == {"…8000"}
    mere = Viewer(person_id=2, roles={shop: frozenset({Role.MERCHANT})})
    with pytest.raises(NotPermitted):
        await heard(follow_dead_notices(mere, shop, bus))
    with pytest.raises(NotFound):
        await heard(follow_dead_notices(ADA, shop, bus))
