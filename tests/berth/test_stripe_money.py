"""Amounts as Stripe counts them."""

import pytest

from berth.stripe_money import from_stripe, to_stripe
from parking.settlement.rails.port import RailRefused


@pytest.mark.parametrize(
    ("minor", "currency", "stripe"),
    [
        (1250, "EUR", 1250),
        (500, "JPY", 500),
        (500, "ISK", 50_000),
        (7, "UGX", 700),
        (1200, "MGA", 12),
        (12_340, "KWD", 12_340),
    ],
)
def test_the_currencies_that_stripe_counts_otherwise(
    minor: int, currency: str, stripe: int
) -> None:
    assert to_stripe(minor, currency) == stripe
    assert from_stripe(stripe, currency) == minor


@pytest.mark.parametrize(("minor", "currency"), [(1234, "KWD"), (1250, "MGA")])
def test_what_stripe_cannot_express_is_refused(minor: int, currency: str) -> None:
    with pytest.raises(RailRefused, match="steps of"):
        to_stripe(minor, currency)
