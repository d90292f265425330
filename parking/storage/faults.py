"""What can go wrong between us and the database.

    OperationalError (Tortoise)
    ├── Contended        another transaction was in the way: run the whole transaction again
    └── Unreachable      the server or file cannot be used now; nothing is known of the statement
    TransactionManagementError (Tortoise)
    └── TransactionOver  a statement came after its transaction had ended

`IntegrityError` (Tortoise) stays what it is: a constraint said no, trying again will not help.
"""

from tortoise.exceptions import OperationalError, TransactionManagementError


class Contended(OperationalError):
    """Another transaction was in the way (serialization, deadlock, lock timeout, busy).

    Nothing of this transaction was kept. Run it again from its beginning.
    """

    code = "CONTENDED"


class Unreachable(OperationalError):
    """The database cannot be reached or the connection broke while a statement was under way."""

    code = "DATABASE_UNREACHABLE"


class TransactionOver(TransactionManagementError):
    """A statement came after its transaction had ended.

    Mostly a task that was started inside the transaction and outlived it: start such a task with
    `parking.storage.transactions.detached`.
    """

    code = "TRANSACTION_OVER"
