"""A credential is shown at a bay: every reason of a refusal, and the arm goes down once."""

from datetime import timedelta

import pytest

from parking.access import admit as admitting
from parking.access.access_events import Numbers, access_events_of, was_admitted
from parking.access.check import Outcome, Reader
from parking.access.command_rows import COMMANDS_TOPIC
from parking.access.credentials import rotate_key
from parking.access.models import CommandCause, CommandState, LockTarget
from parking.clock import TestClock
from parking.devices.models import DeviceKind
from parking.reservations.models import Reservation
from parking.reservations.models import ReservationState as State
from parking.reservations.record import reservation_topic
from parking.storage.sql import database
from tests.support.bays import SEALER, Bays
from tests.support.estate import make_estate
from tests.support.leasing import somebody
from tests.support.readers import KEY, PLATE, Door, events, make_door, steps

EARLY = timedelta(minutes=15)


@pytest.fixture
async def door(database: str, clock: TestClock) -> Door:
    return await make_door(Bays(await make_estate(2), clock))


@pytest.fixture
async def booking(door: Door) -> Reservation:
    return await door.book()


async def commands() -> list[dict[str, object]]:
    return await database().fetch(
        "SELECT id, target, state, cause, reservation_id, actor FROM lock_command ORDER BY id"
    )


async def test_a_good_qr_lowers_the_arm(door: Door, booking: Reservation) -> None:
    await door.bays.equip(0, DeviceKind.LOCK)
    answer = await door.show(await door.token(booking))
    assert (answer.outcome, answer.reservation_id) == (Outcome.GRANTED, booking.id)
    [command] = await commands()
    assert command == {
        "id": answer.command_id, "target": LockTarget.LOWERED, "state": CommandState.QUEUED,
        "cause": CommandCause.CREDENTIAL, "reservation_id": booking.id,
        "actor": f"device:{door.reader.device_id}",
    }  # fmt: skip
    assert await was_admitted(database(), booking.id)
    [event] = (await access_events_of(door.driver, [booking.id]))[booking.id]
    assert (event.outcome, event.space_id, event.is_offline) == (
        Outcome.GRANTED, door.bays.space(), False,
    )  # fmt: skip


async def test_the_driver_and_the_gateway_hear_of_it(door: Door, booking: Reservation) -> None:
    await door.bays.equip(0, DeviceKind.LOCK)
    token = await door.token(booking)
    async with door.bays.bus.subscribe(reservation_topic(booking.id), COMMANDS_TOPIC) as messages:
        await door.show(token)
        assert {(await anext(messages)).topic for _ in range(2)} == messages.topics


async def test_a_bay_without_a_lock_is_open_anyway(door: Door, booking: Reservation) -> None:
    answer = await door.show(await door.token(booking))
    assert (answer.outcome, answer.command_id) == (Outcome.GRANTED, None)


async def test_a_one_time_id_opens_once(door: Door, booking: Reservation) -> None:
    token = await door.token(booking)
    assert (await door.show(token)).outcome is Outcome.GRANTED
    assert (await door.show(token)).outcome is Outcome.ALREADY_USED
    assert (await door.show(await door.token(booking))).outcome is Outcome.GRANTED
    assert await steps(booking) == ["access_granted", "access_refused", "access_granted"]


async def test_a_screenshot_that_has_expired(door: Door, booking: Reservation) -> None:
    token = await door.token(booking)
    door.bays.clock.advance(seconds=60)
    assert (await door.show(token)).outcome is Outcome.EXPIRED
    assert await steps(booking) == ["access_refused"]


async def test_the_wrong_bay(door: Door, booking: Reservation) -> None:
    token = await door.token(booking)
    answer = await door.show(token, reader=await door.elsewhere(1))
    assert answer.outcome is Outcome.WRONG_SPACE
    assert (await door.show(token)).outcome is Outcome.GRANTED
    assert await steps(booking) == ["access_refused", "access_granted"]


async def test_a_reader_of_the_whole_place_takes_every_bays_token(
    door: Door, booking: Reservation
) -> None:
    whole = await door.elsewhere(None)
    assert (await door.show(await door.token(booking), reader=whole)).outcome is Outcome.GRANTED


