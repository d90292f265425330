"""Organisations paid through Stripe, and stays that cost more than was reserved."""

from dataclasses import replace
from typing import Any

import pytest

from berth.stripe_rail import NAME
from parking.accounts.viewer import SYSTEM
from parking.ledger.accounts import driver, external, receivable
from parking.ledger.transfers import Movement, transfer
from parking.settlement.kinds import PaymentState, PayoutSchedule, PayoutState, RailOrderState
from parking.settlement.models import PaymentAccount, Payout
from parking.settlement.payouts.pay import run_payouts
from parking.settlement.payouts.terms import NewPayoutTerms, set_payout_terms
from parking.settlement.rails.orders import run_rail_orders
from parking.settlement.rails.port import WALLET, Ask, Rail, RailPayment, Told
from parking.storage.transactions import transaction
from tests.parking.settlement.rails.desk import DECLINED, Desk
from tests.support.stripe_stand_in import Fault
from tests.support.wallets import fill_wallet, in_account

faults = pytest.mark.parametrize("fault", [Fault.ERROR, Fault.ERROR_AFTER, Fault.LOST])
"""The ways to fail that differ for orders; `test_faults` has all of them."""


async def due(desk: Desk, destination: str = "acct_1") -> None:
    """A stay of 4.00 is settled, of which the lessor gets 3.00 at Stripe the day after."""
    terms = NewPayoutTerms(PayoutSchedule.DAILY, "UTC", rail=NAME, reference=destination)
    lessor = desk.till.stage.lease.lessor_id
    await set_payout_terms(SYSTEM, lessor, terms, rails=desk.rails, **desk.world)
    await desk.till.stage.book(1, 3)
    await desk.till.stay()
    await desk.till.settle()
    desk.till.stage.clock.advance(days=2)
    assert await run_payouts(desk.till.stage.clock, desk.till.stage.bus) == 1


@faults
async def test_a_lessor_is_paid_once_whatever_becomes_of_the_answers(
    desk: Desk, fault: Fault
) -> None:
    await due(desk)
    desk.stripe.fail_next("/v1/transfers", fault)
    await desk.work_on(hours=1)
    assert [(each["destination"], each["amount"]) for each in desk.stripe.transfers] == [
        ("acct_1", 300)
    ]
    payout = await Payout.get()
    assert (payout.state, payout.rail_reference) == (PayoutState.PAID, "tr_1")
    assert await in_account(external(NAME, "EUR")) == 300


async def test_what_stripe_refuses_to_send_stays_owed(desk: Desk) -> None:
    await due(desk, "acct_1")
    desk.stripe.fail_next("/v1/transfers", Fault.NEVER)
    await desk.work()
    assert (await Payout.get()).state is PayoutState.FAILED
    order = await desk.order("PAYOUT")
    assert (order.state, desk.stripe.transfers) == (RailOrderState.FAILED, [])
    desk.till.stage.clock.advance(days=1)
    assert await run_payouts(desk.till.stage.clock, desk.till.stage.bus) == 1


async def empty_wallet(desk: Desk) -> None:
    person_id = desk.driver.person_id or 0
    entries = {driver(person_id, "EUR"): -2_000, external(WALLET, "EUR"): 2_000}
    async with transaction() as sql:
        await transfer(sql, Movement("emptied", "payout", entries), desk.till.stage.clock.now())


async def overstay(desk: Desk) -> None:
    """Two hours were booked, four are stayed; the wallet is empty."""
    await empty_wallet(desk)
    await desk.book()
    await desk.work()
    await desk.till.stay(minutes=239)
    await desk.till.settle()


async def debt(desk: Desk) -> int:
    return -await in_account(receivable(desk.driver.person_id or 0, "EUR"))


@faults
async def test_what_a_stay_cost_more_is_taken_from_the_card_once(desk: Desk, fault: Fault) -> None:
    await desk.bind()
    await overstay(desk)
    owed = await debt(desk)
    assert owed > 0
    desk.stripe.fail_next("/v1/payment_intents", fault)
    await desk.work_on(hours=1)
    assert await debt(desk) == 0
    assert await desk.taken() == 400 + owed
    await desk.require_agreed()


async def test_a_card_that_is_declined_by_then_leaves_the_debt(desk: Desk) -> None:
    account = await desk.bind(DECLINED)
    await desk.bind()
    await overstay(desk)
    owed, payment = await debt(desk), (await desk.payments())[-1]
    declined = await PaymentAccount.get(id=account)
    await PaymentAccount.filter(id=payment.payment_account_id).update(
        reference=declined.reference, customer=declined.customer
    )
    await desk.work()
    assert (await desk.payments())[-1].state is PaymentState.DECLINED
    assert (await desk.order("AUTHORISE")).state is RailOrderState.FAILED
    assert await debt(desk) == owed
    await desk.require_agreed()


async def test_a_debt_that_was_paid_otherwise_is_not_taken_from_the_card_too(desk: Desk) -> None:
    await desk.bind()
    await overstay(desk)
    desk.stripe.is_down = True
    await desk.work()
    desk.stripe.is_down = False
    await fill_wallet(desk.driver, 5_000)
    assert await debt(desk) == 0
    await desk.work_on(hours=1)
    assert (await desk.payments())[-1].state is PaymentState.RELEASED
    assert "paid otherwise" in (await desk.order("AUTHORISE")).last_error
    assert await desk.taken() == 400
    await desk.require_agreed()


async def test_what_goes_back_pays_what_is_owed_for_another_stay_first(desk: Desk) -> None:
    await desk.bind()
    booked, owed = await desk.book(), 150
    await desk.work()
    await empty_wallet(desk)
    entries = {
        receivable(desk.driver.person_id or 0, "EUR"): -owed,
        external(WALLET, "EUR"): owed,
    }
    async with transaction() as sql:
        await transfer(sql, Movement("another", "test", entries), desk.till.stage.clock.now())
    await desk.till.cancel(booked)
    await desk.till.settle()
    await desk.work()
    assert await debt(desk) == 0
    assert await desk.taken() == owed
    assert (await desk.order("REFUND")).amount_minor == 400 - owed
    await desk.require_agreed()


async def test_a_payment_that_the_rail_is_still_at_is_looked_up_from_then_on(desk: Desk) -> None:
    """Under its old key Stripe would say the same for a day, and then take it once more."""
    await desk.bind()
    await overstay(desk)
    rail = StillAtIt(desk.rails[NAME])
    await run_rail_orders({NAME: rail}, **desk.world)
    desk.till.stage.clock.advance(minutes=1)
    await run_rail_orders({NAME: rail}, **desk.world)
    assert rail.asked == ["authorise", "look_up"]
    assert (await desk.order("AUTHORISE")).state is RailOrderState.DONE
    await desk.require_agreed()


class StillAtIt:
    """A rail that is at a payment when it was asked for, and done when it is looked up."""

    def __init__(self, behind: Rail) -> None:
        self._behind = behind
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._behind, name)

    async def authorise(self, ask: Ask) -> RailPayment:
        self.asked.append("authorise")
        return replace(await self._behind.authorise(ask), told=Told.PROCESSING)

    async def look_up(self, ask: Ask) -> RailPayment | None:
        self.asked.append("look_up")
        return await self._behind.look_up(ask)
