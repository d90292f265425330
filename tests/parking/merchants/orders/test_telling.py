"""Guest and merchant hear of each step, once, and in their language."""

import json
from dataclasses import replace
from typing import Any

import pytest

from parking.accounts.viewer import Viewer
from parking.clock import TestClock, rfc3339
from parking.merchants.kinds import OrderSource, OrderStep, Payer, Reason, ToldSteps
from parking.merchants.new_unit import UnitEdit
from parking.merchants.orders import guest_texts
from parking.merchants.orders.again import TRIED_AGAIN_AFTER
from parking.merchants.orders.contacts import is_problem
from parking.merchants.orders.due import run_orders
from parking.merchants.orders.limits import TEXTS_PER_GUEST
from parking.merchants.orders.news import NEWS, WHY, news_of
from parking.merchants.orders.ordered import Guest
from parking.merchants.orders.record import record_order
from parking.merchants.orders.take import take_order
from parking.merchants.orders.telling import tell_orders
from parking.merchants.senders import add_sender
from parking.merchants.units import update_unit
from parking.notices.kinds import NoticeTopic as Topic
from parking.reservations.cancel import cancel
from parking.reservations.offering import serve_waitlists
from parking.reservations.reassign import reassign
from parking.reservations.records import ReservationRecord
from parking.reservations.taking import take
from parking.rights.kinds import ContractState
from parking.rights.models import RightsContract
from parking.storage.sql import database as db
from parking.storage.transactions import transaction
from tests.parking.merchants.orders.test_locks import equip, fail, look
from tests.support.bays import Bays
from tests.support.mall import Mall, make_mall

PHONE, DESK = "+8613800138000", "+8613800138001"


def link_of(booked: ReservationRecord) -> str:
    return f"https://berth.example/b/{booked.id}"


async def told(mall: Mall) -> list[dict[str, Any]]:
    """Tell all there is; the notices that are new, by topic and receiver."""
    before = await db().fetch("SELECT COALESCE(MAX(id), 0) AS last FROM notice")
    while await tell_orders(mall.clock, link_of):
        pass
    return await db().fetch(
        "SELECT topic, channel, recipient, body, locale FROM notice WHERE id > $1 ORDER BY id",
        before[0]["last"],
    )


async def topics(mall: Mall) -> list[str]:
    return [row["topic"] for row in await told(mall)]


async def test_a_guest_hears_of_the_bay_with_the_link_in_their_language(mall: Mall) -> None:
    guest = Guest("李", PHONE, "粤B12345", "zh-CN")
    order = await mall.take(mall.ordered(guest=guest))
    [notice] = await told(mall)
    assert (notice["topic"], notice["recipient"]) == (Topic.PARKING_BOOKED, PHONE)
    assert f"https://berth.example/b/{order.reservation_id}" in notice["body"]
    assert "2026-01-05 11:45" in notice["body"]
    assert "已为您预订车位" in notice["body"]
    assert await told(mall) == []


async def test_each_step_is_told(mall: Mall) -> None:
    orders = [await mall.take(mall.ordered(str(number))) for number in range(7)]
    assert await topics(mall) == [Topic.PARKING_BOOKED] * 6 + [Topic.PARKING_WAITLISTED]
    mall.clock.advance(minutes=1)
    await mall.cancel("1")
    assert await topics(mall) == [Topic.PARKING_CANCELLED]
    await serve_waitlists(mall.clock, mall.bus)
    await run_orders(mall.desk)
    assert await topics(mall) == [Topic.PARKING_BOOKED]
    last = await mall.order(orders[6].id)
    assert last.reservation_id is not None
    guest = Viewer(person_id=last.person_id)
    await cancel(guest, last.reservation_id, clock=mall.clock, bus=mall.bus)
    await run_orders(mall.desk)
    assert await topics(mall) == []


async def test_a_guest_who_is_to_pay_is_asked_to(database: str, clock: TestClock) -> None:
    mall = await make_mall(clock, payer=Payer.GUEST)
    await mall.take(mall.ordered())
    [notice] = await told(mall)
    assert notice["topic"] == Topic.PARKING_UNPAID
    assert "2026-01-05 11:30" in notice["body"]


async def test_what_has_changed_meanwhile_is_not_told(mall: Mall) -> None:
    await mall.take(mall.ordered("1"))
    mall.clock.advance(minutes=1)
    await mall.cancel("1")
    assert await topics(mall) == [Topic.PARKING_CANCELLED]


async def test_refused_in_words_that_are_the_guests(database: str, clock: TestClock) -> None:
    mall = await make_mall(clock, credit_minor=0)
    await mall.take(mall.ordered())
    [notice] = await told(mall)
    assert notice["topic"] == Topic.PARKING_REFUSED
    assert "credit" not in notice["body"]