async def test_before_the_window_and_its_margin(door: Door) -> None:
    booking = await door.book(starts=timedelta(minutes=30))
    assert (await door.show(await door.token(booking))).outcome is Outcome.NOT_YET
    door.bays.clock.advance(minutes=15)
    assert (await door.show(await door.token(booking))).outcome is Outcome.GRANTED


async def test_while_the_booking_before_lasts(door: Door) -> None:
    await door.book(hours=0.2)
    booking = await door.book(starts=timedelta(minutes=13))
    assert (await door.show(await door.token(booking))).outcome is Outcome.NOT_YET
    door.bays.clock.advance(minutes=12)
    assert (await door.show(await door.token(booking))).outcome is Outcome.GRANTED


async def test_after_its_end(door: Door) -> None:
    booking = await door.book(hours=1)
    door.bays.clock.advance(minutes=59, seconds=50)
    token = await door.token(booking)
    door.bays.clock.advance(seconds=5)
    assert (await door.show(token)).outcome is Outcome.GRANTED
    token = await door.token(booking)
    door.bays.clock.advance(seconds=5)
    assert (await door.show(token)).outcome is Outcome.EXPIRED  # the token ends with the window


async def test_who_never_came_is_out_at_the_end_whether_a_worker_has_said_so_or_not(
    door: Door,
) -> None:
    late = await door.book(hours=1)
    await Reservation.filter(id=late.id).update(plate="SAB12")
    door.bays.clock.advance(hours=1)
    await door.bays.book(hours=1)
    answer = await door.show(kind=PLATE, text="SAB12")
    assert (answer.outcome, answer.reservation_id) == (Outcome.ENDED, late.id)
    assert await steps(late) == ["access_refused"]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.CANCELLED, Outcome.CANCELLED),
        (State.NO_SHOW, Outcome.ENDED),
        (State.COMPLETED, Outcome.ENDED),
        (State.ACTIVE, Outcome.GRANTED),
    ],
)
async def test_what_became_of_the_booking_since(
    door: Door, booking: Reservation, state: State, expected: Outcome
) -> None:
    token = await door.token(booking)
    await Reservation.filter(id=booking.id).update(state=state)
    assert (await door.show(token)).outcome is expected


async def test_a_booking_that_was_moved_opens_its_new_bay(door: Door, booking: Reservation) -> None:
    stale, there = await door.token(booking), await door.elsewhere(1)
    await Reservation.filter(id=booking.id).update(space_id=door.bays.space(1))
    for reader in (door.reader, there):
        assert (await door.show(stale, reader=reader)).outcome is Outcome.WRONG_SPACE
    assert (await door.show(await door.token(booking), reader=there)).outcome is Outcome.GRANTED


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda t: t[:-1] + bytes([t[-1] ^ 1]), Outcome.BAD_SIGNATURE),
        (lambda t: t[:9] + bytes([t[9] ^ 1]) + t[10:], Outcome.UNKNOWN_KEY),
        (lambda t: t[:50], Outcome.UNREADABLE),
        (lambda _: b"https://example.org", Outcome.UNREADABLE),
    ],
)
async def test_what_is_not_ours_is_nobodys(
    door: Door, booking: Reservation, spoil: object, expected: Outcome
) -> None:
    assert callable(spoil)
    answer = await door.show(spoil(await door.token(booking)))
    assert (answer.outcome, answer.reservation_id) == (expected, None)
    assert await steps(booking) == []
    [event] = await events()
    assert (event["outcome"], event["reservation_id"]) == (expected, None)


async def test_the_same_message_again_is_the_same_event(door: Door, booking: Reservation) -> None:
    token = await door.token(booking)
    first = await door.show(token, numbers=Numbers(1, 7))
    again = await door.show(token, numbers=Numbers(1, 7))
    assert (first.outcome, again.outcome) == (Outcome.GRANTED, Outcome.GRANTED)
    assert (await door.show(token, numbers=Numbers(1, 8))).outcome is Outcome.ALREADY_USED
    assert len(await events()) == 2


