"""What the guest needs, and whether parking is wanted at all."""

import re

from parking.merchants.sms.patterns import compiled, one_of
from parking.merchants.sms.results import Needs
from parking.merchants.sms.scan import Scan

_NO_EN = one_of(
    r"no not?\s+need(?:ing|ed)? without don'?t\s+need do\s+not\s+need doesn'?t\s+need",
    r"does\s+not\s+need needs?\s+no",
)
_NO_ZH = one_of("不需要 不需 无需 不用 不要 没有 没 不 无")
_NO = rf"(?:\b{_NO_EN}\s+(?:(?:any|an?|the)\s+)?|{_NO_ZH})"

_PARKING = (
    r"(?:(?:car\s+)?park(?:ing)?(?:\s+(?:space|spot|bay|lot))?\b|(?:space|spot|bay|car)\b|"
    "停车位?|车位|开车|泊车|车(?!牌))"
)
_OTHER_WAY = (
    r"\b(?:by|with\s+a|tak(?:es?|ing)\s+a)\s+" + one_of("taxi cab uber train metro bus subway")
    + r"\b|\bon\s+foot\b|打车|打的|坐地铁|步行"
)  # fmt: skip
_NO_PARKING = compiled(_NO, _PARKING, "|", _OTHER_WAY)
_WANTS_PARKING = compiled(
    r"\b(?:needs?|with|wants?)\s+(?:a\s+)?", _PARKING,
    r"|\bparking\b|需要停车位?|要停车位?|需要车位|要车位|停车位?",
)  # fmt: skip

_ACCESSIBLE_EN = one_of(
    r"wheel\s?chair(?:s|\s+users?)? disabled handicap(?:ped)? accessible accessibility",
    r"barrier[\s-]free blue\s+badge step[\s-]free",
)
_EV_EN = one_of(
    r"e-?v electric(?:\s+(?:car|vehicle))? charg(?:er|ing|e)(?:\s+(?:point|station|post))? tesla"
)
_ACCESSIBLE_ZH = "(?:轮椅|无障碍|残疾人?|残障)"
_EV_ZH = "(?:充电桩?|电动车?|电车|新能源车?)"
_NO_ACCESSIBLE = compiled(rf"{_NO}(?:{_ACCESSIBLE_EN}\b|轮椅|无障碍)")
_ACCESSIBLE = compiled(rf"\b{_ACCESSIBLE_EN}\b|{_ACCESSIBLE_ZH}")
_NO_EV = compiled(rf"{_NO}(?:{_EV_EN}\b|{_EV_ZH})")
_EV = compiled(rf"\b{_EV_EN}\b|{_EV_ZH}")


def needs_in(scan: Scan) -> Needs:
    """What the space must have."""
    return Needs(_yes_or_no(scan, _ACCESSIBLE, _NO_ACCESSIBLE), _yes_or_no(scan, _EV, _NO_EV))


def parking_in(scan: Scan) -> bool | None:
    """Whether parking is wanted, if anything is said about it."""
    return _yes_or_no(scan, _WANTS_PARKING, _NO_PARKING)


def _yes_or_no(scan: Scan, yes: re.Pattern[str], no: re.Pattern[str]) -> bool | None:
    if scan.has(no):
        scan.has(yes)
        return False
    return True if scan.has(yes) else None
