"""What the merchant wants done."""

import re

from parking.merchants.sms.patterns import compiled, one_of
from parking.merchants.sms.results import Action
from parking.merchants.sms.scan import Scan


def _table(english: str, chinese: str) -> re.Pattern[str]:
    return compiled(rf"\b{one_of(english)}\b|{one_of(chinese)}")


_NEGATED = compiled(
    r"\b(?:do\s*n[o']?t|don't|never|not)\s+(?:to\s+)?(?:be\s+)?",
    r"(?:cancel\w*|mov\w+|chang\w+|book\w*)\b|",
    one_of("不要 别 不用 请勿 勿 没有 没 不"), one_of("取消 退订 改 预订"),
)  # fmt: skip
_VERBS: tuple[tuple[Action, re.Pattern[str]], ...] = (
    (
        Action.CANCEL,
        _table(
            r"cancel(?:l?ed|l?ing|lation|s)? call(?:ed)?\s+off no[\s-]longer\s+com(?:es?|ing)",
            "取消 退订 撤销 作废 不来了 来不了",
        ),
    ),
    (
        Action.MOVE,
        _table(
            "mov(?:ed?|es|ing) chang(?:ed?|es|ing) reschedul(?:ed?|es|ing) postpon(?:ed?|es|ing)"
            " delay(?:ed)? shift(?:ed)? updat(?:ed?|es|ing) amend(?:ed)? modif(?:y|ied)"
            " push(?:ed)? instead",
            "改(?:到|成|为|至|期|时间|签|一下)? 推迟 延后 延期 提前[到至] 变更 调整 更改 修改"
            " 换[到成]",
        ),
    ),
    (
        Action.STATUS,
        _table(
            r"status where(?:'s)? which\s+(?:space|spot|bay) check(?!\s*-?\s*in) lookup info",
            "状态 查询 查一下 查 哪里 在哪 哪个车位 怎么样了",
        ),
    ),
    (
        Action.HELP,
        _table(
            r"help how\s+(?:to|do|does) instructions? manual example",
            "帮助 怎么用 使用说明 说明 示例 例子",
        ),
    ),
)
_BOOK = _table(
    r"book(?:ing|ed)? reserv(?:e|ed|ation) park hold order",
    "预订 预定 预约 订位 订座 订单 下单 安排 新",
)
_ONLY_QUESTION = re.compile(r"[?\s]+")


def actions_in(scan: Scan) -> list[Action]:
    """What the words ask for; two that exclude each other, as in `do not cancel`, are for the
    sender to sort out. Empty: nothing is said."""
    if scan.has(_NEGATED):
        return [Action.CANCEL, Action.BOOK]
    found = [action for action, pattern in _VERBS if scan.has(pattern)]
    if {Action.CANCEL, Action.MOVE} <= set(found):
        return [Action.CANCEL, Action.MOVE]
    if found:
        return found[:1]
    return [Action.BOOK] if scan.has(_BOOK) else []


def is_question_only(text: str) -> bool:
    """`?`: a text that asks how this works."""
    return bool(_ONLY_QUESTION.fullmatch(text))
