"""Taking orders: each ends in one state, with the nearest bay, whatever is sent in which order."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from parking.accounts.scopes import Scope
from parking.accounts.viewer import SYSTEM, Viewer
from parking.clock import TestClock
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted
from parking.ledger.accounts import merchant
from parking.merchants.kinds import ConnectorKind, Demand, OrderSource, OrderState, Payer, Reason
from parking.merchants.models import MerchantOrder, MerchantOrderEvent
from parking.merchants.orders.due import carry_out_due, run_orders
from parking.merchants.orders.follow import follow_orders
from parking.merchants.orders.ordered import Guest
from parking.merchants.orders.place import PAY_BEFORE
from parking.merchants.orders.take import take_order
from parking.merchants.records import Needs, OrderRecord
from parking.merchants.units import close_unit
from parking.merchants.walking import LEVEL_METRES, LIFT_WAIT_METRES
from parking.places.models import Space
from parking.reservations.cancel import cancel
from parking.reservations.confirm import confirm
from parking.reservations.due import run_due
from parking.reservations.extend import extend, quote_extension
from parking.reservations.models import Reservation, WaitlistEntry
from parking.reservations.offering import serve_waitlists
from parking.reservations.reassign import reassign
from parking.reservations.taking import take
from parking.reservations.waitlist import accept_offer
from parking.rights.kinds import ContractState
from parking.rights.models import RightsContract
from parking.sessions.override import end_session, start_session
from parking.settlement.models import Validation
from parking.settlement.settle import settle_ended
from tests.support.mall import Mall, make_mall
from tests.support.operators import api_key
from tests.support.wallets import fill_wallet, in_account, in_wallet

P, B, W, R, U, C = (
    OrderState.PENDING, OrderState.BOOKED, OrderState.WAITLISTED, OrderState.REFUSED,
    OrderState.UNWANTED, OrderState.CANCELLED,
)  # fmt: skip


async def kinds(order: OrderRecord) -> list[str]:
    events = await MerchantOrderEvent.filter(order_id=order.id).order_by("version")
    assert [each.version for each in events] == list(range(1, order.version + 1))
    return [each.kind.removeprefix("order_") for each in events]


async def live_bookings() -> int:
    return await Reservation.filter(state__in=["PENDING_PAYMENT", "CONFIRMED", "ACTIVE"]).count()


async def test_the_nearest_bay_is_booked_and_paid_by_the_merchant(mall: Mall) -> None:
    order = await mall.take(mall.ordered())
    assert (order.state, order.space_id) == (B, mall.garage.space_ids[-1])
    booked = await mall.booking(order)
    assert (booked.state, booked.guest_name, booked.plate) == ("CONFIRMED", "Li", "SLI1")
    service = mall.clock.now() + timedelta(hours=3)
    assert booked.starts_at == service - timedelta(minutes=15)
    assert booked.ends_at == service + timedelta(minutes=120 + 30)
    lift = LIFT_WAIT_METRES + 2 * LEVEL_METRES[ConnectorKind.LIFT]
    assert order.walk_metres == 40.0 + lift + 3.0
    [promised] = await Validation.all()
    assert promised.covered_minor == promised.most_minor == booked.amount_minor == 600
    assert await kinds(order) == ["received", "booked"]


async def test_without_demand_nothing_is_booked(mall: Mall) -> None:
    guest = Guest("Li", "+491701234567")
    order = await mall.take(mall.ordered(demand=Demand.UNSAID, guest=guest))
    assert (order.state, order.person_id, order.wants_parking) == (U, None, False)
    assert await Reservation.all().count() == 0


async def test_the_same_message_again_is_one_order(mall: Mall) -> None:
    first = await mall.take(mall.ordered())
    assert await mall.take(mall.ordered()) == first
    assert await live_bookings() == 1


async def test_messages_settle_to_the_newest_in_whatever_order_they_arrive(mall: Mall) -> None:
    now = mall.clock.now()
    stamps = [now - timedelta(minutes=minutes) for minutes in (3, 2, 1)]
    for number, arriving in enumerate(permutations(range(3))):
        ref = f"M{number}"
        hours = [3, 4, 5]
        for each in arriving:
            order = await mall.take(mall.ordered(ref, hours[each], party=each + 1), stamps[each])
        assert (order.state, order.party) == (B, 3)
        assert order.service_at == now + timedelta(hours=5)
    assert await live_bookings() == 6


async def test_a_cancellation_that_overtakes_its_order_wins(mall: Mall) -> None:
    before = mall.clock.now() - timedelta(minutes=1)
    assert (await mall.cancel("1")).state is C
    assert (await mall.take(mall.ordered(), before)).state is C
    assert await live_bookings() == 0


async def test_a_cancelled_order_gives_all_back(mall: Mall) -> None:
    booked = await mall.take(mall.ordered())
    mall.clock.advance(minutes=1)
    order = await mall.cancel("1")
    assert (order.state, order.reservation_id, order.reason_code) == (C, None, Reason.BY_MERCHANT)
    assert (await mall.booking(booked)).state == "CANCELLED"
    assert (await Validation.get()).returned_at is not None
    assert await kinds(order) == ["received", "booked", "cancelled", "released"]
    await settle_ended(mall.clock, mall.bus)
    again = await mall.take(mall.ordered("2"))
    assert again.space_id == booked.space_id


async def test_rescheduled_it_moves(mall: Mall) -> None:
    before = await mall.take(mall.ordered())
    mall.clock.advance(minutes=1)
    order = await mall.take(mall.ordered(begin=6))
    assert order.state is B
    assert order.reservation_id != before.reservation_id
    assert order.space_id == before.space_id
    assert await live_bookings() == 1
    assert (await mall.booking(order)).starts_at == order.starts_at


async def test_another_party_keeps_the_booking(mall: Mall) -> None:
    before = await mall.take(mall.ordered())
    mall.clock.advance(minutes=1)
    service_at = before.service_at
    order = await mall.take(mall.ordered(party=6, service_at=service_at))
    assert (order.party, order.reservation_id) == (6, before.reservation_id)


async def test_a_guest_who_comes_on_foot_after_all_frees_the_bay(mall: Mall) -> None:
    await mall.take(mall.ordered())
    mall.clock.advance(minutes=1)
    order = await mall.take(mall.ordered(demand=Demand.NO))
    assert (order.state, await live_bookings()) == (U, 0)


async def test_a_full_garage_sends_to_the_lot_and_then_to_the_waitlist(mall: Mall) -> None:
    orders = [await mall.take(mall.ordered(str(number))) for number in range(7)]
    spaces = [each.space_id for each in orders[:6]]
    assert spaces == [*reversed(mall.garage.space_ids), *mall.lot.space_ids]
    last = orders[6]
    assert (last.state, last.place_id) == (W, mall.garage.place_id)
    turns = await WaitlistEntry.all().order_by("id")
    assert [each.place_id for each in turns] == [mall.garage.place_id, mall.lot.place_id]
    assert {each.wish_id for each in turns} == {turns[0].id} == {last.waitlist_entry_id}


async def test_who_waits_gets_the_bay_that_frees_and_nobody_overtakes(mall: Mall) -> None:
    orders = [await mall.take(mall.ordered(str(number))) for number in range(8)]
    mall.clock.advance(minutes=1)
    await mall.cancel("1")
    newcomer = await mall.take(mall.ordered("9", 3 - 1 / 60))
    await serve_waitlists(mall.clock, mall.bus)
    await run_orders(mall.desk)
    waited = [await mall.order(each.id) for each in orders[6:]]
    assert [each.state for each in waited] == [B, W]
    assert newcomer.state is W
    assert waited[0].space_id == orders[1].space_id
    assert (await mall.booking(waited[0])).state == "CONFIRMED"


async def test_an_offer_that_lapses_while_no_worker_runs_is_not_the_end(mall: Mall) -> None:
    orders = [await mall.take(mall.ordered(str(number))) for number in range(7)]
    mall.clock.advance(minutes=1)
    await mall.cancel("3")
    await serve_waitlists(mall.clock, mall.bus)
    mall.clock.advance(minutes=20)
    await serve_waitlists(mall.clock, mall.bus)
    await run_orders(mall.desk)
    order = await mall.order(orders[6].id)
    assert (order.state, order.space_id) == (B, orders[3].space_id)


async def test_a_guest_who_takes_what_the_waitlist_offers_has_it(mall: Mall) -> None:
    orders = [await mall.take(mall.ordered(str(number))) for number in range(7)]
    mall.clock.advance(minutes=1)
    await mall.cancel("3")
    await serve_waitlists(mall.clock, mall.bus)
    guest, entry_id = Viewer(person_id=orders[6].person_id), orders[6].waitlist_entry_id
    assert entry_id is not None
    await accept_offer(guest, entry_id, clock=mall.clock, bus=mall.bus)
    await run_orders(mall.desk)
    order = await mall.order(orders[6].id)
    assert (order.state, order.space_id) == (B, orders[3].space_id)


async def test_a_guest_who_pays_and_waits_is_kept_a_bay(database: str, clock: TestClock) -> None:
    mall = await make_mall(clock, payer=Payer.GUEST)
    orders = [await mall.take(mall.ordered(str(number))) for number in range(7)]
    clock.advance(minutes=1)
    await mall.cancel("3")
    await serve_waitlists(clock, mall.bus)
    await run_orders(mall.desk)
    order = await mall.order(orders[6].id)
    booked = await mall.booking(order)
    assert (order.state, booked.state) == (B, "PENDING_PAYMENT")
    assert booked.hold_until == booked.starts_at - PAY_BEFORE


async def test_who_waits_in_vain_is_refused(mall: Mall) -> None:
    orders = [await mall.take(mall.ordered(str(number))) for number in range(7)]
    mall.clock.advance(hours=3)
    await serve_waitlists(mall.clock, mall.bus)
    await run_orders(mall.desk)
    order = await mall.order(orders[6].id)
    assert (order.state, order.reason_code) == (R, Reason.FULL)


async def test_a_waiting_order_that_is_cancelled_leaves_the_queue(mall: Mall) -> None:
    for number in range(7):
        await mall.take(mall.ordered(str(number)))
    mall.clock.advance(minutes=1)
    assert (await mall.cancel("6")).waitlist_entry_id is None
    assert [each.state for each in await WaitlistEntry.all()] == ["LEFT"] * 2


async def test_without_credit_it_is_refused_and_nothing_is_left(
    database: str, clock: TestClock
) -> None:
    mall = await make_mall(clock, credit_minor=600)
    assert (await mall.take(mall.ordered("1"))).state is B
    order = await mall.take(mall.ordered("2"))
    assert (order.state, order.reason_code, await live_bookings()) == (R, Reason.NO_CREDIT, 1)
    clock.advance(minutes=1)
    await mall.cancel("1")
    assert (await mall.take(mall.ordered("2"))).state is B


async def test_the_quota_of_a_day(database: str, clock: TestClock) -> None:
    mall = await make_mall(clock, orders_per_day_max=1)
    assert (await mall.take(mall.ordered("1"))).state is B
    assert (await mall.take(mall.ordered("2"))).reason_code == Reason.QUOTA
    assert (await mall.take(mall.ordered("3", 27))).state is B


async def test_only_where_the_merchant_has_a_contract(mall: Mall) -> None:
    now = mall.clock.now()
    garage = RightsContract.filter(place_id=mall.garage.place_id)
    await garage.update(state=ContractState.OFFERED)
    assert (await mall.take(mall.ordered("1"))).place_id == mall.lot.place_id
    await RightsContract.all().update(state=ContractState.ACTIVE, valid_until=now)
    order = await mall.take(mall.ordered("2"))
    assert (order.state, order.reason_code) == (R, Reason.NO_CONTRACT)
    await garage.update(valid_until=None)
    mall.clock.advance(minutes=1)
    assert (await mall.take(mall.ordered("2"))).place_id == mall.garage.place_id


async def test_one_phone_may_wait_for_many_guests(mall: Mall) -> None:
    house = Guest(phone="+491701234567")
    made = [await mall.take(mall.ordered(str(n), guest=house)) for n in range(9)]
    assert [each.state for each in made] == [B] * 6 + [W] * 3


async def test_a_service_that_is_over_is_refused(mall: Mall) -> None:
    assert (await mall.take(mall.ordered(begin=-4))).reason_code == Reason.PAST


async def test_a_guest_who_pays_has_time_until_shortly_before(
    database: str, clock: TestClock
) -> None:
    mall = await make_mall(clock, payer=Payer.GUEST)
    order = await mall.take(mall.ordered())
    booked = await mall.booking(order)
    assert (order.state, booked.state) == (B, "PENDING_PAYMENT")
    assert booked.hold_until == booked.starts_at - PAY_BEFORE
    guest = Viewer(person_id=order.person_id)
    await fill_wallet(guest, 1_000)
    await confirm(guest, booked.id, clock=clock, bus=mall.bus, funding=mall.desk.funding)
    await follow_orders(mall.desk)
    assert await kinds(await mall.order(order.id)) == ["received", "booked", "paid"]
    clock.advance(minutes=1)
    await mall.cancel("1")
    await settle_ended(clock, mall.bus)
    assert await in_wallet(guest) == 1_000


async def test_a_guest_who_does_not_pay_loses_the_bay(database: str, clock: TestClock) -> None:
    mall = await make_mall(clock, payer=Payer.GUEST)
    made = await mall.take(mall.ordered())
    clock.advance(hours=2, minutes=40)
    await run_due(clock, mall.bus)
    await follow_orders(mall.desk)
    order = await mall.order(made.id)
    assert (order.state, order.reason_code) == (R, Reason.NOT_PAID)


async def test_the_guest_cancels_and_stays_cancelled(mall: Mall) -> None:
    made = await mall.take(mall.ordered())
    assert made.reservation_id is not None
    guest = Viewer(person_id=made.person_id)
    await cancel(guest, made.reservation_id, clock=mall.clock, bus=mall.bus)
    await follow_orders(mall.desk)
    mall.clock.advance(minutes=1)
    order = await mall.take(mall.ordered(party=9, service_at=made.service_at))
    assert (order.state, order.reason_code, order.party) == (C, Reason.BY_GUEST, 9)


async def test_a_bay_that_its_lessor_takes_back_is_replaced(mall: Mall) -> None:
    made = await mall.take(mall.ordered())
    assert made.reservation_id is not None
    await cancel(SYSTEM, made.reservation_id, clock=mall.clock, bus=mall.bus)
    await run_orders(mall.desk)
    order = await mall.order(made.id)
    assert order.state is B
    assert order.reservation_id != made.reservation_id
    assert await kinds(order) == ["received", "booked", "place_lost", "booked"]


async def test_a_bay_that_staff_change_is_the_orders(mall: Mall) -> None:
    made = await mall.take(mall.ordered())
    assert made.reservation_id is not None
    other = mall.garage.space_ids[0]
    await reassign(
        mall.operator, made.reservation_id, "a leak", other, clock=mall.clock, bus=mall.bus
    )
    await follow_orders(mall.desk)
    order = await mall.order(made.id)
    assert (order.space_id, order.walk_metres) == (other, (made.walk_metres or 0) + 9.0)
    assert await kinds(order) == ["received", "booked", "moved"]


async def test_a_guest_who_stays_longer_is_shown(mall: Mall) -> None:
    made = await mall.take(mall.ordered())
    assert made.reservation_id is not None
    assert made.ends_at is not None
    guest, until = Viewer(person_id=made.person_id), made.ends_at + timedelta(hours=1)
    await fill_wallet(guest, 1_000)
    quote_id = await quote_extension(guest, made.reservation_id, until, clock=mall.clock)
    await extend(guest, quote_id, clock=mall.clock, bus=mall.bus, funding=mall.desk.funding)
    assert await follow_orders(mall.desk) == 1
    assert await follow_orders(mall.desk) == 0
    assert (await mall.order(made.id)).ends_at == until
    assert await in_wallet(guest) == 800


async def test_the_merchant_pays_what_it_booked_and_the_guest_what_is_longer(mall: Mall) -> None:
    made = await mall.take(mall.ordered())
    assert made.reservation_id is not None
    assert made.starts_at is not None
    guest = Viewer(person_id=made.person_id)
    await fill_wallet(guest, 1_000)
    mall.clock.set(made.starts_at)
    both: dict[str, Any] = {"clock": mall.clock, "bus": mall.bus}
    await take(guest, made.reservation_id, **both)
    stay = await start_session(mall.operator, made.reservation_id, **both)
    await follow_orders(mall.desk)
    assert await kinds(await mall.order(made.id)) == ["received", "booked", "guest_arrived"]
    mall.clock.advance(hours=3, minutes=30)
    await end_session(mall.operator, stay, **both)
    await settle_ended(mall.clock, mall.bus)
    await follow_orders(mall.desk)
    assert (await kinds(await mall.order(made.id)))[-1] == "guest_left"
    assert await in_account(merchant(mall.merchant_id, "EUR")) == -600
    assert await in_wallet(guest) == 1_000 - 200
    mall.clock.advance(minutes=1)
    late = await mall.cancel("1")
    assert (late.state, late.reservation_id) == (C, made.reservation_id)


async def test_a_no_show_frees_the_bay_and_the_order_says_so(mall: Mall) -> None:
    made = await mall.take(mall.ordered())
    mall.clock.advance(hours=6)
    await run_due(mall.clock, mall.bus)
    await follow_orders(mall.desk)
    order = await mall.order(made.id)
    assert (order.state, order.reservation_state) == (B, "NO_SHOW")


async def test_what_a_crash_left_is_carried_out_by_a_worker(
    mall: Mall, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("parking.merchants.orders.take.carry_out", killed)
        with pytest.raises(KeyboardInterrupt):
            await mall.take(mall.ordered())
    assert (await MerchantOrder.get()).state is P
    assert await carry_out_due(mall.desk) == 1
    assert (await mall.order((await MerchantOrder.get()).id)).state is B
    assert await carry_out_due(mall.desk) == 0


async def test_bays_with_more_than_is_needed_are_given_last(mall: Mall) -> None:
    nearest, second = reversed(mall.garage.space_ids[-2:])
    await Space.filter(id=nearest).update(is_accessible=True)
    assert (await mall.take(mall.ordered("1"))).space_id == second
    wheelchair = await mall.take(mall.ordered("2", needs=Needs(is_accessible=True)))
    assert wheelchair.space_id == nearest


async def test_a_guest_without_a_phone_is_somebody_all_the_same(mall: Mall) -> None:
    first = await mall.take(mall.ordered(guest=Guest("Li", plate="S-LI 1")))
    mall.clock.advance(minutes=1)
    order = await mall.take(mall.ordered(guest=Guest("Li", plate="S-LI 1"), begin=5))
    assert order.state is B
    assert order.person_id == first.person_id is not None


async def test_who_may_send_orders(mall: Mall) -> None:
    async def send(viewer: Viewer) -> None:
        now = mall.clock.now()
        await take_order(viewer, mall.unit_id, mall.ordered(), OrderSource.WEBHOOK, now, mall.desk)

    await send(api_key(mall.merchant_id, Scope.ORDERS_WRITE))
    with pytest.raises(NotPermitted):
        await send(api_key(mall.merchant_id, Scope.ORDERS_READ))
    for viewer in (mall.stranger, mall.operator, api_key(mall.merchant_id, Scope.PLACES_WRITE)):
        with pytest.raises(NotFound):
            await send(viewer)


async def test_what_makes_no_sense_is_said(mall: Mall) -> None:
    now = mall.clock.now()
    for wrong in (
        mall.ordered(party=0),
        mall.ordered(""),
        mall.ordered(guest=Guest(phone="12")),
        mall.ordered(service_ends_at=now),
        mall.ordered(needs=Needs(height_metres=99.0)),
    ):
        with pytest.raises(InvalidInput):
            await mall.take(wrong)
    with pytest.raises(InvalidInput):
        await mall.take(mall.ordered(), now + timedelta(hours=1))


async def test_a_closed_unit_takes_no_new_orders(mall: Mall) -> None:
    await mall.take(mall.ordered("1"))
    mall.clock.advance(minutes=1)
    await close_unit(mall.merchant, mall.unit_id, clock=mall.clock)
    with pytest.raises(Conflict):
        await mall.take(mall.ordered("2"))
    assert (await mall.cancel("1")).state is C
