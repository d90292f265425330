"""In which language the guest is told: as the text says, else as it is written itself."""

import re

from parking.merchants.sms.folding import folded
from parking.merchants.sms.known_words import is_known
from parking.merchants.sms.patterns import compiled, one_of
from parking.merchants.sms.scan import Scan, Spot

_ENGLISH = one_of("english 英文 英语")
_CHINESE = one_of("chinese mandarin putonghua 中文 汉语 普通话 国语")
_NAME = rf"(?:(?P<en>{_ENGLISH})|(?P<zh>{_CHINESE}))"
_NO = (
    r"(?:\b(?:no|not|doesn't\s+speak|does\s+not\s+speak)\s+|"
    + one_of("不会 不懂 不说 不讲 不要 不用 没有")
    + ")"
)
_NOT_SPOKEN = compiled(_NO, _NAME)
_LABELLED = compiled(
    r"(?:\blang(?:uage)?\b|语言|语种)\s*(?:is\b|是|为)?\s*[:=]?\s*",
    rf"(?:(?P<code>en|zh)(?:[-_][a-z]{{2,4}})?\b|{_NAME})",
)
_FOOD = one_of(r"new\s+year food banquet buffet breakfast brunch menu restaurant tea dinner lunch")
_NAMED = compiled(
    r"(?:\b(?:(?:who\s+)?speaks?|in)\s+|(?<![a-z]))(?:[用说讲会])?", _NAME,
    rf"(?![a-z])(?!\s+{_FOOD})(?:[\s-]+(?:speaking|sms|text)\b|短信|通知)?",
)  # fmt: skip
_WORDS = re.compile(r"[A-Za-z]+")
_CHINESE_WRITING = re.compile(
    "订单|单号|今[天晚早]|明[天晚早]|后天|周[一二三四五六日天]|[上下]午|晚上|中午|停车|车牌|改|取消|"
    "[0-9两一二三四五六七八九十半][点人位时号]"
)


def languages_in(scan: Scan) -> list[Spot[str]]:
    """`en` and `zh`, as the text names them for the guest: `lang zh`, `speaks English`, `中文`.
    What the guest does not speak is passed over, and so is Chinese food."""
    scan.has(_NOT_SPOKEN)
    return [*scan.take(_LABELLED, _language), *scan.take(_NAMED, _language)]


def written_in(text: str) -> str:
    """The language of the text itself, by words of the grammar and not by names and plates; empty
    where it has none of either (`#12 19:30`)."""
    plain = folded(text)
    if _CHINESE_WRITING.search(plain):
        return "zh"
    return "en" if any(map(is_known, _WORDS.findall(plain))) else ""


def _language(match: re.Match[str]) -> str:
    groups = match.groupdict()
    if groups.get("code"):
        return str(groups["code"]).lower()
    return "en" if groups["en"] else "zh"
