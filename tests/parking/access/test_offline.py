"""A reader that is cut off decides alone; told later, nothing is lost and nothing counts twice."""

from datetime import datetime, timedelta

import pytest

from parking.access.access_events import Numbers
from parking.access.admit import Shown, identify, places_of
from parking.access.alarms import alarms_topic
from parking.access.check import Outcome, Reader
from parking.access.cose import parse_key_set
from parking.access.cwt import token_hash
from parking.access.models import CredentialKind
from parking.access.offline import AGE_MAX, Notebook
from parking.access.revocations import revoked_tokens
from parking.access.signing_keys import keys_in_force, published
from parking.clock import TestClock
from parking.devices.models import DeviceKind
from parking.reservations.models import Reservation
from parking.storage.sql import database
from tests.support.bays import SEALER, Bays
from tests.support.estate import make_estate
from tests.support.readers import Door, events, make_door, steps


@pytest.fixture
async def door(database: str, clock: TestClock) -> Door:
    return await make_door(Bays(await make_estate(2), clock))


@pytest.fixture
async def booking(door: Door) -> Reservation:
    return await door.book()


async def notebook(door: Door) -> Notebook:
    now = door.bays.clock.now()
    keys = parse_key_set(published(await keys_in_force(database(), now)))
    revoked = set(await revoked_tokens(database(), door.reader, now))
    return Notebook(door.reader.audience, keys, revoked)


async def alarms() -> list[tuple[str, str]]:
    rows = await database().fetch("SELECT kind, detail FROM alarm WHERE cleared_at IS NULL")
    words = [row["detail"].partition("; ")[2].partition(":")[0] for row in rows]
    return [(row["kind"], word) for row, word in zip(rows, words, strict=True)]


async def test_alone_a_reader_lets_a_good_token_in_once(door: Door, booking: Reservation) -> None:
    token, now = await door.token(booking), door.bays.clock.now()
    book = await notebook(door)
    assert book.decide(token, now) is Outcome.GRANTED
    assert book.decide(token, now) is Outcome.ALREADY_USED


async def test_what_the_gateway_let_in_opens_nothing_more_alone(
    door: Door, booking: Reservation
) -> None:
    token = await door.token(booking)
    book = await notebook(door)
    book.note(token)
    book.note(b"no token")
    assert book.decide(token, door.bays.clock.now()) is Outcome.ALREADY_USED


async def test_alone_it_refuses_for_the_same_reasons(door: Door, booking: Reservation) -> None:
    token, now = await door.token(booking), door.bays.clock.now()
    book = await notebook(door)
    other = Notebook("7/7", book.keys)
    revoked = Notebook(book.audience, book.keys, {token_hash(token)})
    false = token[:-1] + bytes([token[-1] ^ 1])
    assert book.decide(token, now + timedelta(seconds=60)) is Outcome.EXPIRED
    assert book.decide(token, booking.starts_at - timedelta(hours=1)) is Outcome.NOT_YET
    assert other.decide(token, now) is Outcome.WRONG_SPACE
    assert revoked.decide(token, now) is Outcome.CANCELLED
    assert book.decide(false, now) is Outcome.BAD_SIGNATURE
    assert book.decide(b"no token", now) is Outcome.UNREADABLE
    assert Notebook(book.audience).decide(token, now) is Outcome.UNKNOWN_KEY
    assert book.decide(token, now) is Outcome.GRANTED


async def later(door: Door) -> datetime:
    """The moment of the decision; the reader tells of it ten minutes later."""
    at = door.bays.clock.now()
    door.bays.clock.advance(minutes=10)
    return at


async def test_what_it_decided_is_kept_with_its_time_and_the_id_is_used(
    door: Door, booking: Reservation
) -> None:
    token = await door.token(booking)
    at = await later(door)
    answer = await door.tell(token, at, numbers=Numbers(1, 4))
    assert (answer.outcome, answer.command_id) == (Outcome.GRANTED, None)
    [event] = await events()
    assert (event["outcome"], bool(event["is_offline"])) == (Outcome.GRANTED, True)
    assert await steps(booking) == ["access_granted"]
    assert await alarms() == []
    door.bays.clock.set(at)
    assert (await door.show(token)).outcome is Outcome.ALREADY_USED


async def test_told_twice_it_is_one_event(door: Door, booking: Reservation) -> None:
    token = await door.token(booking)
    at = await later(door)
    for _ in range(2):
        assert (await door.tell(token, at, numbers=Numbers(1, 4))).outcome is Outcome.GRANTED
    assert len(await events()) == 1


