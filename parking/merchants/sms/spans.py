"""How long (`for 2 hours`) and how soon (`in 30 minutes`), and instants with their own offset."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from parking.merchants.sms.numbers import EN_NUMBER, ZH_NUMBER, number
from parking.merchants.sms.scan import Scan, Spot

Match = re.Match[str]


@dataclass(frozen=True, slots=True)
class Shift:
    """So much later, or earlier (negative). `is_plain`: `30 minutes later`, which of an order that
    is new means: from now."""

    length: timedelta
    is_plain: bool = False


_AMOUNT = (
    r"(?P<n>[0-9]{1,4}(?:[.,]5)?|half\s+an?|an?|one\s+and\s+a\s+half|"
    rf"{EN_NUMBER}(?:\s+and\s+a\s+half)?)"
)
_UNIT = (
    r"(?:(?P<unit>h(?:ou)?rs?|h|min(?:ute)?s?)\b(?P<half>\s+and\s+a\s+half\b)?(?:\s*(?:and\s+)?(?P<m>[0-9]{1,2})\s*min(?:ute)?s?\b)?"
    r"|(?P<h>h)(?P<hm>[0-9]{2})(?![0-9A-Za-z]))"
)
_ZH_AMOUNT = (
    rf"(?:(?P<n>[0-9]{{4}}|{ZH_NUMBER}|半)\s*个?(?P<half>半)?(?P<unit>小时|钟头|分钟)"
    rf"(?:零?(?P<m>{ZH_NUMBER})分钟?)?)"
)
_BEFORE_SHIFT = r"(?<![A-Za-z0-9:.])(?:by\s+)?(?:about\s+)?"
_NOT_SHIFT = r"(?!\s*(?:later|late|earlier|early|ago|before|delay))"
_SOON = (
    re.compile(
        rf"\bin\s+(?:about\s+|approx\.?\s+)?{_AMOUNT}\s*{_UNIT}(?:'?s?\s+time\b)?", re.IGNORECASE
    ),
    re.compile(rf"(?<![A-Za-z0-9:.]){_AMOUNT}\s*{_UNIT}\s+from\s+now\b", re.IGNORECASE),
    re.compile(rf"(?:再?过|等)?{_ZH_AMOUNT}(?:以|之)?后"),
    re.compile(rf"再?过{_ZH_AMOUNT}"),
)
_SHIFTS = (
    (1, True, re.compile(rf"{_BEFORE_SHIFT}{_AMOUNT}\s*{_UNIT}\s*later\b", re.IGNORECASE)),
    (
        -1,
        False,
        re.compile(rf"{_BEFORE_SHIFT}{_AMOUNT}\s*{_UNIT}\s*(?:earlier|sooner)\b", re.IGNORECASE),
    ),
    (
        1,
        False,
        re.compile(
            r"\b(?:delay|postpon|push)[a-z]*(?:\s+back)?[\s\0]*(?:[^.;]{0,40}?\bby\s+)?"
            rf"{_AMOUNT}\s*{_UNIT}(?!\s*(?:later|earlier|sooner|from))",
            re.IGNORECASE,
        ),
    ),
    (
        1,
        False,
        re.compile(rf"(?:推迟|延后|延迟|延期|改晚)了?\s*{_ZH_AMOUNT}(?!(?:以|之)?后)"),
    ),
    (1, True, re.compile(rf"往后推?\s*{_ZH_AMOUNT}")),
    (-1, False, re.compile(rf"(?:提前|提早|改早)了?\s*{_ZH_AMOUNT}")),
)
_NOW = re.compile(r"\bright\s+now\b|\bimmediately\b|\basap\b|马上|立刻", re.IGNORECASE)
_LONG = (
    re.compile(
        r"(?<![A-Za-z0-9:.])(?:for\s+|stay(?:ing|s)?\s+)?(?:about\s+)?"
        rf"{_AMOUNT}\s*-?\s*{_UNIT}{_NOT_SHIFT}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?:停|待|用|时长|大?约)*(?P<n>{ZH_NUMBER}|[0-9]{{4}}|半)\s*个?(?P<half>半)?"
        r"(?P<unit>小时|钟头|分钟)(?!(?:以|之)?[前后])"
    ),
)
_INSTANT = re.compile(
    r"(?<![0-9])(?P<day>20[0-9]{2}-[0-9]{2}-[0-9]{2})"
    r"(?:T(?P<t>[0-9]{2}:[0-9]{2})(?::[0-9]{2}(?:\.[0-9]+)?)?\s?"
    r"(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})|\s(?P<t2>[0-9]{2}:[0-9]{2})(?::[0-9]{2})?\s?"
    r"(?P<zone2>Z|\+[0-9]{2}:?[0-9]{2}))(?![0-9])",
    re.IGNORECASE,
)


def instants_in(scan: Scan) -> list[Spot[datetime]]:
    """RFC 3339 times, in UTC, on the full minute."""
    return scan.take(_INSTANT, _instant)


def _instant(match: Match) -> datetime | None:
    text = f"{match['day']}T{match['t'] or match['t2']}{(match['zone'] or match['zone2']).upper()}"
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def soon_in(scan: Scan, now: datetime) -> list[Spot[datetime]]:
    """`in 30 minutes`, `right now`: in UTC, on the full minute."""
    minute = now.astimezone(UTC).replace(second=0, microsecond=0)
    found = scan.take(_NOW, lambda _: minute)
    for pattern in _SOON:
        for spot in scan.take(pattern, _length):
            found.append(Spot(spot.start, spot.end, minute + spot.value))
    return found


def shifts_in(scan: Scan) -> list[Spot[Shift]]:
    """`30 minutes later`, `delay by half an hour`, `提前半小时`: against what the order was."""
    return [
        Spot(spot.start, spot.end, Shift(sign * spot.value, is_plain))
        for sign, is_plain, pattern in _SHIFTS
        for spot in scan.take(pattern, _length)
    ]


def lengths_in(scan: Scan) -> list[Spot[timedelta]]:
    """`for 2 hours`, `90 min`, `两个半小时`."""
    return [spot for pattern in _LONG for spot in scan.take(pattern, _length)]


def _length(match: Match) -> timedelta | None:
    word = " ".join(match["n"].lower().replace(",", ".").split())
    amount = _amount(word)
    if amount is None:
        return None
    if match.groupdict().get("half"):
        amount += 0.5
    parts = match.groupdict()
    unit = (parts["unit"] or "h").lower()
    is_hours = unit.startswith("h") or unit in {"小时", "钟头"}
    more = parts.get("m") or parts.get("hm")
    if more and not is_hours:
        return None
    rest = (number(more) or 0) if more else 0
    return timedelta(minutes=round(amount * 60 if is_hours else amount) + rest)


def _amount(word: str) -> float | None:
    if word in {"half a", "half an", "半"}:
        return 0.5
    if word in {"a", "an"}:
        return 1
    plain, _, rest = word.partition(" and a half")
    if word != plain:
        return (number(plain) or 0) + 0.5 if not rest else None
    return float(word) if word.endswith(".5") else number(word)
