"""How long one may disagree, and how much fits into a wallet at once: each a setting."""

from dataclasses import dataclass
from datetime import timedelta

DISPUTE_DAYS = 28
APPEAL_DAYS = 28
TOP_UP_MINOR_MAX = 100_000_000
"""One million in a currency of two decimals; the setting can only be lower."""


@dataclass(frozen=True, slots=True)
class MoneyLimits:
    """`dispute`: after a settlement. `appeal`: after a decision; one that was made keeps its own.
    `top_up_minor`: at most, by `top_up`, in minor units of whatever currency."""

    dispute: timedelta = timedelta(days=DISPUTE_DAYS)
    appeal: timedelta = timedelta(days=APPEAL_DAYS)
    top_up_minor: int = TOP_UP_MINOR_MAX


DEFAULTS = MoneyLimits()
