"""Forgetting the guest of an order: in all places, by whom, when, and what stays."""

from datetime import timedelta
from typing import Any

import pytest
from tortoise import Tortoise

from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.errors import Conflict, NotFound, NotPermitted
from parking.merchants.kinds import OrderSource, OrderState
from parking.merchants.orders.due import run_orders
from parking.merchants.orders.erasing import (
    erase_guest,
    erase_guest_of_booking,
    erase_old_guests,
)
from parking.merchants.orders.ordered import Guest
from parking.merchants.orders.telling import tell_orders
from parking.merchants.records import OrderRecord
from parking.merchants.senders import add_sender
from parking.merchants.sms.handle import handle_sms
from parking.merchants.sms.inbound import InboundSms
from parking.merchants.sms.messages import insert_message
from parking.merchants.sms.room import RoomOrders, RoomUnits
from parking.reservations.cancel import cancel
from parking.reservations.links import holder
from parking.sessions.override import end_session, start_session
from parking.storage.sql import database as db
from tests.support.mall import Mall

PHONE, DESK = "+4917012345678", "+4917099999999"
KEPT = timedelta(days=90)
GUEST = Guest("Li Wei", PHONE, "S-LI 77", "en")
SAID = ("Li Wei", PHONE, "SLI77")


STAYS = {"lease_agreement", "charge_record", "person"}
"""Records of what was agreed and paid, and the guest's own account."""


async def everywhere(mall: Mall) -> str:
    """All that all tables say, but for those that stay."""
    del mall
    found: list[dict[str, Any]] = []
    for model in Tortoise.apps["parking"].values():
        if model._meta.db_table not in STAYS:
            found += await db().fetch(f'SELECT * FROM "{model._meta.db_table}"')
    return " ".join(str(value) for row in found for value in row.values())


async def visited(mall: Mall) -> OrderRecord:
    """An order of the guest that was told, moved, cancelled, and told again."""
    await db().execute("UPDATE merchant_unit SET told_phone = $1", DESK)
    order = await mall.take(mall.ordered(guest=GUEST))
    await tell_orders(mall.clock, lambda booked: f"https://berth.example/b/{booked.id}")
    mall.clock.advance(minutes=1)
    await mall.take(mall.ordered(begin=5, guest=GUEST))
    mall.clock.advance(minutes=1)
    await mall.cancel("1")
    await tell_orders(mall.clock, lambda booked: f"https://berth.example/b/{booked.id}")
    return await mall.order(order.id)


async def test_all_that_names_the_guest_is_gone_and_the_order_stays(mall: Mall) -> None:
    order = await visited(mall)
    before = await everywhere(mall)
    assert all(text in before for text in SAID)
    await erase_guest(mall.merchant, order.id, clock=mall.clock, bus=mall.bus)
    after, erased = await everywhere(mall), await mall.order(order.id)
    assert [text for text in SAID if text in after] == []
    assert (erased.state, erased.order_ref) == (OrderState.CANCELLED, "1")
    assert erased.version == order.version + 1
    due = await db().fetch("SELECT recipient FROM notice WHERE state = 'DUE'")
    assert {row["recipient"] for row in due} == {DESK}
    [audit] = await db().fetch("SELECT actor, subject FROM audit_entry WHERE verb = 'erase_guest'")
    assert audit["subject"] == f"merchant_order:{order.id}"
    assert audit["actor"] == mall.merchant.actor
    await erase_guest(mall.merchant, order.id, clock=mall.clock, bus=mall.bus)
    assert (await mall.order(order.id)).version == erased.version


async def test_a_stay_and_a_turn_in_a_queue_are_forgotten_too(mall: Mall) -> None:
    both: dict[str, Any] = {"clock": mall.clock, "bus": mall.bus}
    order = await mall.take(mall.ordered("0", begin=0, guest=GUEST))
    assert order.reservation_id is not None
    stay = await start_session(mall.operator, order.reservation_id, **both)
    for number in range(1, 6):
        await mall.take(mall.ordered(str(number), begin=0))
    waiting = await mall.take(mall.ordered("6", begin=0, guest=GUEST))
    assert waiting.state is OrderState.WAITLISTED
    await mall.cancel("6", mall.clock.now() + timedelta(seconds=1))
    mall.clock.advance(hours=1)
    await end_session(mall.operator, stay, **both)
    await run_orders(mall.desk)
    for each in (order, waiting):
        await erase_guest(mall.merchant, each.id, **both)
    after = await everywhere(mall)
    assert [text for text in SAID if text in after] == []


async def test_what_a_guest_gave_up_and_had_forgotten_is_not_booked_anew(mall: Mall) -> None:
    """Their merchant's next message of the same visit tells of a party of three."""
    both: dict[str, Any] = {"clock": mall.clock, "bus": mall.bus}
    order = await mall.take(mall.ordered(guest=GUEST))
    assert order.reservation_id is not None
    guest = Viewer(person_id=order.person_id)
    await cancel(guest, order.reservation_id, **both)
    await run_orders(mall.desk)
    await erase_guest(guest, order.id, **both)
    again = mall.ordered(guest=GUEST, party=3)
    mall.clock.advance(seconds=1)
    told = await mall.take(again)
    assert (told.state, told.party) == (OrderState.CANCELLED, 3)
    after = await everywhere(mall)
    assert [text for text in SAID if text in after] == []
    mall.clock.advance(seconds=1)
    other = await mall.take(mall.ordered(begin=5, guest=GUEST))
    assert (other.state, other.guest_phone) == (OrderState.BOOKED, PHONE)


