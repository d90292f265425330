"""Times, windows and amounts for people."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from api.formats import amount_text, minor_digits, time_text, window_text
from api.price_words import KINDS, line_label, quantity_text, unit_text
from parking.places.currencies import CURRENCIES
from parking.rates.lines import LineKind

BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 1, 5, 8, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1250, "EUR", "€12.50"), (-450, "EUR", "−€4.50"), (5, "CNY", "¥0.05"), (0, "EUR", "€0.00"),
        (123_456_789, "GBP", "£1,234,567.89"), (1500, "JPY", "¥1,500"),
        (1500, "KWD", "1.500 KWD"), (-1, "CHF", "−0.01 CHF"),
    ],
)  # fmt: skip
def test_amounts_have_their_currencys_digits(amount: int, currency: str, text: str) -> None:
    assert amount_text(amount, currency) == text


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
