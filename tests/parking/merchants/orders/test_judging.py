"""What judges the proof of a thousand orders (`make prove`) finds each wrong; and its plan."""

from collections.abc import AsyncIterator
from random import Random

import pytest

from bench.orders_judging import ends_of, judge_bays, judge_ends, judge_news, judge_rest
from bench.orders_plan import Message, Way, messages, newest
from parking.clock import TestClock
from parking.merchants.kinds import OrderState
from parking.merchants.orders.telling import tell_orders
from parking.storage.database import connect, disconnect
from parking.storage.sql import database as sql_database
from tests.support.mall import Mall, make_mall
from tests.support.orders import brute_walks

SENT = [Message(number, 0, Way.VERB, 3.0) for number in range(2)]
WRONGS = {
    "UPDATE reservation SET space_id = (SELECT MIN(id) FROM space) WHERE id = 1": "was nearer",
    "UPDATE reservation SET state = 'EXPIRED' WHERE id = 2": "but its booking is EXPIRED",
    "UPDATE merchant_order SET version = version + 1": "events for version",
    "UPDATE merchant_order SET is_due = (1 = 1)": "something is still due",
    "DELETE FROM notice WHERE about = 'order:2'": "nobody was told",
    "UPDATE notice SET body = 'elsewhere'": "another bay",
    "UPDATE merchant_order_event SET told_at = NULL": "events are not told",
    "UPDATE merchant_order SET order_ref = 'another' WHERE id = 1": "is nobody's",
}


async def faults(mall: Mall) -> str:
    walks = await brute_walks(mall)
    found = [*(await judge_bays(mall, walks, {})).faults, *(await judge_ends(SENT))[1]]
    return "\n".join([*found, *(await judge_news(SENT))[1], *await judge_rest(mall)])


@pytest.fixture
async def connected(sqlite_url: str) -> AsyncIterator[str]:
    await connect(sqlite_url)
    yield sqlite_url
    await disconnect()


async def test_each_wrong_is_found(connected: str, clock: TestClock) -> None:
    assert connected
    mall = await make_mall(clock)
    for each in SENT:
        ordered = mall.ordered(each.ref)
        guest = ordered.guest._replace(phone=each.phone)
        await mall.take(ordered._replace(guest=guest))
    await tell_orders(clock, lambda booked: f"https://berth.example/b/{booked.id}")
    assert await faults(mall) == ""
    for wrong, words in WRONGS.items():
        await sql_database().execute(wrong)
        assert words in await faults(mall), wrong


def test_the_plan_has_everything_in_it() -> None:
    sent = messages(1_000, Random(1))
    assert sent == messages(1_000, Random(1))
    assert {each.way for each in sent if each.is_again} == set(Way)
    assert {each.way for each in sent if each.dies} == set(Way)
    ends = {state for each in newest(sent).values() for state in ends_of(each)}
    assert ends == set(OrderState) - {OrderState.PENDING}
    steps = [each.step for each in sent if each.number == 9]
    assert len(newest(sent)) == 1_000
    assert newest([each for each in sent if each.number == 9])["A-00009"].step == max(steps)


@pytest.mark.parametrize("way", Way)
def test_what_comes_by_sms_comes_in_order(way: Way) -> None:
    sent = [each for each in messages(300, Random(2)) if each.way is way and not each.is_again]
    steps = [[each.step for each in sent if each.number == number] for number in range(300)]
    assert all(each == sorted(each) for each in steps) == (way is Way.SMS)
