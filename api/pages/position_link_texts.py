"""The words of a secure link's page."""

from typing import Final

from api.pages.finding_texts import FINDING_TEXTS

_OWN: Final[dict[str, dict[str, str]]] = {
    "en": {
        "title": "Where a car stands",
        "cover": "Somebody shows you where their car stands",
        "cover_note": "Looking may be counted, and whoever sent you this link sees that somebody"
        " looked.",
        "show": "Show it",
        "again": "Look again",
        "passcode": "Passcode",
        "passcode_hint": "Four to twelve digits. Whoever sent you the link knows them.",
        "PASSCODE_NEEDED": "Type the passcode.",
        "WRONG_PASSCODE": "This is not the passcode. Tries left, for everybody who has this link:"
        " {tries}.",
        "closed_title": "This link is closed",
        "closed": "The passcode was wrong too often. Whoever sent you the link can make a new one.",
        "missing_title": "This link shows nothing any more",
        "missing": "It is wrong, has expired, was taken back or used up, or the car is gone. Ask"
        " whoever sent it to you for a new one.",
        "heading": "The car stands here",
        "coordinates": "Coordinates",
        "accuracy": "within {metres} m",
        "note": "Note",
        "photo": "Photo",
        "photo_alt": "Photo of where the car stands",
        "known": "Known since",
        "known_RESERVATION": "{at}, from the booking",
        "known_SHARER": "{at}, from whoever shows it to you",
        "known_ATTENDANT": "{at}, from an attendant of the place",
        "known_MAP_SERVICE": "{at}, from the map of the place",
        "known_SPACE_RECORD": "{at}, from the place",
        "snapshot": "What was known when you opened it. What is known later is not shown here: look"
        " again, which counts as another look.",
        "until": "The link works until {at} at most.",
        "unlinked": "Without a connection this page does not learn that it was taken back.",
    },
    "zh": {
        "title": "车辆位置",
        "cover": "有人向您分享了车辆的停放位置",
        "cover_note": "查看可能会被计次，分享者会看到有人查看过。",
        "show": "查看位置",
        "again": "再次查看",
        "passcode": "口令",
        "passcode_hint": "四到十二位数字，请向分享者索取。",
        "PASSCODE_NEEDED": "请输入口令。",
        "WRONG_PASSCODE": "口令不正确。所有持此链接者合计还可尝试 {tries} 次。",
        "closed_title": "此链接已关闭",
        "closed": "口令错误次数过多。分享者可以重新生成链接。",
        "missing_title": "此链接已无法查看",
        "missing": "链接有误、已过期、已被收回或次数用完，或车辆已离开。请向分享者索取新链接。",
        "heading": "车辆停在这里",
        "coordinates": "坐标",
        "accuracy": "误差 {metres} 米内",
        "note": "备注",
        "photo": "照片",
        "photo_alt": "车辆停放处的照片",
        "known": "信息来源",
        "known_RESERVATION": "{at}，来自预订",
        "known_SHARER": "{at}，来自分享者",
        "known_ATTENDANT": "{at}，来自停车场管理员",
        "known_MAP_SERVICE": "{at}，来自停车场地图",
        "known_SPACE_RECORD": "{at}，来自停车场",
        "snapshot": "这是您打开时的信息。之后的变化不会在此显示，请再次查看（会再计一次）。",
        "until": "此链接最晚有效至 {at}。",
        "unlinked": "没有网络时，本页无法得知链接是否已被收回。",
    },
}
TEXTS: Final = {language: FINDING_TEXTS[language] | own for language, own in _OWN.items()}
