"""How long one may disagree, how soon is paid out what a card paid, and how much fits into a wallet
at once: each a setting."""

from dataclasses import dataclass
from datetime import timedelta

DISPUTE_DAYS = 28
APPEAL_DAYS = 28
CARD_PAYOUT_DAYS = 7
TOP_UP_MINOR_MAX = 100_000_000
"""One million in a currency of two decimals; the setting can only be lower."""


@dataclass(frozen=True, slots=True)
class MoneyLimits:
    """`dispute`: after a settlement. `appeal`: after a decision; one that was made keeps its own.
    `card_payout_days`: so many calendar days at least between money that came by an outer rail and
    its payout, so that a stolen card is known as such before its money has left.
    `top_up_minor`: at most, by `top_up`, in minor units of whatever currency."""

    dispute: timedelta = timedelta(days=DISPUTE_DAYS)
    appeal: timedelta = timedelta(days=APPEAL_DAYS)
    card_payout_days: int = CARD_PAYOUT_DAYS
    top_up_minor: int = TOP_UP_MINOR_MAX


DEFAULTS = MoneyLimits()