async def test_it_may_have_asked_before_and_heard_nothing(door: Door, booking: Reservation) -> None:
    token, at = await door.token(booking), door.bays.clock.now()
    await door.show(token)
    assert (await door.tell(token, at)).outcome is Outcome.GRANTED
    assert await alarms() == []


async def test_a_booking_cancelled_before_is_an_alarm(door: Door, booking: Reservation) -> None:
    token = await door.token(booking)
    await door.cancel(booking)
    door.bays.clock.advance(seconds=20)
    at = await later(door)
    async with door.bays.bus.subscribe(alarms_topic(door.reader.place_id)) as messages:
        assert (await door.tell(token, at)).outcome is Outcome.CANCELLED
        assert (await anext(messages)).body
    assert await alarms() == [("OPENED_WITHOUT_RIGHT", "CANCELLED")]
    assert await steps(booking) == ["reservation_cancelled", "access_refused"]


async def test_one_cancelled_after_is_none(door: Door, booking: Reservation) -> None:
    token = await door.token(booking)
    at = await later(door)
    await door.cancel(booking)
    assert (await door.tell(token, at)).outcome is Outcome.GRANTED
    assert await alarms() == []


async def test_one_id_at_two_readers_is_an_alarm(door: Door, booking: Reservation) -> None:
    token, whole = await door.token(booking), await door.elsewhere(None)
    elsewhere = (await door.elsewhere(1)).device_id
    at = await later(door)
    await door.tell(token, at)
    door.reader = type(whole)(elsewhere, whole.place_id, None)
    assert (await door.tell(token, at)).outcome is Outcome.ALREADY_USED
    assert await alarms() == [("OPENED_WITHOUT_RIGHT", "ALREADY_USED")]


async def test_its_own_refusal_stands(door: Door, booking: Reservation) -> None:
    token = await door.token(booking)
    at = await later(door)
    assert (await door.tell(token, at, Outcome.UNKNOWN_KEY)).outcome is Outcome.UNKNOWN_KEY
    assert await alarms() == []
    door.bays.clock.set(at)
    assert (await door.show(token)).outcome is Outcome.GRANTED


async def test_a_false_token_that_opened_is_an_alarm_too(door: Door, booking: Reservation) -> None:
    token = await door.token(booking)
    at = await later(door)
    false = token[:-1] + bytes([token[-1] ^ 1])
    assert (await door.tell(false, at)).outcome is Outcome.BAD_SIGNATURE
    assert [kind for kind, _ in await alarms()] == ["OPENED_WITHOUT_RIGHT"]


async def test_what_it_should_have_refused_spends_no_id(door: Door, booking: Reservation) -> None:
    token, here, at = await door.token(booking), door.reader, door.bays.clock.now()
    door.reader = await door.elsewhere(1)
    assert (await door.tell(token, at)).outcome is Outcome.WRONG_SPACE
    assert await alarms() == [("OPENED_WITHOUT_RIGHT", "WRONG_SPACE")]
    door.reader = here
    assert (await door.show(token)).outcome is Outcome.GRANTED


@pytest.mark.parametrize("shift", [timedelta(days=2), -AGE_MAX - timedelta(days=9)])
async def test_a_wrong_clock_is_held_within_bounds(
    door: Door, booking: Reservation, shift: timedelta
) -> None:
    now = door.bays.clock.now()
    await door.tell(await door.token(booking), now + shift)
    [row] = await database().fetch("SELECT at AS at, received_at FROM access_event")
    assert len(await events()) == 1
    assert row["at"] <= row["received_at"]


async def test_a_reader_of_another_place_says_nothing_of_this_bay(
    door: Door, booking: Reservation
) -> None:
    token, theirs = await door.token(booking), Bays(await make_estate(2, "Hill"), door.bays.clock)
    made = await theirs.equip(1, DeviceKind.READER)
    door.reader = Reader(made.device_id, theirs.estate.place_id, theirs.space(1))
    at = await later(door)
    found = await identify(door.reader, Shown(CredentialKind.QR_CODE, token), at, SEALER)
    assert places_of(door.reader, found) == [booking.place_id, theirs.estate.place_id]
    assert (await door.tell(token, at)).outcome is Outcome.WRONG_SPACE
    assert (await door.show(token)).outcome is Outcome.WRONG_SPACE
    assert {event["space_id"] for event in await events()} == {theirs.space(1)}
    [alarm] = await database().fetch("SELECT place_id, space_id FROM alarm")
    assert alarm == {"place_id": theirs.estate.place_id, "space_id": theirs.space(1)}
