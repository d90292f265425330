"""The driver's bank takes a payment back: who gives it, who owes it, and when it comes again."""

from typing import Any

import pytest

from parking.ledger.accounts import driver, external, receivable
from parking.settlement.disputes.chargebacks import (
    chargeback_closed,
    chargeback_opened,
    take_in_chargeback,
)
from parking.settlement.disputes.models import Dispute
from parking.settlement.kinds import DisputeState, PaymentState, Purpose, RailOrderKind
from parking.settlement.models import Payment, RailOrder
from parking.settlement.payments.records import PaymentRecord
from parking.settlement.payments.rows import payment_by_id
from parking.settlement.rails.port import EventKind, RailEvent
from parking.storage.sql import database
from parking.storage.transactions import transaction
from tests.parking.settlement.case import Case, code_of
from tests.support.wallets import in_account


async def paid_by_card(
    case: Case, amount_minor: int = 400, reservation_id: int | None = None
) -> PaymentRecord:
    """A payment of the stay (or of another one), as the rail has taken it."""
    now = case.clock.now()
    made = await Payment.create(
        public_id=f"pay_{await Payment.all().count()}", state=PaymentState.CAPTURED,
        purpose=Purpose.BOOKING, person_id=case.driver.person_id, rail="stripe", currency="EUR",
        amount_minor=amount_minor, captured_minor=amount_minor, secured_at=now, created_at=now,
        changed_at=now, reservation_id=reservation_id or case.reservation_id,
    )  # fmt: skip
    return await payment_by_id(database(), made.id)


async def opened(case: Case, payment: PaymentRecord, amount_minor: int = 400) -> bool:
    async with transaction() as sql:
        return await chargeback_opened(
            sql, payment, "dp_1", amount_minor, "fraudulent", case.clock.now(), case.bus
        )


async def closed(case: Case, payment: PaymentRecord, *, is_won: bool) -> bool:
    async with transaction() as sql:
        return await chargeback_closed(
            sql, payment, "dp_1", 400, "fraudulent", case.clock.now(), case.bus, is_won=is_won
        )


async def debt(case: Case) -> int:
    return await in_account(receivable(case.driver.person_id or 0, "EUR"))


async def wallet_of(case: Case) -> int:
    return await in_account(driver(case.driver.person_id or 0, "EUR"))


async def test_everybody_gives_back_what_they_have_of_it(case: Case) -> None:
    payment = await paid_by_card(case)
    assert await opened(case, payment)
    assert not await opened(case, payment), "told twice, done once"
    assert await case.left() == (0, 0, 0, 0)
    assert await in_account(external("stripe", "EUR")) == 400
    dispute = await Dispute.get()
    assert (dispute.party, dispute.state, dispute.frozen_minor) == ("RAIL", "OPEN", 400)
    assert [amount for *_, amount in await case.till.items()] == [300, 40, -300, -40]
    assert await code_of(case.decide(dispute.id, 0)) == "WRONG_STATE", "the bank's to decide"


async def test_one_that_is_won_comes_back_to_all(case: Case) -> None:
    payment = await paid_by_card(case)
    await opened(case, payment)
    assert await closed(case, payment, is_won=True)
    assert not await closed(case, payment, is_won=True)
    assert await case.left() == (300, 40, 60, 0)
    assert await in_account(external("stripe", "EUR")) == 0
    assert sum(amount for *_, amount in await case.till.items()) == 340
    assert (await Dispute.get()).state is DisputeState.CLOSED
    assert len(await case.till.charges(case.reservation_id)) == 1


async def test_one_that_is_lost_is_a_credit_for_the_driver(case: Case) -> None:
    payment = await paid_by_card(case)
    await opened(case, payment)
    assert await closed(case, payment, is_won=False)
    assert not await closed(case, payment, is_won=False)
    assert (await Dispute.get()).to_driver_minor == 400
    assert [c.amount_minor for c in await case.till.charges(case.reservation_id)] == [400, -400]
    assert await case.left() == (0, 0, 0, 0)
    assert await case.till.wallet() == 1_600, "the bank has given it to them"


@pytest.mark.parametrize("is_won", [False, True])
async def test_the_end_may_be_told_before_the_beginning(case: Case, is_won: bool) -> None:
    payment = await paid_by_card(case)
    assert await closed(case, payment, is_won=is_won)
    assert not await opened(case, payment)
    assert sum(await case.left()) == (400 if is_won else 0)


async def test_before_it_is_settled_it_is_the_drivers_debt(case: Case) -> None:
    """The stay is paid from its escrow all the same."""
    booked = await case.till.book(30, 32)
    payment = await paid_by_card(case, reservation_id=booked)
    await case.till.cancel(booked)
    await empty_wallet(case)
    assert await opened(case, payment)
    assert await debt(case) == -400
    assert not await Dispute.exists()
    assert await closed(case, payment, is_won=True)
    assert not await closed(case, payment, is_won=True)
    assert await debt(case) == 0


