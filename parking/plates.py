"""Licence plates as they are compared: letters and digits of any script, upper case."""

import unicodedata

from parking.errors import InvalidInput

PLATE_CHARACTERS_MAX = 20


def normalised(plate: str, field: str = "plate") -> str:
    """`b-mw 123` and `B MW123` are both `BMW123`; full-width forms are folded; empty stays empty.

    Raises InvalidInput when nothing comparable is left of a text, or it is too long.
    """
    folded = unicodedata.normalize("NFKC", plate).upper()
    found = "".join(each for each in folded if each.isalnum())
    if plate.strip() and not found:
        raise InvalidInput(field, "a plate has letters or digits; give it as it is on the vehicle")
    if len(found) > PLATE_CHARACTERS_MAX:
        raise InvalidInput(field, f"a plate has at most {PLATE_CHARACTERS_MAX} letters and digits")
    return found
