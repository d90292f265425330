"""Numbers in words."""

_NAMES = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen twenty
"""
_ENGLISH = tuple(_NAMES.split())
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}
_CHINESE = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}

EN_WORDS = {word: value for value, word in enumerate(_ENGLISH)} | _TENS
EN_HOUR = r"(?:" + "|".join(sorted(_ENGLISH[1:13], key=len, reverse=True)) + r")"
EN_NUMBER = r"(?:" + "|".join(sorted(EN_WORDS, key=len, reverse=True)) + r")"
ZH_NUMBER = r"(?:\d{1,3}|[零〇一二两三四五六七八九十]{1,3})"


def number(text: str) -> int | None:
    """The number that digits, an English word or Chinese numerals up to 99 mean; None for none."""
    word = text.strip().lower()
    if word.isascii() and word.isdigit():
        return int(word)
    if word in EN_WORDS:
        return EN_WORDS[word]
    first, _, second = word.replace("-", " ").partition(" ")
    if first in _TENS and EN_WORDS.get(second, 99) < 10:
        return _TENS[first] + EN_WORDS[second]
    return _chinese(word)


def _chinese(word: str) -> int | None:
    """`十二` 12, `二十` 20, `零五` 5, `二一`: none."""
    tens, ten, units = word.rpartition("十")
    if not ten:
        rest = word.lstrip("零〇")
        if rest != word:
            return number(rest) if rest else 0
        return _CHINESE.get(word)
    high = 1 if not tens else _CHINESE.get(tens)
    low = 0 if not units else _CHINESE.get(units)
    return None if not high or low is None else high * 10 + low
