"""A rail that is down, slow, answers 500 or loses its answer: nothing is taken twice, nothing is
lost, and what does not resolve itself says what a person has to do."""

import asyncio

import pytest

from parking.accounts.models import Role
from parking.accounts.viewer import Viewer
from parking.errors import Conflict
from parking.reservations.models import ReservationState
from parking.settlement.kinds import PaymentState, RailOrderState
from parking.settlement.live import follow_wallets
from parking.settlement.payments.refusals import PaymentPending
from parking.settlement.rails.order_rows import claim_orders
from parking.settlement.rails.orders import retry_rail_order
from parking.settlement.refusals import DebtOutstanding
from tests.parking.reservations.steps import reservation
from tests.parking.settlement.rails.desk import LEASED, Desk
from tests.support.stripe_stand_in import PASSING, Fault
from tests.support.wallets import in_wallet

PLATFORM = Viewer(person_id=99, roles={99: frozenset({Role.PLATFORM})})
faults = pytest.mark.parametrize("fault", PASSING)


@faults
async def test_a_driver_who_tries_again_pays_once(paying: Desk, fault: Fault) -> None:
    held = await paying.hold(5, 7)
    paying.stripe.fail_next("/v1/payment_intents", fault)
    with pytest.raises(PaymentPending):
        await paying.confirm(held, is_hasty=fault is Fault.SLOW)
    await paying.confirm(held)
    assert (await reservation(held)).state is ReservationState.CONFIRMED

    paying.stripe.fail_next("/capture", fault)
    await paying.work(is_hasty=fault is Fault.SLOW)
    await paying.work_on(hours=1)
    assert await paying.taken() == 400
    await paying.require_agreed()

    await paying.till.cancel(held)
    await paying.till.settle()
    paying.stripe.fail_next("/v1/refunds", fault)
    await paying.work(is_hasty=fault is Fault.SLOW)
    await paying.work_on(hours=1)
    assert await paying.taken() == 0
    assert len(await paying.stripe.refunds()) == 1
    await paying.require_agreed()


@faults
async def test_of_a_driver_who_goes_away_nothing_stays_reserved(paying: Desk, fault: Fault) -> None:
    held = await paying.hold()
    paying.stripe.fail_next("/v1/payment_intents", fault)
    with pytest.raises(PaymentPending):
        await paying.confirm(held, is_hasty=fault is Fault.SLOW)
    await paying.till.cancel(held)
    paying.till.stage.clock.advance(minutes=1)
    await paying.work()
    paying.till.stage.clock.advance(minutes=3)
    paying.stripe.fail_next("/cancel", fault)
    await paying.work(is_hasty=fault is Fault.SLOW)
    await paying.work_on(hours=1)
    assert await paying.taken() == 0
    await paying.require_agreed()


async def test_a_booking_whose_answer_was_lost_confirms_itself(paying: Desk) -> None:
    held = await paying.hold()
    paying.stripe.fail_next("/v1/payment_intents", Fault.LOST)
    with pytest.raises(PaymentPending):
        await paying.confirm(held)
    paying.till.stage.clock.advance(seconds=31)
    await paying.work()
    assert (await reservation(held)).state is ReservationState.CONFIRMED


async def test_a_rail_that_is_down_for_a_day_needs_a_person_who_then_tries_again(
    paying: Desk,
) -> None:
    await paying.book()
    paying.stripe.is_down = True
    await paying.work_on(hours=12)
    order = await paying.order("CAPTURE")
    assert order.state is RailOrderState.NEEDS_PERSON
    assert "capture it at the rail" in order.last_error
    paying.stripe.is_down = False
    await retry_rail_order(PLATFORM, order.id, clock=paying.till.stage.clock)
    await paying.work()
    assert await paying.taken() == 400
    await paying.require_agreed()
    with pytest.raises(Conflict):
        await retry_rail_order(PLATFORM, order.id, clock=paying.till.stage.clock)


async def test_a_worker_that_dies_after_the_rail_did_it_leaves_it_to_the_next(
    paying: Desk,
) -> None:
    await paying.book()
    [order] = await claim_orders(paying.till.stage.clock.now())
    payment = await paying.payment()
    await paying.stripe.as_owner(f"/v1/payment_intents/{payment.rail_reference}/capture")
    await paying.work()
    assert (await paying.order("CAPTURE")).state is RailOrderState.DUE, "it is leased"
    paying.till.stage.clock.advance(minutes=LEASED.total_seconds() / 60)
    await paying.work()
    assert (await paying.order("CAPTURE")).id == order.id
    assert await paying.taken() == 400
    await paying.require_agreed()


async def test_what_is_not_reserved_any_more_becomes_the_drivers_debt(paying: Desk) -> None:
    await paying.book()
    payment = await paying.payment()
    await paying.stripe.as_owner(f"/v1/payment_intents/{payment.rail_reference}/cancel")
    await paying.work()
    order = await paying.order("CAPTURE")
    assert order.state is RailOrderState.NEEDS_PERSON
    assert "debt" in order.last_error
    assert (await paying.payment()).state is PaymentState.FAILED
    await paying.require_agreed()
    other = await paying.hold(5, 6)
    with pytest.raises(DebtOutstanding):
        await paying.confirm(other)


async def test_a_refund_that_fails_while_its_answer_is_lost_stays_in_the_wallet(
    paying: Desk,
) -> None:
    booked = await paying.book()
    await paying.work()
    await paying.till.cancel(booked)
    await paying.till.settle()
    paying.stripe.fail_next("/v1/refunds", Fault.LOST)
    await paying.work()
    paying.stripe.refunds_are = "failed"
    paying.till.stage.clock.advance(minutes=1)
    await paying.work()
    order = await paying.order("REFUND")
    assert order.state is RailOrderState.NEEDS_PERSON
    assert "wallet" in order.last_error
    assert await in_wallet(paying.driver) == 2_400


async def test_a_refund_that_is_refused_stays_in_the_wallet(paying: Desk) -> None:
    booked = await paying.book()
    await paying.work()
    await paying.till.cancel(booked)
    await paying.till.settle()
    paying.stripe.fail_next("/v1/refunds", Fault.NEVER)
    await paying.work()
    order = await paying.order("REFUND")
    assert order.state is RailOrderState.NEEDS_PERSON
    assert await in_wallet(paying.driver) == 2_400
    assert await paying.taken() == 400
    await paying.require_agreed()
    with pytest.raises(Conflict) as refusal:
        await retry_rail_order(PLATFORM, order.id, clock=paying.till.stage.clock)
    assert refusal.value.code == "MONEY_RETURNED"


async def test_who_follows_their_wallet_hears_of_a_refund_that_was_refused(paying: Desk) -> None:
    booked = await paying.book()
    await paying.work()
    await paying.till.cancel(booked)
    await paying.till.settle()
    stream = follow_wallets(paying.driver, paying.till.stage.bus)
    assert [each.balance_minor for each in await anext(stream)] == [2_000]
    paying.stripe.fail_next("/v1/refunds", Fault.NEVER)
    await paying.work()
    async with asyncio.timeout(30):
        assert [each.balance_minor for each in await anext(stream)] == [2_400]
