"""A tariff as values: what `parking.rates.document` reads and `parking.rates.price` prices.

The structure is that of APDS (ISO/TS 5206-1): a rate table has collections, a collection has
lines. Amounts are integers in the currency's minor unit. Times of day and dates are local to the
place; durations are exact unless they are an `Increment` of days or months.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from parking.rates.durations import Increment


class LineType(StrEnum):
    """How a line charges (APDS rateLineType)."""

    FLAT_RATE = "FLAT_RATE"
    FLAT_RATE_TIER = "FLAT_RATE_TIER"
    INCREMENTING_RATE = "INCREMENTING_RATE"


class Day(StrEnum):
    """Kinds of days. A public holiday is a HOLIDAY and not the weekday that it falls on."""

    MON = "MON"
    TUE = "TUE"
    WED = "WED"
    THU = "THU"
    FRI = "FRI"
    SAT = "SAT"
    SUN = "SUN"
    HOLIDAY = "HOLIDAY"


class Counting(StrEnum):
    """Over what a collection's lines count: when the first line and the first tier come again."""

    SEGMENT = "SEGMENT"
    STAY = "STAY"
    ROLLING_DAY = "ROLLING_DAY"
    CALENDAR_DAY = "CALENDAR_DAY"


class Boundary(StrEnum):
    """What becomes of a started increment when another collection takes over."""

    CUT = "CUT"
    COMPLETE = "COMPLETE"


class UsedUp(StrEnum):
    """What follows the last line when all lines of a collection are limited."""

    REPEAT = "REPEAT"
    FREE = "FREE"


class CapOver(StrEnum):
    """The periods each of which a cap limits."""

    STAY = "STAY"
    ROLLING = "ROLLING"
    CALENDAR = "CALENDAR"
    BAND = "BAND"


class PassOver(StrEnum):
    """How a pass counts days: from the entry's time of day, or by dates."""

    ROLLING = "ROLLING"
    CALENDAR = "CALENDAR"


class Steps(StrEnum):
    """Whether increments are rounded up in each segment or once at the end of the stay (OCPI)."""

    EACH_SEGMENT = "EACH_SEGMENT"
    ONCE = "ONCE"


class RoundingMode(StrEnum):
    """Towards which neighbour."""

    HALF_UP = "HALF_UP"
    HALF_EVEN = "HALF_EVEN"
    UP = "UP"
    DOWN = "DOWN"


@dataclass(frozen=True, slots=True)
class Season:
    """Dates of every year, both inclusive, as (month, day); may pass New Year."""

    first: tuple[int, int]
    last: tuple[int, int]

    def __contains__(self, day: date) -> bool:
        at = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= at <= self.last
        return at >= self.first or at <= self.last


@dataclass(frozen=True, slots=True)
class Band:
    """Times of the local calendar; each day on which it begins is decided by `days` and so on.

    `starts` and `ends` are minutes since midnight; an end that is not after the start lies on the
    next day, or after as many `nights` as are given. Without them the band is whole days.
    """

    days: frozenset[Day] | None = None
    starts: int | None = None
    ends: int | None = None
    nights: int | None = None
    season: Season | None = None
    dates: frozenset[date] | None = None
    not_before: date | None = None
    not_after: date | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold of the whole stay."""

    entry: tuple[Band, ...] = ()
    exit: tuple[Band, ...] = ()
    stay_min: timedelta | None = None
    stay_max: timedelta | None = None
    booked_ahead_min: timedelta | None = None
    option: str | None = None


@dataclass(frozen=True, slots=True)
class Tax:
    """A rate in percent, contained in the amounts or added to them."""

    percent: Decimal
    included: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class RateLine:
    """One line. `increment`, `per`, `times`, `calendar` and `tolerance` are for
    INCREMENTING_RATE, `up_to` for FLAT_RATE_TIER (None: without end)."""

    id: str
    type: LineType
    amount_minor: int
    increment: Increment | None = None
    per: timedelta | None = None
    times: int | None = None
    calendar: bool = False
    tolerance: timedelta = timedelta()
    up_to: timedelta | None = None
    tax: Tax | None = None
    name: str = ""


@dataclass(frozen=True)
class Collection:
    """Lines that belong together, and when they hold.

    Of those that do not `add`, the first that holds at an instant prices it; those that add are
    charged besides.
    """

    id: str
    lines: tuple[RateLine, ...]
    name: str = ""
    adds: bool = False
    when: tuple[Band, ...] = ()
    after: timedelta | None = None
    until: timedelta | None = None
    condition: Condition | None = None
    counts: Counting = Counting.SEGMENT
    at_boundary: Boundary = Boundary.CUT
    when_used_up: UsedUp = UsedUp.REPEAT
    min_minor: int | None = None
    max_minor: int | None = None
    tax: Tax | None = None

    @cached_property
    def flats(self) -> tuple[RateLine, ...]:
        """What is charged once."""
        return tuple(line for line in self.lines if line.type is LineType.FLAT_RATE)

    @cached_property
    def timed(self) -> tuple[RateLine, ...]:
        """What takes up time, in order."""
        return tuple(line for line in self.lines if line.type is not LineType.FLAT_RATE)


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `max_minor` for what begins within each of its periods; of those only the ones that
    begin from `after` until before `until` of the stay."""

    id: str
    max_minor: int
    over: CapOver
    every: Increment | None = None
    when: tuple[Band, ...] = ()
    after: timedelta | None = None
    until: timedelta | None = None
    collections: frozenset[str] | None = None
    condition: Condition | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Pass:
    """A price for consecutive days; taken when cheaper, or when its option is chosen."""

    id: str
    days: int
    amount_minor: int
    over: PassOver = PassOver.ROLLING
    condition: Condition | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Free:
    """Free time at the beginning; whether it stays free once it is exceeded."""

    duration: timedelta
    stays_free: bool = False


@dataclass(frozen=True, slots=True)
class Holidays:
    """Whose public holidays; ISO 3166-1 and -2 codes."""

    country: str
    subdivision: str | None = None
    add: frozenset[date] = frozenset()
    remove: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Rounding:
    """The total becomes a multiple of `step_minor`; fractions of a unit are rounded alike."""

    step_minor: int = 1
    mode: RoundingMode = RoundingMode.HALF_UP


@dataclass(frozen=True, slots=True)
class Overstay:
    """What staying beyond the booked end costs: own collections or the tariff's, times a percent,
    plus a fee; nothing within the grace."""

    grace: timedelta = timedelta()
    percent: Decimal = Decimal(100)
    fee_minor: int = 0
    collections: tuple[Collection, ...] = ()


@dataclass(frozen=True)
class Tariff:
    """A whole rate table."""

    currency: str
    collections: tuple[Collection, ...] = ()
    caps: tuple[Cap, ...] = ()
    passes: tuple[Pass, ...] = ()
    free: Free | None = None
    min_minor: int | None = None
    max_minor: int | None = None
    tax: Tax | None = None
    rounding: Rounding = field(default_factory=Rounding)
    steps: Steps = Steps.EACH_SEGMENT
    holidays: Holidays | None = None
    overstay: Overstay | None = None

    @cached_property
    def timed(self) -> tuple[Collection, ...]:
        """The collections of which one prices each instant, in order of precedence."""
        return tuple(each for each in self.collections if not each.adds)

    @cached_property
    def added(self) -> tuple[Collection, ...]:
        """The collections that are charged besides."""
        return tuple(each for each in self.collections if each.adds)
