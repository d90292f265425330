"""Answers are rationed: neither a phone that answers by itself nor a flood costs without end."""

import pytest

from parking.accounts.attempts import HOUR, Limit
from parking.clock import TestClock
from parking.merchants.sms import answer_words, rationing
from parking.merchants.sms.limits import PUZZLED_PER_SENDER
from parking.storage.sql import database as sql_database
from tests.parking.merchants.sms.test_handle import Line, answers

pytestmark = pytest.mark.usefixtures("database")
NO_MORE = answer_words.NO_MORE["en"]
FEW = 3


@pytest.fixture
def line(clock: TestClock) -> Line:
    return Line(clock)


async def write(line: Line, text: str) -> None:
    assert await line.handle(await line.keep(text))
    line.clock.advance(seconds=1)


async def outcomes() -> list[str]:
    rows = await sql_database().fetch("SELECT outcome FROM sms_message ORDER BY id")
    return [row["outcome"] for row in rows]


async def test_two_machines_that_answer_each_other_stop(line: Line) -> None:
    most = PUZZLED_PER_SENDER.count_max
    for _ in range(most + FEW):
        await write(line, "I am driving and will call you back.")
    sent = await answers()
    assert len(sent) == most + 1
    assert [each == NO_MORE for each in sent] == [False] * most + [True]


async def test_clear_orders_of_such_a_number_are_answered_all_the_same(line: Line) -> None:
    for _ in range(PUZZLED_PER_SENDER.count_max + FEW):
        await write(line, "hello?")
    _, answer = await line.send("order A-1 today 19:30, 2 people")
    assert answer.startswith("Order A-1: booked")


async def test_a_flood_of_orders_is_carried_out_without_more_answers(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rationing, "ANSWERS_PER_SENDER", Limit("sms_answer_to_sender", FEW))
    for number in range(2 * FEW):
        await write(line, f"order {number} today 19:30, 2 people")
    assert [each == NO_MORE for each in await answers()] == [False] * FEW + [True]
    assert await outcomes() == [f"BOOK {number} BOOKED" for number in range(2 * FEW)]
    rows = await sql_database().fetch("SELECT answer FROM sms_message ORDER BY id DESC LIMIT 1")
    assert rows == [{"answer": ""}]
    line.clock.advance(seconds=HOUR.total_seconds())
    _, answer = await line.send("status #1")
    assert answer.startswith("Order 1")


async def test_numbers_of_one_merchant_share_a_limit(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = Limit("sms_answer_for_organisation", FEW)
    monkeypatch.setattr(rationing, "ANSWERS_PER_ORGANISATION", few)
    for number in range(2 * FEW):
        await write(line, f"order {number} today 19:30, 2 people")
    assert (await answers())[FEW:] == [NO_MORE]


async def test_a_message_that_is_handled_again_uses_up_nothing(line: Line) -> None:
    message = await line.keep("help")
    assert [await line.handle(message) for _ in range(3)] == [True, False, False]
    [row] = await sql_database().fetch(
        "SELECT count FROM attempt_window WHERE subject LIKE 'sms_puzzled_by_sender:%'"
    )
    assert row["count"] == 1
