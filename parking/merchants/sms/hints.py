"""What a sender's number tells of how they write."""

import phonenumbers

from parking.accounts.texts import best_locale
from parking.merchants.sms.results import Hints


def hints_of(sender: str, locale: str) -> Hints:
    """The unit's language and the region of the number (E.164); no region for one of no country."""
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(sender))
    except phonenumbers.NumberParseException:
        region = None
    # 001 is what the library calls international services.
    return Hints(best_locale(locale), region if region and region.isalpha() else "")
