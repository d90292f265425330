"""Times of day as people write them: one table of patterns, from the strictest to the loosest."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from parking.merchants.sms.numbers import EN_HOUR, ZH_NUMBER, number
from parking.merchants.sms.scan import Scan, Spot

Match = re.Match[str]


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day as it was written.

    `is_whole`: without more words it is one time and not also the one twelve hours later (07:30,
    but not 7:30). `is_firm`: no part of the day moves it (7am, noon). `is_midnight`: the word for
    the end of one day and the begin of the next.
    """

    hour: int
    minute: int = 0
    is_whole: bool = False
    is_firm: bool = False
    is_midnight: bool = False

    @property
    def is_possible(self) -> bool:
        """Whether a clock can show it; 24:00 is the end of a day."""
        return (0 <= self.hour <= 23 and 0 <= self.minute <= 59) or (self.hour, self.minute) == (
            24,
            0,
        )


MINUTE_IMPOSSIBLE = 99
_ALONE = r"(?<![A-Za-z0-9:/+#])(?<![0-9][.,])"
_END = r"(?![0-9A-Za-z])(?!:[0-9])"
_HALF = r"(?P<half>[ap]\.\s?m\.?|[ap]m)(?![A-Za-z0-9])"
_COUNTED = (
    r"(?!\s*-?\s*(?:people|persons?|pax|ppl|guests?|covers?|adults?|kids?|child|children|seats?|"
    r"h(?:ou)?rs?\b|h\b|min|m\b|days?|weeks?|st\b|nd\b|rd\b|th\b|cars?\b|spaces?\b|%|[人位名个大小]))"
)
_MINUTES_EN = (
    r"(?P<word>half|(?:a\s+)?quarter|(?:five|ten|twenty[\s-]five|twenty)(?:\s+min(?:ute)?s?)?|"
    r"[0-9]{1,2}(?=\s*(?:min|past\b|after\b))(?:\s*min(?:ute)?s?)?)"
)
_MINUTES_ZH = (
    r"(?P<m>半|一刻|三刻|整|钟|"
    r"(?:零|过)?(?:[0-9]{1,2}|[零一二两三四五六七八九十]{1,3})分钟?|"
    r"(?:零|过)?(?:[0-9]{2}|[二三四五]?十[一二三四五六七八九]?|零[一二三四五六七八九])"
    r"(?![零一二三四五六七八九十])(?!\s*[人位名个大分]))?"
)
_WORD_MINUTES = {"half": 30, "quarter": 15, "a quarter": 15, "半": 30, "一刻": 15, "三刻": 45}
_SPOKEN = {"fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "ten": 10} | {
    f"{tens}{gap}five": value + 5
    for tens, value in (("twenty", 20), ("thirty", 30), ("forty", 40), ("fifty", 50))
    for gap in (" ", "-")
}


def _digital(match: Match) -> Clock:
    """`19:30`, `7:30pm`, `07.30`."""
    hour, half = match["h"], match["half"]
    if half:
        return _with_half(int(hour), int(match["m"]), half)
    is_whole = len(hour) == 2 or int(hour) == 0
    return Clock(int(hour), int(match["m"]), is_whole=is_whole)


def _with_half(hour: int, minute: int, half: str) -> Clock:
    """Twelve am is midnight, 19:30pm is forgiven, 13am is no time."""
    if half[0].lower() == "a":
        hour = 0 if hour == 12 else hour
        return Clock(hour if hour < 13 else 99, minute, is_whole=True, is_firm=True)
    return Clock(hour if hour >= 12 else hour + 12, minute, is_whole=True, is_firm=True)


def _hour(text: str) -> int:
    found = number(text)
    assert found is not None, "the pattern lets numbers through only"
    return found


def _hour_and_half(match: Match) -> Clock:
    """`7pm`, `seven p.m.`."""
    return _with_half(_hour(match["h"]), 0, match["half"])


