"""Drivers hear by the clock, once each, in their language; what has changed is not told."""

from datetime import time, timedelta

import pytest

from parking.accounts.models import Person
from parking.notices.kinds import NoticeTopic as Topic
from parking.notices.preferences import PreferenceRecord, save_preference
from parking.notices.rules import Preference, QuietHours, SendNow, when
from parking.occupancy.models import Occupancy
from parking.reminders.remind import prune_reminders, remind, remind_before_quiet
from parking.reservations.models import Reservation
from parking.reservations.models import ReservationState as State
from parking.reservations.rules import Step
from parking.storage.sql import Sql
from parking.storage.sql import database as db
from parking.storage.transactions import transaction
from tests.parking.reminders.reminded import Reminded
from tests.support.leasing import somebody

HOUR = timedelta(hours=1)


async def dora(told: Reminded) -> int:
    """A driver with an e-mail address."""
    return (await somebody("Dora")).person_id or 0


async def book(told: Reminded, starts: timedelta = 3 * HOUR, **values: object) -> Reservation:
    return await told.bays.book(starts=starts, person_id=await dora(told), **values)  # type: ignore[arg-type]


async def test_a_driver_is_reminded_once_an_hour_before(told: Reminded) -> None:
    booked = await book(told)
    assert await told.topics() == []
    told.bays.clock.advance(hours=2)
    [notice] = await told.hear()
    assert (notice["topic"], notice["channel"]) == (Topic.PARKING_REMINDER, "EMAIL")
    assert (notice["recipient"], notice["person_id"]) == ("dora@example.org", booked.person_id)
    assert notice["about"] == f"reservation:{booked.id}"
    assert "Harbour garage, space A-01 is yours from 2026-01-05 12:00." in notice["body"]
    assert f"https://berth.example/b/{booked.id}" in notice["body"]
    told.bays.clock.advance(minutes=30)
    assert await told.topics() == []


async def test_nobody_is_reminded_of_what_they_have_just_booked_or_lost(told: Reminded) -> None:
    await book(told, timedelta(minutes=59))
    cancelled = await told.bays.book(1, starts=2 * HOUR)
    await Reservation.filter(id=cancelled.id).update(state=State.CANCELLED)
    told.bays.clock.advance(minutes=70)
    assert await told.topics() == []


async def test_in_the_drivers_own_language(told: Reminded) -> None:
    booked = await book(told)
    await Person.filter(id=booked.person_id).update(phone="+8613800138000", locale="zh")
    told.bays.clock.advance(hours=2)
    [notice] = await told.hear()
    assert (notice["channel"], notice["locale"]) == ("SMS", "zh")
    assert "A-01 号车位自 2026-01-05 12:00 起归您使用" in notice["body"]


async def test_somebody_without_an_address_is_not_looked_at_again(told: Reminded) -> None:
    await told.bays.book(starts=3 * HOUR)
    told.bays.clock.advance(hours=2)
    assert await remind(told.work) == 1
    assert await remind(told.work) == 0


async def test_who_has_not_come_hears_how_long_the_bay_is_kept(told: Reminded) -> None:
    await book(told)
    await told.looks(Occupancy.FREE)
    told.bays.clock.advance(hours=3, minutes=9)
    assert await told.topics() == []
    told.bays.clock.advance(minutes=1)
    [notice] = await told.hear()
    assert notice["topic"] == Topic.PARKING_LATE
    assert "kept for you until 2026-01-05 12:30" in notice["body"]
    told.bays.clock.advance(minutes=1)
    assert await told.topics() == []


@pytest.mark.parametrize("seen", [Occupancy.UNKNOWN, Occupancy.OCCUPIED])
async def test_nobody_is_late_whose_bay_is_not_seen_to_be_free(
    told: Reminded, seen: Occupancy
) -> None:
    await book(told)
    await told.looks(seen)
    told.bays.clock.advance(hours=3, minutes=12)
    assert await told.topics() == []
    await told.looks(Occupancy.FREE)
    assert await told.topics() == [Topic.PARKING_LATE]


async def test_who_was_let_in_is_not_late(told: Reminded) -> None:
    booked = await book(told)
    await told.looks(Occupancy.FREE)
    told.bays.clock.advance(hours=3, minutes=10)
    await db().execute(
        "INSERT INTO reservation_event (reservation_id, version, kind, at, actor, detail)"
        " VALUES ($1, 2, $2, $3, '', '{}')",
        booked.id,
        Step.ADMIT.value,
        told.bays.clock.now(),
    )
    assert await told.topics() == []


