"""How often a person may have outer rails asked for money that then does not come.

Whoever has stolen cards finds out which of them are good by paying a little with each. So each
payment that a driver asks for is counted before its rail is, and one that the rail reserves or
takes is given back: who pays with a good card is never counted, and their bank's question is only
while it is open.
"""

from datetime import datetime
from math import ceil

from parking.accounts.attempts import Limit, give_back_attempt, take_attempt
from parking.errors import TooManyTries
from parking.settlement.kinds import PaymentState, Purpose
from parking.settlement.payments.records import PaymentRecord
from parking.storage.sql import Sql

FRUITLESS_PER_PERSON = Limit("fruitless_payment_of_person", 10)
"""An hour's payments that were declined, that nobody agreed to, or that are still open."""
COUNTED = frozenset({Purpose.BOOKING, Purpose.EXTENSION, Purpose.WALLET})
"""What a driver asks for; a SHORTAGE is the worker's."""
FRUITFUL = frozenset({PaymentState.AUTHORISED, PaymentState.CAPTURED})


async def count_payment(sql: Sql, person_id: int, now: datetime) -> None:
    """Count a payment in the transaction that writes it: at the limit there is neither. Raises
    TooManyTries."""
    try:
        await take_attempt(sql, FRUITLESS_PER_PERSON, str(person_id), b"", now)
    except TooManyTries as refused:
        minutes = ceil(refused.retry_after_seconds / 60)
        raise TooManyTries(
            "too many payments were tried that came to nothing; pay from the wallet, or try again "
            f"in {minutes} minutes",
            refused.retry_after_seconds,
        ) from None


async def forgive_payment(sql: Sql, payment: PaymentRecord) -> None:
    """Take it off the count: it was a good one, or its rail failed and nobody's card did."""
    if payment.purpose in COUNTED:
        await give_back_attempt(sql, FRUITLESS_PER_PERSON, str(payment.person_id), b"")


def is_fruitful(before: PaymentRecord, after: PaymentRecord) -> bool:
    """Whether this is the moment in which a payment's money came."""
    return before.state not in FRUITFUL and after.state in FRUITFUL
