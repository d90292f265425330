"""Parts of a day (`tonight`, `下午`) and which hours they mean."""

import re
from dataclasses import dataclass
from enum import Enum

from parking.merchants.sms.scan import Scan, Spot

HOUR = 60
DAY = 24 * HOUR


class Part(Enum):
    """A part of a day. One that is `weak` (a meal) only helps to read a time, and contradicts none.

    `plain` are the hours 1 to 12 that it takes as they are, `later` those that it puts twelve hours
    later, `next_day` those that it puts after midnight; `whole` the hours 13 to 23 that lie in it.
    """

    EARLY = (range(7), range(0), range(0), range(0), False)
    MORNING = (range(12), range(0), range(0), range(0), False)
    NOON = (range(11, 13), range(1, 3), range(0), range(13, 15), False)
    AFTERNOON = (range(12, 13), range(1, 8), range(0), range(13, 20), False)
    EVENING = (range(0), range(4, 12), range(4), range(16, 24), False)
    BREAKFAST = (range(5, 12), range(0), range(0), range(0), True)
    LUNCH = (range(11, 13), range(1, 5), range(0), range(13, 17), True)
    DINNER = (range(0), range(4, 12), range(0), range(16, 24), True)

    def __init__(
        self, plain: range, later: range, next_day: range, whole: range, weak: bool
    ) -> None:
        self.plain = plain
        self.later = later
        self.next_day = next_day
        self.whole = whole
        self.is_weak = weak

    def on_half(self, hour: int) -> int | None:
        """The hour (0 to 27) that an hour of 1 to 12 means in this part; None: it is not in it.

        Twelve at night is midnight, twelve early in the morning as well.
        """
        if hour == 12 and self is Part.EARLY:
            return 0
        if hour == 12 and self is Part.EVENING:
            return 24
        if hour in self.plain:
            return hour
        if hour in self.later:
            return hour + 12
        return hour + 24 if hour in self.next_day else None

    def on_whole(self, hour: int) -> int | None:
        """The same for an hour of 0 to 24 that leaves no doubt."""
        if hour in self.whole or (hour in self.plain and hour not in self.later):
            return hour
        if self is Part.EVENING and hour == 24:
            return 24
        return hour + 24 if hour in self.next_day else None


@dataclass(frozen=True, slots=True)
class PartSaid:
    """A part as it was said: with the day it names (0 today, 1 tomorrow), if it names one."""

    part: Part
    day: int | None = None


_GREETING = re.compile(
    r"\bgood\s+(?:morning|afternoon|evening|day|night)\b|(?:早上|上午|中午|下午|晚上)好|早安|晚安",
    re.IGNORECASE,
)
_WORDS: tuple[tuple[str, Part, int | None], ...] = (
    (r"\btonight\b|\btonite\b|\b2nite\b|\bthis\s+(?:evening|night)\b", Part.EVENING, 0),
    (r"今天?(?:晚上|晚间|夜里|晚(?![点餐饭宴]))", Part.EVENING, 0),
    (r"明天?(?:晚上|晚间|晚(?![点餐饭宴]))", Part.EVENING, 1),
    (r"(?<![大天以之时钟])后天?(?:晚上|晚间|晚(?![点餐饭宴]))", Part.EVENING, 2),
    (r"今天?早(?:上|晨)?(?!餐)", Part.MORNING, 0),
    (r"明天?早(?:上|晨)?(?!餐)", Part.MORNING, 1),
    (r"\bthis\s+morning\b", Part.MORNING, 0),
    (r"\bthis\s+(?:afternoon|arvo)\b", Part.AFTERNOON, 0),
    (r"\bearly\s+(?:in\s+the\s+)?morning\b|凌晨", Part.EARLY, None),
    (r"(?:\bin\s+the\s+)?\bmornings?\b|早上|上午|早晨|清晨", Part.MORNING, None),
    (r"(?:\bin\s+the\s+)?\bafternoon\b|\barvo\b|下午|午后", Part.AFTERNOON, None),
    (r"(?:\b(?:in\s+the|at)\s+)?\b(?:evenings?|night)\b", Part.EVENING, None),
    (r"晚上|晚间|傍晚|夜里|晚(?!点|到|一点|些|了|餐|饭|宴)", Part.EVENING, None),
    (r"\bbreakfast\b|早餐", Part.BREAKFAST, None),
    (r"\b(?:lunch(?:time)?|brunch)\b|午餐|午饭", Part.LUNCH, None),
    (r"\b(?:dinner|supper)\b|晚餐|晚饭|晚宴", Part.DINNER, None),
)
_PARTS = [(re.compile(words, re.IGNORECASE), PartSaid(part, day)) for words, part, day in _WORDS]
_NOON = re.compile(r"中午|正午")


def parts_in(scan: Scan) -> list[Spot[PartSaid]]:
    """The parts of a day that are named, greetings left out."""
    scan.has(_GREETING)
    found: list[Spot[PartSaid]] = []
    for pattern, said in _PARTS:
        found += scan.take(pattern, lambda _, said=said: said)  # type: ignore[misc]
    return sorted(found, key=lambda spot: spot.start)


def noons_in(scan: Scan) -> list[Spot[PartSaid]]:
    """`中午` before an hour; alone it is a time of its own."""
    return scan.take(_NOON, lambda _: PartSaid(Part.NOON))