async def test_the_end_is_told_while_the_car_is_there_and_again_when_it_is_later(
    told: Reminded,
) -> None:
    booked = await book(told, timedelta(0), state=State.ACTIVE)
    gone = await told.bays.book(1, state=State.COMPLETED)
    assert gone.ends_at == booked.ends_at
    told.bays.clock.advance(minutes=104)
    assert await told.topics() == []
    told.bays.clock.advance(minutes=1)
    [notice] = await told.hear()
    assert notice["topic"] == Topic.PARKING_ENDING
    assert "ends at 2026-01-05 11:00. To stay longer:" in notice["body"]
    await Reservation.filter(id=booked.id).update(
        ends_at=booked.ends_at + HOUR, blocked_until=booked.ends_at + HOUR
    )
    assert await told.topics() == []
    told.bays.clock.advance(hours=1)
    assert await told.topics() == [Topic.PARKING_ENDING]


async def quiet(told: Reminded, person_id: int, start: str, until: str) -> None:
    wished = PreferenceRecord(quiet_from=start, quiet_until=until, time_zone="UTC")
    async with transaction() as sql:
        await save_preference(sql, person_id, wished, told.bays.clock.now())


async def test_a_reminder_that_the_quiet_hours_would_swallow_comes_before_them(
    told: Reminded,
) -> None:
    """It is 08:00. Quiet from 09:00 to 18:00: what starts at 17:00 and 12:00 is told at 08:45."""
    booked = await book(told, 9 * HOUR)
    after = await told.bays.book(1, starts=11 * HOUR, person_id=booked.person_id)
    await quiet(told, booked.person_id, "09:00", "18:00")
    assert await remind_before_quiet(told.work) == 0
    told.bays.clock.advance(minutes=45)
    assert await remind_before_quiet(told.work) == 1
    assert await remind_before_quiet(told.work) == 0
    [row] = await db().fetch("SELECT body, useful_until FROM notice")
    assert "is yours from 2026-01-05 18:00" in row["body"], "on the clocks of Berlin"
    nine_to_six = Preference(quiet=QuietHours(time(9), time(18), "UTC"))
    now = told.bays.clock.now()
    assert when(Topic.PARKING_REMINDER, booked.starts_at, nine_to_six, now) == SendNow()
    told.bays.clock.advance(hours=9, minutes=20)
    assert await told.topics() == [Topic.PARKING_REMINDER], "the other may be told after them"
    assert after.starts_at > told.bays.clock.now()


async def test_a_crash_loses_none(told: Reminded, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> int:
        raise RuntimeError("no room in the outbox")

    await book(told)
    told.bays.clock.advance(hours=2)
    with monkeypatch.context() as patch:
        patch.setattr("parking.reminders.remind.tell_person", broken)
        assert await told.topics() == []
    assert await told.topics() == [Topic.PARKING_REMINDER]


async def test_what_was_told_long_ago_is_forgotten(told: Reminded) -> None:
    await book(told)
    told.bays.clock.advance(hours=2)
    await told.hear()
    assert await prune_reminders(told.bays.clock.now()) == 0
    assert await prune_reminders(told.bays.clock.advance(days=31)) == 1


INDEXES = (
    "reservation_missed",
    "reservation_missed",
    "reservation_ending",
    "reservation_event_at",
    "reservation_missed",
)
"""Of reminder, late, ending, early, and the reminder before quiet hours."""


async def test_finding_who_is_due_reads_no_history(
    told: Reminded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The range of a partial index, on both databases."""
    said: list[tuple[str, tuple[object, ...]]] = []
    fetch = Sql.fetch

    async def listening(sql: Sql, query: str, *args: object) -> list[dict[str, object]]:
        said.append((query, args))
        return await fetch(sql, query, *args)

    await quiet(told, 1, "08:10", "18:00")
    with monkeypatch.context() as patch:
        patch.setattr(Sql, "fetch", listening)
        await told.hear()
        await remind_before_quiet(told.work)
    looks = [each for each in said if "reservation r" in each[0] or "_event e" in each[0]]
    async with transaction() as sql:
        if sql.dialect == "postgres":  # which would read so small a table from end to end
            await sql.execute("SET LOCAL enable_seqscan = off")
        verb = "EXPLAIN QUERY PLAN" if sql.dialect == "sqlite" else "EXPLAIN"
        plans = [str(await sql.fetch(f"{verb} {query}", *args)) for query, args in looks]
    for plan, index in zip(plans, INDEXES, strict=True):
        assert index in plan, plan