async def test_the_sms_that_told_of_the_guest_is_erased_and_no_other(mall: Mall) -> None:
    await add_sender(mall.merchant, mall.unit_id, DESK, clock=mall.clock)
    texts = (
        "order A1 tomorrow 15:00 for Li Wei, +49 170 12345678, plate S-LI 77",
        "order A2 tomorrow 15:00 for Anna",
        "order A1 15:00 16:00 for Li Wei",
        "cancel #a1",
    )
    for number, text in enumerate(texts):
        sms = InboundSms("test", str(number), DESK, "+4917000000000", text)
        made = await insert_message(db(), sms, mall.clock.now(), unit_id=mall.unit_id)
        assert made is not None
        await handle_sms(made, RoomUnits(), RoomOrders(mall.desk), mall.clock)
        mall.clock.advance(minutes=1)
    [row] = await db().fetch("SELECT id FROM merchant_order WHERE order_ref = 'A1'")
    await erase_guest(mall.merchant, row["id"], clock=mall.clock, bus=mall.bus)
    rows = await db().fetch("SELECT text FROM sms_message ORDER BY id")
    assert [row["text"] for row in rows] == ["", texts[1], "", ""]
    after = await everywhere(mall)
    assert [text for text in SAID if text in after] == []
    assert "Anna" in after


async def test_for_the_merchant_and_the_guest_once_it_is_over(mall: Mall) -> None:
    order = await mall.take(mall.ordered(guest=GUEST))
    guest = Viewer(person_id=order.person_id)
    for viewer in (mall.merchant, guest):
        with pytest.raises(Conflict) as still_open:
            await erase_guest(viewer, order.id, clock=mall.clock, bus=mall.bus)
        assert still_open.value.code == "ORDER_OPEN"
    for viewer in (mall.operator, mall.stranger):
        with pytest.raises(NotFound):
            await erase_guest(viewer, order.id, clock=mall.clock, bus=mall.bus)
    reader = Viewer(
        api_key_id=1, roles={mall.merchant_id: frozenset()}, scopes=frozenset({"orders:read"})
    )
    with pytest.raises(NotPermitted):
        await erase_guest(reader, order.id, clock=mall.clock, bus=mall.bus)
    mall.clock.advance(minutes=1)
    await mall.cancel("1")
    await erase_guest(guest, order.id, clock=mall.clock, bus=mall.bus)
    assert (await mall.order(order.id)).guest_phone == ""


async def test_whoever_holds_the_link_of_a_visit_that_is_over(mall: Mall) -> None:
    order = await mall.take(mall.ordered(guest=GUEST))
    booked = await mall.booking(order)

    async def erase() -> None:
        await erase_guest_of_booking(holder(booked), booked.id, clock=mall.clock, bus=mall.bus)

    with pytest.raises(Conflict):
        await erase()
    await db().execute("UPDATE reservation SET state = 'COMPLETED' WHERE id = $1", booked.id)
    await run_orders(mall.desk)
    await erase()
    erased = await mall.order(order.id)
    assert (erased.guest_name, erased.plate, erased.reservation_state) == ("", "", "COMPLETED")
    assert (await mall.booking(order)).guest_name == ""


async def test_the_worker_forgets_what_is_old_enough(mall: Mall, clock: TestClock) -> None:
    old = await visited(mall)
    clock.advance(days=80)
    new = await mall.take(mall.ordered("2"))
    clock.advance(days=9)
    assert await erase_old_guests(clock, mall.bus, KEPT) == 0
    clock.advance(days=2)
    assert await erase_old_guests(clock, mall.bus, KEPT) == 1
    assert (await mall.order(old.id)).guest_name == ""
    assert (await mall.order(new.id)).guest_name == "Li"
    assert await erase_old_guests(clock, mall.bus, KEPT) == 0


async def test_one_whose_service_is_to_come_is_not_old(mall: Mall, clock: TestClock) -> None:
    order = await mall.take(mall.ordered(begin=24 * 100))
    clock.advance(days=91)
    assert await erase_old_guests(clock, mall.bus, KEPT) == 0
    assert (await mall.order(order.id)).guest_name == "Li"


async def test_what_was_forgotten_comes_back_with_a_newer_message_only(mall: Mall) -> None:
    order = await visited(mall)
    stamp, message = mall.clock.now() - timedelta(minutes=1), mall.ordered(begin=5, guest=GUEST)
    await erase_guest(mall.merchant, order.id, clock=mall.clock, bus=mall.bus)
    assert (await mall.take(message, stamp=stamp)).guest_name == ""
    mall.clock.advance(minutes=1)
    assert (await mall.take(message)).guest_name == "Li Wei"


def test_the_sources_of_an_order_are_all_thought_of() -> None:
    """A further one would keep the guest's name somewhere else, too."""
    assert set(OrderSource) == {OrderSource.API, OrderSource.SMS, OrderSource.WEBHOOK}
