"""Where a sign-in code goes: a phone number or an e-mail address, in its one spelling."""

import re
from dataclasses import dataclass
from typing import Literal

import phonenumbers

from parking.errors import InvalidInput

EMAIL_CHARACTERS_MAX = 254
"""RFC 5321 section 4.5.3.1.3, without the angle brackets."""
EMAIL_LOCAL_CHARACTERS_MAX = 64

# ASCII only: two letters that look or fold alike must never be two keys to one account.
_EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+"
)


@dataclass(frozen=True, slots=True)
class Address:
    """A phone number in E.164 (`+8613800138000`) or an e-mail address in lower case."""

    kind: Literal["phone", "email"]
    value: str


def parse_address(text: str, field: str = "address") -> Address:
    """The address that `text` means. Raises `InvalidInput` naming `field`."""
    trimmed = text.strip()
    if len(trimmed) > EMAIL_CHARACTERS_MAX:
        raise InvalidInput(field, f"an address has at most {EMAIL_CHARACTERS_MAX} characters")
    return _email(trimmed, field) if "@" in trimmed else _phone(trimmed, field)


def _email(text: str, field: str) -> Address:
    value = text.lower() if text.isascii() else ""
    local = value.partition("@")[0]
    if len(local) > EMAIL_LOCAL_CHARACTERS_MAX or not _EMAIL.fullmatch(value):
        raise InvalidInput(
            field, "this is no e-mail address that can be used; expected one like name@example.com"
        )
    return Address("email", value)


def _phone(text: str, field: str) -> Address:
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        number = None
    # "Possible", not "valid": the library's lists lag behind newly opened ranges, and the code
    # that arrives proves the number anyway.
    if number is None or number.extension or not phonenumbers.is_possible_number(number):
        raise InvalidInput(
            field,
            "this is neither an e-mail address nor a phone number with its country code; "
            "expected one like +8613800138000 or name@example.com",
        )
    return Address("phone", phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
