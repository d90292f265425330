"""Guest and merchant hear of each step, once, and in their language."""

from typing import Any

import pytest

from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.merchants.kinds import OrderSource, OrderStep, Payer
from parking.merchants.orders.due import run_orders
from parking.merchants.orders.news import NEWS, WHY, news_of
from parking.merchants.orders.ordered import Guest
from parking.merchants.orders.take import take_order
from parking.merchants.orders.telling import tell_orders
from parking.merchants.senders import add_sender
from parking.notices.kinds import NoticeTopic as Topic
from parking.reservations.cancel import cancel
from parking.reservations.offering import serve_waitlists
from parking.reservations.records import ReservationRecord
from parking.storage.sql import database as db
from tests.support.mall import Mall, make_mall

PHONE = "+8613800138000"


def link_of(booked: ReservationRecord) -> str:
    return f"https://berth.example/b/{booked.id}"


async def told(mall: Mall) -> list[dict[str, Any]]:
    """Tell all there is; the notices that are new, by topic and receiver."""
    before = await db().fetch("SELECT COALESCE(MAX(id), 0) AS last FROM notice")
    while await tell_orders(mall.clock, link_of):
        pass
    return await db().fetch(
        "SELECT topic, recipient, body, locale FROM notice WHERE id > $1 ORDER BY id",
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


async def test_webhooks_of_the_merchant_are_told(mall: Mall) -> None:
    now = mall.clock.now()
    await db().execute(
        "INSERT INTO webhook_endpoint (organisation_id, url, secret, topics, created_at,"
        " changed_at) VALUES ($1, 'https://shop.example', 's', '[\"ORDER_BOOKED\"]', $2, $2)",
        mall.merchant_id,
        now,
    )
    await mall.take(mall.ordered())
    [event] = [row for row in await told(mall) if row["topic"] == Topic.ORDER_BOOKED]
    assert '"orderRef":"1"' in event["body"]
    assert "SLI1" not in event["body"]


async def test_a_notice_that_fails_leaves_the_order_and_is_tried_again(
    mall: Mall, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> int:
        raise RuntimeError("no room in the outbox")

    order = await mall.take(mall.ordered())
    with monkeypatch.context() as patch:
        patch.setattr("parking.merchants.orders.telling.add_notices", broken)
        assert await tell_orders(mall.clock, link_of) == 2
    assert await mall.order(order.id) == order
    assert await topics(mall) == [Topic.PARKING_BOOKED]


def test_what_a_guest_did_only_the_merchant_hears() -> None:
    found = news_of(OrderStep.CANCELLED, "CANCELLED_BY_GUEST", "")
    assert found == (None, Topic.ORDER_CANCELLED)
    assert news_of(OrderStep.CANCELLED, "CANCELLED_BY_MERCHANT", "") == (None, None)
    assert set(WHY["en"]) == set(WHY["zh"])
    assert all(each.guest or each.merchant for each in NEWS.values())
