"""Reports become states, versions, events and history, whatever the order they arrive in."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from tortoise.exceptions import IntegrityError

from parking.clock import TestClock
from parking.events.bus import InProcessBus
from parking.occupancy import change
from parking.occupancy.history import space_timeline
from parking.occupancy.live import place_deltas, place_snapshot
from parking.occupancy.models import Axis, Source
from parking.occupancy.record import Report, record
from parking.storage.database import connect, disconnect
from parking.storage.sql import database as sql
from tests.support.estate import Estate, make_estate


@pytest.fixture
async def estate(database: str) -> Estate:
    return await make_estate()


@pytest.fixture
def bus() -> InProcessBus:
    return InProcessBus()


def said(estate: Estate, clock: TestClock, value: str, sequence: int, **more: object) -> Report:
    """A sensor's report of the first space, observed now unless told otherwise."""
    fields: dict[str, object] = {
        "space_id": estate.space_ids[0], "place_id": estate.place_id, "axis": Axis.OCCUPANCY,
        "value": value, "observed_at": clock.now(), "received_at": clock.now(),
        "device_id": 70, "boot": 1, "sequence": sequence,
    }  # fmt: skip
    return Report(**(fields | more))  # type: ignore[arg-type]


async def timeline(estate: Estate, clock: TestClock) -> list[tuple[datetime, str]]:
    day = timedelta(days=1)
    found = await space_timeline(estate.space_ids[0], clock.now() - day, clock.now() + day)
    return [(i.at, str(i.occupancy)) for i in found]


async def test_a_change_takes_the_next_version_and_is_told(
    estate: Estate, clock: TestClock, bus: InProcessBus
) -> None:
    [update] = await record([said(estate, clock, "FREE", 1)], clock, bus)
    assert (update.previous_version, update.version) == (0, 1)
    assert update.counts.available == 1
    assert update.counts.unknown == 2
    assert [(s.status, s.version) for s in update.spaces] == [("AVAILABLE", 1)]
    snapshot = await place_snapshot(estate.place_id, clock)
    assert snapshot.version == 1
    assert snapshot.counts == update.counts


async def test_two_changes_of_a_group_are_two_versions_and_one_message(
    estate: Estate, clock: TestClock, bus: InProcessBus
) -> None:
    reports = [said(estate, clock, "OCCUPIED", 1), said(estate, clock, "FREE", 2)]
    async with bus.subscribe(f"place:{estate.place_id}") as messages:
        [update] = await record(reports, clock, bus)
        await anext(messages)
        assert messages._queue.empty()
    assert (update.previous_version, update.version) == (0, 2)
    rows = await sql().fetch("SELECT version FROM place_event ORDER BY version")
    assert [r["version"] for r in rows] == [1, 2]


async def test_saying_the_same_again_takes_no_version(
    estate: Estate, clock: TestClock, bus: InProcessBus
) -> None:
    await record([said(estate, clock, "FREE", 1)], clock, bus)
    clock.advance(hours=3)
    assert await record([said(estate, clock, "FREE", 2)], clock, bus) == []
    snapshot = await place_snapshot(estate.place_id, clock)
    assert snapshot.version == 1
    assert snapshot.spaces[0].observed_at == clock.now()


@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_the_newest_by_boot_and_sequence_wins_in_any_order_of_arrival(
    estate: Estate, clock: TestClock, bus: InProcessBus, order: tuple[int, ...]
) -> None:
    start = clock.now()
    facts = [("OCCUPIED", 1, 8), ("FREE", 1, 9), ("OCCUPIED", 2, 1), ("FREE", 2, 2)]
    reports = [
        said(estate, clock, value, sequence, boot=boot, since=start + timedelta(minutes=i))
        for i, (value, boot, sequence) in enumerate(facts)
    ]
    for index in order:
        await record([reports[index]], clock, bus)
    snapshot = await place_snapshot(estate.place_id, clock)
    assert snapshot.spaces[0].occupancy == "FREE"
    assert [value for _, value in await timeline(estate, clock)] == [f[0] for f in facts]


async def test_a_duplicate_changes_nothing(
    estate: Estate, clock: TestClock, bus: InProcessBus
) -> None:
    report = said(estate, clock, "OCCUPIED", 5)
    await record([report], clock, bus)
    assert await record([report, report], clock, bus) == []
    assert len(await timeline(estate, clock)) == 1


