"""How many come."""

import re

from parking.merchants.sms.numbers import EN_NUMBER, ZH_NUMBER, number
from parking.merchants.sms.patterns import CLOCK_WORD, PEOPLE, compiled
from parking.merchants.sms.scan import Scan, Spot

Match = re.Match[str]

_COUNT = rf"(?P<n>[0-9]{{1,3}}|{EN_NUMBER})"
_ZH_DIGITS = "一二两三四五六七八九十"
_ZH_COUNT = rf"(?P<n>[0-9]{{1,3}}|[{_ZH_DIGITS}]{{1,3}})"
_FEW_ZH = "(?:[0-9]{1,2}|[一二两三四五六七八九])"
_ALONE = r"(?<![0-9:.+-])\b"
_PARTIES = (
    compiled(_ZH_COUNT, rf"\s*个?大人?(?P<kids>\s*{_FEW_ZH}\s*个?(?:小孩?|孩子))?"),
    compiled(
        _ALONE, _COUNT, r"\s*-?\s*adults?\b(?P<kids>\s*(?:,|and|\+|&|with)?\s*",
        rf"(?:[0-9]{{1,2}}|{EN_NUMBER})\s*(?:kids?|child(?:ren)?)\b)?",
    ),
    compiled(_ALONE, _COUNT, r"\s*-?\s*", PEOPLE),
    compiled(
        r"\b(?:party|group|table)\s*(?:size)?\s*(?:of|for|to|is|:|=)\s*(?:be\s+)?",
        _COUNT, rf"\b(?!:|\s*{CLOCK_WORD})",
    ),
    compiled(
        r"\b(?:people|guests|persons|pax|covers)\s*(?:to|is|are|:|=)\s*", _COUNT, r"\b(?![:.][0-9])"
    ),
    compiled(
        rf"(?<![0-9:.{_ZH_DIGITS}])(?P<n>[0-9]{{1,3}}|{ZH_NUMBER})\s*",
        r"(?:个人|个客人|人|位|名|个大人)(?!民)",
    ),
    compiled(r"人数\s*(?:改为|改成|改到|是|为|变成)?\s*[:=]?\s*", _ZH_COUNT),
)  # fmt: skip
_WEAK = compiled(
    r"\bfor\s+", _COUNT, rf"\b(?![:./][0-9])(?!\s*(?:{CLOCK_WORD}|o\s?'?\s?clock|days?|th\b|-))"
)
_KIDS = compiled(rf"[0-9]+|{EN_NUMBER}|[一二两三四五六七八九]")


def parties_in(scan: Scan) -> list[Spot[int]]:
    """`4 people`, `party of 6`, `2 adults 2 kids`, `四位`, `3大1小`."""
    return [spot for pattern in _PARTIES for spot in scan.take(pattern, _people)]


def weak_parties_in(scan: Scan) -> list[Spot[int]]:
    """`for 4`; read when times have been."""
    return scan.take(_WEAK, _people)


def _people(match: Match) -> int | None:
    count, kids = number(match["n"]), match.groupdict().get("kids")
    found = _KIDS.search(kids) if kids else None
    if count is None or found is None:
        return count
    return count + (number(found[0]) or 0)
