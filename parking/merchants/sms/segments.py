"""How an SMS is cut: GSM-7 where its alphabet suffices, else UCS-2 (3GPP TS 23.038, 23.040)."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""TS 23.038 section 6.2.1: one septet each."""
_EXTENDED = frozenset("\f^{}\\[~]|€")
"""Section 6.2.1.1: two septets each, which one segment must hold together."""


class Alphabet(StrEnum):
    """The coding of a message."""

    GSM_7 = "GSM_7"
    UCS_2 = "UCS_2"

    @property
    def single(self) -> int:
        """Septets or UTF-16 code units of a message in one piece."""
        return 160 if self is Alphabet.GSM_7 else 70

    @property
    def joined(self) -> int:
        """The same of one piece of several, which carries a header of six bytes."""
        return 153 if self is Alphabet.GSM_7 else 67


class Cut(NamedTuple):
    """How a text goes out: `units` are septets or UTF-16 code units in all."""

    alphabet: Alphabet
    units: int
    segments: int


def cut(text: str) -> Cut:
    """How the text is coded, and into how many segments it is cut; an empty one is one."""
    alphabet = Alphabet.GSM_7 if set(text) <= _BASIC | _EXTENDED else Alphabet.UCS_2
    sizes = list(_sizes(text, alphabet))
    units = sum(sizes)
    if units <= alphabet.single:
        return Cut(alphabet, units, 1)
    segments, used = 1, 0
    for size in sizes:
        if used + size > alphabet.joined:
            segments, used = segments + 1, 0
        used += size
    return Cut(alphabet, units, segments)


def _sizes(text: str, alphabet: Alphabet) -> Iterator[int]:
    for sign in text:
        if alphabet is Alphabet.GSM_7:
            yield 2 if sign in _EXTENDED else 1
        else:
            yield 2 if ord(sign) > 0xFFFF else 1


def fitted(text: str, segments_max: int) -> str:
    """The text, or as much of its beginning as fits in so many segments, then three dots."""
    if cut(text).segments <= segments_max:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if cut(text[:middle].rstrip() + "...").segments <= segments_max:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "..."
