"""How long (`for 2 hours`) and how soon (`in 30 minutes`), and instants with their own offset."""

import re
from datetime import UTC, datetime, timedelta

from parking.merchants.sms.numbers import EN_NUMBER, ZH_NUMBER, number
from parking.merchants.sms.scan import Scan, Spot

Match = re.Match[str]
_AMOUNT = (
    r"(?P<n>[0-9]{1,4}(?:[.,]5)?|half\s+an?|an?|one\s+and\s+a\s+half|"
    rf"{EN_NUMBER}(?:\s+and\s+a\s+half)?)"
)
_UNIT = r"(?P<unit>h(?:ou)?rs?|h|min(?:ute)?s?)\b"
_NOT_SHIFT = r"(?!\s*(?:later|late|earlier|early|ago|before|delay))"
_SOON = (
    re.compile(
        rf"\bin\s+(?:about\s+|approx\.?\s+)?{_AMOUNT}\s*{_UNIT}(?:'?s?\s+time\b)?", re.IGNORECASE
    ),
    re.compile(rf"(?P<n>{ZH_NUMBER}|半)\s*个?(?P<half>半)?(?P<unit>小时|钟头|分钟)(?:以|之)?后"),
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
    is_hours = match["unit"].lower().startswith("h") or match["unit"] in {"小时", "钟头"}
    return timedelta(minutes=round(amount * 60 if is_hours else amount))


def _amount(word: str) -> float | None:
    if word in {"half a", "half an", "半"}:
        return 0.5
    if word in {"a", "an"}:
        return 1
    plain, _, rest = word.partition(" and a half")
    if word != plain:
        return (number(plain) or 0) + 0.5 if not rest else None
    return float(word) if word.endswith(".5") else number(word)
