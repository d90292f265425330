"""Addresses have one spelling, and what is none is refused."""

import pytest

from parking.accounts.addresses import parse_address
from parking.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("+86 138 0013 8000", "+8613800138000"),
        (" +1 (202) 555-0123 ", "+12025550123"),
        ("\uff0b８６１３８００１３８０００", "+8613800138000"),
        ("Ada.Lovelace@Example.COM", "ada.lovelace@example.com"),
        ("a+tag@sub.example.co", "a+tag@sub.example.co"),
    ],
)
def test_spellings_of_one_address_are_one(text: str, value: str) -> None:
    assert parse_address(text).value == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "138 0013 8000",
        "+86",
        "+1 202 555 0123 ext 9",
        "ada",
        "ada@localhost",
        "ada@@example.com",
        "ada@example.com\nbcc: all@example.com",
        "\u212aate@example.com",  # the Kelvin sign, which folds to an ASCII k
        "a" * 65 + "@example.com",
        "a@" + "b" * 255 + ".com",
        "ada@-example.com",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_address(text)
    assert refused.value.field == "address"
