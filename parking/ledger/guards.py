"""The database's own guards, in the words of the refusals.

The verbs look first, under the accounts' locks, and say more precisely what is wrong. The guards
decide all the same: they hold for whatever writes to the tables (`migrations/initial/ledger.*`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tortoise.exceptions import IntegrityError

from parking.ledger.refusals import (
    AboveLimit,
    AlreadyPosted,
    ExceedsPending,
    InsufficientFunds,
    LedgerRefusal,
    PendingExpired,
    Unbalanced,
)

RESOLVED_BEFORE = "the pending transfer was resolved already"

GUARDS: dict[str, Callable[[], LedgerRefusal]] = {
    "ledger_account_minimum": lambda: InsufficientFunds(None),
    "ledger_account_maximum": lambda: AboveLimit(None),
    "ledger_unbalanced": Unbalanced,
    "ledger_exceeds_pending": ExceedsPending,
    "ledger_pending_expired": PendingExpired,
    # The unique key of `pending_id`, in PostgreSQL's words and in SQLite's.
    "ledger_transfer_pending_id_key": lambda: AlreadyPosted(RESOLVED_BEFORE),
    "ledger_transfer.pending_id": lambda: AlreadyPosted(RESOLVED_BEFORE),
    "ledger_resolved": lambda: AlreadyPosted(RESOLVED_BEFORE),
}
"""By what the database's message has in it."""


@contextmanager
def guarded() -> Iterator[None]:
    """Raises the refusal that a guard's error stands for; other errors pass.

    The transaction is then lost on PostgreSQL, as with any error of the database.
    """
    try:
        yield
    except IntegrityError as error:
        message = str(error)
        for name, refusal in GUARDS.items():
            if name in message:
                raise refusal() from error
        raise
