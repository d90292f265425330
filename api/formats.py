"""How times, windows and amounts are written for people: words in English and Chinese, amounts as
the reader's locale writes them (Unicode CLDR)."""

from copy import copy
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.numbers import NumberPattern

_WEEKDAYS: Final = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
}
_MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)

_NO_MINOR_UNIT: Final = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
_THREE_DIGITS: Final = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])
NUMBERS_OF: Final = {"en": "en-GB", "zh": "zh-CN"}
"""How each language of ours writes numbers, for who has said nothing closer."""
LOCALES_KEPT_MAX: Final = 128
_UNDRAWABLE: Final = str.maketrans({"\u202f": "\xa0", "\u200e": None, "\u200f": None})
"""Signs in numbers that fonts of readers of PDF lack."""


def minor_digits(currency: str) -> int:
    """How many decimals an ISO 4217 currency has."""
    if currency in _NO_MINOR_UNIT:
        return 0
    return 3 if currency in _THREE_DIGITS else 2


def amount_text(amount_minor: int, currency: str, locale: str) -> str:
    """An amount in minor units as `locale` (a tag that `is_number_locale`, or a language of ours)
    writes it: `€1,250.00`, `1.250,00 €`. The digits are the currency's, whatever the locale."""
    digits = minor_digits(currency)
    amount = Decimal(amount_minor).scaleb(-digits)
    pattern, place = _pattern(NUMBERS_OF.get(locale, locale), digits)
    text: str = pattern.apply(amount, place, currency=currency, currency_digits=False)
    return text.translate(_UNDRAWABLE)


def decimal_text(amount_minor: int, currency: str) -> str:
    """An amount for machines: `-1250.00`, with the currency's digits and a point."""
    return f"{Decimal(amount_minor).scaleb(-minor_digits(currency)):f}"


def is_number_locale(tag: str) -> bool:
    """Whether we know how numbers are written under this language tag (BCP 47)."""
    try:
        _locale(tag)
    except (ValueError, UnknownLocaleError):
        return False
    return True


@lru_cache(maxsize=LOCALES_KEPT_MAX)
def _pattern(tag: str, digits: int) -> tuple[NumberPattern, Locale]:
    place = _locale(tag)
    pattern = copy(place.currency_formats["standard"])
    pattern.frac_prec = (digits, digits)
    return pattern, place


@lru_cache(maxsize=LOCALES_KEPT_MAX)
def _locale(tag: str) -> Locale:
    return Locale.parse(tag, sep="-")


def day_text(at: datetime, zone: ZoneInfo, language: str) -> str:
    """The local date with its weekday: `Mon 5 Jan 2026`."""
    local = at.astimezone(zone)
    weekday = _WEEKDAYS[language][local.weekday()]
    if language == "zh":
        return f"{local.year}年{local.month}月{local.day}日 {weekday}"
    return f"{weekday} {local.day} {_MONTHS[local.month - 1]} {local.year}"


def weekday_name(index: int, language: str) -> str:
    """The short name of a day of the week; 0 is Monday."""
    return _WEEKDAYS[language][index]


def clock_text(at: datetime, zone: ZoneInfo) -> str:
    """The local time of day: `09:00`."""
    return at.astimezone(zone).strftime("%H:%M")


def time_text(at: datetime, zone: ZoneInfo, language: str) -> str:
    """Local date and time of day."""
    return f"{day_text(at, zone, language)} {clock_text(at, zone)}"


def window_text(starts_at: datetime, ends_at: datetime, zone: ZoneInfo, language: str) -> str:
    """From when until when; the date is told once where both are on one day."""
    start = time_text(starts_at, zone, language)
    same_day = starts_at.astimezone(zone).date() == ends_at.astimezone(zone).date()
    end = clock_text(ends_at, zone) if same_day else time_text(ends_at, zone, language)
    return f"{start} – {end}"
