"""The virtual reader: asks while it can, decides alone when it is cut off, and tells later."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from coap_gateway.virtual import DeviceSettings, Fleet, Scanned, VirtualLock, VirtualReader
from parking.access.check import Outcome, Reader
from parking.access.credentials import refresh_qr, rotate_key
from parking.access.cwt import token_hash
from parking.accounts.viewer import SYSTEM
from parking.devices.models import DeviceKind
from parking.devices.provision import DeviceDraft, provision
from parking.reservations.models import Reservation
from parking.storage.sql import database
from tests.coap_gateway.rig import SEALER, Rig
from tests.support.bays import Bays
from tests.support.leasing import somebody
from tests.support.readers import Door, events

PATIENT = 60.0
"""Seconds; a busy machine must not make a reader believe that it is cut off."""


@dataclass
class Stand:
    """A virtual reader in the first bay, towards the rig's gateway."""

    rig: Rig
    fleet: Fleet
    reader: VirtualReader
    door: Door

    async def lock(self) -> VirtualLock:
        """A quick lock in the reader's bay."""
        estate = self.rig.estate
        draft = DeviceDraft("lock-1", DeviceKind.LOCK, estate.place_id, estate.space_ids[0])
        made = await provision(SYSTEM, draft, self.rig.clock, SEALER)
        settings = DeviceSettings(scale=100.0)
        lock = await self.fleet.add("lock-1", DeviceKind.LOCK, made.secret, settings)
        assert isinstance(lock, VirtualLock)
        await lock.start()
        return lock


@asynccontextmanager
async def standing(rig: Rig) -> AsyncIterator[Stand]:
    estate = rig.estate
    draft = DeviceDraft("gate-1", DeviceKind.READER, estate.place_id, estate.space_ids[0])
    made = await provision(SYSTEM, draft, rig.clock, SEALER)
    fleet = Fleet(("127.0.0.1", rig.gateway.port), clock=rig.clock)
    reader = await fleet.add("gate-1", DeviceKind.READER, made.secret)
    assert isinstance(reader, VirtualReader)
    reader.patience_seconds = PATIENT
    await reader.start()
    here = Reader(made.device_id, estate.place_id, estate.space_ids[0])
    bays = Bays(estate, rig.clock, rig.bus)
    try:
        yield Stand(rig, fleet, reader, Door(bays, here, await somebody("Dora")))
    finally:
        await fleet.close()


@pytest.fixture
async def stand(rig: Rig) -> AsyncIterator[Stand]:
    async with standing(rig) as made:
        yield made


@pytest.fixture
async def booking(stand: Stand) -> Reservation:
    return await stand.door.book()


async def eventually(is_so: Callable[[], bool]) -> None:
    """Wait for it, generously."""
    async with asyncio.timeout(30):
        while not is_so():  # noqa: ASYNC110 - what is waited for knows no event
            await asyncio.sleep(0.02)


async def test_while_the_gateway_answers_it_decides(stand: Stand, booking: Reservation) -> None:
    qr = await stand.door.qr(booking)
    assert await stand.reader.scan(qr.text) == Scanned("GRANTED")
    assert await stand.reader.scan(qr.text) == Scanned("ALREADY_USED")
    assert await stand.reader.scan("no base45!") == Scanned("UNREADABLE")
    assert (await stand.reader.see_plate("X-YZ 1")).outcome == "UNKNOWN_PLATE"
    key = await rotate_key(stand.door.driver, booking.id, clock=stand.rig.clock, sealer=SEALER)
    assert (await stand.reader.type_key(key)).is_open


async def test_the_arm_goes_down_for_who_is_let_in_and_for_nobody_else(
    stand: Stand, booking: Reservation
) -> None:
    lock = await stand.lock()
    there = (await stand.door.book(index=1)).id
    other = await refresh_qr(
        stand.door.driver, there, clock=stand.rig.clock, bus=stand.rig.bus, sealer=SEALER
    )
    assert await stand.reader.scan(other.text) == Scanned("WRONG_SPACE")
    assert await commands() == []
    assert (await stand.reader.scan((await stand.door.qr(booking)).text)).is_open
    await eventually(lambda: lock.word == "lowered")
    await lock.drain()
    assert await commands() == ["DONE"]