async def test_nobody_is_written_to_for_a_merchant_whom_no_place_has_agreed_to(
    database: str, clock: TestClock
) -> None:
    """Anybody can make an organisation, and name any number. Who had a bay hears of its end."""
    mall = await make_mall(clock, told_email="any@one.example", told_phone=DESK)
    await mall.take(mall.ordered("1"))
    assert len(await told(mall)) == 3
    await RightsContract.all().update(state=ContractState.ENDED)
    refused = await mall.take(mall.ordered("2"))
    assert refused.reason_code == Reason.NO_CONTRACT
    assert await told(mall) == []
    mall.clock.advance(minutes=1)
    await mall.take(mall.ordered("1", begin=5))
    assert await topics(mall) == [Topic.PARKING_REFUSED] + [Topic.ORDER_REFUSED] * 2


async def test_who_orders_by_sms_hears_by_sms_of_what_comes_later(mall: Mall) -> None:
    await add_sender(mall.merchant, mall.unit_id, PHONE, clock=mall.clock)
    for number in range(7):
        await take_order(
            mall.merchant, mall.unit_id, mall.ordered(str(number)), OrderSource.SMS,
            mall.clock.now(), mall.desk,
        )  # fmt: skip
    assert not [row for row in await told(mall) if row["recipient"] == PHONE]
    mall.clock.advance(minutes=5)
    await mall.cancel("1")
    await told(mall)
    await serve_waitlists(mall.clock, mall.bus)
    await run_orders(mall.desk)
    [notice] = [row for row in await told(mall) if row["recipient"] == PHONE]
    assert notice["topic"] == Topic.ORDER_BOOKED


async def hook(mall: Mall, *wanted: str) -> None:
    """The merchant's system wants to hear of these topics."""
    await db().execute(
        "INSERT INTO webhook_endpoint (organisation_id, url, secret, topics, created_at,"
        " changed_at) VALUES ($1, 'https://shop.example', 's', $2, $3, $3)",
        mall.merchant_id,
        json.dumps(wanted),
        mall.clock.now(),
    )


async def test_webhooks_of_the_merchant_are_told(mall: Mall) -> None:
    await hook(mall, Topic.ORDER_BOOKED)
    await mall.take(mall.ordered())
    [event] = [row for row in await told(mall) if row["topic"] == Topic.ORDER_BOOKED]
    assert '"orderRef":"1"' in event["body"]
    assert "SLI1" not in event["body"]


async def test_a_units_contacts_hear_of_each_step_once_on_each_way(
    database: str, clock: TestClock
) -> None:
    mall = await make_mall(clock, told_email="tea@shop.example", told_phone=DESK, locale="zh")
    await add_sender(mall.merchant, mall.unit_id, DESK, clock=mall.clock)
    for number in range(7):
        await take_order(
            mall.merchant, mall.unit_id, mall.ordered(str(number)), OrderSource.SMS,
            mall.clock.now(), mall.desk,
        )  # fmt: skip
    # The sender is answered: only the e-mail tells what is new.
    assert await to_the_desk(mall) == [(Topic.ORDER_BOOKED, "EMAIL")] * 6 + [
        (Topic.ORDER_WAITLISTED, "EMAIL")
    ]
    mall.clock.advance(minutes=5)
    await mall.cancel("1")
    await serve_waitlists(mall.clock, mall.bus)
    await run_orders(mall.desk)
    off, both = [
        [(topic, "SMS"), (topic, "EMAIL")] for topic in (Topic.ORDER_CANCELLED, Topic.ORDER_BOOKED)
    ]
    assert await to_the_desk(mall) == off + both
    await mall.take(mall.ordered("later", begin=9))
    assert await to_the_desk(mall) == both
    await mall.take(mall.ordered("late", begin=-5))
    refused = next(row for row in await told(mall) if row["topic"] == Topic.ORDER_REFUSED)
    assert "时间已过" in refused["body"]
    assert await to_the_desk(mall) == []


async def test_a_unit_may_hear_of_problems_only(database: str, clock: TestClock) -> None:
    told: dict[str, Any] = {"told_phone": DESK, "told_steps": ToldSteps.PROBLEMS}
    mall = await make_mall(clock, garage=1, lot=1, **told)
    lock = await equip(Bays(mall.garage, mall.clock, mall.bus), 0)
    orders = [await mall.take(mall.ordered(str(number))) for number in range(3)]
    assert await to_the_desk(mall) == [(Topic.ORDER_WAITLISTED, "SMS")]
    mall.clock.advance(seconds=1)
    for number in "21":
        await mall.cancel(number)
    await mall.take(mall.ordered("0", begin=4))
    assert await to_the_desk(mall) == []
    await fail(mall, lock)
    moved = await look(mall, orders[0])
    assert moved.place_id == mall.lot.place_id
    assert await to_the_desk(mall) == [(Topic.ORDER_BOOKED, "SMS")]


async def to_the_desk(mall: Mall) -> list[tuple[str, str]]:
    """Topics and channels of what the unit's contacts are told."""
    found = [row for row in await told(mall) if row["recipient"] in (DESK, "tea@shop.example")]
    return [(row["topic"], row["channel"]) for row in found]


