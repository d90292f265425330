"""References of orders."""

import re

from parking.merchants.sms.patterns import CLOCK_WORD, PEOPLE, compiled, one_of
from parking.merchants.sms.results import ORDER_CHARACTERS_MAX
from parking.merchants.sms.scan import Scan, Spot

Match = re.Match[str]

_REF = r"(?P<ref>[A-Za-z0-9]+(?:[-_/.][A-Za-z0-9]+)*)"
_PLAIN_REF = r"(?P<ref>[0-9]{3,12}|[A-Za-z]{1,5}(?:-[0-9]{1,10}|[0-9]{2,10}))"
"""What is taken for a reference without a word that says so, beside a verb."""
_NO_TIME_NO_PARTY = (
    r"(?![A-Za-z0-9])(?!:[0-9])"
    rf"(?!\s*(?:{CLOCK_WORD}|{PEOPLE}|cars?\b|spaces?\b|[人位名点月]))"
)
_LABEL = (
    r"(?:\b" + one_of("order booking reservation ref(?:erence)? ord bkg") + r"\b\.?|"
    + one_of("订单 单号 预约号 预订号 预定号 编号") + ")"
)  # fmt: skip
_NUMBER_SIGN = r"\s*(?:(?:no|nr|num|number|id|ref)\b\.?|号码?|编号)?\s*(?:is\b|是|为)?\s*[:=]?\s*"
_HASHED = compiled(rf"(?:{_LABEL}{_NUMBER_SIGN})?#\s*{_REF}")
_LABELLED = compiled(_LABEL, _NUMBER_SIGN, r"(?=[A-Za-z/_.-]*[0-9])", _REF, _NO_TIME_NO_PARTY)
_VERBS = (
    "(?:" + one_of("cancel move change reschedule postpone status update") + r"\b|"
    + one_of("取消 退订 查询 状态 改期 查") + ")"
)  # fmt: skip
_AFTER_VERB = compiled(_VERBS, r"\s*(?:of\s+)?", _PLAIN_REF, _NO_TIME_NO_PARTY)
_BEFORE_VERB = compiled(
    r"(?<![A-Za-z0-9:./+-])", _PLAIN_REF, r"(?=\s*(?:取消|退订|改[到期为成]|推迟|提前[到至]))"
)
_LOOKS_LIKE_TIME = compiled(r"[0-9]{1,2}(?:[./][0-9]{1,2}(?:[./][0-9]{2,4})?|[ap]m?|h)")


def orders_in(scan: Scan) -> list[Spot[str]]:
    """`#A-1021`, `order no. 1021`, `订单1021`, `cancel 1021`; as they are written."""

    def read(match: Match) -> str | None:
        ref = match["ref"]
        return None if _LOOKS_LIKE_TIME.fullmatch(ref) else ref

    found = scan.take(_HASHED, lambda match: match["ref"]) + scan.take(_LABELLED, read)
    return found or _beside_verb(scan)


def _beside_verb(scan: Scan) -> list[Spot[str]]:
    """`cancel 1021`, `1021取消`: the verb itself is still wanted."""
    matches = [*_AFTER_VERB.finditer(scan.rest), *_BEFORE_VERB.finditer(scan.rest)]
    found = [Spot(match.start("ref"), match.end("ref"), match["ref"]) for match in matches]
    for spot in found:
        scan.blank(spot.start, spot.end)
    return found


def is_order_too_long(ref: str) -> bool:
    """Whether no order can be called so."""
    return len(ref) > ORDER_CHARACTERS_MAX