def _bare(match: Match) -> Clock | None:
    """`at 7`, `@19`, `seven o'clock`."""
    hour = _hour(match["h"])
    return Clock(hour, is_whole=hour >= 13) if hour <= 24 else None


def _four_digits(match: Match) -> Clock:
    """`at 1930`, `1930 hrs`."""
    return Clock(int(match["h"]), int(match["m"]), is_whole=True)


def _past_or_to(match: Match) -> Clock | None:
    """`half past seven`, `quarter to 8`, `ten past nine pm`."""
    word = re.sub(r"\s*min(?:ute)?s?$", "", " ".join(match["word"].lower().split()))
    minutes = _WORD_MINUTES.get(word, number(word))
    hour = _hour(match["h"])
    if minutes is None or not 0 < minutes < 60 or hour > 12:
        return None
    is_before = match["way"].lower() in {"to", "before", "of", "till"}
    total = hour * 60 + (-minutes if is_before else minutes)
    hour, minute = divmod(total, 60)
    if match["half"]:
        return _with_half(hour, minute, match["half"])
    return Clock(hour or 12, minute)


def _spoken(match: Match) -> Clock:
    """`seven thirty`, `half seven` (half past)."""
    word = " ".join(match["word"].lower().split())
    minute = 30 if word == "half" else _SPOKEN[word]
    hour = _hour(match["h"])
    if match["half"]:
        return _with_half(hour, minute, match["half"])
    return Clock(hour, minute)


def _chinese(match: Match) -> Clock | None:
    """`七点半`, `19点30分`."""
    hour, word = number(match["h"]), match["m"] or ""
    if hour is None:
        return None
    minute = _WORD_MINUTES.get(word, 0)
    if not minute and word not in {"", "整", "钟"}:
        said = number(word.lstrip("过").rstrip("分钟"))
        minute = MINUTE_IMPOSSIBLE if said is None else said
    return Clock(hour, minute, is_whole=hour == 0 or hour >= 12)


def _chinese_before(match: Match) -> Clock | None:
    """`差一刻八点`, `差10分八点`."""
    word = match["m"]
    minutes, hour = _WORD_MINUTES.get(word, number(word.rstrip("分钟"))), number(match["h"])
    if not minutes or minutes >= 60 or not hour:
        return None
    return Clock(hour - 1 or 12, 60 - minutes, is_whole=hour >= 14)


