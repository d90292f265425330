"""What judges the proof of a thousand orders (`make prove`) finds each wrong; and its plan."""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random

import httpx
import pytest

from bench.orders_intake import open_intake
from bench.orders_judging import (
    End,
    Lived,
    ends_of,
    judge_ends,
    judge_history,
    judge_news,
    judge_quota,
    judge_rest,
)
from bench.orders_judging_bays import Break, judge_bays, judge_waiting
from bench.orders_plan import CROWDED, Death, Message, Way, messages, newest
from bench.orders_shop import Near
from bench.orders_time import SharedClock
from parking.accounts.viewer import SYSTEM
from parking.clock import TestClock
from parking.devices.sealing import Sealer
from parking.merchants.kinds import OrderState
from parking.merchants.orders.telling import tell_orders
from parking.notices.kinds import EVENTS
from parking.notices.webhooks.endpoints import insert_endpoint
from parking.storage.database import connect, disconnect
from parking.storage.sql import database as sql_database
from parking.storage.transactions import transaction
from tests.support.mall import Mall, make_mall
from tests.support.orders import brute_walks
from tests.support.running import SECRET

SENT = [Message(number, 0, Way.VERB, 3.0) for number in range(4)]
"""For a mall with three bays: the fourth waits."""
WRONGS = {
    "UPDATE merchant_order SET party = 9 WHERE id = 1": "its party is 9",
    "UPDATE merchant_order SET stamp = created_at WHERE id = 1": "its stamp is",
    "UPDATE merchant_order SET service_at = ends_at WHERE id = 1": "its service_at is",
    "UPDATE merchant_order SET is_due = (1 = 1)": "something is still due",
    "UPDATE merchant_order SET version = version + 1 WHERE id = 2": "for version",
    "UPDATE merchant_order_event SET version = 3 WHERE order_id = 3 AND version = 2":
        "events [1, 3]",
    "UPDATE reservation SET state = 'EXPIRED' WHERE id = 2": "'EXPIRED') after",
    "DELETE FROM notice WHERE about = 'order:4' AND channel = 'SMS'": "the guest was not told",
    "DELETE FROM notice WHERE about = 'order:1' AND channel = 'WEBHOOK'": "merchant was not told",
    "UPDATE notice SET topic = 'PARKING_WAITLISTED' WHERE about = 'order:3' AND channel = 'SMS'":
        "the guest was told last PARKING_WAITLISTED",
    "UPDATE notice SET topic = 'ORDER_MISSED' WHERE about = 'order:3' AND channel = 'WEBHOOK'":
        "the merchant was told last ORDER_MISSED",
    "UPDATE notice SET recipient = '+491' WHERE about = 'order:1'": "somebody else was told",
    "UPDATE notice SET body = 'elsewhere'": "another bay",
    "UPDATE merchant_order_event SET told_at = NULL": "events are not told",
    "UPDATE merchant_order SET space_id = 1 WHERE id = 1": "but its booking is in bay",
    "UPDATE merchant_order SET state = 'CANCELLED', reservation_id = NULL WHERE id = 3":
        "is no order's",
    "UPDATE merchant_order SET order_ref = 'another' WHERE id = 1": "is nobody's",
    "INSERT INTO sms_message (provider, provider_id, sender, recipient, text, received_at, outcome)"
    " SELECT 'x', '1', '+49', '+1', '?', created_at, 'BOOK 1 REFUSED UNIT_CLOSED'"
    " FROM merchant_order WHERE id = 1": "has 0 answers",
    "UPDATE sms_message SET outcome = ''": "came to nothing",
    "INSERT INTO reservation_event (version, kind, at, actor, detail, reservation_id)"
    " SELECT 9, 'reservation_cancelled', created_at, 'x', '{}', id FROM reservation WHERE id = 3":
        "were idle",
    "UPDATE merchant_order_event SET detail = 'QUOTA_EXHAUSTED' WHERE order_id = 4":
        "refused with 3 of 4 parked",
}  # fmt: skip


async def faults(mall: Mall, unit_parks_max: int = 4) -> str:
    begin = mall.clock.now() - timedelta(minutes=1)
    found = (await judge_bays(mall, await brute_walks(mall), {})).faults
    found += (await judge_ends(SENT, begin))[1] + (await judge_news(SENT))[1]
    found += await judge_waiting(mall, [], mall.clock.now()) + await judge_history()
    found += await judge_quota(mall.unit_id, unit_parks_max)
    return "\n".join([*found, *await judge_rest(mall)])


@pytest.fixture
async def connected(sqlite_url: str) -> AsyncIterator[str]:
    await connect(sqlite_url)
    yield sqlite_url
    await disconnect()


