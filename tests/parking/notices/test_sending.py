"""The worker's part: every notice is sent, given up where it must be, and never forgotten."""

import asyncio
from datetime import timedelta

import pytest

from parking.clock import TestClock
from parking.notices.dead import dead_by_id, dead_notices_of, replay
from parking.notices.kinds import NoticeChannel, NoticeTopic
from parking.notices.letters import prune_notices
from parking.notices.limits import GIVE_UP_AFTER, KEPT_DEAD, KEPT_SENT, LEASE, NOTICES_AT_ONCE_MAX
from parking.notices.preferences import PreferenceRecord, save_preference
from parking.notices.sending import send_notices
from parking.storage.sql import as_time, database
from parking.storage.transactions import transaction
from tests.parking.notices.post import (
    KeepingWay,
    final,
    notice,
    passing,
    put,
    rows,
    run,
    states,
)

pytestmark = pytest.mark.usefixtures("database")

ANSWER = {"topic": NoticeTopic.ANSWER, "fields": {"text": "Booked."}}


async def test_a_notice_is_sent_once_and_noted(clock: TestClock) -> None:
    way = KeepingWay()
    await put(notice(), clock.now())
    assert await run(way, clock) == 1
    assert await run(way, clock) == 0
    [row] = await rows()
    assert (row["state"], row["attempts"], row["provider_reference"]) == ("SENT", 1, "kept 1")
    assert len(way.handed) == 1
    assert (way.handed[0].body != "", row["body"]) == (True, ""), "it may have held a link"


async def test_it_waits_for_its_time(clock: TestClock) -> None:
    way = KeepingWay()
    await put(notice(not_before=clock.now() + timedelta(hours=5)), clock.now())
    assert await run(way, clock) == 0
    clock.advance(hours=5)
    assert await run(way, clock) == 1
    assert await states() == ["SENT"]


async def test_many_workers_send_each_notice_once(clock: TestClock) -> None:
    way = KeepingWay()
    for number in range(2 * NOTICES_AT_ONCE_MAX + 3):
        await put(notice(f"n{number}"), clock.now())
    done = await asyncio.gather(*(run(way, clock) for _ in range(4)))
    while last := await run(way, clock):
        done.append(last)
    assert sum(done) == len(way.handed) == 2 * NOTICES_AT_ONCE_MAX + 3
    assert len({each.id for each in way.handed}) == len(way.handed)


async def test_a_worker_that_dies_before_noting_sends_again(clock: TestClock) -> None:
    """At least once: it has handed over, and nobody knows."""
    way = KeepingWay()

    class Dying(KeepingWay):
        async def deliver(self, letter):  # type: ignore[no-untyped-def]
            await way.deliver(letter)
            raise asyncio.CancelledError

    await put(notice(), clock.now())
    await run(Dying(), clock)
    assert await run(way, clock) == 0, "it is left to the first worker for its lease"
    clock.advance(seconds=LEASE.total_seconds())
    assert await run(way, clock) == 1
    first, second = way.handed
    assert first.id == second.id
    assert await states() == ["SENT"]


async def test_retries_wait_longer_and_longer_until_it_is_given_up(clock: TestClock) -> None:
    way = KeepingWay(*(passing() for _ in range(100)))
    await put(notice(), clock.now())
    began, waits = clock.now(), []
    while (await states()) == ["DUE"]:
        assert await run(way, clock, chance=0.0) == 1
        [row] = await rows()
        if row["state"] == "DUE":
            waits.append((as_time(row["due_at"]) - clock.now()).total_seconds())
            clock.set(as_time(row["due_at"]))
    assert waits[:6] == [5, 15, 45, 135, 405, 1215]
    assert clock.now() - began == GIVE_UP_AFTER[NoticeChannel.SMS]
    assert ((await rows())[0]["last_error"], await states()) == ("busy", ["DEAD"])


async def test_what_will_not_pass_is_given_up_at_once(clock: TestClock) -> None:
    await put(notice(organisation_id=3), clock.now())
    await run(KeepingWay(final()), clock)
    [dead] = await dead_notices_of(database(), 3, limit=10)
    assert (dead.last_error, dead.recipient, dead.attempts) == ("no such number", "…8000", 1)
    assert await dead_notices_of(database(), 4, limit=10) == []


