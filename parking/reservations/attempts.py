"""How often one may ask: limits on what costs work or rows, counted over all processes."""

from datetime import timedelta

from parking.accounts.attempts import Limit, take_attempt
from parking.clock import Clock
from parking.storage.transactions import retried, transaction

FIVE_MINUTES = timedelta(minutes=5)

QUOTES_PER_PERSON = Limit("quote_of_person", 120, FIVE_MINUTES)
"""Prices that one person has bound, for bookings and extensions together."""
RESERVATIONS_PER_PERSON = Limit("reserve_of_person", 60, FIVE_MINUTES)
"""Spaces that one person has asked for without a quote: each is priced and tried for."""
CODES_PER_BOOKING = Limit("qr_of_booking", 60, FIVE_MINUTES)
"""QR codes of a booking: six pages that are open at a time renew theirs twice a minute each."""
VERBS_PER_LINK = Limit("verb_by_link", 60, FIVE_MINUTES)
"""All else that the holder of a booking's link does with it."""


async def count_attempt(limit: Limit, who: str, clock: Clock) -> None:
    """Count one, whatever comes of it. Not inside a transaction, which would undo the count when
    the attempt is refused. Raises TooManyTries."""

    async def once() -> None:
        async with transaction() as sql:
            await take_attempt(sql, limit, who, b"", clock.now())

    await retried(once)
