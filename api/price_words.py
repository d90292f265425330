"""What a priced line is called, and what was counted in it; in English and Chinese."""

import re
from collections.abc import Mapping
from typing import Any, Final

KINDS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "RATE": "Parking",
        "FREE": "Free time",
        "PASS": "Pass",
        "CAP": "Capped at the most for the time",
        "MINIMUM": "Minimum",
        "MAXIMUM": "Maximum",
        "SURCHARGE": "Surcharge",
        "TAX": "Tax",
        "ROUNDING": "Rounding",
    },
    "zh": {
        "RATE": "停车",
        "FREE": "免费时间",
        "PASS": "通票",
        "CAP": "时段封顶",
        "MINIMUM": "最低收费",
        "MAXIMUM": "最高收费",
        "SURCHARGE": "附加费",
        "TAX": "税",
        "ROUNDING": "舍入",
    },
}
COUNTED: Final = frozenset({"RATE", "FREE", "PASS", "SURCHARGE"})
ONCE: Final = "ONCE"

_UNITS: Final[dict[str, dict[str, str]]] = {
    "en": {"D": "d", "W": "wk", "M": "mo", "h": "h", "m": "min", "s": "s"},
    "zh": {"D": "天", "W": "周", "M": "个月", "h": "小时", "m": "分钟", "s": "秒"},
}
_NOMINAL = re.compile(r"P(\d+)([DWM])")
_EXACT = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")


def line_label(line: Mapping[str, Any], language: str) -> str:
    """The line's own name; without one what kind of line it is. `line` has the schema's words."""
    name = line.get("name") or KINDS[language][line["kind"]]
    percent = line.get("percent")
    return f"{name} {percent} %" if percent else str(name)


def quantity_text(line: Mapping[str, Any], language: str) -> str:
    """How many of what: `3 × 30 min`; empty where nothing is counted."""
    if line["kind"] not in COUNTED:
        return ""
    if line["unit"] == ONCE:
        return "" if line["quantity"] == 1 else f"{line['quantity']} ×"
    return f"{line['quantity']} × {unit_text(line['unit'], language)}"


def unit_text(unit: str, language: str) -> str:
    """An ISO 8601 duration in short words: `PT1H30M` is `1 h 30 min`; any other unit as it is."""
    words = _UNITS[language]
    nominal = _NOMINAL.fullmatch(unit)
    if nominal is not None:
        return f"{nominal[1]} {words[nominal[2]]}"
    exact = _EXACT.fullmatch(unit)
    if exact is None:
        return unit
    parts = zip(exact.groups(), "hms", strict=True)
    return " ".join(f"{count} {words[sign]}" for count, sign in parts if count)
