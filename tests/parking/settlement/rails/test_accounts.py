"""Binding a card, and filling the wallet from it."""

import asyncio
from typing import Any

import pytest

from berth.stripe_rail import NAME
from parking.accounts.viewer import Viewer
from parking.errors import Conflict, InvalidInput, KeyReused, NotFound, NotPermitted
from parking.ledger.accounts import external
from parking.money import Money
from parking.settlement.kinds import PaymentState
from parking.settlement.limits import MoneyLimits
from parking.settlement.models import PaymentAccount
from parking.settlement.payments.accounts import (
    accounts_of,
    begin_binding,
    default_account,
    finish_binding,
    remove_account,
    set_default,
)
from parking.settlement.payments.refusals import (
    PaymentActionNeeded,
    PaymentDeclined,
    PaymentPending,
)
from parking.settlement.payments.wallet import top_up
from parking.settlement.rails.port import WALLET, RailRefused
from parking.storage.sql import database
from parking.storage.transactions import transaction
from tests.parking.settlement.rails.desk import ASKS, DECLINED, Desk
from tests.support.stripe_stand_in import Fault
from tests.support.wallets import in_account, in_wallet

TEN = Money(1_000, "EUR")


async def fill(
    desk: Desk, account_id: int | None, key: str = "k", *, money: Money = TEN, embed: bool = False
) -> None:
    who = desk.driver
    await top_up(who, money, key, account_id, rails=desk.rails, may_embed=embed, **desk.world)


async def test_a_bound_card_is_the_default_and_no_number_of_it_is_kept(desk: Desk) -> None:
    first = await desk.bind()
    [account] = await accounts_of(desk.driver)
    assert (account.id, account.label, account.is_default) == (first, "Visa, ends in 4242", True)
    assert "4242424242424242" not in repr(await PaymentAccount.all().values())
    second = await desk.bind(ASKS)
    assert [each.is_default for each in await accounts_of(desk.driver)] == [False, True]
    await set_default(desk.driver, first, **desk.world)
    found = await default_account(database(), desk.driver.person_id or 0)
    assert found is not None
    assert found.id == first
    await set_default(desk.driver, None, **desk.world)
    assert await default_account(database(), desk.driver.person_id or 0) is None
    assert second != first


async def test_finishing_twice_binds_once_and_before_the_form_is_filled_not_at_all(
    desk: Desk,
) -> None:
    begun = await begin_binding(desk.driver, NAME, "k", rails=desk.rails)
    with pytest.raises(RailRefused, match="not finished"):
        await finish_binding(desk.driver, NAME, begun.reference, rails=desk.rails, **desk.world)
    await desk.fill_form(begun.reference, begun.client_secret)
    ids = [
        await finish_binding(desk.driver, NAME, begun.reference, rails=desk.rails, **desk.world)
        for _ in range(2)
    ]
    assert len(set(ids)) == 1


@pytest.mark.parametrize("path", ["/v1/customers", "/v1/setup_intents"])
async def test_an_error_that_the_rail_keeps_under_a_key_does_not_bar_the_binding(
    desk: Desk, path: str
) -> None:
    """Stripe answers a key with its own error for a day; the driver's page asks again under its."""
    desk.stripe.fail_next(path, Fault.ERROR)
    begun = await begin_binding(desk.driver, NAME, "k", rails=desk.rails)
    again = await begin_binding(desk.driver, NAME, "other", rails=desk.rails)
    await desk.fill_form(begun.reference, begun.client_secret)
    assert await finish_binding(desk.driver, NAME, begun.reference, rails=desk.rails, **desk.world)
    assert begun.reference != again.reference


async def test_somebody_elses_binding_is_not_mine(desk: Desk) -> None:
    begun = await begin_binding(desk.driver, NAME, "k", rails=desk.rails)
    await desk.fill_form(begun.reference, begun.client_secret)
    other = desk.till.stage.lease.other
    with pytest.raises(RailRefused, match="no such binding"):
        await finish_binding(other, NAME, begun.reference, rails=desk.rails, **desk.world)
    account = await desk.bind()
    for verb in (
        set_default(other, account, **desk.world),
        remove_account(other, account, rails=desk.rails, **desk.world),
    ):
        with pytest.raises(NotFound):
            await verb


async def test_the_wallet_needs_no_binding_and_unknown_rails_are_told(desk: Desk) -> None:
    for rail in (WALLET, "cash"):
        with pytest.raises(InvalidInput, match="stripe"):
            await begin_binding(desk.driver, rail, "k", rails=desk.rails)


async def test_a_card_with_money_under_way_stays(paying: Desk) -> None:
    [account] = await accounts_of(paying.driver)
    booked = await paying.book()
    with pytest.raises(Conflict) as refusal:
        await remove_account(paying.driver, account.id, rails=paying.rails, **paying.world)
    assert refusal.value.code == "PAYMENT_ACCOUNT_IN_USE"
    await paying.till.cancel(booked)
    await paying.till.settle()
    await paying.work_on(hours=1)
    await remove_account(paying.driver, account.id, rails=paying.rails, **paying.world)
    assert await accounts_of(paying.driver) == []


