"""A merchant's guest is told by the clock as every driver is; the merchant, that they are late."""

import asyncio
from typing import Any

import pytest

from parking.clock import TestClock
from parking.merchants.orders.due import run_orders
from parking.merchants.orders.ordered import Guest
from parking.merchants.orders.telling import tell_orders
from parking.notices.kinds import NoticeTopic as Topic
from parking.occupancy.models import Occupancy
from parking.reminders.remind import Reminding, _tell, remind
from parking.reminders.rules import late
from parking.reservations.limits import DEFAULTS
from parking.storage.sql import database as db
from parking.storage.transactions import retried
from tests.parking.reminders.reminded import link_of, see
from tests.support.mall import Mall, make_mall

PHONE = "+8613800138000"


@pytest.fixture
async def mall(database: str, clock: TestClock) -> Mall:
    """The guest's time begins at 10:45, fifteen minutes before the service; a webhook listens."""
    del database
    made = await make_mall(clock)
    await db().execute(
        "INSERT INTO webhook_endpoint (organisation_id, url, secret, topics, created_at,"
        " changed_at) VALUES ($1, 'https://shop.example', 's', '[\"ORDER_LATE\"]', $2, $2)",
        made.merchant_id,
        clock.now(),
    )
    return made


async def heard(mall: Mall) -> list[dict[str, Any]]:
    """What the worker's jobs write anew."""
    [row] = await db().fetch("SELECT COALESCE(MAX(id), 0) AS last FROM notice")
    await run_orders(mall.desk)
    await remind(Reminding(mall.clock, mall.bus, link_of))
    while await tell_orders(mall.clock, link_of):
        pass
    return await db().fetch(
        "SELECT topic, recipient, body, locale, about FROM notice WHERE id > $1 ORDER BY id",
        row["last"],
    )


async def topics(mall: Mall) -> list[str]:
    return [row["topic"] for row in await heard(mall)]


async def test_a_guest_hears_of_beginning_and_being_late_and_the_merchant_of_that(
    mall: Mall,
) -> None:
    order = await mall.take(mall.ordered(guest=Guest("李", PHONE, "粤B12345", "zh-CN")))
    await see(order.space_id or 0, Occupancy.FREE)
    assert await topics(mall) == [Topic.PARKING_BOOKED]
    mall.clock.advance(hours=1, minutes=50)
    [reminder] = await heard(mall)
    assert (reminder["topic"], reminder["recipient"]) == (Topic.PARKING_REMINDER, PHONE)
    assert (reminder["locale"], reminder["about"]) == ("zh", f"order:{order.id}")
    mall.clock.advance(hours=1, minutes=5)
    guests, merchants = await heard(mall)
    assert (guests["topic"], guests["recipient"]) == (Topic.PARKING_LATE, PHONE)
    assert "保留至 2026-01-05 12:15" in guests["body"]
    assert merchants["topic"] == Topic.ORDER_LATE
    assert '"keptUntil":"2026-01-05T11:15:00Z"' in merchants["body"]
    assert await topics(mall) == []


async def test_who_has_cancelled_moved_or_says_that_they_are_there_is_not_late(mall: Mall) -> None:
    orders = [await mall.take(mall.ordered(ref)) for ref in ("1", "2", "3")]
    for order in orders:
        await see(order.space_id or 0, Occupancy.FREE)
    await topics(mall)
    mall.clock.advance(minutes=1)
    await mall.cancel("1")
    await mall.take(mall.ordered("2", begin=30))
    await db().execute(
        "UPDATE merchant_order SET arrived_at = $2 WHERE id = $1", orders[2].id, mall.clock.now()
    )
    await topics(mall)
    mall.clock.advance(hours=2, minutes=58)
    assert await topics(mall) == []


async def test_an_order_that_is_about_to_be_given_back_is_not_told_of(mall: Mall) -> None:
    order = await mall.take(mall.ordered())
    await topics(mall)
    await db().execute("UPDATE merchant_order SET is_due = TRUE WHERE id = $1", order.id)
    mall.clock.advance(hours=2)
    assert await remind(Reminding(mall.clock, mall.bus, link_of)) == 0
    rows = await db().fetch("SELECT topic FROM notice WHERE topic = 'PARKING_REMINDER'")
    assert rows == []


async def late_steps() -> int:
    [row] = await db().fetch(
        "SELECT COUNT(*) AS found FROM merchant_order_event WHERE kind = 'order_guest_late'"
    )
    return int(row["found"])


async def tell(mall: Mall, reservation_id: int) -> None:
    work = Reminding(mall.clock, mall.bus, link_of)
    await retried(lambda: _tell(reservation_id, late(DEFAULTS), work))


async def overdue(mall: Mall) -> int:
    """The booking of a guest who is late."""
    order = await mall.take(mall.ordered())
    await see(order.space_id or 0, Occupancy.FREE)
    mall.clock.advance(hours=2, minutes=56)
    assert order.reservation_id is not None
    return order.reservation_id


async def test_workers_at_once_tell_it_once(mall: Mall) -> None:
    reservation_id = await overdue(mall)
    await asyncio.gather(*(tell(mall, reservation_id) for _ in range(4)))
    assert await late_steps() == 1


async def test_without_the_note_two_workers_tell_it_twice(
    mall: Mall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control."""

    async def always(*_: object) -> bool:
        return True

    monkeypatch.setattr("parking.reminders.remind.decide_once", always)
    reservation_id = await overdue(mall)
    for _ in range(2):
        await tell(mall, reservation_id)
    assert await late_steps() == 2
