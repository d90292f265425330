"""Times, windows and amounts for people."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from starlette.requests import Request

from api.formats import (
    amount_text,
    decimal_text,
    is_number_locale,
    minor_digits,
    time_text,
    window_text,
)
from api.languages import number_locale_of
from api.price_words import KINDS, line_label, quantity_text, unit_text
from parking.places.currencies import CURRENCIES
from parking.rates.lines import LineKind

BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 1, 5, 8, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "text"),
    [
        (1250, "EUR", "en", "€12.50"), (-450, "EUR", "en", "-€4.50"), (5, "CNY", "zh", "¥0.05"),
        (0, "EUR", "en", "€0.00"), (123_456_789, "GBP", "en", "£1,234,567.89"),
        (1500, "JPY", "ja", "￥1,500"), (1500, "KWD", "en", "KWD1.500"),
        (123_456_789, "EUR", "de-DE", "1.234.567,89\xa0€"), (1500, "USD", "en-US", "$15.00"),
        (123_450, "EUR", "fr-FR", "1\xa0234,50\xa0€"), (1, "IQD", "en", "IQD0.001"),
        (10**15, "KWD", "de", "1.000.000.000.000,000\xa0KWD"),
    ],
)  # fmt: skip
def test_amounts_are_as_the_reader_writes_them(
    amount: int, currency: str, locale: str, text: str
) -> None:
    assert amount_text(amount, currency, locale) == text


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [(-5, "EUR", "-0.05"), (1500, "JPY", "1500"), (10**15, "KWD", "1000000000000.000"),
     (0, "KWD", "0.000")],
)  # fmt: skip
def test_machines_get_a_decimal(amount: int, currency: str, text: str) -> None:
    assert decimal_text(amount, currency) == text


@pytest.mark.parametrize("tag", ["*", "", "xx-YY", "../x", "en-x-", "1", "€"])
def test_what_is_no_tag_is_no_locale(tag: str) -> None:
    assert not is_number_locale(tag)


@pytest.mark.parametrize(
    ("header", "language", "chosen", "locale"),
    [
        ("de-DE,en;q=0.5", "en", None, "de-DE"), ("de-DE,en-US;q=0.5", "en", "en", "en-US"),
        ("de-DE", "zh", "zh", "zh-CN"), ("", "en", None, "en-GB"), ("*", "en", None, "en-GB"),
        ("xx, fr-CH", "en", "nonsense", "fr-CH"), ("de;q=0", "en", None, "en-GB"),
    ],
)  # fmt: skip
def test_numbers_are_of_the_browsers_locale(
    header: str, language: str, chosen: str | None, locale: str
) -> None:
    headers = [(b"accept-language", header.encode())]
    request = Request({"type": "http", "headers": headers})
    assert number_locale_of(request, language, chosen) == locale


def test_every_currency_has_digits() -> None:
    assert {minor_digits(code) for code in CURRENCIES} == {0, 2, 3}


def test_times_are_the_places() -> None:
    assert time_text(AT, BERLIN, "en") == "Mon 5 Jan 2026 09:05"
    assert time_text(AT, SHANGHAI, "zh") == "2026年1月5日 周一 16:05"


def test_a_window_tells_the_date_once_on_one_local_day() -> None:
    late = datetime(2026, 1, 5, 22, 30, tzinfo=UTC)
    assert window_text(AT, late, BERLIN, "en") == "Mon 5 Jan 2026 09:05 – 23:30"
    assert window_text(AT, late, SHANGHAI, "en").endswith("– Tue 6 Jan 2026 06:30")


def test_a_line_is_called_by_its_name_or_kind() -> None:
    assert line_label({"name": "Night", "kind": "RATE", "percent": None}, "en") == "Night"
    assert line_label({"kind": "TAX", "percent": "19"}, "zh") == "税 19 %"
    assert {frozenset(words) for words in KINDS.values()} == {frozenset(LineKind)}


@pytest.mark.parametrize(
    ("kind", "quantity", "unit", "text"),
    [
        ("RATE", 3, "PT30M", "3 × 30 min"), ("RATE", 1, "PT1H30M", "1 × 1 h 30 min"),
        ("PASS", 2, "P1D", "2 × 1 d"), ("SURCHARGE", 1, "ONCE", ""), ("RATE", 2, "ONCE", "2 ×"),
        ("CAP", 1, "ONCE", ""),
    ],
)  # fmt: skip
def test_what_is_counted_is_told(kind: str, quantity: int, unit: str, text: str) -> None:
    assert quantity_text({"kind": kind, "quantity": quantity, "unit": unit}, "en") == text


def test_an_unknown_unit_stays_as_it_is() -> None:
    assert unit_text("MOON", "en") == "MOON"
