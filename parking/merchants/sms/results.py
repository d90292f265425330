"""What a text turns out to say."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

TEXT_CHARACTERS_MAX = 2_000
ORDER_CHARACTERS_MAX = 40
NAME_CHARACTERS_MAX = 100
PARTY_MAX = 500
STAY_HOURS_MAX = 24
"""A range or duration that is longer is a slip of the thumb."""
AHEAD_DAYS_MAX = 300
"""A date without a year is one of the next so many days; a later one is refused."""


class Action(StrEnum):
    """What the merchant wants done."""

    BOOK = "BOOK"
    MOVE = "MOVE"
    CANCEL = "CANCEL"
    STATUS = "STATUS"
    HELP = "HELP"


class Field(StrEnum):
    """What a problem is about."""

    TEXT = "TEXT"
    ACTION = "ACTION"
    ORDER = "ORDER"
    DATE = "DATE"
    TIME = "TIME"
    END = "END"
    PARTY = "PARTY"
    PHONE = "PHONE"
    PLATE = "PLATE"
    CARS = "CARS"
    LANGUAGE = "LANGUAGE"
    CHANGE = "CHANGE"
    """What a MOVE is to change."""


class Trouble(StrEnum):
    """Why a text cannot be acted on."""

    MISSING = "MISSING"
    SEVERAL = "SEVERAL"
    """Several are said, and they contradict each other."""
    EITHER = "EITHER"
    """One is said that means one thing or another: 7:30 tomorrow, 3/4."""
    PAST = "PAST"
    SKIPPED = "SKIPPED"
    """A time of day that does not exist, because clocks go forward."""
    TWICE = "TWICE"
    """A time of day that comes twice, because clocks go back."""
    IMPOSSIBLE = "IMPOSSIBLE"
    """No such thing: 25:00, 31 February, a party of 0."""
    TOO_LONG = "TOO_LONG"
    TOO_FAR = "TOO_FAR"
    ONE_EACH = "ONE_EACH"
    """Several cars: each is an order of its own, so that each can be changed and cancelled."""
    REPEATED = "REPEATED"
    """Every Friday: each day is an order of its own."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason; `said` are the words of the text, or the meanings that are possible."""

    field: Field
    trouble: Trouble
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known of the sender. `region` is ISO 3166-1 alpha-2, empty when unknown: it decides
    how a phone number without its country code and a date like 3/4 are read."""

    locale: str = "en"
    region: str = ""


@dataclass(frozen=True, slots=True)
class Needs:
    """What the guest's space must have; None where nothing was said."""

    accessible: bool | None = None
    ev: bool | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """A text that can be acted on.

    Times are in UTC, on the full minute. `order_ref` is as it was written and empty for HELP only.
    For BOOK `service_at` and `wants_parking` are there; for MOVE whatever is there is to be
    changed, and the rest (None, "") stays as it is. CANCEL and STATUS have the order only.
    """

    action: Action
    order_ref: str = ""
    service_at: datetime | None = None
    service_ends_at: datetime | None = None
    party: int | None = None
    guest_phone: str | None = None
    """E.164."""
    guest_name: str = ""
    plate: str = ""
    """As `parking.plates` compares them."""
    wants_parking: bool | None = None
    needs: Needs = field(default_factory=Needs)
    shift: timedelta | None = None
    """So much later (or earlier) than the order was; of a BOOK only where that is known, and
    `service_at` where it is new."""
    language: str = ""
    """In which the guest is told, `en` or `zh`; empty where the text does not say."""
    written_in: str = field(default="", compare=False)
    """The language of the text itself, for where nothing else tells the guest's."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """A text that cannot be acted on: why not (never empty), and what was understood of it."""

    problems: tuple[Problem, ...]
    heard: Understood


Reading = Understood | Unclear
