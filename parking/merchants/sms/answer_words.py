"""The words of answers, in both languages, as data."""

from parking.merchants.kinds import OrderState
from parking.merchants.sms.results import Field, Trouble

WEEKDAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "zh": ("一", "二", "三", "四", "五", "六", "日"),
}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SINGLE = {
    "en": {"and": "; ", "or": " or ", "list": ", ", "until": " to ", "people": "{0} people",
           "plate": "plate {0}", "accessible": "accessible", "ev": "charging", "end": "."},
    "zh": {"and": "；", "or": "还是", "list": "，", "until": "至", "people": "{0}人",
           "plate": "车牌{0}", "accessible": "无障碍", "ev": "充电", "end": "。"},
}  # fmt: skip

STATES = {
    "en": {
        OrderState.PENDING: "Order {ref}: noted, a space is being looked for. {told}",
        OrderState.BOOKED: "Order {ref}: booked {place}, space {space}. {told}",
        OrderState.WAITLISTED: "Order {ref}: no space is free, it is on the waitlist. {told}",
        OrderState.REFUSED: "Order {ref}: no parking ({reason}). {told}",
        OrderState.UNWANTED: "Order {ref}: noted, without parking. {told}",
        OrderState.CANCELLED: "Order {ref}: cancelled.",
    },
    "zh": {
        OrderState.PENDING: "订单{ref}：已收到，正在安排车位。{told}",
        OrderState.BOOKED: "订单{ref}：已订{place} {space}号车位。{told}",
        OrderState.WAITLISTED: "订单{ref}：暂无空车位，已进入候补。{told}",
        OrderState.REFUSED: "订单{ref}：未订到车位（{reason}）。{told}",
        OrderState.UNWANTED: "订单{ref}：已收到，不停车。{told}",
        OrderState.CANCELLED: "订单{ref}：已取消。",
    },
}
REASONS: dict[str, dict[str, str]] = {
    "en": {
        "FULL": "all are taken",
        "PAST": "the time is over",
        "QUOTA_EXHAUSTED": "today's quota is used up",
        "NO_CREDIT": "your credit is used up",
        "NOT_PAID": "the guest has not paid",
        "NOT_FUNDED": "it could not be paid for",
        "NO_CONTRACT": "there is no contract with the car park",
        "CANCELLED_BY_MERCHANT": "cancelled by you",
        "CANCELLED_BY_GUEST": "cancelled by the guest",
    },
    "zh": {
        "FULL": "车位已满",
        "PAST": "时间已过",
        "QUOTA_EXHAUSTED": "当日额度已用完",
        "NO_CREDIT": "信用额度已用完",
        "NOT_PAID": "客人未付款",
        "NOT_FUNDED": "未能付款",
        "NO_CONTRACT": "与停车场没有合约",
        "CANCELLED_BY_MERCHANT": "您已取消",
        "CANCELLED_BY_GUEST": "客人已取消",
    },
}

HELP = {
    "en": "Send: order {example}. To change: move #1021 to 20:15. To end: cancel #1021. "
    "To ask: status #1021.",
    "zh": "发送：订单{example}。改期：订单1021改到20:15。取消：取消订单1021。查询：查询订单1021。",
}
EXAMPLE = {
    "en": "1021 today 19:30, 4 people, Ms Li, plate B-MW 123, +49 170 1234567",
    "zh": "1021 今晚7点半 4人 李女士 车牌粤B12345 13800138000",
}
UNCLEAR = {
    "en": "Nothing was done: {problems}. Example: order {example}",
    "zh": "未办理：{problems}。示例：订单{example}",
}
HEARD = {"en": "{what} (order {ref})", "zh": "{what}（订单{ref}）"}
NOT_DONE = {"en": "Order {ref}: nothing was done: {why}", "zh": "订单{ref}：未办理：{why}"}
REFUSALS = {
    "en": {"NOT_FOUND": "there is no such order here", "UNIT_CLOSED": "this shop is closed here"},
    "zh": {
        "NOT_FOUND": "没有此订单",
        "UNIT_CLOSED": "该门店已停用",
        "NOT_PERMITTED": "无权办理",
        "INVALID_INPUT": "内容有误",
    },
}
FAILED = {
    "en": "Your message could not be carried out. Nothing more will be done; please send it again.",
    "zh": "您的短信未能办理，不会再自动重试，请重新发送。",
}
NO_MORE = {
    "en": "Too many messages came from this number. For up to an hour none of them is answered; "
    "orders that are clear are carried out all the same.",
    "zh": "该号码发送短信过多，一小时内不再回复；内容明确的订单仍会办理。",
}
INCOMPLETE = {
    "en": "Only a part of your message has arrived. Nothing was done; please send it again.",
    "zh": "您的短信只收到一部分，未办理，请重新发送。",
}

FIELDS = {
    "en": {
        Field.TEXT: "the text", Field.ACTION: "what to do", Field.ORDER: "the order number",
        Field.DATE: "the day", Field.TIME: "the time", Field.END: "the end",
        Field.PARTY: "how many people", Field.PHONE: "the phone number",
        Field.PLATE: "the plate", Field.CARS: "the cars", Field.LANGUAGE: "the language",
        Field.CHANGE: "what to change",
    },
    "zh": {
        Field.TEXT: "内容", Field.ACTION: "要办的事", Field.ORDER: "订单号", Field.DATE: "日期",
        Field.TIME: "时间", Field.END: "结束时间", Field.PARTY: "人数", Field.PHONE: "电话",
        Field.PLATE: "车牌", Field.CARS: "车辆", Field.LANGUAGE: "语言", Field.CHANGE: "要改的内容",
    },
}  # fmt: skip
TROUBLES = {
    "en": {
        Trouble.MISSING: "{field} is missing",
        Trouble.SEVERAL: "{field} is not clear ({said})",
        Trouble.EITHER: "{said}?",
        Trouble.PAST: "{said} is over",
        Trouble.SKIPPED: "{said} does not exist, clocks go forward then",
        Trouble.TWICE: "{said}? clocks go back and show it twice",
        Trouble.IMPOSSIBLE: "{field} cannot be so ({said})",
        Trouble.TOO_LONG: "{field} is too long",
        Trouble.TOO_FAR: "{said} is too far ahead",
        Trouble.ONE_EACH: "one message books one car. Send one for each, as orders {said}",
        Trouble.REPEATED: "one message books one day ({said}). Send one for each day, with an order"
        " number of its own",
    },
    "zh": {
        Trouble.MISSING: "缺少{field}",
        Trouble.SEVERAL: "{field}不明确（{said}）",
        Trouble.EITHER: "是{said}？",
        Trouble.PAST: "{said}已过",
        Trouble.SKIPPED: "{said}不存在（时钟拨快）",
        Trouble.TWICE: "是{said}？（时钟拨慢，该时间出现两次）",
        Trouble.IMPOSSIBLE: "{field}有误（{said}）",
        Trouble.TOO_LONG: "{field}过长",
        Trouble.TOO_FAR: "{said}太远",
        Trouble.ONE_EACH: "一条短信只订一辆车，请每辆车各发一条，订单号如{said}",
        Trouble.REPEATED: "一条短信只订一天（{said}），请每天各发一条，订单号各不相同",
    },
}
LANGUAGES = {"en": {"en": "in English", "zh": "in Chinese"}, "zh": {"en": "英文", "zh": "中文"}}
"""In which language the guest is told, where the message says so."""
