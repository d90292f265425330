"""Which day a text says. Days are those of the unit's time zone."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from parking.merchants.sms.numbers import ZH_NUMBER, number
from parking.merchants.sms.patterns import PEOPLE
from parking.merchants.sms.results import Hints
from parking.merchants.sms.scan import Scan, Spot

Match = re.Match[str]
_DAY = timedelta(days=1)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ZH_WEEKDAYS = "一二三四五六日天"


@dataclass(frozen=True, slots=True)
class DaySaid:
    """The days that one expression may mean.

    Of a row (`is_row`) the first that still fits is meant (Friday: the coming one); else each is
    as likely as the other, and the text must say which (3/4). Empty: there is no such day.
    """

    days: tuple[date, ...]
    is_row: bool = True
    weekday: int | None = None
    """0 is Monday; set where only the day of the week was said."""


@lru_cache(maxsize=300)
def month_comes_first(locale: str, region: str) -> bool | None:
    """Whether 3/4 is 4 March, by the Unicode CLDR's short date of the region (else the language);
    None where neither is known, as for English without a region."""
    for tag in (f"{locale}_{region}", f"und_{region}"):
        try:
            if region:
                return _month_first(Locale.parse(tag))
        except (UnknownLocaleError, ValueError):
            continue
    return True if locale == "zh" else None


def _month_first(locale: Locale) -> bool:
    pattern = locale.date_formats["short"].pattern
    return bool(pattern.index("M") < pattern.index("d"))


def days_in(scan: Scan, today: date, hints: Hints) -> list[Spot[DaySaid]]:
    """Every day that the text says."""
    reader = _Reader(today, month_comes_first(hints.locale, hints.region))
    found: list[Spot[DaySaid]] = []
    for pattern, name in _TABLE:
        found += scan.take(pattern, reader.by_name(name))
    # What names no day that we know (`next week`, `Easter`) must not be read as today.
    found = found or scan.take(_WEEKEND, reader.weekend) or scan.take(_VAGUE, lambda _: DaySaid(()))
    return sorted(found, key=lambda spot: spot.start)


def loose_days_in(scan: Scan, today: date, hints: Hints) -> list[Spot[DaySaid]]:
    """`21.11` and `11-21`, where the time is said elsewhere."""
    reader = _Reader(today, month_comes_first(hints.locale, hints.region))
    return scan.take(_DOTTED, reader.dotted) + scan.take(_DASHED, reader.slashed)


def sure_days_in(scan: Scan, today: date) -> list[Spot[DaySaid]]:
    """ISO 8601 dates, which are read before phone numbers are."""
    return scan.take(_ISO, _Reader(today, None).iso)


class _Reader:
    """Turns matches into days, as seen from `today`."""

    def __init__(self, today: date, month_first: bool | None) -> None:
        self._today = today
        self._month_first = month_first

    def by_name(self, name: str) -> Callable[[Match], DaySaid | None]:
        """One of the methods below."""
        reader: Callable[[Match], DaySaid | None] = getattr(self, name)
        return reader

    def iso(self, match: Match) -> DaySaid:
        return _one(int(match["y"]), int(match["mo"]), int(match["d"]))

    def after(self, match: Match) -> DaySaid:
        """`in 3 days`, `3天后`."""
        days = number(match["n"]) or 0
        return DaySaid((self._today + min(days, 999) * _DAY,))

    def weeks_after(self, match: Match) -> DaySaid:
        """`in two weeks`, `一周后`."""
        word = match["n"].lower()
        weeks = 1 if word == "a" else number(word) or 0
        return DaySaid((self._today + min(weeks, 99) * 7 * _DAY,))

    def next_month(self, match: Match) -> DaySaid | None:
        """`the 5th of next month`, `下个月5号`."""
        day = number(match["d"])
        month = self._today.replace(day=1) + 31 * _DAY
        return None if day is None else _one(month.year, month.month, day)

    def last_weekday(self, match: Match) -> DaySaid:
        """`last Friday`, which is over."""
        return DaySaid((self._coming(_WEEKDAYS.index(match["name"][:3].lower())) - 7 * _DAY,))

    def weekday_next_week(self, match: Match) -> DaySaid:
        """`Friday next week`."""
        return DaySaid((self._in_week(1, _WEEKDAYS.index(match["name"][:3].lower())),))

    def week_after(self, match: Match) -> DaySaid:
        """`Friday week`: a week after the coming one."""
        return DaySaid((self._coming(_WEEKDAYS.index(match["name"][:3].lower())) + 7 * _DAY,))

    def weekend(self, _: Match) -> DaySaid:
        """`this weekend`, `周末`: one of two days."""
        days = {self._coming(5), self._coming(6)}
        return DaySaid(tuple(sorted(days)), is_row=False)

    def relative(self, match: Match) -> DaySaid:
        """`tomorrow`, `后天`."""
        word = "".join(match[0].lower().split())
        return DaySaid((self._today + _RELATIVE[word] * _DAY,))

    def named(self, match: Match) -> DaySaid:
        """`21 Nov`, `November 21st 2026`."""
        month = _MONTHS.index(match["month"][:3].lower()) + 1
        return self._of_year(match["y"], month, int(match["d"]))

    def chinese(self, match: Match) -> DaySaid | None:
        """`11月21日`, `2026年11月21号`, `十一月二十一日`."""
        month, day = number(match["mo"]), number(match["d"])
        if month is None or day is None:
            return None
        return self._of_year(match["y"], month, day)

    def of_month(self, match: Match) -> DaySaid | None:
        """`the 21st`, `21号`: of this month or, when it is past, the next."""
        day = number(match["d"])
        if day is None:
            return None
        months = (self._today.replace(day=1), (self._today.replace(day=1) + 31 * _DAY))
        row = (each for month in months for each in _one(month.year, month.month, day).days)
        return DaySaid(tuple(each for each in row if each >= self._today))

    def dotted(self, match: Match) -> DaySaid | None:
        """`21.11.`, `21.11.2026`: the day first, everywhere."""
        found = self._of_year(match["y"], int(match["b"]), int(match["a"]))
        return found if found.days or match["y"] else None

    def slashed(self, match: Match) -> DaySaid:
        """`21/11`, `11/21`: by the region, or the only way there is."""
        first, second = int(match["a"]), int(match["b"])
        day_first = self._of_year(match["y"], second, first)
        month_first = self._of_year(match["y"], first, second)
        if day_first == month_first or not month_first.days:
            return day_first
        if not day_first.days or self._month_first:
            return month_first
        if self._month_first is False:
            return day_first
        return DaySaid(day_first.days[:1] + month_first.days[:1], is_row=False)

    def weekday(self, match: Match) -> DaySaid:
        """`Fri`, `this Friday`: the coming one. `next Friday` is the coming one or that of the
        next week, where these differ."""
        ahead = self._coming(_WEEKDAYS.index(match["name"][:3].lower()))
        if (match["which"] or "").lower() != "next":
            return DaySaid((ahead, ahead + 7 * _DAY), weekday=ahead.weekday())
        of_next_week = self._in_week(1, ahead.weekday())
        coming = ahead if ahead > self._today else ahead + 7 * _DAY
        return DaySaid(tuple(sorted({coming, of_next_week})), is_row=False)

    def chinese_weekday(self, match: Match) -> DaySaid:
        """`周五`: the coming one; `这周五`, `下周五`: of this or the next week, from Monday on."""
        day = min(_ZH_WEEKDAYS.index(match["name"]), 6)
        if not match["which"]:
            ahead = self._coming(day)
            return DaySaid((ahead, ahead + 7 * _DAY), weekday=day)
        weeks = match["which"].count("下") - match["which"].count("上")
        return DaySaid((self._in_week(weeks, day),))

    def _coming(self, weekday: int) -> date:
        return self._today + (weekday - self._today.weekday()) % 7 * _DAY

    def _in_week(self, weeks: int, weekday: int) -> date:
        return self._today + (7 * weeks + weekday - self._today.weekday()) * _DAY

    def _of_year(self, year: str | None, month: int, day: int) -> DaySaid:
        """A date with its year, or without: the coming one."""
        if year:
            return _one(int(year) + (2000 if len(year) == 2 else 0), month, day)
        return DaySaid(tuple(each for each in self._coming_years(month, day)))

    def _coming_years(self, month: int, day: int) -> Iterator[date]:
        for year in range(self._today.year, self._today.year + 2):
            yield from (each for each in _one(year, month, day).days if each >= self._today)


def _one(year: int, month: int, day: int) -> DaySaid:
    try:
        return DaySaid((date(year, month, day),))
    except ValueError:
        return DaySaid(())


_RELATIVE = {
    "yesterday": -1, "昨天": -1, "昨日": -1, "today": 0, "2day": 0, "今天": 0, "今日": 0, "今": 0,
    "当天": 0, "tomorrow": 1,
    "tommorow": 1, "tomorow": 1, "tommorrow": 1, "tmr": 1, "tmrw": 1, "tmw": 1,
    "2moro": 1, "明天": 1, "明日": 1, "明": 1, "dayaftertomorrow": 2, "thedayaftertomorrow": 2,
    "overmorrow": 2, "后天": 2, "后日": 2, "大后天": 3,
}  # fmt: skip
_ISO = re.compile(
    r"(?<![0-9.:/-])(?P<y>20[0-9]{2})(?P<s>[-/.])(?P<mo>[0-9]{1,2})(?P=s)(?P<d>[0-9]{1,2})"
    r"(?![0-9])(?:T(?=[0-9]))?",
    re.IGNORECASE,
)
_DOTTED = re.compile(r"(?<![0-9.:/])(?P<a>[0-9]{1,2})\.(?P<b>[0-9]{1,2})(?P<y>(?!))?(?![0-9.:])")
_DASHED = re.compile(
    r"(?<![A-Za-z0-9.:/-])(?P<a>[0-9]{1,2})-(?P<b>[0-9]{2})(?P<y>(?!))?(?![A-Za-z0-9.:/-])"
    rf"(?!\s*(?:{PEOPLE}|kids|child|[人位名个大]))"
)
_YEAR = r"(?:,?\s*(?P<y>20[0-9]{2})(?![0-9]))?"
_TWO, _SHORT_YEAR = "(?P<a>[0-9]{1,2})", "(?P<y>20[0-9]{2}|[0-9]{2})"
_ZH_YEAR, _ZH_WHICH = "(?:(?P<y>20[0-9]{2})年)?", "(?P<which>这个?|本|下下个?|下个?|上上个?|上个?)?"
_WEEKDAY = (
    "(?P<name>mon(?:day)?|tue(?:s(?:day)?)?|wed(?:s|nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?|"
    "sat(?:urday)?|sun(?:day)?)"
)
_NO_DAY_ZH = "楼门线桌车厅位机店馆码包房间室台座柜口院铺"
_NO_DAY = r"(?!\s*(?:floor|level|st(?:reet)?|ave(?:nue)?|table|row|guest|time|birthday)\b)"
_ORDINAL = r"(?P<d>[0-9]{1,2})(?:st|nd|rd|th)?"
_NOT_COUNTED = r"(?![0-9:]|\s*(?:people|pax|guests?|persons?|am\b|pm\b|a\.m|p\.m))"
_WEEKEND = re.compile(r"\b(?:(?:this|the)\s+)?week-?end\b|周末", re.IGNORECASE)
_VAGUE = re.compile(
    r"\bnext\s+(?:week|month|year)\b|\b(?:christmas|xmas|new\s+year|easter|valentine|thanksgiving)"
    r"(?:'?s)?(?:\s+(?:eve|day))?\b|下下?个?(?:周|星期|礼拜|月)|圣诞节?|元旦|除夕|春节|国庆节?|中秋节?|平安夜|"
    r"\b(?:every|each)\s+(?:day|week)\b|每[天周]",
    re.IGNORECASE,
)
_TABLE = [
    (re.compile(pattern, re.IGNORECASE), name)
    for pattern, name in (
        (r"(?<![0-9])(?P<a>[0-9]{1,2})\.(?P<b>[0-9]{1,2})\.(?P<y>20[0-9]{2})(?![0-9])", "dotted"),
        (r"(?<![0-9])(?P<a>[0-9]{1,2})-(?P<b>[0-9]{1,2})-(?P<y>20[0-9]{2})(?![0-9])", "slashed"),
        (rf"(?<![0-9.:/]){_TWO}/(?P<b>[0-9]{{1,2}})(?:/{_SHORT_YEAR})?(?![0-9/])", "slashed"),
        (r"(?<![0-9.:/])(?P<a>[0-9]{1,2})\.(?P<b>[0-9]{1,2})\.(?P<y>[0-9]{2})?(?![0-9])", "dotted"),
        (rf"(?<![0-9.:/]){_ORDINAL}\s*(?:of\s+)?{_MONTH}{_YEAR}", "named"),
        (rf"\b{_MONTH}\s*(?:the\s+)?{_ORDINAL}{_NOT_COUNTED}{_YEAR}", "named"),
        (rf"{_ZH_YEAR}(?P<mo>{ZH_NUMBER})月(?P<d>{ZH_NUMBER})(?:[日号]|(?![0-9]))", "chinese"),
        (r"\bin\s+(?P<n>[0-9]{1,3}|two|three|four|five|six|seven)\s+days?(?:'s?)?\b", "after"),
        (rf"(?P<n>{ZH_NUMBER})\s*天(?:以|之)?后", "after"),
        (r"\b(?:the\s+)?day\s+after\s+tomorrow\b|\bovermorrow\b|大后天|后[天日]", "relative"),
        (r"\b(?:today|2day|tomm?orr?ow|tm(?:rw?|w)|2moro|yesterday)\b", "relative"),
        (r"[昨今明][天日]|当天", "relative"),
        (r"[今明](?=\s*(?:早|晚|上午|中午|下午|\0))", "relative"),
        (r"\bin\s+(?P<n>[0-9]{1,2}|a|one|two|three|four)\s+weeks?\b", "weeks_after"),
        (rf"(?P<n>{ZH_NUMBER})\s*个?(?:周|星期|礼拜)(?:以|之)?后", "weeks_after"),
        (rf"\bthe\s+{_ORDINAL}\s+of\s+next\s+month\b", "next_month"),
        (rf"下个?月(?P<d>{ZH_NUMBER})[日号]", "next_month"),
        (rf"\b(?:last|previous)\s+{_WEEKDAY}\b", "last_weekday"),
        (rf"\b{_WEEKDAY}\s+(?:of\s+)?next\s+week\b", "weekday_next_week"),
        (rf"\bnext\s+week\s+(?:on\s+)?{_WEEKDAY}\b", "weekday_next_week"),
        (rf"\b{_WEEKDAY}\s+week\b", "week_after"),
        (rf"\b(?:(?P<which>this|next|coming)\s+)?{_WEEKDAY}\b\.?", "weekday"),
        (rf"{_ZH_WHICH}(?:周|星期|礼拜)(?P<name>[一二三四五六日天])", "chinese_weekday"),
        (rf"(?:\bon\s+)?\bthe\s+(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)\b{_NO_DAY}", "of_month"),
        (rf"(?<![0-9区第])(?P<d>{ZH_NUMBER})[日号](?![{_NO_DAY_ZH}])", "of_month"),
    )
]  # fmt: skip
