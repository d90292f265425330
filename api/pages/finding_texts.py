"""The words that `/p`, `/i` and `/f` have alike: pages for somebody who was given an address."""

from typing import Final

from api.pages.booking_order_texts import ORDER_TEXTS

_WAY_KEYS = ("walk_", "through_", "point_", "where_", "way_label")
_OWN: Final[dict[str, dict[str, str]]] = {
    "en": {
        "other_language": "中文",
        "error_title": "Error",
        "error_heading": "That did not work",
        "problem": "That did not work: {message}",
        "working": "One moment…",
        "away": "The service cannot be reached now. Try again in a few seconds.",
        "live": "Live",
        "connecting": "Connecting",
        "stale": "No connection",
        "TOO_MANY_TRIES": "Too many attempts, here or from your network.",
        "try_again": "Try again after {time}.",
        "FORM_UNUSABLE": "What was sent is not this page’s form. Go back and try again.",
        "UNAUTHENTICATED": "Sign in first. This takes a browser with scripts.",
        "no_scripts": "Signing in here takes a browser with scripts.",
        "sign_in": "Sign in",
        "place": "Place",
        "floor": "Floor",
        "area": "Area",
        "bay": "Bay",
        "plan": "Floor plan",
        "plan_label": "Floor plan; bay {number} is marked",
        "navigate": "Navigate",
        "way": "How to get there",
        "way_walk": "On foot: {metres} m",
        "walk_in": "Go in at {name}.",
        "walk_BAY": "Walk {metres} m to bay {name}.",
        "step_place": "Go to {name}.",
        "step_floor": "There, go to {name}.",
        "step_area": "Go to the area {name}.",
        "step_bay": "Look for bay {name}.",
        "zone_note": "Local time of the place ({zone})",
    },
    "zh": {
        "other_language": "English",
        "error_title": "出错",
        "error_heading": "操作未成功",
        "problem": "操作未成功：{message}",
        "working": "请稍候…",
        "away": "暂时无法连接服务，请几秒后再试。",
        "live": "实时",
        "connecting": "正在连接",
        "stale": "无连接",
        "TOO_MANY_TRIES": "此处或您的网络尝试次数过多。",
        "try_again": "请在 {time}后重试。",
        "FORM_UNUSABLE": "提交的内容不是本页的表单，请返回后重试。",
        "UNAUTHENTICATED": "请先登录（需要支持脚本的浏览器）。",
        "no_scripts": "在此登录需要支持脚本的浏览器。",
        "sign_in": "登录",
        "place": "地点",
        "floor": "楼层",
        "area": "区域",
        "bay": "车位",
        "plan": "平面图",
        "plan_label": "平面图，已标出车位 {number}",
        "navigate": "导航",
        "way": "怎么走",
        "way_walk": "步行：{metres} 米",
        "walk_in": "从 {name} 进入。",
        "walk_BAY": "步行 {metres} 米到车位 {name}。",
        "step_place": "前往 {name}。",
        "step_floor": "到达后前往 {name}。",
        "step_area": "前往 {name} 区域。",
        "step_bay": "寻找车位 {name}。",
        "zone_note": "当地时间（{zone}）",
    },
}
FINDING_TEXTS: Final = {
    language: {
        key: text for key, text in ORDER_TEXTS[language].items() if key.startswith(_WAY_KEYS)
    }
    | own
    for language, own in _OWN.items()
}
