"""The terms of a right: when and where it is granted and used. Pure; kept as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import Any

import orjson

from parking.clock import rfc3339
from parking.rights.limits import VALID_MINUTES


class Leftover(StrEnum):
    """What happens with minutes or an amount that a stay did not use up."""

    LAPSES = "LAPSES"
    STAYS = "STAYS"


@dataclass(frozen=True, slots=True)
class DayWindow:
    """From `starts_at` until `ends_at` by the place's clock; over midnight where the end is not
    after the start."""

    starts_at: time
    ends_at: time


@dataclass(frozen=True, slots=True)
class Terms:
    """`period_from` and `period_until` (aware), `weekdays` (ISO 1 to 7; none: all) and `windows`
    (none: the whole day) say when it is granted. Granted, it may be used from `delay_minutes` later
    until `valid_minutes` after the grant, at the code's place and at `places`. `per_stay_max` of
    its specification go into one stay, with others only if it `stacks`; a vehicle gets
    `per_vehicle_day_max` a day (date at the place). `needs_presence`: only for a vehicle that is
    parked there at the moment (CLAIMS A25)."""

    period_from: datetime | None = None
    period_until: datetime | None = None
    weekdays: tuple[int, ...] = ()
    windows: tuple[DayWindow, ...] = ()
    delay_minutes: int = 0
    valid_minutes: int = VALID_MINUTES
    places: tuple[int, ...] = ()
    leftover: Leftover = Leftover.LAPSES
    is_transferable: bool = False
    stacks: bool = True
    per_stay_max: int = 1
    per_vehicle_day_max: int = 1
    needs_presence: bool = False


def terms_json(terms: Terms) -> str:
    """The terms as they are stored."""
    told = asdict(terms) | {
        "windows": [[_clock(w.starts_at), _clock(w.ends_at)] for w in terms.windows],
        "period_from": terms.period_from and rfc3339(terms.period_from),
        "period_until": terms.period_until and rfc3339(terms.period_until),
    }
    return orjson.dumps(told).decode()


def terms_from_json(text: str) -> Terms:
    """The terms that `terms_json` wrote."""
    told: Mapping[str, Any] = orjson.loads(text)
    more = {
        "period_from": _time(told["period_from"]),
        "period_until": _time(told["period_until"]),
        "weekdays": tuple(told["weekdays"]),
        "windows": tuple(DayWindow(*map(time.fromisoformat, pair)) for pair in told["windows"]),
        "places": tuple(told["places"]),
        "leftover": Leftover(told["leftover"]),
    }
    return Terms(**{**told, **more})


def _clock(at: time) -> str:
    return at.strftime("%H:%M")


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
