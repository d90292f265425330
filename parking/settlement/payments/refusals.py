"""Why a rail's money is not there (yet): what a driver can do about each.

NotFunded
├── PaymentActionNeeded   agree at the rail, then confirm again
├── PaymentDeclined       another card, or the wallet
└── PaymentPending        the rail does not answer; the same again in a moment
"""

from parking.reservations.funding import NotFunded

HTTPS = "https://"


class PaymentActionNeeded(NotFunded):
    """The driver has to agree at the rail: at `url`, or with `client_secret` in the rail's own
    component on the page; one of them is empty. Both are the driver's alone."""

    code = "PAYMENT_ACTION_NEEDED"

    def __init__(self, action: str) -> None:
        super().__init__(
            "your bank asks you to agree to this payment; do so, then confirm again (or wait: the "
            "booking is confirmed by itself when the bank tells us)"
        )
        is_url = action.startswith(HTTPS)
        self.url = action if is_url else ""
        self.client_secret = "" if is_url else action


class PaymentDeclined(NotFunded):
    """The rail declines this account; `reason` is its word for people."""

    code = "PAYMENT_DECLINED"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the payment was declined: {reason or 'no reason was given'}; choose another payment "
            "account, or fill the wallet"
        )
        self.reason = reason


class PaymentPending(NotFunded):
    """Nothing is known yet; whatever happens, nothing is charged twice."""

    code = "PAYMENT_PENDING"

    def __init__(self) -> None:
        super().__init__(
            "the payment service does not answer; try again in a moment: nothing is charged twice, "
            "and what was reserved for nothing is given back"
        )
