"""Vehicle codes: a word that the driver chose, and digits that make it unique. Pure.

A code names one driver's vehicle, for years, on forms that are filled in at a gate with a phone
(CLAIMS A8, A9): so it is read forgivingly, and no word is taken that strangers would try first.
"""

import unicodedata

from parking.errors import InvalidInput
from parking.vehicles.limits import (
    CODE_TEXT_CHARACTERS_MAX,
    PLATE_PART_MIN,
    WORD_CHARACTERS_MAX,
    WORD_CHARACTERS_MIN,
    WORD_DISTINCT_MIN,
)

RUNS = (
    "0123456789012345678901234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "qwertzuiop",
    "asdfghjkl",
    "zxcvbnm",
)
"""Rows of keys and alphabets: what lies in one of them, forwards or backwards, is tried first."""


def comparable(text: str) -> str:
    """The letters and digits of a code, in one spelling: case, width, spaces and dashes are no
    matter, and digits of all scripts are alike. Empty for what cannot be a code."""
    if len(text) > CODE_TEXT_CHARACTERS_MAX:
        return ""
    # Folding can undo the composition, so it is composed again.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(_plain(each) for each in folded if each.isalnum())


def checked_word(word: str, plate: str) -> str:
    """The word as it is shown, for a vehicle with this plate. Raises InvalidInput on `word` where
    it is too short or long, or would be guessed."""
    shown = " ".join(word.split())
    bare = comparable(shown)
    if not shown.isprintable():
        raise InvalidInput("word", "the word has control characters; remove them")
    if not WORD_CHARACTERS_MIN <= len(bare) <= WORD_CHARACTERS_MAX or len(shown) > 2 * len(bare):
        message = (
            f"the word has {len(bare)} letters and digits; choose {WORD_CHARACTERS_MIN} to"
            f" {WORD_CHARACTERS_MAX}, and not more of anything else"
        )
        raise InvalidInput("word", message)
    _refuse_weak(bare, comparable(plate))
    return shown


def _refuse_weak(word: str, plate: str) -> None:
    if any(word in run or word in run[::-1] for run in RUNS):
        raise InvalidInput(
            "word", "it is a row of keys or of letters; choose a word that nobody would try first"
        )
    if len(set(word)) < WORD_DISTINCT_MIN:
        message = f"it repeats itself; use at least {WORD_DISTINCT_MIN} different letters or digits"
        raise InvalidInput("word", message)
    if word in plate or (len(plate) >= PLATE_PART_MIN and plate in word):
        raise InvalidInput("word", "everybody can read the plate; choose a word without it")


def _plain(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)
