"""Words that are no name and no part of a plate."""

import re

_WORDS = """
a about am an and approx around arriving at bay be book booking bring by cancel car cars change
charger charging child children come comes coming confirm covers customer day dinner disabled
driver driving early electric ev evening for from friday fri guest guests hello help here hers
hi his hour hours hrs in is it late later lunch min mins minutes mobile monday mon morning move
my name need needs new night no noon number of on order our out park parking party pax people
person persons phone plate please pls pm ppl ref reg reservation reserve saturday sat seats see
she space spot status sunday sun table tel thanks thank thursday thu thx till time to today
tomorrow tonight tuesday tue two until update vehicle via we wednesday wed wheelchair will with
without you your birthday breakfast afternoon tba tbc tbd unknown none na nil soon three four
five six seven eight nine ten eleven twelve one
english chinese mandarin lang language speak speaks speaking
"""
KNOWN = frozenset(_WORDS.split())
_FIRST_WORD = re.compile(r"[A-Za-z]+")


def is_known(word: str) -> bool:
    """Whether an English word is one of the grammar's own."""
    found = _FIRST_WORD.match(word)
    return bool(found) and word.rstrip(".").lower() in KNOWN