async def test_each_step_that_a_merchant_hears_of_goes_each_way_once(mall: Mall) -> None:
    now = mall.clock.now()
    await hook(mall, *[each.merchant for each in NEWS.values() if each.merchant])
    contacts = UnitEdit(mall.unit_id, 1, told_email="tea@shop.example", told_phone=DESK)
    await update_unit(mall.merchant, contacts, clock=mall.clock)
    order = await mall.take(mall.ordered())
    await told(mall)
    for step, news in NEWS.items():
        if news.merchant is None:
            continue
        async with transaction() as sql:
            detail = {"until": rfc3339(now)}
            order = await record_order(sql, mall.bus, order, step, "test", now, detail)
        heard = [row for row in await told(mall) if row["topic"].startswith("ORDER_")]
        ways = sorted(row["channel"] for row in heard if row["topic"] == news.merchant)
        assert (ways, len(heard)) == (["EMAIL", "SMS", "WEBHOOK"], 3), step


WAIT, BOOK = Topic.ORDER_WAITLISTED, Topic.ORDER_BOOKED
PROBLEM_ROWS = (
    (WAIT, OrderStep.WAITLISTED, False, True),
    (Topic.ORDER_REFUSED, OrderStep.REFUSED, False, True),
    (Topic.ORDER_MISSED, OrderStep.MISSED, True, True),
    (Topic.ORDER_LOCK_FAILED, OrderStep.LOCK_FAILED, True, True),
    (BOOK, OrderStep.MOVED, True, True),
    (BOOK, OrderStep.BOOKED, True, True),
    (BOOK, OrderStep.BOOKED, False, False),
    (Topic.ORDER_ARRIVED, OrderStep.ARRIVED, True, False),
    (Topic.ORDER_CANCELLED, OrderStep.CANCELLED, True, False),
)


@pytest.mark.parametrize(("topic", "step", "had", "is_one"), PROBLEM_ROWS)
def test_what_a_problem_is(topic: Topic, step: OrderStep, had: bool, is_one: bool) -> None:
    assert is_problem(topic, step, had_a_bay=had) is is_one


async def test_a_notice_that_fails_leaves_the_order_and_is_tried_again(
    mall: Mall, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> int:
        raise RuntimeError("no room in the outbox")

    order = await mall.take(mall.ordered())
    with monkeypatch.context() as patch:
        patch.setattr("parking.merchants.orders.telling.tell_person", broken)
        assert await tell_orders(mall.clock, link_of) == 2
        assert await tell_orders(mall.clock, link_of) == 0
    assert await mall.order(order.id) == order
    mall.clock.advance(seconds=TRIED_AGAIN_AFTER.total_seconds())
    assert await topics(mall) == [Topic.PARKING_BOOKED]


def test_what_a_guest_did_only_the_merchant_hears() -> None:
    found = news_of(OrderStep.CANCELLED, "CANCELLED_BY_GUEST", "")
    assert found == (None, Topic.ORDER_CANCELLED)
    assert news_of(OrderStep.CANCELLED, "CANCELLED_BY_MERCHANT", "") == (None, None)
    assert set(WHY["en"]) == set(WHY["zh"])
    assert all(each.guest or each.merchant for each in NEWS.values())


async def reorder(mall: Mall, times: int) -> int:
    """Order and order anew for one number so many times; how many messages it was sent."""
    sent = 0
    for number in range(times):
        mall.clock.advance(seconds=1)
        await mall.take(mall.ordered(begin=3 + number / 60, guest=Guest("Li", PHONE)))
        sent += sum(row["recipient"] == PHONE for row in await told(mall))
    return sent


async def test_a_number_is_written_to_a_few_times_a_day_for_a_merchant(mall: Mall) -> None:
    """Its orders go on all the same, and the merchant hears of each; what is over the limit is in
    the guest's own list."""
    await hook(mall, Topic.ORDER_BOOKED)
    most = TEXTS_PER_GUEST.count_max
    assert await reorder(mall, most + 2) == most
    [row] = await db().fetch("SELECT COUNT(*) AS told FROM notice WHERE channel = 'WEBHOOK'")
    [own] = await db().fetch("SELECT COUNT(*) AS told FROM own_notice")
    assert (row["told"], own["told"]) == (most + 2, most + 2)
    mall.clock.advance(seconds=TEXTS_PER_GUEST.window.total_seconds())
    assert await reorder(mall, 1) == 1


async def test_without_the_limit_it_would_be_written_to_each_time(
    mall: Mall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(guest_texts, "TEXTS_PER_GUEST", replace(TEXTS_PER_GUEST, count_max=99))
    most = TEXTS_PER_GUEST.count_max
    assert await reorder(mall, most + 2) == most + 2


async def test_who_took_the_booking_hears_of_all(
    mall: Mall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guest_texts, "TEXTS_PER_GUEST", replace(TEXTS_PER_GUEST, count_max=1))
    assert await reorder(mall, 1) == 1
    order = await mall.order(1)
    assert order.reservation_id is not None
    guest = Viewer(person_id=order.person_id)
    await take(guest, order.reservation_id, clock=mall.clock, bus=mall.bus)
    other = mall.garage.space_ids[0]
    both: dict[str, Any] = {"clock": mall.clock, "bus": mall.bus}
    await reassign(mall.operator, order.reservation_id, "a leak", other, **both)
    await run_orders(mall.desk)
    assert [row["recipient"] for row in await told(mall)] == [PHONE]
