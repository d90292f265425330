"""Who shows a credential too early hears from when on the bay is theirs."""

from datetime import timedelta

import pytest

from parking.access.check import Outcome
from parking.notices.kinds import NoticeTopic as Topic
from parking.reminders.early import tell_the_early
from parking.reservations.models import ReservationState as State
from tests.parking.reminders.reminded import Reminded
from tests.support.readers import Door, make_door

HOUR = timedelta(hours=1)


@pytest.fixture
async def door(told: Reminded) -> Door:
    """A reader in the first bay; a driver with an e-mail address."""
    return await make_door(told.bays)


async def test_who_is_early_hears_from_when_on_once(told: Reminded, door: Door) -> None:
    booked = await door.book(starts=HOUR)
    token = await door.token(booked)
    answer = await door.show(token)
    assert (answer.outcome, answer.opens) == (Outcome.NOT_YET, "09:45")
    notices = {row["topic"]: row for row in await told.hear()}
    notice = notices[Topic.PARKING_EARLY]
    assert notice["recipient"] == "dora@example.org"
    assert "opens for you from 2026-01-05 09:45" in notice["body"]
    assert (await door.show(token)).outcome is Outcome.NOT_YET
    assert await tell_the_early(told.work) == 0
    told.bays.clock.advance(minutes=45)
    assert (await door.show(await door.token(booked))).outcome is Outcome.GRANTED


async def test_in_the_margin_the_car_before_may_be_there_until_its_time_is_over(
    told: Reminded, door: Door
) -> None:
    await told.bays.book(state=State.ACTIVE, hours=0.9)
    booked = await door.book(starts=HOUR)
    told.bays.clock.advance(minutes=50)
    assert (await door.show(await door.token(booked))).outcome is Outcome.NOT_YET
    [notice] = [row for row in await told.hear() if row["topic"] == Topic.PARKING_EARLY]
    assert "opens for you from 2026-01-05 09:54" in notice["body"]


async def test_what_was_shown_long_ago_or_elsewhere_is_not_about_being_early(
    told: Reminded, door: Door
) -> None:
    booked = await door.book(starts=2 * HOUR)
    other = await door.elsewhere()
    token = await door.token(booked)
    assert (await door.show(token, reader=other)).outcome is Outcome.WRONG_SPACE
    assert await tell_the_early(told.work) == 0
    await door.show(token)
    told.bays.clock.advance(minutes=6)
    assert await tell_the_early(told.work) == 0
