"""How often a card that is no good may be tried."""

import asyncio
from dataclasses import replace

import pytest

from parking.errors import TooManyTries
from parking.money import Money
from parking.reservations.models import ReservationState
from parking.settlement.kinds import PaymentState
from parking.settlement.payments import attempts
from parking.settlement.payments.attempts import FRUITLESS_PER_PERSON
from parking.settlement.payments.refusals import (
    PaymentActionNeeded,
    PaymentDeclined,
    PaymentPending,
)
from parking.settlement.payments.wallet import top_up
from parking.storage.sql import database
from tests.parking.reservations.steps import reservation
from tests.parking.settlement.rails.desk import ASKS, DECLINED, Desk
from tests.support.stripe_stand_in import Fault

MAX = 3


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three are enough to see it."""
    limit = replace(FRUITLESS_PER_PERSON, count_max=MAX)
    monkeypatch.setattr(attempts, "FRUITLESS_PER_PERSON", limit)


async def counted() -> int:
    row = await database().fetch_one("SELECT SUM(count) AS count FROM attempt_window")
    return int((row or {})["count"] or 0)


async def test_a_card_that_declines_is_tried_so_often_and_no_more(desk: Desk) -> None:
    await desk.bind(DECLINED)
    held = await desk.hold()
    for _ in range(MAX):
        with pytest.raises(PaymentDeclined):
            await desk.confirm(held)
    with pytest.raises(TooManyTries, match="try again in 60 minutes") as refused:
        await desk.confirm(held)
    assert refused.value.retry_after_seconds == 3_600
    assert len(await desk.payments()) == MAX, "the bank is not asked, and nothing is written"
    await desk.bind()
    with pytest.raises(TooManyTries):
        await desk.confirm(held)
    desk.till.stage.clock.advance(hours=1)
    later = await desk.hold()
    await desk.confirm(later)
    assert (await reservation(later)).state is ReservationState.CONFIRMED


async def test_filling_the_wallet_is_counted_with_it(desk: Desk) -> None:
    account = await desk.bind(DECLINED)
    for number in range(MAX):
        with pytest.raises(PaymentDeclined):
            await fill(desk, account, f"key {number}")
    with pytest.raises(PaymentDeclined):
        await fill(desk, account, "key 0")
    with pytest.raises(TooManyTries):
        await fill(desk, account, "another key")


async def fill(desk: Desk, account: int, key: str) -> None:
    await top_up(
        desk.driver, Money(500, "EUR"), key, account,
        rails=desk.rails, may_embed=False, **desk.world,
    )  # fmt: skip


async def test_a_good_card_pays_as_often_as_it_likes(paying: Desk) -> None:
    for number in range(MAX + 2):
        held = await paying.hold(1 + 2 * number, 3 + 2 * number)
        await paying.confirm(held)
        assert await counted() == 0


async def test_a_payment_that_was_agreed_to_is_given_back_whoever_tells(desk: Desk) -> None:
    await desk.bind(ASKS)
    held = await desk.hold()
    with pytest.raises(PaymentActionNeeded) as asked:
        await desk.confirm(held)
    assert await counted() == 1
    await desk.agree(asked.value.client_secret)
    desk.till.stage.clock.advance(seconds=31)
    await desk.work()
    assert (await desk.payment()).state is PaymentState.AUTHORISED
    assert await counted() == 0


async def test_a_rail_that_has_an_error_is_not_the_drivers_fault(paying: Desk) -> None:
    held = await paying.hold()
    for _ in range(MAX + 1):
        paying.stripe.fail_next("/v1/payment_intents", Fault.ERROR)
        with pytest.raises(PaymentPending):
            await paying.confirm(held)
    await paying.confirm(held)
    assert await counted() == 0


async def test_at_the_same_moment_no_more_either(desk: Desk) -> None:
    """Each for a hold of its own."""
    await desk.bind(DECLINED)
    held = [await desk.hold(1 + 2 * number, 3 + 2 * number) for number in range(MAX + 3)]
    tries = [desk.confirm(each) for each in held]
    told = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(each, PaymentDeclined) for each in told) == MAX
    assert sum(isinstance(each, TooManyTries) for each in told) == 3