async def empty_wallet(case: Case) -> None:
    """The driver books with all they have."""
    left = await wallet_of(case)
    await case.till.book(100, 100 + left / 200)
    assert await wallet_of(case) == 0


async def test_a_debt_that_was_paid_comes_back_as_money(case: Case) -> None:
    booked = await case.till.book(30, 32)
    payment = await paid_by_card(case, reservation_id=booked)
    before = await wallet_of(case)
    await opened(case, payment)
    assert (await debt(case), await wallet_of(case)) == (0, before - 400), "paid at once"
    await closed(case, payment, is_won=True)
    assert (await debt(case), await wallet_of(case)) == (0, before)


async def test_what_is_beyond_the_stays_cost_is_the_drivers_debt(case: Case) -> None:
    payment = await paid_by_card(case, 600)
    before = await wallet_of(case)
    await opened(case, payment, 600)
    assert await case.left() == (0, 0, 0, 0)
    assert await wallet_of(case) == before - 200
    assert await in_account(external("stripe", "EUR")) == 600


async def test_a_dispute_that_is_live_makes_room(case: Case) -> None:
    """What it froze goes to the bank; the platform has nothing to decide any more."""
    payment = await paid_by_card(case)
    made = await case.open(400)
    assert await opened(case, payment)
    first, second = await Dispute.all().order_by("id")
    assert (first.id, first.state, first.to_driver_minor) == (made, DisputeState.CLOSED, 0)
    assert (second.party, second.state) == ("RAIL", DisputeState.OPEN)
    assert await debt(case) == 0


async def test_a_second_chargeback_of_one_stay_is_the_drivers_debt(case: Case) -> None:
    """Of the extension's payment: what the stay's parties have is asked for once."""
    await opened(case, await paid_by_card(case, 300), 300)
    before, second = await wallet_of(case), await paid_by_card(case, 100)
    async with transaction() as sql:
        await chargeback_opened(sql, second, "dp_2", 100, "", case.clock.now(), case.bus)
    assert await wallet_of(case) == before - 100
    assert sum(await case.left()) == 100


async def test_what_a_dispute_gives_goes_back_to_the_card(case: Case) -> None:
    payment = await paid_by_card(case)
    made = await case.open(200)
    await case.decide(made, 120)
    case.clock.advance(days=28)
    before = await wallet_of(case)
    await case.close()
    order = await RailOrder.get(payment_id=payment.id)
    assert (order.kind, order.amount_minor) == (RailOrderKind.REFUND, 120)
    assert await wallet_of(case) == before
    assert await in_account(external("stripe", "EUR")) == 120


async def test_a_debt_is_paid_first_from_what_a_dispute_gives(case: Case) -> None:
    await paid_by_card(case)
    made = await case.open(200)
    other = await case.till.book(30, 32)
    await empty_wallet(case)
    await opened(case, await paid_by_card(case, 50, other), 50)
    assert await debt(case) == -50
    await case.decide(made, 120)
    case.clock.advance(days=28)
    await case.close()
    assert await debt(case) == 0
    assert (await RailOrder.get(kind=RailOrderKind.REFUND)).amount_minor == 70


def event(case: Case, kind: EventKind, status: str = "", **more: Any) -> RailEvent:
    values: dict[str, Any] = {
        "currency": "EUR", "amount_minor": 400, "dispute": "dp_1", "reason": "fraud", **more,
    }  # fmt: skip
    return RailEvent("evt_1", "charge.dispute", kind, case.clock.now(), status=status, **values)


async def test_what_rails_tell(case: Case) -> None:
    payment = await paid_by_card(case)

    async def told(kind: EventKind, status: str = "", **more: Any) -> str:
        given = event(case, kind, status, **more)
        return await take_in_chargeback(payment, given, case.clock, case.bus)

    inquiry = await told(EventKind.DISPUTE_OPENED, "warning_needs_response")
    assert "the bank inquires" in inquiry
    assert "look at it" in await told(EventKind.DISPUTE_OPENED, currency="USD")
    assert not await Dispute.exists()
    assert await told(EventKind.DISPUTE_OPENED, "needs_response") == "chargeback dp_1 opened"
    assert await told(EventKind.DISPUTE_OPENED, "needs_response") == "chargeback dp_1 was known"
    assert await told(EventKind.DISPUTE_CLOSED, "won", is_won=True) == "chargeback dp_1 closed"
    assert await case.left() == (300, 40, 60, 0)
