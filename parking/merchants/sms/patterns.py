"""Helpers for tables of patterns."""

import re


def one_of(*alternatives: str) -> str:
    """A group of alternatives, given as texts with white space between them."""
    words = [word for text in alternatives for word in text.split()]
    return "(?:" + "|".join(words) + ")"


def compiled(*pieces: str) -> re.Pattern[str]:
    """The pieces in a row, whatever the case of letters."""
    return re.compile("".join(pieces), re.IGNORECASE)


PEOPLE = (
    one_of("people persons? pers pax ppl guests? covers? adults? seats? heads? ladies gentlemen"
           " diners? visitors?")
    + r"\b"
)  # fmt: skip
CLOCK_WORD = r"(?:[ap]\.?m\b|h(?:ou)?rs?\b|h\b|min)"
"""What makes the number before it a time or a length."""