async def test_a_late_report_between_two_equal_ones_splits_the_stay(
    estate: Estate, clock: TestClock, bus: InProcessBus
) -> None:
    first = said(estate, clock, "FREE", 1)
    late = said(estate, clock, "OCCUPIED", 2, observed_at=clock.advance(minutes=5))
    third = said(estate, clock, "FREE", 3, observed_at=clock.advance(minutes=5))
    for report in (first, third, late):
        await record([report], clock, bus)
    assert await timeline(estate, clock) == [
        (first.observed_at, "FREE"), (late.observed_at, "OCCUPIED"), (third.observed_at, "FREE"),
    ]  # fmt: skip
    snapshot = await place_snapshot(estate.place_id, clock)
    assert snapshot.spaces[0].since == third.observed_at


async def test_the_same_value_begun_anew_is_a_change(
    estate: Estate, clock: TestClock, bus: InProcessBus
) -> None:
    await record([said(estate, clock, "FREE", 1, since=clock.now())], clock, bus)
    again = clock.advance(minutes=10)
    [update] = await record([said(estate, clock, "FREE", 3, since=again)], clock, bus)
    assert update.spaces[0].since == again


async def test_silence_makes_unknown_and_the_next_word_ends_it(
    estate: Estate, clock: TestClock, bus: InProcessBus
) -> None:
    began = clock.now()
    await record([said(estate, clock, "FREE", 1, since=began)], clock, bus)
    stale = clock.advance(hours=26)
    silence = said(estate, clock, "UNKNOWN", 0, device_id=None, boot=0, source=Source.STALENESS)
    await record([silence], clock, bus)
    clock.advance(hours=1)
    [update] = await record([said(estate, clock, "FREE", 2, since=began)], clock, bus)
    assert update.spaces[0].status == "AVAILABLE"
    # The device says that nothing had changed meanwhile: history believes it.
    assert (await timeline(estate, clock))[-2:] == [(stale, "UNKNOWN"), (stale, "FREE")]


async def test_a_replacement_device_is_believed_though_its_counters_start_anew(
    estate: Estate, clock: TestClock, bus: InProcessBus
) -> None:
    await record([said(estate, clock, "FREE", 900, boot=7)], clock, bus)
    new = said(estate, clock, "OCCUPIED", 1, device_id=71, boot=1)
    [update] = await record([new], clock, bus)
    assert update.spaces[0].occupancy == "OCCUPIED"


async def test_reports_of_a_space_that_is_gone_do_not_sink_the_group(
    estate: Estate, clock: TestClock, bus: InProcessBus
) -> None:
    lost = said(estate, clock, "FREE", 1, space_id=987_654)
    [update] = await record([lost, said(estate, clock, "FREE", 1)], clock, bus)
    assert len(update.spaces) == 1


async def test_concurrent_groups_leave_no_gap_in_the_versions(
    estate: Estate, clock: TestClock, bus: InProcessBus
) -> None:
    shuffled = random.Random(7)
    reports = [
        said(estate, clock, shuffled.choice(["FREE", "OCCUPIED"]), n, device_id=70 + i, space_id=s)
        for n in range(1, 21)
        for i, s in enumerate(estate.space_ids)
    ]
    await asyncio.gather(*(record([r], clock, bus) for r in reports))
    snapshot = await place_snapshot(estate.place_id, clock)
    rows = await sql().fetch("SELECT version FROM place_event ORDER BY version")
    assert [r["version"] for r in rows] == list(range(1, snapshot.version + 1))
    whole = await place_deltas(estate.place_id, 0)
    assert whole is not None
    assert whole.counts == snapshot.counts
    assert sorted(whole.spaces, key=lambda s: s.space_id) == list(snapshot.spaces)


@pytest.fixture
async def postgres_estate(postgres_url: str) -> AsyncIterator[Estate]:
    await connect(postgres_url)
    yield await make_estate(spaces=8)
    await disconnect()


async def both_change_at_once(estate: Estate, clock: TestClock, bus: InProcessBus) -> list[object]:
    reports = [
        said(estate, clock, "FREE", 1, device_id=70 + i, space_id=s)
        for i, s in enumerate(estate.space_ids)
    ]
    changes = (record([r], clock, bus) for r in reports)
    return list(await asyncio.gather(*changes, return_exceptions=True))


async def test_changes_of_one_place_wait_for_each_other(
    postgres_estate: Estate, clock: TestClock, bus: InProcessBus
) -> None:
    done = await both_change_at_once(postgres_estate, clock, bus)
    assert not [d for d in done if isinstance(d, BaseException)]
    assert (await place_snapshot(postgres_estate.place_id, clock)).version == 8


async def test_control_without_the_place_lock_two_changes_take_the_same_version(
    postgres_estate: Estate, clock: TestClock, bus: InProcessBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_lock(*_: object) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(change, "lock_places", no_lock)
    done = await both_change_at_once(postgres_estate, clock, bus)
    assert [d for d in done if isinstance(d, IntegrityError)]
