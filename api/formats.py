"""How times, windows and amounts are written for people, in English and Chinese."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

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
_SIGNS: Final = {"EUR": "€", "GBP": "£", "CNY": "¥", "USD": "$", "JPY": "¥"}
MINUS: Final = "\N{MINUS SIGN}"


def minor_digits(currency: str) -> int:
    """How many decimals an ISO 4217 currency has."""
    if currency in _NO_MINOR_UNIT:
        return 0
    return 3 if currency in _THREE_DIGITS else 2


def amount_text(amount_minor: int, currency: str) -> str:
    """An amount in minor units, such as `€1,250.00`; codes without a sign of their own go behind.

    A yen and a yuan share a sign; no page shows both.
    """
    digits = minor_digits(currency)
    whole, part = divmod(abs(amount_minor), 10**digits)
    number = f"{whole:,}" + (f".{part:0{digits}}" if digits else "")
    sign = MINUS if amount_minor < 0 else ""
    if currency in _SIGNS:
        return f"{sign}{_SIGNS[currency]}{number}"
    return f"{sign}{number} {currency}"


def day_text(at: datetime, zone: ZoneInfo, language: str) -> str:
    """The local date with its weekday: `Mon 5 Jan 2026`."""
    local = at.astimezone(zone)
    weekday = _WEEKDAYS[language][local.weekday()]
    if language == "zh":
        return f"{local.year}年{local.month}月{local.day}日 {weekday}"
    return f"{weekday} {local.day} {_MONTHS[local.month - 1]} {local.year}"


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
