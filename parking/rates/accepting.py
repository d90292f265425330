"""What a tariff must be before it is kept: readable, soon priced, and countable by every client."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from parking.rates.amounts import COUNTED_MAX, most_minor
from parking.rates.checks import STAY_RECKONED
from parking.rates.codec import fault
from parking.rates.document import parse_tariff
from parking.rates.effort import STEPS_MAX, StayTooComplex
from parking.rates.price import price
from parking.rates.tariff import Tariff
from parking.windows import Window

TRIED = timedelta(days=7)
"""A stay that every tariff has to price within `STEPS_MAX`; a longer one may be refused when it is
asked for, as STAY_TOO_COMPLEX."""
MONDAY = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)


def accepted_tariff(document: str) -> Tariff:
    """The tariff of a document that somebody wants to keep. Raises InvalidInput."""
    tariff = parse_tariff(document)
    most = most_minor(tariff, STAY_RECKONED)
    if most > COUNTED_MAX:
        message = f"a stay of {STAY_RECKONED.days} days may come to {most} minor units"
        raise fault("document", f"{message}, more than clients can count; lower the amounts")
    try:
        price(tariff, Window(MONDAY, MONDAY + TRIED), ZoneInfo("UTC"), now=MONDAY)
    except StayTooComplex as error:
        message = f"a stay of {TRIED.days} days takes more than {STEPS_MAX} steps to price"
        raise fault("document", f"{message}; use longer increments, fewer lines or caps") from error
    return tariff
