"""The database's own guards, in the words of the refusals.

A verb looks first, under the locks of contract and code, and says more precisely what is wrong. The
guards decide all the same: they hold for whatever writes to the tables (`migrations/initial/
rights.sql`).
"""

from collections.abc import Iterator
from contextlib import contextmanager

from tortoise.exceptions import IntegrityError

from parking.rights.refusals import Why, not_granted

GUARDS = {
    "rights_contract_quota": Why.QUOTA_EXHAUSTED,
    "rights_contract_budget": Why.BUDGET_EXHAUSTED,
    "grant_code_uses": Why.EXHAUSTED,
    "assigned_right_reference": Why.REFERENCE_USED,
    "assigned_right_once": Why.ALREADY_GRANTED_TODAY,
    # SQLite names the columns of a unique key instead, in their order.
    "assigned_right.organisation_id": Why.REFERENCE_USED,
    "assigned_right.grant_code_id": Why.ALREADY_GRANTED_TODAY,
}
"""By what the database's message has in it."""


@contextmanager
def guarded() -> Iterator[None]:
    """Raises the refusal that a guard's error stands for; other errors pass.

    To be put around the transaction, which is lost.
    """
    try:
        yield
    except IntegrityError as error:
        message = str(error)
        for name, why in GUARDS.items():
            if name in message:
                raise not_granted(why) from error
        raise
