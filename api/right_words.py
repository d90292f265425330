"""What a right gives, in words for people; in English and Chinese."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from api.formats import amount_text, weekday_name

_TEXTS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "MINUTES": "{time} of parking free",
        "AMOUNT": "{amount} off parking",
        "PERCENT": "{value} % off parking",
        "FREE": "Free parking",
        "ACCESS": "Entry and parking free",
        "worth": "{gift} (worth up to {amount})",
        "D": "{n} d",
        "H": "{n} h",
        "M": "{n} min",
    },
    "zh": {
        "MINUTES": "免费停车 {time}",
        "AMOUNT": "停车费减免 {amount}",
        "PERCENT": "停车费减免 {value} %",
        "FREE": "免费停车",
        "ACCESS": "免费进场停车",
        "worth": "{gift}（最多抵 {amount}）",
        "D": "{n} 天",
        "H": "{n} 小时",
        "M": "{n} 分钟",
    },
}
HOUR, DAY = 60, 24 * 60
WEEKDAYS: Final = (
    "MONDAY",
    "TUESDAY",
    "WEDNESDAY",
    "THURSDAY",
    "FRIDAY",
    "SATURDAY",
    "SUNDAY",
)
"""The schema's words, by ISO 8601's order."""
COMMA: Final = {"en": ", ", "zh": "、"}


def gift_text(right: Mapping[str, Any], language: str, locale: str = "") -> str:
    """What `kind`, `value`, `currency` and `worthMax` (money or None) of a right or of its
    specification come to: `2 h of parking free`. `locale` is how the reader writes numbers."""
    texts, numbers = _TEXTS[language], locale or language
    gift = texts[right["kind"]].format(
        value=right["value"],
        time=stretch_text(right["value"], language),
        amount=amount_text(right["value"], right["currency"], numbers),
    )
    worth = right["worthMax"]
    if worth is None or _is_all(right, worth):
        return gift
    most = amount_text(worth["amountMinor"], worth["currency"], numbers)
    return texts["worth"].format(gift=gift, amount=most)


def _is_all(right: Mapping[str, Any], worth: Mapping[str, Any]) -> bool:
    return bool(right["kind"] == "AMOUNT" and worth["amountMinor"] >= right["value"])


def stretch_text(minutes: int, language: str) -> str:
    """So many minutes in the units that people say: `1 h 30 min`, `24 h`, `3 d`."""
    texts = _TEXTS[language]
    days, rest = divmod(minutes, DAY) if minutes >= 2 * DAY else (0, minutes)
    hours, left = divmod(rest, HOUR)
    parts = [texts[unit].format(n=n) for unit, n in (("D", days), ("H", hours), ("M", left)) if n]
    return " ".join(parts) or texts["M"].format(n=0)


def weekdays_text(weekdays: Sequence[str], language: str) -> str:
    """The schema's days of the week, those in a row from the first to the last: `Mon–Fri, Sun`."""
    days = sorted({WEEKDAYS.index(each) for each in weekdays})
    runs = [
        [n for _, n in run] for _, run in groupby(enumerate(days), lambda pair: pair[1] - pair[0])
    ]
    return COMMA[language].join(_run_text(run, language) for run in runs)


def windows_text(windows: Sequence[Mapping[str, str]], language: str) -> str:
    """Times of day, by the place's clock: `11:30–14:30, 18:00–02:00`."""
    return COMMA[language].join(f"{each['startsAt']}–{each['endsAt']}" for each in windows)


def _run_text(days: Sequence[int], language: str) -> str:
    first, last = (weekday_name(each, language) for each in (days[0], days[-1]))
    if len(days) == 1:
        return first
    return f"{first}{COMMA[language]}{last}" if len(days) == 2 else f"{first}–{last}"
