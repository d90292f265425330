"""What a driver shows: whose it is, how long it lasts, what is stored of it."""

import asyncio
from datetime import timedelta

import pytest

from parking.access.base45 import b45decode
from parking.access.check import Outcome
from parking.access.credentials import (
    QR_LASTS,
    QR_RENEWED_EVERY,
    credentials_of,
    qr_again,
    refresh_qr,
    renew_access,
    rotate_key,
)
from parking.access.cwt import parse_token, token_hash
from parking.access.models import CredentialKind
from parking.access.qr import qr_png, qr_svg
from parking.access.revocations import prune_access, revoked_tokens
from parking.access.signing_keys import (
    KEPT,
    LEAD,
    SIGNING_KEYS_TOPIC,
    TURN_EVERY,
    by_preference,
    keep_keys,
    keys_in_force,
    turn_keys,
    withdraw_key,
)
from parking.accounts.models import Role
from parking.accounts.viewer import ANONYMOUS
from parking.clock import TestClock
from parking.devices.sealing import Sealer
from parking.errors import Conflict, NotFound, NotPermitted
from parking.reservations.models import Reservation
from parking.reservations.models import ReservationState as State
from parking.storage.sql import database
from tests.support.bays import SEALER, Bays
from tests.support.estate import make_estate
from tests.support.leasing import somebody
from tests.support.readers import Door, make_door

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def door(database: str, clock: TestClock) -> Door:
    return await make_door(Bays(await make_estate(2), clock))


@pytest.fixture
async def booking(door: Door) -> Reservation:
    return await door.book()


async def test_each_display_has_an_id_of_its_own_and_lasts_a_minute(
    door: Door, booking: Reservation
) -> None:
    first, second = await door.qr(booking), await door.qr(booking)
    assert first.text != second.text
    assert first.expires_at - first.issued_at == QR_LASTS
    assert first.renew_at - first.issued_at == QR_RENEWED_EVERY
    assert len(first.text) < 220


async def test_the_same_qr_can_be_shown_again(door: Door, booking: Reservation) -> None:
    made = await door.qr(booking)
    assert await qr_again(door.driver, made.token_id, sealer=SEALER) == made
    with pytest.raises(NotFound):
        await qr_again(await somebody("Otto"), made.token_id, sealer=SEALER)
    with pytest.raises(NotFound):
        await qr_again(door.driver, made.token_id + 1, sealer=SEALER)


async def test_credentials_are_the_drivers_alone(door: Door, booking: Reservation) -> None:
    clock, bus = door.bays.clock, door.bays.bus
    staff = await somebody("Ophelia", {door.bays.estate.organisation_id: Role.OPERATOR})
    stranger = await somebody("Otto")
    for viewer, refusal in ((staff, NotPermitted), (stranger, NotFound), (ANONYMOUS, NotFound)):
        with pytest.raises(refusal):
            await refresh_qr(viewer, booking.id, clock=clock, bus=bus, sealer=SEALER)
        with pytest.raises(refusal):
            await rotate_key(viewer, booking.id, clock=clock, sealer=SEALER)
        assert await credentials_of(viewer, [booking.id]) == {}


@pytest.mark.parametrize("state", sorted(set(State) - {State.CONFIRMED, State.ACTIVE}))
async def test_a_booking_that_opens_nothing_has_no_credentials(
    door: Door, booking: Reservation, state: State
) -> None:
    await Reservation.filter(id=booking.id).update(state=state)
    with pytest.raises(Conflict, match="opens nothing"):
        await door.qr(booking)
    with pytest.raises(Conflict):
        await rotate_key(door.driver, booking.id, clock=door.bays.clock, sealer=SEALER)
    assert await credentials_of(door.driver, [booking.id]) == {booking.id: []}


async def test_after_the_window_there_are_none_unless_the_stay_lasts(
    door: Door, booking: Reservation
) -> None:
    door.bays.clock.advance(hours=2, minutes=15)
    with pytest.raises(Conflict):
        await door.qr(booking)
    await Reservation.filter(id=booking.id).update(state=State.ACTIVE)
    qr = await door.qr(booking)
    assert qr.expires_at - qr.issued_at == QR_LASTS


async def test_the_ways_in_are_told_with_their_window(door: Door, booking: Reservation) -> None:
    await Reservation.filter(id=booking.id).update(plate="SHH1234")
    ways = {way.kind: way for way in (await credentials_of(door.driver, [booking.id]))[booking.id]}
    assert set(ways) == set(CredentialKind)
    qr = ways[CredentialKind.QR_CODE]
    assert qr.valid_from == booking.starts_at - 15 * MINUTE
    assert qr.valid_until == booking.ends_at
    assert ways[CredentialKind.KEY].made_at is None
    await rotate_key(door.driver, booking.id, clock=door.bays.clock, sealer=SEALER)
    [_, key, _] = (await credentials_of(door.driver, [booking.id]))[booking.id]
    assert key.made_at == door.bays.clock.now()


async def test_a_key_is_stored_so_that_nobody_can_read_it(door: Door, booking: Reservation) -> None:
    key = await rotate_key(door.driver, booking.id, clock=door.bays.clock, sealer=SEALER)
    again = await rotate_key(door.driver, booking.id, clock=door.bays.clock, sealer=SEALER)
    rows = await database().fetch("SELECT key_hash, revoked_at FROM credential ORDER BY id")
    assert len({row["key_hash"] for row in rows}) == 2
    assert all(key not in row["key_hash"] and again not in row["key_hash"] for row in rows)
    assert [row["revoked_at"] is None for row in rows] == [False, True]


