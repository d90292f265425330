"""A booking paid by card, from the bank's form to the last posting."""

import pytest

from berth.stripe_rail import NAME
from parking.accounts.viewer import Viewer
from parking.ledger.accounts import escrow
from parking.reservations.cancel import cancel
from parking.reservations.extend import extend, quote_extension
from parking.reservations.models import ReservationState
from parking.settlement.kinds import PaymentState, RailOrderKind, RailOrderState
from parking.settlement.payments.prepare import account_of
from parking.settlement.payments.refusals import PaymentActionNeeded, PaymentDeclined
from parking.settlement.payments.rows import ask_of
from parking.settlement.rails.port import RailRefused, Told
from tests.parking.reservations.steps import reservation
from tests.parking.settlement.rails.desk import ASKS, DECLINED, Desk
from tests.support.leasing import hours
from tests.support.wallets import in_account, in_wallet


async def state_of(reservation_id: int) -> ReservationState:
    return (await reservation(reservation_id)).state


async def test_confirming_reserves_on_the_card_and_the_worker_takes_it(paying: Desk) -> None:
    booked = await paying.book()
    assert await state_of(booked) is ReservationState.CONFIRMED
    assert await in_account(escrow(booked, "EUR")) == 400
    assert await paying.at_stripe() == [("requires_capture", 0)]
    await paying.work()
    assert await paying.at_stripe() == [("succeeded", 400)]
    payment = await paying.payment()
    assert (payment.state, payment.captured_minor) == (PaymentState.CAPTURED, 400)
    assert await in_wallet(paying.driver) == 2_000, "the wallet is untouched"
    await paying.require_agreed()


async def test_a_part_is_taken_and_the_rest_is_free_again(paying: Desk) -> None:
    held = await paying.hold()
    await paying.till.stage.funding.prepare(paying.driver, [held], **paying.world)
    payment = await paying.payment()
    ask = ask_of(payment, await account_of(payment))
    rail = paying.rails[NAME]
    told = await rail.capture(ask, 300, "part")
    assert (told.told, told.captured_minor) == (Told.CAPTURED, 300)
    assert await rail.capture(ask, 300, "part") == told, "the same key again does nothing more"
    with pytest.raises(RailRefused):
        await rail.capture(ask, 400, "more")
    assert await rail.look_up(ask) == told


async def test_confirming_again_reserves_nothing_more(paying: Desk) -> None:
    held = await paying.hold()
    for _ in range(3):
        await paying.till.stage.funding.prepare(paying.driver, [held], **paying.world)
    await paying.confirm(held)
    assert len(await paying.stripe.intents()) == 1


async def test_a_declined_card_confirms_nothing_and_another_try_is_another_payment(
    desk: Desk,
) -> None:
    await desk.bind(DECLINED)
    held = await desk.hold()
    with pytest.raises(PaymentDeclined) as refusal:
        await desk.confirm(held)
    assert refusal.value.reason == "Your card was declined."
    assert await state_of(held) is ReservationState.PENDING_PAYMENT
    await desk.bind()
    await desk.confirm(held)
    states = [each.state for each in await desk.payments()]
    assert states == [PaymentState.DECLINED, PaymentState.AUTHORISED]


async def test_a_bank_that_asks_is_agreed_to_on_the_page_and_the_booking_confirms_itself(
    desk: Desk,
) -> None:
    await desk.bind(ASKS)
    held = await desk.hold()
    with pytest.raises(PaymentActionNeeded) as refusal:
        await desk.confirm(held)
    assert refusal.value.url == ""
    await desk.agree(refusal.value.client_secret)
    desk.till.stage.clock.advance(seconds=31)
    await desk.work()
    assert await state_of(held) is ReservationState.CONFIRMED
    assert (await desk.payment()).action == "", "the secret is forgotten"
    await desk.work()
    await desk.require_agreed()


async def test_a_bank_that_asks_and_is_refused_declines(desk: Desk) -> None:
    await desk.bind(ASKS)
    held = await desk.hold()
    with pytest.raises(PaymentActionNeeded) as asked:
        await desk.confirm(held)
    await desk.agree(asked.value.client_secret, success=False)
    with pytest.raises(PaymentDeclined):
        await desk.confirm(held)


async def test_what_is_reserved_for_a_hold_that_lapses_is_let_go(paying: Desk) -> None:
    held = await paying.hold()
    await paying.till.stage.funding.prepare(paying.driver, [held], **paying.world)
    await cancel(paying.driver, held, **paying.world)
    paying.till.stage.clock.advance(minutes=6)
    await paying.work()
    assert (await paying.payment()).state is PaymentState.RELEASED
    await paying.work()
    assert await paying.at_stripe() == [("canceled", 0)]
    await paying.require_agreed()


async def test_cancelling_sends_the_money_back_to_the_card(paying: Desk) -> None:
    booked = await paying.book()
    await paying.work()
    await paying.till.cancel(booked)
    await paying.till.settle()
    assert (await paying.order("REFUND")).state is RailOrderState.DUE
    await paying.work()
    assert (await paying.payment()).refunded_minor == 400
    assert await in_wallet(paying.driver) == 2_000
    assert await paying.taken() == 0
    await paying.require_agreed()


async def test_a_refund_waits_for_what_it_gives_back(paying: Desk) -> None:
    booked = await paying.book()
    await paying.till.cancel(booked)
    await paying.till.settle()
    await paying.work_on(hours=1)
    states = {order.kind: order.state for order in await paying.orders()}
    assert states == {
        RailOrderKind.CAPTURE: RailOrderState.DONE, RailOrderKind.REFUND: RailOrderState.DONE
    }  # fmt: skip
    await paying.require_agreed()


async def test_an_extension_is_a_payment_of_its_own(paying: Desk) -> None:
    booked = await paying.book()
    clock, funding = paying.till.stage.clock, paying.till.stage.funding
    ends_at = hours(clock.now(), 0, 4).ends_at
    quote = await quote_extension(paying.driver, booked, ends_at, clock=clock)
    await funding.prepare_extension(paying.driver, quote, **paying.world)
    await extend(paying.driver, quote, funding=funding, **paying.world)
    await paying.work()
    assert [each.amount_minor for each in await paying.payments()] == [400, 200]
    assert await paying.taken() == 600
    await paying.require_agreed()


async def test_the_secret_of_a_payment_is_not_for_who_holds_the_bookings_link(desk: Desk) -> None:
    await desk.bind(ASKS)
    booked = await desk.hold()
    with pytest.raises(PaymentActionNeeded) as asked:
        await desk.confirm(booked)
    await desk.agree(asked.value.client_secret)
    await desk.confirm(booked)
    clock, funding = desk.till.stage.clock, desk.till.stage.funding
    ends_at = hours(clock.now(), 0, 4).ends_at
    quote = await quote_extension(desk.driver, booked, ends_at, clock=clock)
    holder = Viewer(person_id=desk.driver.person_id, link_of=booked)
    secrets = []
    for who in (desk.driver, holder):
        with pytest.raises(PaymentActionNeeded) as asked:
            await funding.prepare_extension(who, quote, **desk.world)
        secrets.append(asked.value.client_secret)
    assert (bool(secrets[0]), secrets[1]) == (True, "")
