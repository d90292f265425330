"""The judge of a booked replay finds what is wrong: the control of the proof."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from berth.replay.compare import Aspect
from berth.replay.declared import Visit
from berth.replay.expected import expected
from berth.replay.judging import judge_openings, judge_overlaps, judge_visits
from berth.replay.outcomes import Stayed
from berth.replay.renter import Renter
from parking.access.models import CommandCause, LockTarget
from parking.clock import TestClock
from parking.devices.models import DeviceKind
from parking.occupancy.models import Occupancy
from parking.reservations.models import Reservation
from parking.storage.sql import database as connected
from tests.support.bays import Bays
from tests.support.estate import make_estate

TEN = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return TEN + timedelta(minutes=minutes)


VISIT = Visit(1, "A", at(0), at(90), at(60))
"""Booked for an hour, 3.20; half an hour late, two quarters at 1.20."""

STAYED = Stayed(
    space="A", started_at=at(0), ended_at=at(90), overstay_since=at(60), starts_at=at(0),
    ends_at=at(60), states=("ENDED", "COMPLETED"), started_by="DEVICE", amount_minor=560,
    lines_minor=560, overstay_minor=240, given_back_minor=0, segment_sums=((320, 320), (240, 240)),
    steps=("reservation_held", "reservation_overstayed", "reservation_completed"),
)  # fmt: skip


def judged(*stays: Stayed, refusals: int = 0, reservation: str | None = "x") -> list[Aspect]:
    renter = Renter(cast(Any, None), VISIT, "", reservation, refusals)
    outcomes = expected([VISIT])
    return [d.aspect for d in judge_visits([VISIT], outcomes, {1: renter}, {"R1": stays})]


def test_what_is_right_differs_in_nothing() -> None:
    assert judged(STAYED) == []


@pytest.mark.parametrize(
    ("changes", "aspect"),
    [
        ({"space": "B"}, Aspect.SESSION),
        ({"started_at": at(1)}, Aspect.SESSION),
        ({"ended_at": at(91)}, Aspect.SESSION),
        ({"ended_at": None}, Aspect.SESSION),
        ({"ends_at": at(75)}, Aspect.SESSION),
        ({"states": ("ENDED", "ACTIVE")}, Aspect.SESSION),
        ({"overstay_since": None}, Aspect.SESSION),
        ({"steps": ()}, Aspect.SESSION),
        ({"amount_minor": 561, "lines_minor": 561, "segment_sums": ((561, 561),)}, Aspect.PRICE),
        ({"overstay_minor": 120}, Aspect.PRICE),
        ({"given_back_minor": 1}, Aspect.PRICE),
        ({"lines_minor": 559}, Aspect.PRICE),
        ({"segment_sums": ((320, 319), (240, 240))}, Aspect.PRICE),
    ],
)
def test_each_thing_that_is_wrong_is_found(changes: dict[str, Any], aspect: Aspect) -> None:
    assert judged(replace(STAYED, **changes)) == [aspect]


def test_stays_that_are_missing_or_too_many_are_found() -> None:
    assert judged() == [Aspect.SESSION]
    assert judged(STAYED, STAYED) == [Aspect.SESSION]


def test_bookings_that_went_otherwise_are_found() -> None:
    assert judged(STAYED, refusals=1) == [Aspect.BOOKING]
    assert judged(STAYED, reservation=None) == [Aspect.BOOKING]


async def test_bookings_that_had_a_bay_at_the_same_time_are_found(
    database: str, clock: TestClock
) -> None:
    bays = Bays(await make_estate(), clock)
    first, second = await bays.book(hours=2), await bays.book(starts=timedelta(hours=2))
    over = {"state": "COMPLETED", "ended_at": clock.now() + timedelta(hours=1)}
    await Reservation.filter(id=first.id).update(**over)
    await Reservation.filter(id=second.id).update(
        state="COMPLETED", ended_at=clock.now() + timedelta(hours=3)
    )
    assert await judge_overlaps(connected()) == []
    await Reservation.filter(id=second.id).update(starts_at=clock.now() + timedelta(minutes=59))
    [found] = await judge_overlaps(connected())
    assert found.found == f"{first.id} and {second.id}"


async def test_an_arm_that_went_down_without_a_claim_is_found(
    database: str, clock: TestClock
) -> None:
    bays = Bays(await make_estate(), clock)
    await bays.equip(0, DeviceKind.LOCK)
    sensor = await bays.equip(0, DeviceKind.SENSOR)
    await bays.see(Occupancy.FREE, sensor)
    booked = await bays.book()
    ordered = await bays.order(
        LockTarget.LOWERED, CommandCause.CREDENTIAL, reservation_id=booked.id
    )
    sql, space = connected(), bays.space()
    delivered = "UPDATE lock_command SET delivered_at = $2 WHERE id = $1"
    await sql.execute(delivered, ordered.id, clock.now())
    assert await judge_openings(sql, {space: 1}, {space: "A"}) == ([], 1)
    for moment in (clock.now() - timedelta(hours=1), clock.now() + timedelta(hours=3)):
        await sql.execute(delivered, ordered.id, moment)
        [found] = (await judge_openings(sql, {space: 1}, {space: "A"}))[0]
        assert (found.aspect, found.at) == (Aspect.LOCK, moment)
    await sql.execute(delivered, ordered.id, clock.now())
    [found] = (await judge_openings(sql, {space: 2}, {space: "A"}))[0]
    assert found.found == "2 moves"
    await sql.execute("UPDATE lock_command SET reservation_id = NULL WHERE id = $1", ordered.id)
    assert len((await judge_openings(sql, {space: 1}, {space: "A"}))[0]) == 1
