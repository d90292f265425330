"""What a printed sheet says; always in both languages, the reader's first."""

from typing import Final

TEXTS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "grant_title": "Scan for parking",
        "exit_title": "Leaving? Scan here",
        "worth_max": "Worth up to {amount}",
        "from": "From {issuer}",
        "grant_1": "Scan the code with your phone.",
        "grant_2": "Type your vehicle code.",
        "grant_3": "Scan the exit code when you leave.",
        "exit_1": "Scan the code with your phone.",
        "exit_2": "Type your vehicle code.",
        "exit_3": "See what is left to pay, and leave.",
        "valid_until": "Valid until {at}",
        "one_vehicle": "For one vehicle",
        "needs_reference": "Have your receipt number ready",
        "needs_position": "Only here: your phone is asked where it is",
        "enrol": "No vehicle code yet? {address}",
    },
    "zh": {
        "grant_title": "扫码领取停车优惠",
        "exit_title": "离场请扫码",
        "worth_max": "最高抵扣 {amount}",
        "from": "由 {issuer} 提供",
        "grant_1": "用手机扫描二维码。",
        "grant_2": "输入您的车辆码。",
        "grant_3": "离场时扫描出口码。",
        "exit_1": "用手机扫描二维码。",
        "exit_2": "输入您的车辆码。",
        "exit_3": "确认剩余费用后离场。",
        "valid_until": "有效期至 {at}",
        "one_vehicle": "限一辆车使用",
        "needs_reference": "请备好小票号码",
        "needs_position": "仅限本店：手机将询问您的位置",
        "enrol": "还没有车辆码？{address}",
    },
}
OTHER: Final = {"en": "zh", "zh": "en"}
