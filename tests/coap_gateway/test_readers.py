"""`/authz-info` over a real socket, OSCORE and both databases: each answer has its own code."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import cbor2
import pytest

from coap_gateway.credential_format import DECIDED, KEY, PLATE, TOKEN
from coap_gateway.senml import SENML_CBOR, SENML_JSON, Record, encode
from coap_gateway.stack import Code, DeviceClient
from parking.access.check import Outcome, Reader
from parking.access.credentials import rotate_key
from parking.access.cwt import parse_token, token_hash
from parking.access.signing_keys import turn_keys
from parking.devices.models import DeviceKind
from parking.reservations.models import Reservation, ReservationState
from parking.storage.sql import database
from tests.coap_gateway.rig import SEALER, Device, Rig
from tests.support.bays import Bays
from tests.support.leasing import somebody
from tests.support.readers import Door

if TYPE_CHECKING:
    from coap_gateway.stack import Reply

CWT, TRL, KEY_SET = 61, 262, 102


@pytest.fixture
async def reader(rig: Rig) -> Device:
    return await rig.device(DeviceKind.READER)


@pytest.fixture
async def door(rig: Rig, reader: Device) -> Door:
    here = Reader(reader.provisioned.device_id, rig.estate.place_id, rig.estate.space_ids[0])
    return Door(Bays(rig.estate, rig.clock, rig.bus), here, await somebody("Dora"))


@pytest.fixture
async def booking(door: Door) -> Reservation:
    return await door.book()


async def show(reader: Device, token: bytes) -> Reply:
    return await reader.post("/authz-info", token, content_format=CWT)


async def say(reader: Device, *records: Record) -> Reply:
    reader.sequence += 1
    body = encode([*reader.numbers(), *records], SENML_CBOR)
    return await reader.post("/authz-info", body)


def said(reply: Reply) -> tuple[str, str]:
    """Code, and the first word of the diagnostic."""
    assert reply.protected
    return reply.dotted, reply.payload.decode().partition(":")[0]


async def test_a_good_token_is_granted_and_the_lock_has_its_command(
    rig: Rig, reader: Device, door: Door, booking: Reservation
) -> None:
    await rig.device(DeviceKind.LOCK)
    assert said(await show(reader, await door.token(booking))) == ("2.01", "")
    [command] = await database().fetch("SELECT target, reservation_id FROM lock_command")
    assert command == {"target": "LOWERED", "reservation_id": booking.id}


async def test_each_refusal_has_its_code_and_word(
    rig: Rig, reader: Device, door: Door, booking: Reservation
) -> None:
    token = await door.token(booking)
    false = token[:-1] + bytes([token[-1] ^ 1])
    assert said(await show(reader, false)) == ("4.01", "BAD_SIGNATURE")
    assert said(await show(reader, b"no token")) == ("4.01", "UNREADABLE")
    other = token[:9] + bytes([token[9] ^ 1]) + token[10:]
    assert said(await show(reader, other)) == ("4.01", "UNKNOWN_KEY")
    there = await rig.device(DeviceKind.READER, space=1)
    assert said(await show(there, token)) == ("4.03", "WRONG_SPACE")
    assert said(await show(reader, token)) == ("2.01", "")
    assert said(await show(reader, token)) == ("4.09", "ALREADY_USED")
    fresh = await door.token(booking)
    rig.clock.advance(seconds=60)
    assert said(await show(reader, fresh)) == ("4.01", "EXPIRED")
    fresh = await door.token(booking)
    await Reservation.filter(id=booking.id).update(state=ReservationState.CANCELLED)
    assert said(await show(reader, fresh)) == ("4.03", "CANCELLED")
    await Reservation.filter(id=booking.id).update(state=ReservationState.COMPLETED)
    assert said(await show(reader, fresh)) == ("4.03", "ENDED")


async def test_a_booking_that_has_not_begun(reader: Device, door: Door) -> None:
    booking = await door.book(starts=timedelta(hours=1))
    assert said(await show(reader, await door.token(booking))) == ("4.03", "NOT_YET")


async def test_keys_and_plates_come_in_senml(
    rig: Rig, reader: Device, door: Door, booking: Reservation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parking.access.key_numbers.SCRYPT_N", 16)
    await Reservation.filter(id=booking.id).update(plate="SHH1234")
    assert said(await say(reader, Record(PLATE, "S-HH 1234"))) == ("2.01", "")
    assert said(await say(reader, Record(PLATE, "X-YZ 1"))) == ("4.01", "UNKNOWN_PLATE")
    key = await rotate_key(door.driver, booking.id, clock=rig.clock, sealer=SEALER)
    wrong = f"{(int(key) + 1) % 1_000_000:06}"
    assert said(await say(reader, Record(KEY, key))) == ("2.01", "")
    for _ in range(5):
        assert said(await say(reader, Record(KEY, wrong))) == ("4.01", "WRONG_KEY")
    late = await say(reader, Record(KEY, key))
    assert said(late) == ("4.29", "TOO_MANY_TRIES")
    assert late.max_age == 900


async def test_a_numbered_message_sent_again_gets_the_same_answer(
    reader: Device, door: Door, booking: Reservation
) -> None:
    record = Record(TOKEN, await door.token(booking))
    assert said(await say(reader, record)) == ("2.01", "")
    reader.sequence -= 1
    assert said(await say(reader, record)) == ("2.01", "")
    assert said(await say(reader, record)) == ("4.09", "ALREADY_USED")


async def test_what_was_decided_alone_is_taken_down_whatever_it_was(
    rig: Rig, reader: Device, door: Door, booking: Reservation
) -> None:
    token = await door.token(booking)
    rig.clock.advance(minutes=10)
    shown = Record(TOKEN, token, -600.0)
    assert said(await say(reader, shown, Record(DECIDED, "GRANTED"))) == ("2.04", "")
    await Reservation.filter(id=booking.id).update(state=ReservationState.CANCELLED)
    assert said(await say(reader, shown, Record(DECIDED, "GRANTED"))) == ("2.04", "")
    rows = await database().fetch("SELECT outcome, is_offline FROM access_event ORDER BY id")
    assert [(row["outcome"], bool(row["is_offline"])) for row in rows] == [
        (Outcome.GRANTED, True), (Outcome.CANCELLED, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "records",
    [
        [],
        [Record(KEY, "123456"), Record(PLATE, "SHH1")],
        [Record(KEY, 123456)],
        [Record(TOKEN, "text")],
        [Record(PLATE, "x" * 65)],
        [Record("/3431/0/1", True)],
        [Record(KEY, "123456"), Record(DECIDED, "GRANTED")],
        [Record(TOKEN, b"token"), Record(DECIDED, "MAYBE")],
        [Record(TOKEN, b"token", 4e9)],
        [Record(TOKEN, b"token", 1.0 * 2**28)],
    ],
)
async def test_what_cannot_be_understood_is_a_bad_request(
    rig: Rig, reader: Device, records: list[Record]
) -> None:
    assert (await say(reader, *records)).dotted == "4.00"
    assert (await reader.post("/authz-info", b"\xff\xff")).dotted == "4.00"
    assert (await reader.post("/authz-info", b"", content_format=CWT)).dotted == "4.00"
    half = encode([Record("/3/0/26241", 1), Record(KEY, "123456")], SENML_JSON)
    assert (await reader.post("/authz-info", half, content_format=SENML_JSON)).dotted == "4.00"
    assert rig.refused("credential_undecodable") == 4


@pytest.mark.parametrize("kind", [DeviceKind.SENSOR, DeviceKind.LOCK])
async def test_it_is_for_readers(rig: Rig, kind: DeviceKind) -> None:
    device = await rig.device(kind)
    assert (await show(device, b"token")).dotted == "4.03"
    for path in ("/authz-info", "/revoke/trl"):
        assert (await device.client.request(Code.GET, path)).dotted == "4.03"


async def test_without_security_nobody_gets_anything(rig: Rig) -> None:
    stranger = DeviceClient(rig.socket)
    for method, path in ((Code.POST, "/authz-info"), (Code.GET, "/authz-info"),
                         (Code.GET, "/keys"), (Code.GET, "/revoke/trl")):  # fmt: skip
        reply = await stranger.request(method, path)
        assert (reply.dotted, reply.observe) == ("4.01", None)


async def test_devices_find_what_strangers_need_not_know(rig: Rig, reader: Device) -> None:
    wanted = {"rt=ace.ai": "/authz-info", "rt=berth.keys": "/keys", "rt=ace.trl": "/revoke/trl"}
    for query, path in wanted.items():
        for client, found in ((reader.client, f"<{path}>"), (DeviceClient(rig.socket), "")):
            reply = await client.request(Code.GET, "/.well-known/core", query=(query,))
            assert reply.payload.decode().partition(";")[0] == found


async def test_other_formats_are_refused(reader: Device) -> None:
    assert (await reader.post("/authz-info", b"x", content_format=0)).dotted == "4.15"


async def test_a_reader_is_told_which_tokens_are_for_it(rig: Rig, reader: Device) -> None:
    place, space = rig.estate.place_id, rig.estate.space_ids[0]
    whole = await rig.device(DeviceKind.READER, space=None)
    for device, audience in ((reader, f"{place}/{space}"), (whole, f"{place}")):
        reply = await device.client.request(Code.GET, "/authz-info")
        assert (reply.content_format, cbor2.loads(reply.payload)) == (19, {5: audience})


async def test_no_part_of_a_credential_is_logged(
    rig: Rig, reader: Device, caplog: pytest.LogCaptureFixture
) -> None:
    await say(reader, Record(KEY, "271828"))
    await reader.post("/authz-info", b'[{"n":"/3/0/26245","vs":271828', content_format=SENML_JSON)
    assert "271828" not in caplog.text


async def test_after_a_takeover_freshness_is_proven_again(
    rig: Rig, reader: Device, door: Door, booking: Reservation
) -> None:
    token = await door.token(booking)
    assert (await reader.client.request(Code.GET, "/time")).is_success
    await database().execute("UPDATE security_state SET gateway = 'another'")
    reply = await show(reader, token)
    assert (reply.dotted, reply.max_age) == ("5.03", 1)
    assert said(await show(reader, token)) == ("2.01", "")


async def test_the_keys_are_fetched_and_observed(
    rig: Rig, reader: Device, door: Door, booking: Reservation
) -> None:
    reply = await reader.client.request(Code.GET, "/keys")
    [key] = cbor2.loads(reply.payload)
    assert (reply.content_format, key[1], key[3], key[-1]) == (KEY_SET, 1, -8, 6)
    assert parse_token(await door.token(booking)).kid == key[2]
    assert reply.etag is not None
    again = await reader.client.request(Code.GET, "/keys", etags=(reply.etag,))
    assert (again.dotted, again.payload) == ("2.03", b"")
    async with reader.client.observe("/keys") as replies:
        assert cbor2.loads((await next_of(replies)).payload) == [key]
        await turn_keys(rig.clock, SEALER, rig.bus, max_age=timedelta(0))
        both = [key]
        while both == [key]:
            both = cbor2.loads((await next_of(replies)).payload)
    assert both[0] == key
    assert len(both) == 2


async def test_the_revocation_list_is_observed(
    rig: Rig, reader: Device, door: Door, booking: Reservation
) -> None:
    hashed = token_hash(await door.token(booking))
    async with reader.client.observe("/revoke/trl") as replies:
        first = await next_of(replies)
        assert (first.content_format, cbor2.loads(first.payload)) == (TRL, {0: []})
        await door.cancel(booking)
        while cbor2.loads((await next_of(replies)).payload) != {0: [hashed]}:
            pass
    rig.clock.advance(seconds=60)
    reply = await reader.client.request(Code.GET, "/revoke/trl")
    assert cbor2.loads(reply.payload) == {0: []}


async def next_of(replies: asyncio.Queue[Reply]) -> Reply:
    """The next answer or notification."""
    async with asyncio.timeout(30):
        return await replies.get()


async def test_a_plate_that_is_let_pass_is_told_to_who_redeems_its_rights(
    rig: Rig, reader: Device, booking: Reservation, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = list[tuple[int | None, str]]()

    async def note(at: Reader, plate: str, **_: object) -> None:
        told.append((at.device_id, plate))

    monkeypatch.setattr("coap_gateway.authz_info.redeem_at_reader", note)
    await Reservation.filter(id=booking.id).update(plate="SHH1234")
    assert said(await say(reader, Record(PLATE, "X-YZ 1"))) == ("4.01", "UNKNOWN_PLATE")
    assert told == []
    assert said(await say(reader, Record(PLATE, "S-HH 1234"))) == ("2.01", "")
    assert [plate for _, plate in told] == ["S-HH 1234"]
