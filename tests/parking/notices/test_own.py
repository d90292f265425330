"""A person's own list of what they were told."""

import asyncio
from datetime import datetime, timedelta

import pytest

from parking.clock import TestClock
from parking.notices.erasing import erase_notices
from parking.notices.kinds import NoticeTopic as Topic
from parking.notices.limits import KEPT_SENT
from parking.notices.own import (
    newest_version,
    own_notices_after,
    own_notices_by_id,
    own_notices_of,
    prune_own_notices,
    tell_person,
)
from parking.notices.preferences import PreferenceRecord, save_preference
from parking.notices.reach import Reach, Telling
from parking.storage.sql import database as db
from parking.storage.transactions import transaction
from tests.parking.notices.post import PHONE

ADA, BEN = 7, 8
LINK = "https://berth.example/b/secret"
FIELDS = {"place": "Quay", "space": "A-01", "starts": "12:00", "link": LINK}


def telling(key: str = "one", person_id: int | None = ADA, locale: str = "en") -> Telling:
    return Telling(
        key=key, topic=Topic.PARKING_REMINDER, fields=FIELDS, locale=locale, person_id=person_id,
        about="reservation:3",
    )  # fmt: skip


async def tell(now: datetime, key: str = "one", reach: Reach | None = None, **more: object) -> int:
    async with transaction() as sql:
        return await tell_person(sql, reach or Reach(), telling(key, **more), now)  # type: ignore[arg-type]


@pytest.mark.usefixtures("database")
async def test_what_is_told_is_listed_without_its_link(clock: TestClock) -> None:
    assert await tell(clock.now(), reach=Reach(phone=PHONE), locale="zh") == 1
    [note] = await own_notices_of(db(), ADA, limit=9)
    assert (note.topic, note.about, note.version) == (Topic.PARKING_REMINDER, "reservation:3", 1)
    assert note.text == "Quay A-01 号车位自 12:00 起归您使用。路线与开锁方式：…"
    assert "secret" not in repr(await db().fetch("SELECT * FROM own_notice"))
    [sent] = await db().fetch("SELECT body FROM notice")
    assert LINK in sent["body"]
    assert await own_notices_by_id(db(), BEN, [note.id]) == {}
    assert await own_notices_by_id(db(), ADA, [note.id]) == {note.id: note}


@pytest.mark.usefixtures("database")
async def test_a_notice_is_listed_once_by_its_key_and_each_person_counts_alone(
    clock: TestClock,
) -> None:
    for key, who in (("a", ADA), ("b", BEN), ("c", ADA), ("a", ADA), ("d", None)):
        await tell(clock.now(), key, person_id=who)
    assert [each.version for each in await own_notices_of(db(), ADA, limit=9)] == [2, 1]
    assert [each.version for each in await own_notices_of(db(), ADA, limit=9, before=2)] == [1]
    assert [each.version for each in await own_notices_after(db(), ADA, 1, limit=9)] == [2]
    assert [await newest_version(db(), who) for who in (ADA, BEN, 9)] == [2, 1, 0]


@pytest.mark.usefixtures("database")
async def test_what_is_muted_is_not_listed(clock: TestClock) -> None:
    async with transaction() as sql:
        muted = PreferenceRecord(muted=(Topic.PARKING_REMINDER,))
        await save_preference(sql, ADA, muted, clock.now())
    await tell(clock.now())
    assert await own_notices_of(db(), ADA, limit=9) == []


@pytest.mark.usefixtures("database")
async def test_versions_of_many_at_once_have_no_gaps(clock: TestClock) -> None:
    await asyncio.gather(*(tell(clock.now(), f"key {number}") for number in range(12)))
    found = await own_notices_after(db(), ADA, 0, limit=99)
    assert [each.version for each in found] == list(range(1, 13))
    assert [each.id for each in found] == sorted(each.id for each in found)


@pytest.mark.usefixtures("database")
async def test_what_failed_leaves_no_gap(clock: TestClock) -> None:
    with pytest.raises(RuntimeError):
        async with transaction() as sql:
            await tell_person(sql, Reach(), telling("lost"), clock.now())
            raise RuntimeError("something else went wrong")
    await tell(clock.now())
    assert await newest_version(db(), ADA) == 1


@pytest.mark.usefixtures("database")
async def test_the_list_is_forgotten_after_a_while_and_counts_on(clock: TestClock) -> None:
    await tell(clock.now())
    assert await prune_own_notices(clock.now() + KEPT_SENT) == 0
    assert await prune_own_notices(clock.now() + KEPT_SENT + timedelta(seconds=1)) == 1
    await tell(clock.now(), "two")
    assert [each.version for each in await own_notices_of(db(), ADA, limit=9)] == [2]


@pytest.mark.usefixtures("database")
async def test_what_is_forgotten_leaves_the_list_and_the_count_goes_on(clock: TestClock) -> None:
    await tell(clock.now(), reach=Reach(phone=PHONE))
    async with transaction() as sql:
        await erase_notices(sql, ["reservation:3"], clock.now())
    assert await own_notices_of(db(), ADA, limit=9) == []
    assert await newest_version(db(), ADA) == 1
