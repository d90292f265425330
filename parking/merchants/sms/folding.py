"""One spelling of a text before it is read: full-width forms, quotes, dashes, old characters."""

import re
import unicodedata

_SAME = {
    "’‘`´": "'",
    "“”„«»「」『』": '"',
    "–—−‐‑‒―": "-",
    "、": ",",
    "。": ";",
}
_TRADITIONAL = dict(
    zip("點訂單車電話機號時週兩後個預約鐘過為至變調整無礙輪",
        "点订单车电话机号时周两后个预约钟过为至变调整无碍轮", strict=True)
)  # fmt: skip
_TABLE = str.maketrans(
    {sign: plain for signs, plain in _SAME.items() for sign in signs} | _TRADITIONAL
)
_SPACES = re.compile(r"\s+")


def folded(text: str) -> str:
    """The text in Unicode NFKC, with plain quotes and dashes, single spaces and no signs that
    cannot be seen. Folding what is folded changes nothing."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).translate(_TABLE))
    seen = "".join(_visible(sign) for sign in plain)
    return _SPACES.sub(" ", unicodedata.normalize("NFC", seen)).strip()


def _visible(sign: str) -> str:
    """Formats (zero-width joiners, marks of direction) vanish; controls become spaces; the digits
    of every script become ours."""
    category = unicodedata.category(sign)
    if category == "Nd":
        return str(unicodedata.decimal(sign))
    if category == "Cf":
        return ""
    return " " if category in {"Cc", "Cs", "Co", "Cn"} else sign