async def commands() -> list[str]:
    rows = await database().fetch("SELECT state FROM lock_command ORDER BY id")
    return [row["state"] for row in rows]


async def test_it_learns_what_it_needs_to_decide_alone(stand: Stand, booking: Reservation) -> None:
    token = await stand.door.token(booking)
    book = stand.reader.notebook
    assert book.audience == stand.door.reader.audience
    assert book.decide(token, stand.rig.clock.now()) is Outcome.GRANTED
    await stand.door.cancel(booking)
    await eventually(lambda: book.revoked == {token_hash(token)})


async def test_cut_off_it_opens_and_tells_later(stand: Stand, booking: Reservation) -> None:
    opened: list[bool] = []
    stand.reader.on_open = lambda: opened.append(True)
    text = (await stand.door.qr(booking)).text
    stand.reader.is_cut_off = True
    assert await stand.reader.scan(text) == Scanned("GRANTED", is_offline=True)
    assert await stand.reader.scan(text) == Scanned("ALREADY_USED", is_offline=True)
    assert opened == [True]
    assert await events() == []
    stand.reader.is_cut_off = False
    await stand.reader.drain()
    told = [(each["outcome"], bool(each["is_offline"])) for each in await events()]
    assert told == [("GRANTED", True), ("ALREADY_USED", True)]
    assert await database().fetch("SELECT id FROM alarm") == []
    assert await stand.reader.scan(text) == Scanned("ALREADY_USED")


async def test_what_it_decided_alone_survives_a_reboot(stand: Stand, booking: Reservation) -> None:
    text = (await stand.door.qr(booking)).text
    stand.reader.is_cut_off = True
    assert (await stand.reader.scan(text)).is_open
    await stand.reader.reboot()
    stand.reader.is_cut_off = False
    await stand.reader.drain()
    assert [each["outcome"] for each in await events()] == ["GRANTED"]


async def test_a_booking_cancelled_unseen_is_found_out(stand: Stand, booking: Reservation) -> None:
    """The list has not reached the reader: it opens, and the platform raises an alarm."""
    text = (await stand.door.qr(booking)).text
    stand.reader.is_cut_off = True
    await Reservation.filter(id=booking.id).update(state="CANCELLED")
    stand.reader.notebook.revoked = set()
    assert (await stand.reader.scan(text)).is_open
    stand.reader.is_cut_off = False
    await stand.reader.drain()
    [event] = await events()
    assert event["outcome"] == "CANCELLED"
    [alarm] = await database().fetch("SELECT kind, reservation_id FROM alarm")
    assert alarm == {"kind": "OPENED_WITHOUT_RIGHT", "reservation_id": booking.id}


async def test_an_answer_that_is_lost_is_no_contradiction(
    stand: Stand, booking: Reservation
) -> None:
    """The gateway may let it in; the reader, who does not hear it, does so itself and tells."""
    text = (await stand.door.qr(booking)).text
    stand.reader.patience_seconds = 0.0
    assert await stand.reader.scan(text) == Scanned("GRANTED", is_offline=True)
    await stand.reader.drain()
    told = [each["outcome"] for each in await events() if each["is_offline"]]
    assert told == ["GRANTED"]
    assert await database().fetch("SELECT id FROM alarm") == []


async def test_cut_off_it_knows_no_keys_and_plates(stand: Stand) -> None:
    stand.reader.is_cut_off = True
    assert (await stand.reader.type_key("123456")).outcome == "UNREACHABLE"
    assert (await stand.reader.see_plate("S-HH 1234")).outcome == "UNREACHABLE"