def test_a_qr_is_drawn_as_svg_and_png() -> None:
    text = "6BFOXN%TS3DH0YOJ58S S-W5HDC *M0II5XHC9B5G2+$N IOP-IA%NFQGRJPC%OQHIZC4.OI1RM8ZA*LP"
    assert qr_svg(text).startswith(("<svg", "<?xml"))
    assert qr_png(text).startswith(b"\x89PNG\r\n")


async def test_a_token_is_on_the_revocation_list_while_it_lasts(
    door: Door, booking: Reservation
) -> None:
    token, clock = await door.token(booking), door.bays.clock
    there = await door.elsewhere(1)

    async def revoked() -> list[bytes]:
        return await revoked_tokens(database(), door.reader, clock.now())

    assert await revoked() == []
    await door.cancel(booking)
    assert await revoked() == [token_hash(token)]
    assert await revoked_tokens(database(), there, clock.now()) == []
    whole = await door.elsewhere(None)
    assert await revoked_tokens(database(), whole, clock.now()) == [token_hash(token)]
    clock.advance(seconds=60)
    assert await revoked() == []


async def test_a_moved_bookings_token_is_revoked(door: Door, booking: Reservation) -> None:
    await door.token(booking)
    await Reservation.filter(id=booking.id).update(space_id=door.bays.space(1))
    assert len(await revoked_tokens(database(), door.reader, door.bays.clock.now())) == 1


async def test_what_nobody_can_show_any_more_is_forgotten(door: Door, booking: Reservation) -> None:
    await door.show(await door.token(booking))
    assert await prune_access(door.bays.clock.now()) == 0
    assert await prune_access(door.bays.clock.advance(days=9)) == 2


async def test_a_new_key_is_known_to_readers_before_it_signs(
    door: Door, booking: Reservation
) -> None:
    clock, bus = door.bays.clock, door.bays.bus
    first = parse_token(await door.token(booking)).kid
    clock.advance(days=TURN_EVERY.days)
    async with bus.subscribe(SIGNING_KEYS_TOPIC) as messages:
        assert await turn_keys(clock, SEALER, bus) == 1
        assert (await anext(messages)).topic == SIGNING_KEYS_TOPIC
    assert await turn_keys(clock, SEALER, bus) == 0
    keys = await keys_in_force(database(), clock.now())
    assert keys[0].kid == first
    assert by_preference(keys, clock.now()) == keys
    later = clock.now() + LEAD
    assert by_preference(keys, later) == [keys[1], keys[0]]
    assert await keys_in_force(database(), clock.now() + KEPT) == [keys[1]]


async def test_a_key_is_turned_when_it_is_old(door: Door) -> None:
    clock, bus = door.bays.clock, door.bays.bus
    [first] = await keep_keys(clock, SEALER, bus)
    clock.advance(days=89)
    assert await keep_keys(clock, SEALER, bus) == [first]
    clock.advance(days=1)
    old, new = await keep_keys(clock, SEALER, bus)
    assert (old.kid, new.created_at) == (first.kid, clock.now())


async def test_many_that_make_the_first_key_at_once_make_one(door: Door) -> None:
    clock, bus = door.bays.clock, door.bays.bus
    made = await asyncio.gather(*(turn_keys(clock, SEALER, bus) for _ in range(6)))
    assert sorted(made) == [0, 0, 0, 0, 0, 1]


async def test_after_the_installations_secret_changed_a_new_key_signs(
    door: Door, booking: Reservation
) -> None:
    clock, bus = door.bays.clock, door.bays.bus
    old, changed = await door.token(booking), Sealer(b"another secret key of the installation")
    qr = await refresh_qr(door.driver, booking.id, clock=clock, bus=bus, sealer=changed)
    assert parse_token(b45decode(qr.text)).kid != parse_token(old).kid
    for token in (old, b45decode(qr.text)):
        assert (await door.show(token)).outcome == "GRANTED"


async def test_a_withdrawn_key_opens_nothing_more(door: Door, booking: Reservation) -> None:
    token, clock = await door.token(booking), door.bays.clock
    await withdraw_key(parse_token(token).kid, clock, SEALER, door.bays.bus)
    assert (await door.show(token)).outcome == "UNKNOWN_KEY"
    assert (await door.show(await door.token(booking))).outcome == "GRANTED"


async def test_a_renewed_link_takes_the_key_number_with_it(
    door: Door, booking: Reservation
) -> None:
    clock, bus = door.bays.clock, door.bays.bus
    number = await rotate_key(door.driver, booking.id, clock=clock, sealer=SEALER)
    stranger = await somebody("Otto")
    with pytest.raises(NotFound):
        await renew_access(stranger, booking.id, clock=clock, bus=bus)
    assert (await door.show(kind=CredentialKind.KEY, text=number)).outcome is Outcome.GRANTED
    await renew_access(door.driver, booking.id, clock=clock, bus=bus)
    assert (await door.show(kind=CredentialKind.KEY, text=number)).outcome is Outcome.WRONG_KEY
    assert (await Reservation.get(id=booking.id)).link_generation == 2
