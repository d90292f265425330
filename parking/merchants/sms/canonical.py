"""How we write an order ourselves, in both languages; the grammar reads it back."""

from zoneinfo import ZoneInfo

from parking.merchants.sms.moments import Here
from parking.merchants.sms.results import Action, Understood

_VERBS = {
    "en": {"BOOK": "book", "MOVE": "move", "CANCEL": "cancel", "STATUS": "status", "HELP": "help"},
    "zh": {"BOOK": "预订", "MOVE": "改期", "CANCEL": "取消", "STATUS": "查询", "HELP": "帮助"},
}
_WORDS = {
    "en": {
        "to": "to ", "later": "{0} minutes later", "earlier": "{0} minutes earlier",
        "minutes": "for {0} minutes", "party": "{0} people", "name": 'name "{0}"',
        "plate": "plate {0}", "phone": "phone {0}", "accessible": "accessible",
        "not_accessible": "no wheelchair", "ev": "EV", "not_ev": "no EV", "parking": "parking",
        "not_parking": "no parking", "told_en": "in English", "told_zh": "in Chinese",
    },
    "zh": {
        "to": "改到", "later": "往后{0}分钟", "earlier": "提前{0}分钟",
        "minutes": "时长{0}分钟", "party": "{0}人", "name": '姓名"{0}"',
        "plate": "车牌{0}", "phone": "电话{0}", "accessible": "无障碍",
        "not_accessible": "不需要无障碍", "ev": "充电", "not_ev": "不需要充电", "parking": "停车",
        "not_parking": "不停车", "told_en": "语言英文", "told_zh": "语言中文",
    },
}  # fmt: skip


def canonical(order: Understood, zone: ZoneInfo, locale: str) -> str:
    """The order as a text that `read` understands as this order. Times are those of the zone, with
    their offset from UTC only where clocks show them twice."""
    words, pieces = _WORDS[locale], [_VERBS[locale][order.action]]
    if order.order_ref:
        pieces.append(f"#{order.order_ref}")
    pieces += _time(order, zone, words)
    if order.party is not None:
        pieces.append(words["party"].format(order.party))
    for name, value in (
        ("name", order.guest_name), ("plate", order.plate), ("phone", order.guest_phone),
    ):  # fmt: skip
        if value:
            pieces.append(words[name].format(value))
    pieces += _wishes(order, words)
    return ", ".join(pieces)


def _time(order: Understood, zone: ZoneInfo, words: dict[str, str]) -> list[str]:
    if order.shift is not None:
        shift = int(order.shift.total_seconds() // 60)
        return [words["later" if shift > 0 else "earlier"].format(abs(shift))]
    if order.service_at is None:
        return []
    here, at = Here(order.service_at, zone), order.service_at
    local = at.astimezone(zone)
    is_twice = len(here.instants(local.date(), local.hour * 60 + local.minute)) > 1
    text = here.local_text(at, with_offset=is_twice)
    shown = text.replace(" ", "T") if is_twice else text
    pieces = [(words["to"] if order.action is Action.MOVE else "") + shown]
    if order.service_ends_at is not None:
        minutes = (order.service_ends_at - at).total_seconds() // 60
        pieces.append(words["minutes"].format(int(minutes)))
    return pieces


def _wishes(order: Understood, words: dict[str, str]) -> list[str]:
    wishes = {
        "accessible": order.needs.accessible, "ev": order.needs.ev, "parking": order.wants_parking,
    }  # fmt: skip
    said = [
        words[name if yes else f"not_{name}"] for name, yes in wishes.items() if yes is not None
    ]
    return [*said, words[f"told_{order.language}"]] if order.language else said
