"""Waiting at all places of a unit at once: the first that has a bay is it, the better of two, and
never both; nobody who came before is overtaken."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.merchants.kinds import OrderState, Reason
from parking.merchants.orders import place
from parking.merchants.orders.decisions import Turn, turn_of
from parking.merchants.orders.due import run_orders
from parking.merchants.orders.ordered import Guest
from parking.merchants.orders.release import release
from parking.merchants.records import OrderRecord
from parking.reservations.confirm import confirm
from parking.reservations.limits import OFFER_SECONDS
from parking.reservations.models import Reservation, WaitlistState
from parking.reservations.models import WaitlistEntry as Entry
from parking.reservations.offering import serve_waitlists
from parking.reservations.record import BookingChange
from parking.reservations.waiting import Filters, WaitlistEntry
from parking.reservations.waitlist import accept_offer, join_waitlist, leave_waitlist
from parking.rights.kinds import ContractState
from parking.rights.models import RightsContract
from parking.windows import Window
from tests.support.leasing import somebody
from tests.support.mall import Mall, make_mall

W, O, T, E, L = WaitlistState  # noqa: E741
LIVE = ("PENDING_PAYMENT", "CONFIRMED", "ACTIVE")
WORKERS = 4
WAIT_SECONDS = 60


@pytest.fixture
async def small(database: str, clock: TestClock) -> Mall:
    """One bay in the garage, one in the lot."""
    del database
    return await make_mall(clock, garage=1, lot=1)


async def full(mall: Mall, waiting: int = 1) -> list[OrderRecord]:
    """Orders that have the bays of garage and lot, and so many that wait, in this order."""
    return [await mall.take(mall.ordered(str(number))) for number in range(2 + waiting)]


async def free(mall: Mall, *refs: str) -> None:
    mall.clock.advance(minutes=1)
    for ref in refs:
        await mall.cancel(ref)


async def work(mall: Mall, times: int = 1) -> None:
    for _ in range(times):
        await serve_waitlists(mall.clock, mall.bus)
        await run_orders(mall.desk)


async def live_of(order: OrderRecord) -> list[int]:
    """The bays that an order's guest has, offers too."""
    found = await Reservation.filter(state__in=LIVE, person_id=order.person_id).order_by("id")
    return [each.space_id for each in found]


async def queue(order: OrderRecord) -> list[str]:
    """What became of its entries, the garage's first."""
    return [each.state for each in await Entry.filter(person_id=order.person_id).order_by("id")]


def entries(*states: WaitlistState, offer_minutes: int = 5, begin: int = 60) -> list[WaitlistEntry]:
    now = TestClock().now()
    until, start = now + timedelta(minutes=offer_minutes), now + timedelta(minutes=begin)
    return [
        WaitlistEntry(
            number, state, number, 7, "", start, start + timedelta(hours=1), Filters(), None,
            until if state is O else None, 1, now, 3, 0,
        )
        for number, state in enumerate(states, start=1)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("found", "turn"),
    [
        (entries(W, W), None),
        (entries(W, L), None),
        (entries(L, L), Turn.OVER),
        (entries(W, O), Turn.OFFERED),
        (entries(O, T), Turn.TAKEN),
        (entries(T, T), Turn.TAKEN),
        (entries(W, E), Turn.AGAIN),
        (entries(E, L), Turn.AGAIN),
        (entries(O, E), Turn.OFFERED),
        (entries(O, W, offer_minutes=0), Turn.AGAIN),
        (entries(O, L, offer_minutes=0, begin=0), Turn.OVER),
        (entries(E, E, begin=0), Turn.OVER),
        (entries(E, W, begin=0), None),
    ],
)
def test_what_the_turns_of_an_order_come_to(
    found: Sequence[WaitlistEntry], turn: Turn | None
) -> None:
    assert turn_of(found, TestClock().now()) is turn


