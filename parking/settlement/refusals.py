"""Why money does not come: what the driver can do about it.

NotFunded
├── WalletTooLow       top up the wallet by `missing_minor`
└── DebtOutstanding    pay what is owed first: top up the wallet, and it is paid from there
"""

from parking.reservations.funding import NotFunded


class WalletTooLow(NotFunded):
    """The wallet does not hold the price; `missing_minor` says how much more is needed."""

    def __init__(self, missing_minor: int, currency: str) -> None:
        super().__init__(
            f"the wallet lacks {missing_minor} minor units of {currency}; top it up and try again"
        )
        self.missing_minor = missing_minor
        self.currency = currency


class DebtOutstanding(NotFunded):
    """An earlier stay cost more than was there; `amount_minor` is owed."""

    code = "DEBT_OUTSTANDING"

    def __init__(self, amount_minor: int, currency: str) -> None:
        super().__init__(
            f"you owe {amount_minor} minor units of {currency} for an earlier stay; top up the"
            " wallet, from which it is paid, then try again"
        )
        self.amount_minor = amount_minor
        self.currency = currency
