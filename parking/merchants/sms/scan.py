"""A text that is read piece by piece: what was read is blanked, so that nothing is read twice."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
BLANK = "\0"
"""Neither space nor letter nor digit: nothing is read across a piece that was taken."""


@dataclass(frozen=True, slots=True)
class Spot(Generic[T]):
    """Something found, and where: `text[start:end]`."""

    start: int
    end: int
    value: T


class Scan:
    """The text and what is left of it; positions never shift."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.rest = text

    def take(
        self, pattern: re.Pattern[str], read: Callable[[re.Match[str]], T | None]
    ) -> list[Spot[T]]:
        """Blank each match that `read` makes something of; what it made, in order."""
        found: list[Spot[T]] = []
        at = 0
        while match := pattern.search(self.rest, at):
            value = read(match)
            if value is None:
                at = match.start() + 1
                continue
            found.append(Spot(match.start(), match.end(), value))
            self.blank(match.start(), match.end())
            at = max(match.end(), at + 1)
        return found

    def has(self, pattern: re.Pattern[str]) -> bool:
        """Whether there is a match; it is blanked."""
        return bool(self.take(pattern, lambda _: True))

    def blank(self, start: int, end: int) -> None:
        """Take `text[start:end]` out of what is left."""
        self.rest = self.rest[:start] + BLANK * (end - start) + self.rest[end:]
