"""Several cars, and what repeats: one message books one car on one day."""

import re
from collections.abc import Sequence
from itertools import pairwise

from parking.merchants.sms.numbers import EN_NUMBER, ZH_NUMBER, number
from parking.merchants.sms.patterns import compiled, one_of
from parking.merchants.sms.scan import BLANK, Scan, Spot

_CARS = (
    compiled(
        rf"(?<![A-Za-z0-9:./+-])(?P<n>[0-9]{{1,3}}|{EN_NUMBER}|both|several)\s+(?:parking\s+)?",
        one_of("cars vehicles autos spaces bays spots"), r"\b",
    ),
    compiled(
        rf"(?<![A-Za-z0-9:.])(?P<n>{ZH_NUMBER})\s*(?:[辆輛台臺部]\s*(?:小?汽?车)|个\s*车位)"
    ),
)  # fmt: skip
_ONE_CAR = compiled(r"\b(?:1|one|a)\s+(?:car|vehicle)\b")
_WEEKDAY = one_of("mon tues wednes thurs fri satur sun")
_REPEATS = compiled(
    r"\b(?:every|each)\s+(?:other\s+|second\s+|single\s+)?",
    one_of("day week weekday weekend night evening morning month year"),
    rf"\b|\b(?:every|each)\s+(?:other\s+|second\s+)?(?:{_WEEKDAY}day|mon|tues?|wed|thu(?:rs)?|fri|sat|sun)s?\b",
    rf"|\b{_WEEKDAY}days\b|\b(?:daily|weekly|fortnightly|monthly)\b",
    r"|每(?:个|逢)?(?:天|日|周|星期|礼拜|月|晚|早)|天天(?=[早晚中都0-9])|逢周[一二三四五六日天]",
)
_BETWEEN_PLATES = re.compile(
    rf"[\s{BLANK},;/&+]*(?:(?:and|und|plus|和|及|与|跟)[\s{BLANK}]*)?(?:plates?|车牌)?[\s:{BLANK}]*",
    re.IGNORECASE,
)


def cars_in(scan: Scan) -> list[Spot[int]]:
    """`2 cars`, `两辆车`: how many, where it is said; some (`both`) are two."""
    found = [spot for pattern in _CARS for spot in scan.take(pattern, _count)]
    scan.has(_ONE_CAR)
    return found


def _count(match: re.Match[str]) -> int | None:
    if match["n"].lower() in ("both", "several"):
        return 2
    return number(match["n"])


def repeats_in(scan: Scan) -> str:
    """The words that say that it is for more than one day; empty if there are none."""
    match = _REPEATS.search(scan.rest)
    return match[0] if match else ""


def are_listed(text: str, plates: Sequence[Spot[str]]) -> bool:
    """Whether plates stand side by side, as those of several cars do."""
    spots = sorted(plates, key=lambda spot: spot.start)
    gaps = [text[one.end : other.start] for one, other in pairwise(spots)]
    return bool(gaps) and all(_BETWEEN_PLATES.fullmatch(gap) for gap in gaps)
