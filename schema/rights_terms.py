"""The terms of a right: when and where it is granted and used."""

from datetime import datetime, time

import strawberry

from parking.listings.records import Weekday
from parking.rights.terms import DayWindow, Leftover, Terms, terms_from_json
from schema.ids import global_id

WEEK = list(Weekday)
CLOCK = "%H:%M"


@strawberry.type(description="Hours of a day, by the clock of the place.")
class RightWindow:
    """`parking.rights.terms.DayWindow`."""

    starts_at: str = strawberry.field(description="Such as `18:00`.")
    ends_at: str = strawberry.field(
        description="Such as `02:00`; not after the start: on the next day."
    )


@strawberry.type(description="When and where a right is granted and used.")
class RightTerms:
    """`parking.rights.terms.Terms`."""

    period_from: datetime | None = strawberry.field(description="Granted then or later.")
    period_until: datetime | None = strawberry.field(description="Granted before.")
    weekdays: list[Weekday] = strawberry.field(description="Granted on these; none: on all.")
    windows: list[RightWindow] = strawberry.field(
        description="Granted at these hours; none: all day."
    )
    delay_minutes: int = strawberry.field(description="It may be used so long after its grant.")
    valid_minutes: int = strawberry.field(description="It lapses so long after its grant.")
    place_ids: list[strawberry.ID] = strawberry.field(
        description="Where it is good besides the place of the code."
    )
    leftover: Leftover = strawberry.field(description="What becomes of what a stay leaves of it.")
    is_transferable: bool = strawberry.field(
        description="Whether its holder may give it to another vehicle."
    )
    stacks: bool = strawberry.field(description="Whether a stay takes other rights besides.")
    per_stay_max: int = strawberry.field(description="So many of its kind go into one stay.")
    per_vehicle_day_max: int = strawberry.field(description="A vehicle gets so many a day.")
    needs_presence: bool = strawberry.field(
        description="Only for vehicles that are parked there at the moment."
    )


def terms_of(terms: Terms) -> RightTerms:
    """The domain's terms as the schema's type."""
    return RightTerms(
        period_from=terms.period_from,
        period_until=terms.period_until,
        weekdays=[WEEK[day - 1] for day in terms.weekdays],
        windows=[_window_of(each) for each in terms.windows],
        delay_minutes=terms.delay_minutes,
        valid_minutes=terms.valid_minutes,
        place_ids=[global_id("Place", key) for key in terms.places],
        leftover=terms.leftover,
        is_transferable=terms.is_transferable,
        stacks=terms.stacks,
        per_stay_max=terms.per_stay_max,
        per_vehicle_day_max=terms.per_vehicle_day_max,
        needs_presence=terms.needs_presence,
    )


def terms_told(text: str) -> RightTerms:
    """Terms as they are stored."""
    return terms_of(terms_from_json(text))


def _window_of(window: DayWindow) -> RightWindow:
    return RightWindow(starts_at=_clock(window.starts_at), ends_at=_clock(window.ends_at))


def _clock(at: time) -> str:
    return at.strftime(CLOCK)
