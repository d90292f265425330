"""Single values of a file as numbers, answers and texts; each says what was wrong with it."""

import math
import unicodedata
from typing import Any

from parking.places.importing.codes import Code
from parking.places.importing.drafts import Where
from parking.places.importing.problems import Problems

YES = frozenset(
    {"1", "true", "t", "yes", "y", "x", "ja", "j", "wahr", "oui", "si", "sí", "是", "有"}
)
NO = frozenset({"0", "false", "f", "no", "n", "-", "nein", "falsch", "non", "否", "无", "無"})

SHOWN_CHARACTERS_MAX = 40


class Row:
    """The values of one row or object under canonical names, with the place to report to.

    Every reading gives None for an absent value; a bad one is reported, spoils the row
    (`is_spoiled`) and also gives None.
    """

    def __init__(self, values: dict[str, Any], where: Where, problems: Problems) -> None:
        self.values = values
        self.where = where
        self.problems = problems
        self.is_spoiled = False

    def refuse(self, field: str, code: Code, message: str) -> None:
        """Report a value that spoils the row."""
        self.is_spoiled = True
        self.problems.add(self.where, field, code, message)

    def raw(self, field: str) -> Any:
        """The value as it stands; None for an empty one."""
        value = self.values.get(field)
        return None if isinstance(value, str) and not value.strip() else value

    def text(self, field: str, characters_max: int) -> str | None:
        """One line of text, spaces collapsed."""
        value = self.raw(field)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            self.refuse(field, Code.NOT_TEXT, f"{field} is {shown(value)}; a text is expected")
            return None
        plain = " ".join(unicodedata.normalize("NFC", str(value)).split())
        if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in plain):
            message = f"{field} has control characters; remove them"
            self.refuse(field, Code.TEXT_UNPRINTABLE, message)
            return None
        if len(plain) > characters_max:
            message = f"{field} has {len(plain)} characters; at most {characters_max} fit"
            self.refuse(field, Code.TEXT_TOO_LONG, message)
            return None
        return plain or None

    def number(self, field: str, low: float, high: float) -> float | None:
        """A number within [low, high]; a decimal comma is understood."""
        value = self.raw(field)
        if value is None:
            return None
        parsed = as_number(value)
        if parsed is None:
            message = f"{field} is {shown(value)}; a number is expected, such as 2.5"
            self.refuse(field, Code.NOT_A_NUMBER, message)
        elif not low <= parsed <= high:
            is_degrees = "tude" in field
            code = Code.COORDINATES_OUT_OF_RANGE if is_degrees else Code.OUT_OF_RANGE
            message = f"{field} is {parsed:g}; it must lie within {low:g} and {high:g}"
            self.refuse(field, code, message)
        else:
            return parsed
        return None

    def answer(self, field: str) -> bool | None:
        """Yes or no, in one of the usual words."""
        value = self.raw(field)
        if value is None or isinstance(value, bool):
            return value
        word = str(value).strip().casefold()
        if word in YES:
            return True
        if word in NO:
            return False
        message = f"{field} is {shown(value)}; yes or no is expected"
        self.refuse(field, Code.NOT_YES_OR_NO, message)
        return None

    def position(self, latitude: str, longitude: str) -> tuple[float | None, float | None]:
        """A pair of degrees; one without the other spoils the row."""
        had = self.raw(latitude) is not None, self.raw(longitude) is not None
        pair = self.number(latitude, -90, 90), self.number(longitude, -180, 180)
        if had[0] != had[1]:
            missing = longitude if had[0] else latitude
            message = f"{missing} is missing; give both coordinates or neither"
            self.refuse(missing, Code.COORDINATES_INCOMPLETE, message)
        return pair if None not in pair else (None, None)


def as_number(value: Any) -> float | None:
    """A finite float of a number or of its text, None when it is neither."""
    if isinstance(value, bool):
        return None
    text = str(value).strip()
    if "," in text and "." not in text:
        text = text.replace(",", ".", 1)
    if "_" in text:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def shown(value: Any) -> str:
    """The value for a message, quoted and short."""
    text = repr(value)
    return text if len(text) <= SHOWN_CHARACTERS_MAX else f"{text[:SHOWN_CHARACTERS_MAX]}..."