async def key_of(door: Door, booking: Reservation) -> str:
    return await rotate_key(door.driver, booking.id, clock=door.bays.clock, sealer=SEALER)


async def test_the_key_opens_and_a_changed_one_no_more(door: Door, booking: Reservation) -> None:
    old = await key_of(door, booking)
    assert (await door.show(kind=KEY, text=f" {old[:3]} {old[3:]}")).outcome is Outcome.GRANTED
    new = await key_of(door, booking)
    assert (await door.show(kind=KEY, text=new)).outcome is Outcome.GRANTED
    if old != new:
        assert (await door.show(kind=KEY, text=old)).outcome is Outcome.WRONG_KEY


async def test_a_right_key_at_the_wrong_time_or_bay(door: Door) -> None:
    booking = await door.book(starts=timedelta(hours=1))
    key, there = await key_of(door, booking), await door.elsewhere(1)
    assert (await door.show(kind=KEY, text=key)).outcome is Outcome.NOT_YET
    assert (await door.show(kind=KEY, text=key, reader=there)).outcome is Outcome.WRONG_KEY
    await door.cancel(booking)
    assert (await door.show(kind=KEY, text=key)).outcome is Outcome.CANCELLED


async def test_a_key_has_few_tries(
    door: Door, booking: Reservation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parking.access.key_numbers.SCRYPT_N", 16)
    key = await key_of(door, booking)
    wrong = f"{(int(key) + 1) % 1_000_000:06}"
    for _ in range(5):
        assert (await door.show(kind=KEY, text=wrong)).outcome is Outcome.WRONG_KEY
    answer = await door.show(kind=KEY, text=key)
    assert answer.outcome is Outcome.TOO_MANY_TRIES
    assert answer.retry_after_seconds == 900
    door.bays.clock.advance(minutes=15)
    for _ in range(7):  # good ones cost nothing
        assert (await door.show(kind=KEY, text=key)).outcome is Outcome.GRANTED


@pytest.mark.parametrize("text", ["", "12345", "1234567", "abcdef", "１２３４５６"])
async def test_texts_that_are_no_key(door: Door, booking: Reservation, text: str) -> None:
    assert (await door.show(kind=KEY, text=text)).outcome is Outcome.WRONG_KEY


async def test_the_plate_opens_its_booking(door: Door, booking: Reservation) -> None:
    await Reservation.filter(id=booking.id).update(plate="SHH1234")
    assert (await door.show(kind=PLATE, text="s-hh 1234")).outcome is Outcome.GRANTED
    for other in ("S-HH 1235", "", "---"):
        assert (await door.show(kind=PLATE, text=other)).outcome is Outcome.UNKNOWN_PLATE


async def test_the_plates_booking_of_now_counts(door: Door) -> None:
    later = await door.book(starts=timedelta(hours=5))
    now = await door.book()
    await Reservation.filter(id__in=[later.id, now.id]).update(plate="SHH1234")
    answer = await door.show(kind=PLATE, text="SHH1234")
    assert (answer.outcome, answer.reservation_id) == (Outcome.GRANTED, now.id)


async def test_what_was_shown_is_the_drivers_and_the_staffs_to_see(
    door: Door, booking: Reservation
) -> None:
    await door.show(await door.token(booking))
    stranger = await somebody("Otto")
    assert await access_events_of(stranger, [booking.id]) == {}


async def test_nothing_happens_by_halves(
    door: Door, booking: Reservation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command fails to be made: then the one-time id is not used and nothing is noted."""
    token = await door.token(booking)

    async def fail(*_: object, **__: object) -> int:
        raise OSError("the database went away")

    monkeypatch.setattr(admitting, "order", fail)
    with pytest.raises(OSError, match="went away"):
        await door.show(token)
    monkeypatch.undo()
    assert await events() == []
    assert (await door.show(token)).outcome is Outcome.GRANTED


def test_a_reader_knows_its_bays() -> None:
    assert Reader(1, 2, 3).serves(2, 3)
    assert Reader(1, 2, None).serves(2, 3)
    assert not Reader(1, 2, None).serves(3, 3)