@pytest.mark.parametrize("freed", ["0", "1"])
async def test_whichever_frees_first_is_it(small: Mall, freed: str) -> None:
    orders = await full(small)
    assert await queue(orders[2]) == [W, W]
    await free(small, freed)
    await work(small)
    order = await small.order(orders[2].id)
    assert (order.state, order.space_id) == (OrderState.BOOKED, orders[int(freed)].space_id)
    assert await live_of(order) == [order.space_id]
    assert await queue(order) == [L, L]


async def test_a_contract_that_ends_while_an_order_waits_gives_no_bay(small: Mall) -> None:
    orders = await full(small)
    await RightsContract.all().update(state=ContractState.ENDED)
    await free(small, "0")
    await work(small)
    order = await small.order(orders[2].id)
    assert (order.state, order.reason_code) == (OrderState.REFUSED, Reason.NO_CONTRACT)
    assert await live_of(order) == []
    assert await queue(order) == [L, L]


async def test_of_two_at_once_the_better_is_taken_and_the_other_is_the_nexts(small: Mall) -> None:
    orders = await full(small, waiting=2)
    await free(small, "0", "1")
    await work(small, times=2)
    first, second = [await small.order(each.id) for each in orders[2:]]
    assert (first.space_id, second.space_id) == (orders[0].space_id, orders[1].space_id)
    assert await live_of(first) == [first.space_id]


async def test_a_better_place_counts_that_frees_while_another_is_offered(small: Mall) -> None:
    orders = await full(small)
    await free(small, "1")
    await serve_waitlists(small.clock, small.bus)
    assert await queue(orders[2]) == [W, O]
    await free(small, "0")
    await run_orders(small.desk)
    order = await small.order(orders[2].id)
    assert order.space_id == orders[0].space_id
    assert await live_of(order) == [order.space_id]


async def test_who_waits_at_one_place_is_not_overtaken_by_who_waits_at_both(small: Mall) -> None:
    orders = await full(small, waiting=0)
    driver, booked = await somebody("Dora"), await small.booking(orders[1])
    window = Window(booked.starts_at, booked.ends_at)
    await join_waitlist(driver, small.lot.place_id, window, clock=small.clock, bus=small.bus)
    order = await small.take(small.ordered("2"))
    await free(small, "1")
    await work(small, times=2)
    assert (await small.order(order.id)).state is OrderState.WAITLISTED
    [offered] = await Reservation.filter(state__in=LIVE, person_id=driver.person_id)
    assert offered.space_id == orders[1].space_id


async def test_one_phone_for_all_guests_overtakes_nobody(small: Mall) -> None:
    house = Guest(phone="+491701234567")
    orders = [await small.take(small.ordered(str(n), guest=house)) for n in range(3)]
    await free(small, "0")
    newcomer = await small.take(small.ordered("9", 3 - 1 / 60, guest=house))
    await work(small)
    assert newcomer.state is OrderState.WAITLISTED
    assert (await small.order(orders[2].id)).space_id == orders[0].space_id


async def test_cancelled_or_moved_it_leaves_all_queues(small: Mall) -> None:
    orders = await full(small, waiting=2)
    small.clock.advance(minutes=1)
    assert (await small.cancel("2")).waitlist_entry_id is None
    assert (await small.take(small.ordered("3", 40))).state is OrderState.BOOKED
    assert [await queue(each) for each in orders[2:]] == [[L, L], [L, L]]


async def test_an_order_that_waits_is_placed_anew_when_it_is_wanted_otherwise(small: Mall) -> None:
    orders = await full(small)
    small.clock.advance(minutes=1)
    moved = await small.take(small.ordered("2", 3.5))
    assert moved.state is OrderState.WAITLISTED
    assert await queue(orders[2]) == [L, L, W, W]


async def test_taken_out_of_one_queue_it_waits_on_in_the_other(small: Mall) -> None:
    orders = await full(small)
    assert orders[2].waitlist_entry_id is not None
    await leave_waitlist(
        small.operator, orders[2].waitlist_entry_id, clock=small.clock, bus=small.bus
    )
    await work(small)
    assert (await small.order(orders[2].id)).state is OrderState.WAITLISTED
    await free(small, "0", "1")
    await work(small)
    assert (await small.order(orders[2].id)).space_id == orders[1].space_id


