"""From an SMS to a bay of the mall, through the orders that other ways in use as well."""

from datetime import UTC, datetime, timedelta

import pytest

from parking.clock import TestClock
from parking.errors import NotFound
from parking.merchants.kinds import OrderState
from parking.merchants.orders.record import order_by_ref
from parking.merchants.records import OrderRecord
from parking.merchants.senders import add_sender, revoke_sender, senders_of
from parking.merchants.sms.handle import handle_sms
from parking.merchants.sms.inbound import InboundSms
from parking.merchants.sms.receive import Received, receive_sms
from parking.merchants.sms.results import Action, Understood
from parking.merchants.sms.room import RoomOrders, RoomUnits, is_same_visit, moved
from parking.storage.sql import database as sql_database
from tests.parking.merchants.sms.memory import MERCHANT
from tests.support.mall import Mall

UNITS = RoomUnits()


async def send(mall: Mall, text: str) -> str:
    """The answer to a text of the merchant's."""
    orders, sms_id = RoomOrders(mall.desk), f"SM{mall.clock.now().timestamp()}"
    sms = InboundSms("twilio", sms_id, MERCHANT, "+10000000000", text)
    kept = await receive_sms(sms, UNITS, mall.clock)
    assert kept.message_id is not None
    assert await handle_sms(kept.message_id, UNITS, orders, mall.clock)
    mall.clock.advance(seconds=1)
    (row,) = await sql_database().fetch("SELECT body FROM notice ORDER BY id DESC LIMIT 1")
    return str(row["body"])


async def order(mall: Mall, ref: str) -> OrderRecord:
    found = await order_by_ref(sql_database(), mall.unit_id, ref)
    assert found is not None
    return found


@pytest.fixture
async def line(mall: Mall) -> Mall:
    """The mall, whose merchant may write to us."""
    await add_sender(mall.merchant, mall.unit_id, MERCHANT, clock=mall.clock)
    return mall


async def test_the_whole_life_of_an_order_by_sms(line: Mall) -> None:
    line.clock.set(datetime(2026, 1, 5, 8, 0, tzinfo=UTC))
    text = "order a-1 in 3 hours, 4 people, Ms Li, plate B-MW 123, +49 170 1234567"
    assert (await send(line, text)).startswith("Order a-1: booked Mall garage, space ")
    taken = await order(line, "a-1")
    assert (taken.state, taken.party, taken.guest_name) == (OrderState.BOOKED, 4, "Ms Li")
    assert (taken.plate, taken.guest_phone) == ("BMW123", "+491701234567")

    assert "booked" in await send(line, "move #A-1 in 4 hours, 6 people")
    now = await order(line, "a-1")
    assert now.service_at is not None
    assert taken.service_at is not None
    assert now.service_at - taken.service_at >= timedelta(hours=1)
    assert (now.party, now.guest_name, now.id) == (6, "Ms Li", taken.id)

    assert (await send(line, "status #a-1")).startswith("Order a-1: booked")
    assert await send(line, "cancel A-1") == "Order a-1: cancelled."
    assert (await order(line, "a-1")).state is OrderState.CANCELLED


async def test_a_booking_that_is_told_again_keeps_what_it_leaves_out(line: Mall) -> None:
    await send(line, "order 1 in 3 hours, Ms Li, +49 170 1234567, plate B-MW 123")
    await send(line, "order 1 now in 4 hours, 5 people")
    again = await order(line, "1")
    assert (again.party, again.guest_name, again.plate) == (5, "Ms Li", "BMW123")
    await send(line, "order 1 in 4 hours, Mr Wang")
    other = await order(line, "1")
    assert (other.guest_name, other.guest_phone, other.plate) == ("Mr Wang", "", "")


async def test_a_number_that_is_used_again_is_another_visit(line: Mall) -> None:
    await send(line, "order 1 in 3 hours, Ms Li, +49 170 1234567")
    before = await order(line, "1")
    told = Understood(Action.BOOK, "1", line.clock.now() + timedelta(days=3))
    assert is_same_visit(before, told, line.clock.now())
    assert not is_same_visit(before, told, line.clock.now() + timedelta(days=2))
    cancelled = before._replace(state=OrderState.CANCELLED)
    assert not is_same_visit(cancelled, told, line.clock.now())


async def test_an_order_without_parking_takes_no_bay(line: Mall) -> None:
    assert "without parking" in await send(line, "order 1 in 3 hours, no parking")
    assert (await order(line, "1")).state is OrderState.UNWANTED


async def test_nothing_is_made_of_an_order_that_is_not_there(line: Mall) -> None:
    for verb in ("cancel", "status", "move to 8pm"):
        assert "there is no such order here" in await send(line, f"{verb} #77")
    assert await order_by_ref(sql_database(), line.unit_id, "77") is None


async def test_only_allowed_numbers_are_heard_until_they_are_revoked(
    line: Mall, clock: TestClock
) -> None:
    sms = InboundSms("twilio", "X", MERCHANT, "+10000000000", "?")
    assert (await receive_sms(sms, UNITS, clock)).received is Received.NEW
    (sender,) = await senders_of(line.merchant, line.unit_id)
    await revoke_sender(line.merchant, sender.id, clock=clock)
    later = InboundSms("twilio", "Y", MERCHANT, "+10000000000", "?")
    assert (await receive_sms(later, UNITS, clock)).received is Received.STRANGER


async def test_a_moved_service_lasts_as_long_as_before(line: Mall) -> None:
    await send(line, "order 1 in 3 hours for 90 minutes, accessible")
    before = await order(line, "1")
    assert before.service_at is not None
    told = Understood(Action.MOVE, "1", before.service_at + timedelta(hours=1), plate="ABC1")
    now = moved(before, told)
    assert now.service_ends_at == now.service_at + timedelta(minutes=90)
    assert (now.guest.plate, now.needs.is_accessible) == ("ABC1", True)
    with pytest.raises(NotFound):
        moved(before._replace(service_at=None), Understood(Action.MOVE, "1", party=3))
