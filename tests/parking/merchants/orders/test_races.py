"""Many at once: one order is one booking, and a merchant's credit is promised once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from parking.clock import TestClock
from parking.events.bus import Bus
from parking.ledger.accounts import merchant
from parking.ledger.credit import room_minor
from parking.ledger.records import ACCOUNT_COLUMNS, account_row
from parking.merchants.kinds import OrderState, Reason
from parking.merchants.models import MerchantOrder
from parking.merchants.orders import paying, place, take, work
from parking.merchants.orders.due import run_orders
from parking.merchants.orders.place import carry_out
from parking.merchants.orders.record import order_by_id, record_order
from parking.merchants.records import OrderRecord
from parking.reservations.models import Reservation
from parking.storage.database import connect, disconnect
from parking.storage.faults import Contended
from parking.storage.sql import Sql
from tests.support.mall import Mall, make_mall

AT_ONCE = 8
LIMIT_SECONDS = 30
LIVE = ("PENDING_PAYMENT", "CONFIRMED")


async def live_bookings() -> int:
    return await Reservation.filter(state__in=LIVE).count()


async def test_the_same_message_at_once_is_one_order_and_one_booking(mall: Mall) -> None:
    ordered = mall.ordered()
    found = await asyncio.gather(*(mall.take(ordered) for _ in range(AT_ONCE)))
    assert len({each.id for each in found}) == 1
    assert await live_bookings() == 1


async def test_workers_at_once_place_an_order_once(
    mall: Mall, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(*_: object) -> None:
        pass

    with monkeypatch.context() as patch:
        patch.setattr(take, "carry_out", killed)
        for number in range(3):
            await mall.take(mall.ordered(str(number)))
    await asyncio.gather(*(run_orders(mall.desk) for _ in range(4)))
    assert await live_bookings() == 3


async def test_a_message_that_comes_while_an_order_is_placed_counts(mall: Mall) -> None:
    made = await mall.take(mall.ordered())
    mall.clock.advance(minutes=1)
    later = mall.clock.now()
    await asyncio.gather(
        mall.take(mall.ordered(begin=6), later),
        carry_out(made.id, mall.desk),
        mall.cancel("1", later),
    )
    await run_orders(mall.desk)
    assert (await mall.order(made.id)).state is OrderState.CANCELLED
    assert await live_bookings() == 0


async def test_without_looking_again_the_version_says_no_and_without_both_it_is_booked_twice(
    mall: Mall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a second worker that has read the order before the first had placed it."""

    async def killed(*_: object) -> None:
        pass

    with monkeypatch.context() as patch:
        patch.setattr(take, "carry_out", killed)
        stale = await mall.take(mall.ordered())

    async def before(*_: object) -> OrderRecord:
        return stale

    for module in (place, work):
        monkeypatch.setattr(module, "existing", before)
    await carry_out(stale.id, mall.desk)
    with pytest.raises(Contended):
        await carry_out(stale.id, mall.desk)
    assert await live_bookings() == 1
    guarded = record_order

    async def unguarded(sql: Sql, bus: Bus, order: OrderRecord, *rest: Any, **more: Any) -> Any:
        now = await order_by_id(sql, order.id)
        assert now is not None
        return await guarded(sql, bus, order._replace(version=now.version), *rest, **more)

    monkeypatch.setattr(place, "record_order", unguarded)
    await carry_out(stale.id, mall.desk)
    assert await live_bookings() == 2


async def two_orders_at_once(mall: Mall) -> int:
    """In two places, so that no place's lock keeps them apart; how many are booked."""
    units = [
        await mall.unit(name=f"At {estate.place_id}", place_ids=[estate.place_id])
        for estate in (mall.garage, mall.lot)
    ]
    taking = [mall.take(mall.ordered(str(unit)), unit_id=unit) for unit in units]
    async with asyncio.timeout(LIMIT_SECONDS):
        await asyncio.gather(*taking)
    return await MerchantOrder.filter(state=OrderState.BOOKED).count()


async def test_credit_for_one_is_promised_once(database: str, clock: TestClock) -> None:
    mall = await make_mall(clock, credit_minor=600)
    assert await two_orders_at_once(mall) == 1


async def test_the_last_of_a_day_is_one_order(database: str, clock: TestClock) -> None:
    mall = await make_mall(clock, orders_per_day_max=2)
    async with asyncio.timeout(LIMIT_SECONDS):
        found = await asyncio.gather(*(mall.take(mall.ordered(str(n))) for n in range(AT_ONCE)))
    assert sorted(each.reason_code for each in found) == [""] * 2 + [Reason.QUOTA] * (AT_ONCE - 2)
    assert await live_bookings() == 2


@pytest.fixture
async def postgres_database(postgres_url: str) -> AsyncIterator[str]:
    """On SQLite transactions are alone anyway."""
    await connect(postgres_url)
    yield postgres_url
    await disconnect()


async def test_without_the_lock_of_its_account_it_is_promised_twice(
    postgres_database: str, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    mall, both = await make_mall(clock, credit_minor=600), asyncio.Barrier(2)

    async def unlocked(sql: Sql, organisation_id: int, currency: str, at: object) -> int:
        del at
        row = await sql.fetch_one(
            f"SELECT {ACCOUNT_COLUMNS} FROM ledger_account WHERE name = $1",
            merchant(organisation_id, currency).name,
        )
        assert row is not None
        await both.wait()
        return room_minor(account_row(row))

    monkeypatch.setattr(paying, "room_left", unlocked)
    assert await two_orders_at_once(mall) == 2