async def test_a_dead_letter_is_replayed_under_its_own_id(clock: TestClock) -> None:
    way = KeepingWay(final())
    await put(notice(useful_until=clock.now() + timedelta(hours=1)), clock.now())
    await run(way, clock)
    clock.advance(days=3)
    [dead] = await dead_by_id(database(), [row["id"] for row in await rows()])
    async with transaction() as sql:
        assert await replay(sql, dead, clock.now())
        assert not await replay(sql, dead, clock.now())
    await run(way, clock)
    assert [each.id for each in way.handed] == [dead.id]
    assert await states() == ["SENT"]


async def test_what_no_worker_sent_in_time_is_not_sent_late(clock: TestClock) -> None:
    way = KeepingWay()
    await put(notice(), clock.now())
    clock.advance(hours=5)
    await run(way, clock)
    assert (await states(), way.handed) == (["DEAD"], [])


async def test_a_failure_that_nobody_expected_keeps_no_other_from_being_sent(
    clock: TestClock,
) -> None:
    way = KeepingWay(ZeroDivisionError("a fault of ours"))
    await put(notice("a"), clock.now())
    await put(notice("b"), clock.now())
    assert await run(way, clock) == 2
    assert sorted(await states()) == ["DUE", "SENT"]
    clock.advance(seconds=LEASE.total_seconds())
    await run(way, clock)
    assert await states() == ["SENT", "SENT"]


async def test_without_a_channel_it_is_a_dead_letter(clock: TestClock) -> None:
    await put(notice(), clock.now())
    await send_notices({}, clock, lambda: 0.0, [NoticeChannel.SMS])
    assert "no channel for SMS" in (await rows())[0]["last_error"]


async def wish(clock: TestClock, **wishes: object) -> None:
    async with transaction() as sql:
        await save_preference(sql, 5, PreferenceRecord(**wishes), clock.now())  # type: ignore[arg-type]


async def test_quiet_hours_are_waited_for_and_give_the_full_time_afterwards(
    clock: TestClock,
) -> None:
    way = KeepingWay(passing())
    await wish(clock, quiet_from="15:00", quiet_until="07:00", time_zone="Asia/Shanghai")
    await put(notice("later", person_id=5), clock.now())
    await put(notice("urgent", person_id=5, **ANSWER), clock.now())
    await run(KeepingWay(), clock)
    assert await states() == ["DUE", "SENT"]
    later = (await rows())[0]
    assert (as_time(later["due_at"]).isoformat(), later["attempts"]) == (
        "2026-01-05T23:00:00+00:00", 0,
    )  # fmt: skip
    clock.set(as_time(later["due_at"]))
    await run(way, clock)
    assert await states() == ["DUE", "SENT"], "it is tried again"
    clock.advance(minutes=1)
    await run(way, clock)
    assert await states() == ["SENT", "SENT"]


async def test_muted_topics_and_what_is_of_no_use_any_more_are_dropped(clock: TestClock) -> None:
    way, soon = KeepingWay(), clock.now() + timedelta(hours=1)
    await wish(
        clock, muted=(NoticeTopic.PARKING_WAITLISTED,), quiet_from="00:00", quiet_until="23:59"
    )
    reminder = {
        "topic": NoticeTopic.PARKING_REMINDER,
        "fields": dict.fromkeys(("place", "space", "starts", "link"), "x"),
    }
    await put(notice("muted", person_id=5), clock.now())
    await put(notice("useless", person_id=5, useful_until=soon, **reminder), clock.now())
    await put(notice("another's", person_id=6), clock.now())
    await run(way, clock)
    assert await states() == ["DROPPED", "DROPPED", "SENT"]
    assert [row["body"] for row in await rows()] == [""] * 3


async def test_what_ended_long_ago_is_forgotten(clock: TestClock) -> None:
    for number in range(3):
        await put(notice(f"n{number}"), clock.now())
    await run(KeepingWay(final()), clock)
    await put(notice("due"), clock.now())
    clock.advance(seconds=KEPT_SENT.total_seconds() + 1)
    assert await prune_notices(clock.now()) == 2
    assert await states() == ["DEAD", "DUE"]
    clock.advance(seconds=(KEPT_DEAD - KEPT_SENT).total_seconds())
    assert await prune_notices(clock.now()) == 1
    assert await states() == ["DUE"]