async def test_who_waits_in_vain_at_all_of_them_is_refused_once(small: Mall) -> None:
    orders = await full(small)
    small.clock.advance(hours=3)
    await work(small, times=2)
    order = await small.order(orders[2].id)
    assert (order.state, order.reason_code) == (OrderState.REFUSED, Reason.FULL)
    assert await queue(order) == [E, E]


async def test_an_offer_that_nobody_took_ends_no_order(small: Mall) -> None:
    orders = await full(small)
    await free(small, "1")
    await serve_waitlists(small.clock, small.bus)
    small.clock.advance(seconds=OFFER_SECONDS)
    await run_orders(small.desk)
    order = await small.order(orders[2].id)
    assert (order.state, order.space_id) == (OrderState.BOOKED, orders[1].space_id)
    assert await live_of(order) == [order.space_id]


async def both_offered(mall: Mall) -> tuple[OrderRecord, Viewer, list[int]]:
    """An order with an offer of each place, its guest, and the entries."""
    orders = await full(mall)
    await free(mall, "1")
    await serve_waitlists(mall.clock, mall.bus)
    await free(mall, "0")
    await serve_waitlists(mall.clock, mall.bus)
    assert await queue(orders[2]) == [O, O]
    found = await Entry.filter(person_id=orders[2].person_id).order_by("id")
    return orders[2], Viewer(person_id=orders[2].person_id), [each.id for each in found]


async def test_a_guest_who_takes_both_offers_has_the_better(small: Mall) -> None:
    waited, guest, ids = await both_offered(small)
    for entry_id in reversed(ids):
        await accept_offer(guest, entry_id, clock=small.clock, bus=small.bus)
    await run_orders(small.desk)
    order = await small.order(waited.id)
    assert order.state is OrderState.BOOKED
    assert await live_of(order) == [order.space_id] == small.garage.space_ids
    assert (await small.booking(order)).state == "CONFIRMED"


async def test_what_a_guest_took_is_given_back_when_the_merchant_cancels(small: Mall) -> None:
    waited, guest, ids = await both_offered(small)
    [hold] = await Reservation.filter(waitlist_entry_id=ids[1])
    await confirm(guest, hold.id, clock=small.clock, bus=small.bus)
    small.clock.advance(seconds=1)
    assert (await small.cancel("2")).state is OrderState.CANCELLED
    assert await live_of(waited) == []


async def many_workers(mall: Mall) -> OrderRecord:
    """Both bays free at the same moment, and several workers at it; the order that waited."""
    orders = await full(mall)
    await free(mall, "0", "1")
    async with asyncio.timeout(WAIT_SECONDS):
        for _ in range(2):
            await asyncio.gather(*(serve_waitlists(mall.clock, mall.bus) for _ in range(WORKERS)))
            await asyncio.gather(*(run_orders(mall.desk) for _ in range(WORKERS)))
    return await mall.order(orders[2].id)


async def test_two_places_free_at_once_are_one_booking(small: Mall) -> None:
    order = await many_workers(small)
    assert order.state is OrderState.BOOKED
    assert await live_of(order) == [order.space_id]


@pytest.mark.parametrize(("is_guarded", "bays"), [(True, 1), (False, 2)])
async def test_the_others_are_given_back_with_what_is_booked(
    small: Mall, monkeypatch: pytest.MonkeyPatch, is_guarded: bool, bays: int
) -> None:
    """The control: an order that books where its turn is, and keeps what the lot offers, too."""
    waited, _, ids = await both_offered(small)

    async def kept(change: BookingChange, order: OrderRecord, reason: str) -> bool:
        return await release(change, order, reason, but=None if is_guarded else ids[1])

    monkeypatch.setattr(place, "release", kept)
    await run_orders(small.desk)
    order = await small.order(waited.id)
    assert (order.state, order.space_id) == (OrderState.BOOKED, small.garage.space_ids[0])
    assert len(await live_of(order)) == bays
