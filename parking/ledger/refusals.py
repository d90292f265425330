"""Why money does not move, each with a code that a caller can act on.

Conflict
└── LedgerRefusal
    ├── InsufficientFunds   an account would fall below its limit; names it
    ├── AboveLimit          an account would rise above its limit; names it
    ├── TransferDiffers     the id was used before for another transfer
    ├── AlreadyPosted       the pending transfer was posted before
    ├── AlreadyVoided       the pending transfer was voided before
    ├── PendingExpired      the pending transfer's time is over
    ├── ExceedsPending      more, or from elsewhere, than was reserved
    ├── ExceedsOriginal     more is taken back than was moved
    ├── NotPosted           only what has moved can be corrected
    └── Unbalanced          the postings of a currency do not sum to zero
"""

from parking.errors import Conflict, NotFound
from parking.ledger.accounts import Account


class LedgerRefusal(Conflict):
    """The ledger does not do it; nothing has moved."""

    code = "LEDGER_REFUSED"


class InsufficientFunds(LedgerRefusal):
    """`account` would fall below its limit. `available_minor` is what can be taken from it, null
    when only the database knows because others were quicker."""

    code = "INSUFFICIENT_FUNDS"

    def __init__(self, account: Account | None, available_minor: int | None = None) -> None:
        where = "an account" if account is None else str(account)
        left = "" if available_minor is None else f"; {available_minor} minor units are available"
        super().__init__(f"there is not enough in {where}{left}")
        self.account = account
        self.available_minor = available_minor


class AboveLimit(LedgerRefusal):
    """`account` would rise above its limit, such as a debt that would be overpaid."""

    code = "ABOVE_LIMIT"

    def __init__(self, account: Account | None, room_minor: int | None = None) -> None:
        where = "an account" if account is None else str(account)
        left = "" if room_minor is None else f"; {room_minor} minor units fit"
        super().__init__(f"there is no room for that in {where}{left}")
        self.account = account
        self.room_minor = room_minor


class TransferDiffers(LedgerRefusal):
    """The id was used before for another transfer."""

    code = "TRANSFER_DIFFERS"

    def __init__(self, public_id: str) -> None:
        super().__init__(
            f"the transfer {public_id!r} was made before with another input; take a fresh id"
        )


class AlreadyPosted(LedgerRefusal):
    """The pending transfer was posted before."""

    code = "ALREADY_POSTED"

    def __init__(self, message: str = "the pending transfer was posted already") -> None:
        super().__init__(message)


class AlreadyVoided(LedgerRefusal):
    """The pending transfer was voided before."""

    code = "ALREADY_VOIDED"

    def __init__(self, message: str = "the pending transfer was voided already") -> None:
        super().__init__(message)


class PendingExpired(LedgerRefusal):
    """The pending transfer's time is over."""

    code = "PENDING_EXPIRED"

    def __init__(self, message: str = "the pending transfer has expired; make a new one") -> None:
        super().__init__(message)


class ExceedsPending(LedgerRefusal):
    """More, or from elsewhere, than was reserved."""

    code = "EXCEEDS_PENDING"

    def __init__(self, account: Account | None = None) -> None:
        where = "" if account is None else f" for {account}"
        super().__init__(f"that is more than the pending transfer reserved{where}")
        self.account = account


class ExceedsOriginal(LedgerRefusal):
    """More is taken back than was moved."""

    code = "EXCEEDS_ORIGINAL"

    def __init__(self, account: Account, left_minor: int) -> None:
        super().__init__(
            f"the transfer moved less for {account}; {left_minor} minor units can be taken back"
        )
        self.account = account
        self.left_minor = left_minor


class NotPosted(LedgerRefusal):
    """Only what has moved can be corrected; what is reserved is voided."""

    code = "NOT_POSTED"

    def __init__(self) -> None:
        super().__init__("this transfer moved nothing; correct what moved, void what is pending")


class Unbalanced(LedgerRefusal):
    """The postings of a currency do not sum to zero, or there are none."""

    code = "UNBALANCED"

    def __init__(self, message: str = "the postings do not sum to zero") -> None:
        super().__init__(message)


class TransferMissing(NotFound):
    """There is no such transfer."""

    code = "TRANSFER_NOT_FOUND"

    def __init__(self, which: int | str) -> None:
        super().__init__(f"there is no transfer {which!r}")