@pytest.fixture
async def mall(connected: str, clock: TestClock) -> Mall:
    """With the orders, of which everybody was told a minute ago."""
    assert connected
    made = await make_mall(clock, garage=2, lot=1)
    async with transaction() as sql:
        sealer = Sealer(SECRET.encode())
        await insert_endpoint(
            sql, made.merchant_id, "https://orders.example", EVENTS, b"s" * 32, sealer,
            created_by=SYSTEM.person_id, at=clock.now(),
        )  # fmt: skip
    for each in SENT:
        ordered = made.ordered(each.ref)
        guest = ordered.guest._replace(phone=each.phone)
        await made.take(ordered._replace(guest=guest), clock.now() - timedelta(hours=1))
    await tell_orders(clock, lambda booked: f"https://berth.example/b/{booked.id}")
    clock.advance(minutes=1)
    return made


async def test_each_wrong_is_found(mall: Mall) -> None:
    assert await faults(mall) == ""
    assert "2 of 1 parked" in await faults(mall, unit_parks_max=1)
    for wrong, words in WRONGS.items():
        await sql_database().execute(wrong)
        assert words in await faults(mall), wrong


async def test_a_bay_that_was_not_the_nearest_is_found(mall: Mall) -> None:
    walks = await brute_walks(mall)
    assert (await judge_bays(mall, walks, {})).faults == []
    backwards = {space_id: -metres for space_id, metres in walks.items()}
    assert "was nearer" in (await judge_bays(mall, backwards, {})).faults[0]
    nearest = mall.garage.space_ids[-1]
    broken = {nearest: Break(0, 0)}
    assert "was nearer" in (await judge_bays(mall, walks, broken)).faults[0]
    perhaps = {nearest: Break(0, 100)}
    assert (await judge_bays(mall, walks, perhaps)).faults == []


async def test_another_answer_to_the_same_message_is_found(mall: Mall, tmp_path: Path) -> None:
    number = count()
    answers = httpx.MockTransport(lambda _: httpx.Response(200, text=f"{next(number)}"))
    clock = SharedClock(tmp_path / "time", mall.clock.now())
    async with httpx.AsyncClient(transport=answers, base_url="https://berth.example") as client:
        intake = await open_intake(mall, Near(client), clock, 1)
        for _ in range(2):
            await intake.take(Message(7, 0, Way.SMS, 3.0), may_die=False)
    assert intake.faults == ["A-00007-0 was answered 0, then 1"]


MINE, CAME = Message(5, 0, Way.VERB, CROWDED[0]), End(OrderState.BOOKED, "", "COMPLETED")
MISSED, FULL = End(OrderState.BOOKED, "", "NO_SHOW"), End(OrderState.REFUSED, "FULL")
BY_GUEST = End(OrderState.CANCELLED, "CANCELLED_BY_GUEST")


@pytest.mark.parametrize(
    ("lived", "ends"),
    [
        (Lived(), {End(OrderState.BOOKED, "", "CONFIRMED"), End(OrderState.WAITLISTED)}),
        (Lived(is_over=True), {MISSED, FULL}),
        (Lived(is_over=True, came={5}), {CAME}),
        (Lived(is_over=True, cancelled={5}), {BY_GUEST}),
        (Lived(is_over=True, gave_up={5}), {FULL}),
    ],
)
def test_the_evening_ends_as_the_guests_made_it(lived: Lived, ends: set[End]) -> None:
    assert {each for each in ends_of(MINE, lived) if each.reason != "LOCK_FAILED"} == ends


def test_the_plan_has_everything_in_it() -> None:
    sent = messages(1_000, Random(1))
    assert sent == messages(1_000, Random(1))
    assert {each.way for each in sent if each.is_again} == set(Way)
    assert {each.way for each in sent if each.dies} == set(Way)
    assert {each.dies for each in sent} == set(Death)
    ends = {end.state for each in newest(sent).values() for end in ends_of(each)}
    assert ends == set(OrderState) - {OrderState.PENDING}
    steps = [each.step for each in sent if each.number == 9]
    assert len(newest(sent)) == 1_000
    assert newest([each for each in sent if each.number == 9])["A-00009"].step == max(steps)
    assert sum(each.is_kiosks for each in newest(sent).values()) == 50


@pytest.mark.parametrize("way", Way)
def test_what_comes_by_sms_comes_in_order(way: Way) -> None:
    sent = [each for each in messages(300, Random(2)) if each.way is way and not each.is_again]
    steps = [[each.step for each in sent if each.number == number] for number in range(300)]
    assert all(each == sorted(each) for each in steps) == (way is Way.SMS)
