"""From an SMS to a bay of the mall, through the orders that other ways in use as well."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from parking.clock import TestClock
from parking.errors import NotFound
from parking.merchants.kinds import OrderState, SmsResult
from parking.merchants.orders.record import order_by_ref
from parking.merchants.records import OrderRecord
from parking.merchants.senders import add_sender, revoke_sender, senders_of
from parking.merchants.sms.due import prune_sms
from parking.merchants.sms.grammar import read
from parking.merchants.sms.handle import handle_sms
from parking.merchants.sms.heard import heard_of
from parking.merchants.sms.inbound import InboundSms
from parking.merchants.sms.limits import TEXT_KEPT
from parking.merchants.sms.log import SmsFilter, messages_of
from parking.merchants.sms.receive import Received, receive_sms
from parking.merchants.sms.results import Action, Field, Trouble, Understood
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


async def test_so_much_later_counts_from_the_order_or_from_now_and_once(line: Mall) -> None:
    half_an_hour = timedelta(minutes=30)
    begun = line.clock.now().replace(second=0, microsecond=0)
    assert "booked" in await send(line, "order 1 180 minutes later, Ms Li")
    at = begun + timedelta(hours=3)
    assert (await order(line, "1")).service_at == at
    for text, length in (
        ("order 1 30 minutes later", half_an_hour),
        ("delay #1 by an hour", 2 * half_an_hour),
        ("move #1 30 minutes earlier", -half_an_hour),
    ):
        at += length
        assert "Order 1: booked" in await send(line, text)
        assert (await order(line, "1")).service_at == at, text
    again = read("delay #1 by an hour", line.clock.now(), ZoneInfo("UTC"))
    unit = await UNITS.unit_of(MERCHANT)
    assert isinstance(again, Understood)
    assert unit is not None
    for _ in range(2):  # a crash between the order and its answer has it handled again
        await RoomOrders(line.desk).move(unit, again, line.clock.now())
    assert (await order(line, "1")).service_at == at + 2 * half_an_hour
    line.clock.advance(seconds=1)
    assert "nothing was done" in await send(line, "move #1 9 hours earlier")


async def test_a_merchants_people_read_what_was_written_and_understood(line: Mall) -> None:
    await send(line, "order 1 in 3 hours, 4 people, Ms Li, +49 170 1234567")
    await send(line, "order 2 at some time")
    await send(line, "cancel #9")
    asked = SmsFilter()
    gone, unclear, booked = await messages_of(line.merchant, line.merchant_id, asked, limit=9)
    results = [each.result for each in (gone, unclear, booked)]
    assert results == [SmsResult.REFUSED, SmsResult.UNCLEAR, SmsResult.DONE]
    heard = heard_of(booked.understood)
    assert (heard.action, heard.order_ref, heard.party) == (Action.BOOK, "1", 4)
    assert (heard.guest_name, heard.guest_phone) == ("Ms Li", "+491701234567")
    assert booked.order_id == (await order(line, "1")).id
    assert booked.answer.startswith("Order 1: booked")
    [problem] = heard_of(unclear.understood).problems
    assert (problem.field, problem.trouble) == (Field.TIME, Trouble.MISSING)
    assert unclear.order_id is None
    only = SmsFilter(line.unit_id, SmsResult.DONE, booked.received_at, unclear.received_at)
    assert await messages_of(line.merchant, line.merchant_id, only, limit=9) == [booked]
    for nobody in (line.stranger, line.operator):
        assert await messages_of(nobody, line.merchant_id, asked, limit=9) == []
    line.clock.advance(seconds=TEXT_KEPT.total_seconds() + 60)
    await prune_sms(line.clock.now())
    for each in await messages_of(line.merchant, line.merchant_id, asked, limit=9):
        assert (each.text, each.sender, each.understood, each.answer) == ("", "", "", "")
        assert heard_of(each.understood).action is None


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
    now = moved(before, told, line.clock.now())
    assert now.service_ends_at == now.service_at + timedelta(minutes=90)
    assert (now.guest.plate, now.needs.is_accessible) == ("ABC1", True)
    with pytest.raises(NotFound):
        unknown = before._replace(service_at=None)
        moved(unknown, Understood(Action.MOVE, "1", party=3), line.clock.now())


async def test_a_guest_is_told_in_the_language_of_the_text_or_as_it_says(line: Mall) -> None:
    line.clock.set(datetime(2026, 1, 5, 8, 0, tzinfo=UTC))
    texts = {
        "e-1": "order e-1 in 3 hours, 4 people",
        "c-1": "订单c-1 今天上午11点半 2人",
        "c-2": "订单c-2 今天上午11点半 2人 英文",
        "n-1": "#n-1 11:30",
    }
    answers = {ref: await send(line, text) for ref, text in texts.items()}
    spoken = {ref: (await order(line, ref)).guest_locale for ref in texts}
    assert spoken == {"e-1": "en", "c-1": "zh", "c-2": "en", "n-1": "en"}
    assert "in English" in answers["c-2"]
    await send(line, "订单e-1改成5人")
    assert (await order(line, "e-1")).guest_locale == "en"
    await send(line, "change #e-1, speaks Chinese")
    assert (await order(line, "e-1")).guest_locale == "zh"
