"""A kept message is read, carried out and answered, each once."""

import asyncio
from dataclasses import replace

import pytest

from parking.clock import TestClock
from parking.errors import Conflict
from parking.merchants.sms.due import handle_waiting_sms
from parking.merchants.sms.handle import handle_sms
from parking.merchants.sms.inbound import InboundSms
from parking.merchants.sms.limits import GIVEN_UP_AFTER, TRIED_AGAIN_AFTER
from parking.merchants.sms.messages import Message, load_message
from parking.merchants.sms.receive import receive_sms
from parking.storage.sql import database as sql_database
from tests.parking.merchants.sms.memory import MERCHANT, UNIT, MemoryOrders, MemoryUnits

pytestmark = pytest.mark.usefixtures("database")
OTHER = "+4930123457"
WAIT = TRIED_AGAIN_AFTER.total_seconds()


class Line:
    """A merchant's line to us."""

    def __init__(self, clock: TestClock) -> None:
        self.clock, self.units, self.orders, self.count = clock, MemoryUnits(), MemoryOrders(), 0

    async def keep(self, text: str, sender: str = MERCHANT) -> int:
        self.count += 1
        sms = InboundSms("twilio", f"SM{self.count}", sender, "+10000000000", text)
        kept = await receive_sms(sms, self.units, self.clock)
        assert kept.message_id is not None
        return kept.message_id

    async def handle(self, message_id: int) -> bool:
        return await handle_sms(message_id, self.units, self.orders, self.clock)

    async def send(self, text: str) -> tuple[str, str]:
        """The outcome and the answer."""
        message_id = await self.keep(text)
        assert await self.handle(message_id)
        self.clock.advance(seconds=1)
        return (await message(message_id)).outcome, (await answers())[-1]


async def message(message_id: int) -> Message:
    found = await load_message(sql_database(), message_id)
    assert found is not None
    return found


async def answers() -> list[str]:
    rows = await sql_database().fetch("SELECT body FROM notice ORDER BY id")
    return [row["body"] for row in rows]


@pytest.fixture
def line(clock: TestClock) -> Line:
    return Line(clock)


async def test_an_order_is_taken_moved_asked_for_and_cancelled(line: Line) -> None:
    text = "order A-1 today 19:30, 4 people, Ms Li, plate B-MW 123, 0170 1234567"
    outcome, answer = await line.send(text)
    assert outcome == "BOOK A-1 BOOKED"
    assert answer == (
        "Order A-1: booked Mall garage, space 12. Mon 5 Jan 19:30, 4 people, Ms Li, "
        "+491701234567, plate BMW123."
    )
    assert (await line.send("move #A-1 to 8pm"))[1].endswith("Mon 5 Jan 20:00.")
    assert (await line.send("status #A-1"))[1].endswith("Mon 5 Jan 20:00.")
    assert await line.send("cancel #A-1") == ("CANCEL A-1 CANCELLED", "Order A-1: cancelled.")


async def test_what_is_unclear_is_asked_back_and_nothing_is_done(line: Line) -> None:
    outcome, answer = await line.send("order 1 tomorrow at 8")
    assert outcome == "UNCLEAR TIME:EITHER"
    assert "08:00 or 2026-01-06 20:00?" in answer
    assert line.orders.told == {}


async def test_help_is_given(line: Line) -> None:
    assert (await line.send("?"))[0] == "HELP"


async def test_answers_are_in_the_units_language(line: Line) -> None:
    line.units.numbers[MERCHANT] = replace(UNIT, locale="zh")
    assert (await line.send("订单1 今晚7点半 不停车"))[1].startswith("订单1：已收到，不停车。")


async def test_a_refusal_is_answered(line: Line) -> None:
    assert await line.send("cancel #9") == (
        "CANCEL 9 REFUSED NOT_FOUND",
        "Order 9: nothing was done: there is no such order here.",
    )
    line.orders.fault = Conflict("the unit takes no orders any more", code="UNIT_CLOSED")
    assert (await line.send("#1 19:30"))[1].endswith("this shop is closed here.")


async def test_a_message_is_handled_once(line: Line) -> None:
    message_id = await line.keep("#1 19:30")
    done = await asyncio.gather(*(line.handle(message_id) for _ in range(6)))
    assert done.count(True) == 1
    assert not await line.handle(message_id)
    assert len(await answers()) == len(line.orders.taken) == 1


async def test_the_worker_handles_what_a_crash_left(line: Line) -> None:
    message_id = await line.keep("#1 19:30")
    assert await handle_waiting_sms(line.units, line.orders, line.clock) == 0
    line.clock.advance(seconds=WAIT)
    assert await handle_waiting_sms(line.units, line.orders, line.clock) == 1
    assert (await message(message_id)).outcome == "BOOK 1 BOOKED"


async def test_a_text_is_read_as_of_when_it_came(line: Line) -> None:
    message_id = await line.keep("#1 in 20 minutes")
    received_at = line.clock.now()
    line.clock.advance(seconds=WAIT * 10)
    await line.handle(message_id)
    assert line.orders.taken[0].service_at is not None
    assert (line.orders.taken[0].service_at - received_at).total_seconds() == 20 * 60


async def test_what_fails_is_tried_again_and_given_up_in_the_end(line: Line) -> None:
    failing, good = await line.keep("#1 19:30"), await line.keep("?")
    line.orders.fault = RuntimeError("the place is on fire")
    line.clock.advance(seconds=WAIT)
    assert await handle_waiting_sms(line.units, line.orders, line.clock) == 1
    assert (await message(good)).handled_at
    assert not (await message(failing)).handled_at
    line.clock.advance(seconds=GIVEN_UP_AFTER.total_seconds())
    assert await handle_waiting_sms(line.units, line.orders, line.clock) == 1
    assert (await message(failing)).outcome == "GIVEN_UP"
    assert (await answers())[-1].startswith("Your message could not be carried out")


async def test_a_number_that_was_revoked_since_is_not_heard(line: Line) -> None:
    message_id = await line.keep("#1 19:30")
    line.units.numbers.clear()
    assert await line.handle(message_id)
    assert (await message(message_id)).outcome == "STRANGER"
    assert await answers() == []
    assert line.orders.told == {}


async def test_what_a_crash_left_of_the_same_sender_goes_first(line: Line) -> None:
    first = await line.keep("#1 19:30")
    line.clock.advance(seconds=1)
    second = await line.keep("move #1 to 8pm")
    assert await line.handle(second)
    outcomes = [(await message(each)).outcome for each in (first, second)]
    assert outcomes == ["BOOK 1 BOOKED", "MOVE 1 BOOKED"]
    assert len(await answers()) == 2
    assert not await line.handle(first)


async def test_an_older_message_does_not_undo_a_newer_one(line: Line) -> None:
    line.units.numbers[OTHER] = UNIT
    await line.send("#1 19:30")
    older = await line.keep("move #1 to 8pm", OTHER)
    line.clock.advance(seconds=1)
    await line.send("cancel #1")
    await line.handle(older)
    assert (await answers())[-1] == "Order 1: cancelled."
