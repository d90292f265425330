"""What a card paid waits, so that a thief's accomplice is not paid before the theft is known."""

from dataclasses import replace

import pytest

from parking.accounts.viewer import SYSTEM
from parking.money import Money
from parking.settlement.kinds import PayoutSchedule
from parking.settlement.limits import DEFAULTS, MoneyLimits
from parking.settlement.payments.accounts import accounts_of, set_default
from parking.settlement.payments.wallet import top_up
from parking.settlement.payouts.pay import run_payouts
from parking.settlement.payouts.terms import NewPayoutTerms, set_payout_terms
from tests.parking.settlement.rails.desk import Desk

DAYS = DEFAULTS.card_payout_days


@pytest.fixture
async def daily(paying: Desk) -> Desk:
    """The lessor is paid each morning what was settled the day before."""
    terms = NewPayoutTerms(PayoutSchedule.DAILY, "UTC")
    lessor = paying.till.stage.lease.lessor_id
    await set_payout_terms(SYSTEM, lessor, terms, rails=paying.rails, **paying.world)
    return paying


async def stay(desk: Desk) -> None:
    """One of 4.00 from now on, settled."""
    await desk.book()
    await desk.till.stay()
    await desk.till.settle()
    await desk.work()


async def fill_by_card(desk: Desk) -> None:
    """5.00 into the wallet, with which the driver pays from now on."""
    [card] = await accounts_of(desk.driver)
    await set_default(desk.driver, None, **desk.world)
    await top_up(
        desk.driver, Money(500, "EUR"), "key", card.id,
        rails=desk.rails, may_embed=False, **desk.world,
    )  # fmt: skip


async def paid_after(desk: Desk, limits: MoneyLimits = DEFAULTS, days_max: int = 12) -> int:
    """So many days later the lessor is paid."""
    for number in range(1, days_max):
        desk.till.stage.clock.advance(days=1)
        if await run_payouts(**desk.world, limits=limits):
            return number
    raise AssertionError("never paid")


async def test_what_a_card_paid_waits(daily: Desk) -> None:
    await stay(daily)
    assert await paid_after(daily) == 1 + DAYS


async def test_what_a_wallet_paid_waits_only_as_the_lessor_wishes(daily: Desk) -> None:
    """By money that never came by an outer rail."""
    await set_default(daily.driver, None, **daily.world)
    await stay(daily)
    assert await paid_after(daily) == 1


async def test_without_a_minimum_a_card_is_paid_out_as_soon(daily: Desk) -> None:
    await stay(daily)
    assert await paid_after(daily, replace(DEFAULTS, card_payout_days=0)) == 1


async def test_a_wallet_that_a_card_has_just_filled_waits_as_the_card(daily: Desk) -> None:
    """Otherwise a thief would go that way."""
    await fill_by_card(daily)
    daily.till.stage.clock.advance(days=2)
    await stay(daily)
    assert await paid_after(daily) == 1 + DAYS - 2


async def test_money_that_came_long_before_waits_for_nothing_more(daily: Desk) -> None:
    await fill_by_card(daily)
    daily.till.stage.clock.advance(days=DAYS)
    await stay(daily)
    assert await paid_after(daily) == 1