async def test_a_wallet_is_filled_from_the_card_once_a_key(desk: Desk) -> None:
    account = await desk.bind()
    for _ in range(2):
        await fill(desk, account)
    assert await in_wallet(desk.driver) == 3_000
    assert await desk.taken() == 1_000
    with pytest.raises(KeyReused):
        await fill(desk, account, money=Money(2_000, "EUR"))
    await fill(desk, account, "another")
    assert await in_wallet(desk.driver) == 4_000
    await desk.require_agreed()


async def test_filling_at_once_under_one_key_takes_once(desk: Desk) -> None:
    account = await desk.bind()
    pressed = [fill(desk, account) for _ in range(4)]
    told = await asyncio.gather(*pressed, return_exceptions=True)
    assert all(each is None or isinstance(each, PaymentPending) for each in told), told
    await fill(desk, account)
    assert await in_wallet(desk.driver) == 3_000
    await desk.require_agreed()


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.ERROR_AFTER])
async def test_a_lost_answer_fills_the_wallet_later(desk: Desk, fault: Fault) -> None:
    account = await desk.bind()
    desk.stripe.fail_next("/v1/payment_intents", fault)
    with pytest.raises(PaymentPending):
        await fill(desk, account)
    desk.till.stage.clock.advance(seconds=31)
    await desk.work()
    assert await in_wallet(desk.driver) == 3_000
    await desk.require_agreed()


async def test_what_never_reached_the_rail_has_failed_after_an_hour(desk: Desk) -> None:
    """The process died between the row and the request."""
    account = await desk.bind()
    desk.stripe.fail_next("/v1/payment_intents", Fault.REFUSED)
    with pytest.raises(PaymentPending):
        await fill(desk, account)
    desk.till.stage.clock.advance(minutes=59)
    await desk.work()
    assert (await desk.payment()).state is PaymentState.CREATED
    desk.till.stage.clock.advance(minutes=2)
    await desk.work()
    assert (await desk.payment()).state is PaymentState.FAILED
    with pytest.raises(Conflict, match="fresh key"):
        await fill(desk, account)
    assert await in_wallet(desk.driver) == 2_000


async def test_a_card_that_is_declined_or_asks_fills_nothing_yet(desk: Desk) -> None:
    account = await desk.bind(DECLINED)
    with pytest.raises(PaymentDeclined):
        await fill(desk, account)
    account = await desk.bind(ASKS)
    with pytest.raises(PaymentActionNeeded) as asked:
        await fill(desk, account, "asks")
    assert await in_wallet(desk.driver) == 2_000
    await desk.agree(asked.value.client_secret)
    await fill(desk, account, "asks")
    assert await in_wallet(desk.driver) == 3_000
    states = [each.state for each in await desk.payments()]
    assert states == [PaymentState.DECLINED, PaymentState.CAPTURED]


async def test_from_nowhere_only_where_the_program_allows_it(desk: Desk) -> None:
    with pytest.raises(NotPermitted, match="bind one"):
        await fill(desk, None)
    for _ in range(2):
        await fill(desk, None, embed=True)
    assert await in_wallet(desk.driver) == 3_000
    assert await in_account(external(WALLET, "EUR")) == -3_000


@pytest.mark.parametrize(
    ("money", "field"),
    [(Money(0, "EUR"), "amountMinor"), (Money(10**9, "EUR"), "amountMinor"),
     (Money(100, "ABC"), "currency")],
)  # fmt: skip
async def test_amounts_and_currencies_are_checked(desk: Desk, money: Money, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await fill(desk, None, money=money, embed=True)
    assert refusal.value.field == field


async def test_how_much_is_taken_at_once_can_be_set_lower(desk: Desk) -> None:
    limits = MoneyLimits(top_up_minor=1_000)
    world: dict[str, Any] = {"rails": desk.rails, "may_embed": True, "limits": limits} | desk.world
    await top_up(desk.driver, TEN, "k", None, **world)
    with pytest.raises(InvalidInput, match="1 to 1000 minor units"):
        await top_up(desk.driver, Money(1_001, "EUR"), "l", None, **world)


async def test_no_rail_is_asked_inside_a_transaction(desk: Desk) -> None:
    async with transaction():
        with pytest.raises(RuntimeError, match="before the transaction"):
            await begin_binding(desk.driver, NAME, "k", rails=desk.rails)


async def test_a_machine_has_no_wallet(desk: Desk) -> None:
    machine = Viewer(api_key_id=1, roles={1: frozenset()})
    with pytest.raises(NotPermitted):
        await top_up(machine, TEN, "k", None, rails=desk.rails, may_embed=True, **desk.world)
