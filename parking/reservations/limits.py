"""How long things wait, each a setting of the installation, and how many may wait."""

from dataclasses import dataclass
from datetime import timedelta

QUOTE_SECONDS = 600
HOLD_SECONDS = 300
ASK_HOURS = 24
NO_SHOW_MINUTES = 30
OFFER_SECONDS = 900
HOLDS_MAX = 10
"""So many holds and requests one person may have waiting at a time; a series counts as one."""

START_PAST_MAX = timedelta(minutes=5)
"""A booking that begins now was begun to be typed a little earlier."""


@dataclass(frozen=True, slots=True)
class BookingLimits:
    """`quote`: how long a price binds. `hold`: how long a space is kept while it is being paid.
    `ask`: how long a lessor may think. `no_show`: how long a bay waits for its driver.
    `offer`: how long a space is kept for whoever is next on the waitlist. `holds`: how many one
    person may have that are not confirmed."""

    quote: timedelta = timedelta(seconds=QUOTE_SECONDS)
    hold: timedelta = timedelta(seconds=HOLD_SECONDS)
    ask: timedelta = timedelta(hours=ASK_HOURS)
    no_show: timedelta = timedelta(minutes=NO_SHOW_MINUTES)
    offer: timedelta = timedelta(seconds=OFFER_SECONDS)
    holds: int = HOLDS_MAX


DEFAULTS = BookingLimits()
