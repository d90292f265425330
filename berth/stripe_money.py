"""Amounts as Stripe counts them: mostly ISO 4217's minor units, with exceptions of its own.

From docs.stripe.com/currencies: ISK and UGX have no minor unit but are given with two decimals;
MGA has one but is given without; three-decimal currencies end in a zero.
"""

from parking.settlement.rails.port import RailRefused

TIMES = {"ISK": 100, "UGX": 100}
PARTS = {"MGA": 100}
THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def to_stripe(amount_minor: int, currency: str) -> int:
    """The number to give to Stripe. Raises RailRefused for an amount that it cannot express."""
    parts = PARTS.get(currency, 10 if currency in THREE_DECIMALS else 1)
    if amount_minor % parts:
        raise RailRefused(
            f"Stripe takes amounts in {currency} in steps of {parts} minor units, not "
            f"{amount_minor}; round prices in {currency} to that"
        )
    if currency in THREE_DECIMALS:
        return amount_minor
    return amount_minor * TIMES.get(currency, 1) // PARTS.get(currency, 1)


def from_stripe(amount: int, currency: str) -> int:
    """The minor units of a number that Stripe told."""
    return amount * PARTS.get(currency, 1) // TIMES.get(currency, 1)