_ZH = rf"(?<![0-9:.])(?P<h>{ZH_NUMBER})\s*[点时]{_MINUTES_ZH}(?![0-9])"
_AT = r"(?:\bat|@|\bby|\baround|\bapprox\.?|\bat\s+about)\s*"
_Reader = tuple[str, Callable[[Match], Clock | None]]
_PAST_OR_TO = (
    rf"(?:{_ALONE}|\b){_MINUTES_EN}\s+(?P<way>past|after|to|before|of|till)\s+"
    rf"(?P<h>{EN_HOUR}\b|[0-9]{{1,2}}(?![0-9:.]))(?:\s*{_HALF})?"
)
_SPOKEN_EN = (
    rf"\b(?P<h>{EN_HOUR})[\s-](?P<word>(?:twenty|thirty|forty|fifty)[\s-]five|fifteen|twenty|"
    rf"thirty|forty|fifty|ten)\b{_COUNTED}(?:\s*{_HALF})?"
)
_COLON = (
    rf"{_ALONE}(?P<h>[0-9]{{1,2}})[:h](?P<m>[0-9]{{2}})(?::[0-9]{{2}})?"
    rf"(?:\s?{_HALF}|(?:\s?h(?:rs?)?\b)?{_END})(?!\s*/)"
)
_DOT = r"(?P<h>[0-9]{1,2})\.(?P<m>[0-9]{2})"
_NO_HALF = r"(?P<half>(?!))?(?![0-9]|\.[0-9])"
_FOUR = r"(?P<h>[01][0-9]|2[0-3])(?P<m>[0-5][0-9])"
_STRICT: tuple[_Reader, ...] = (
    (r"\bmidnight\b|午夜|半夜", lambda _: Clock(0, is_whole=True, is_midnight=True)),
    (rf"差(?P<m>一刻|{ZH_NUMBER}分钟?)(?P<h>{ZH_NUMBER})点", _chinese_before),
    (rf"(?<![0-9:.])(?P<h>{ZH_NUMBER})点差(?P<m>一刻|{ZH_NUMBER}分钟?)", _chinese_before),
    (_ZH, _chinese),
    (r"\bnoon\b|\bmid-?day\b", lambda _: Clock(12, is_whole=True, is_firm=True)),
    (_PAST_OR_TO, _past_or_to),
    (rf"\b(?P<word>half)\s+(?P<h>{EN_HOUR}|[0-9]{{1,2}})\b(?:\s*{_HALF})?", _spoken),
    (_SPOKEN_EN, _spoken),
    (_COLON, _digital),
    (rf"{_ALONE}{_DOT}\s?{_HALF}", _digital),
    (rf"{_ALONE}(?P<h>[0-9]{{1,2}}|\b{EN_HOUR})\s?{_HALF}", _hour_and_half),
    (rf"{_ALONE}(?P<h>[0-9]{{1,2}}|\b{EN_HOUR})\s?o\s?'?\s?clock\b", _bare),
    (rf"{_AT}{_DOT}{_NO_HALF}", _digital),
    (rf"{_AT}{_FOUR}(?:\s?h(?:rs|ours)?\b|{_END})", _four_digits),
    (rf"{_ALONE}{_FOUR}\s?h(?:rs|ours)?\b", _four_digits),
)
_NUMBERED = rf"(?P<h>[0-9]{{1,2}}(?![0-9:./])|{EN_HOUR}\b){_COUNTED}"
_LOOSE: tuple[_Reader, ...] = (
    (rf"{_AT}{_NUMBERED}", _bare),
    (rf"(?<=\bfrom )(?:about )?{_NUMBERED}(?=\s*(?:-|to\b|until\b|till\b))", _bare),
    (rf"(?<=\bbetween ){_NUMBERED}(?=\s*and\b)", _bare),
    (rf"(?<=\buntil ){_NUMBERED}", _bare),
    (rf"(?<=\btill ){_NUMBERED}", _bare),
)
_DOTTED = re.compile(rf"{_ALONE}{_DOT}{_NO_HALF}")
_Compiled = list[tuple[re.Pattern[str], Callable[[Match], Clock | None]]]


def _compiled(
    readers: tuple[_Reader, ...],
) -> list[tuple[re.Pattern[str], Callable[[Match], Clock | None]]]:
    return [(re.compile(pattern, re.IGNORECASE), read) for pattern, read in readers]


_STRICT_TABLE, _LOOSE_TABLE = _compiled(_STRICT), _compiled(_LOOSE)


def strict_times(scan: Scan) -> list[Spot[Clock]]:
    """Times that are written as such."""
    return [spot for pattern, read in _STRICT_TABLE for spot in scan.take(pattern, read)]


def loose_times(scan: Scan) -> list[Spot[Clock]]:
    """Hours that only a word before them makes a time: `at 7`."""
    return [spot for pattern, read in _LOOSE_TABLE for spot in scan.take(pattern, read)]


def dotted_times(scan: Scan, *, only_sure: bool) -> list[Spot[Clock]]:
    """`7.30`; where a date could be meant as well (`21.11`) only if not `only_sure`."""

    def read(match: Match) -> Clock | None:
        clock = _digital(match)
        is_date_too = 1 <= int(match["m"]) <= 12 and 1 <= int(match["h"]) <= 31
        return None if not clock.is_possible or (only_sure and is_date_too) else clock

    return scan.take(_DOTTED, read)
