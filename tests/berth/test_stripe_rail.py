"""What Stripe's answers and errors become; the flows are in `tests/parking/settlement/rails`."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from berth.rails import installation_of, make_rails
from berth.settings import Settings
from berth.stripe_rail import StripeRail, base_key
from parking.settlement.rails.port import Ask, RailError, RailRefused, RailUnreachable
from tests.support.running import SECRET, berth_json
from tests.support.stripe_stand_in import KEY, Fault, StripeStandIn, localstripe, stand_in

ASK = Ask("pay_1", 400, "EUR", "cus_none", "pm_none", datetime(2026, 1, 5, tzinfo=UTC))
SECONDS = 30.0


@pytest.fixture(scope="module")
def localstripe_url() -> Iterator[str]:
    with localstripe() as url:
        yield url


@pytest.fixture
async def stripe(localstripe_url: str) -> AsyncIterator[StripeStandIn]:
    async with stand_in(localstripe_url) as made:
        yield made


@asynccontextmanager
async def opened(url: str, key: str = KEY) -> AsyncIterator[StripeRail]:
    rail = StripeRail(key, None, "berth-test", api_base=url, seconds_max=SECONDS)
    try:
        yield rail
    finally:
        await rail.close()


@pytest.mark.parametrize(
    ("fault", "is_over"), [(Fault.REFUSED, False), (Fault.LOST, False), (Fault.ERROR, True)]
)
async def test_whether_a_call_is_over_is_told(
    stripe: StripeStandIn, fault: Fault, is_over: bool
) -> None:
    stripe.fail_next("/v1/payment_intents", fault)
    async with opened(stripe.url) as rail:
        with pytest.raises(RailUnreachable) as error:
            await rail.authorise(ASK)
    assert error.value.is_over is is_over


async def test_what_stripe_will_never_do_is_a_refusal(stripe: StripeStandIn) -> None:
    async with opened(stripe.url) as rail:
        with pytest.raises(RailRefused, match="404"):
            await rail.authorise(ASK)


async def test_a_payment_that_stripe_should_know_and_does_not_is_not_taken_for_gone(
    stripe: StripeStandIn,
) -> None:
    """The key may be another account's: nobody's debt begins with that."""
    ask = Ask("pay_1", 400, "EUR", "c", "m", ASK.asked_at, reference="pi_none")
    async with opened(stripe.url) as rail:
        with pytest.raises(RailUnreachable, match="BERTH_STRIPE_KEY"):
            await rail.look_up(ask)


async def test_a_wrong_key_is_ours_to_correct(stripe: StripeStandIn, localstripe_url: str) -> None:
    async with opened(localstripe_url, key="x" * 32) as rail:
        with pytest.raises(RailError) as error:
            await rail.check()
    assert isinstance(error.value, RailUnreachable)
    assert "xxxx" not in error.value.message


async def test_no_key_and_no_secret_is_logged(
    stripe: StripeStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        async with opened(stripe.url) as rail:
            begun = await rail.begin_binding("person:7", "", "k")
    assert begun.client_secret
    logged = caplog.text + repr(rail)
    assert begun.client_secret not in logged
    assert KEY not in logged


@pytest.mark.parametrize(
    ("key", "base"),
    [
        ("refund:3:4", "refund:3:4"),
        ("refund:3:4.2", "refund:3:4"),
        ("pay_a.b", "pay_a.b"),
        ("payout:7:EUR:20260105T0000Z.11", "payout:7:EUR:20260105T0000Z"),
    ],
)
def test_what_is_looked_up_is_the_key_before_its_changes(key: str, base: str) -> None:
    assert base_key(key) == base


def test_without_a_key_there_is_the_wallet_only() -> None:
    assert set(make_rails(Settings(), SECRET)) == {"wallet"}
    assert set(make_rails(Settings(stripe_key=KEY), SECRET)) == {"wallet", "stripe"}


def test_an_installation_has_a_name_that_tells_nothing() -> None:
    name = installation_of(SECRET)
    assert name == installation_of(SECRET) != installation_of(SECRET + "x")
    assert len(name) == len("berth-") + 12


async def test_the_doctor_asks_stripe(
    stripe: StripeStandIn, localstripe_url: str, sqlite_settings: dict[str, Any]
) -> None:
    given = {**sqlite_settings, "STRIPE_API_BASE": localstripe_url}

    def payments(**more: Any) -> dict[str, str]:
        findings = berth_json("doctor", **given, **more)
        found: dict[str, str] = next(each for each in findings if each["name"] == "payments")
        return found

    assert payments()["about"].startswith("wallets only")
    assert payments(STRIPE_KEY=KEY)["level"] == "warn"
    whole = payments(STRIPE_KEY=KEY, STRIPE_WEBHOOK_SECRET="whsec_" + "t" * 32)
    assert whole["level"] == "ok"
