"""What must come of visits that are booked, worked out from the trace alone. Pure.

Nothing here uses the platform's own rules: the truth of a proof must not come from what it proves.
A driver books `AHEAD` before arriving. Where the car before has the bay for longer than that, the
platform has to refuse, and the driver asks again on arriving; where the car before will outstay its
own booking until shortly before, the driver asks on arriving only.

The price: 0.80 for each started quarter of an hour as declared, used or not. Leaving early gives
back half of what is unused, to the driver's favour. From 10 minutes after the declared end on each
started quarter of an hour beyond that end is half as much again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import NamedTuple

from berth.replay.declared import Visit

AHEAD = timedelta(minutes=30)
OVER_AFTER = timedelta(seconds=60)
"""A bay counts as left when it has been free for so long."""
OUTSTAYED_BEFORE = timedelta(minutes=15)
"""So long before its start the platform moves a booking away from a bay that is outstayed."""
QUARTER = timedelta(minutes=15)
QUARTER_MINOR = 80
OVERSTAY_QUARTER_MINOR = 120
OVERSTAY_GRACE = timedelta(minutes=10)
GIVEN_BACK_PERCENT = 50


class Act(IntEnum):
    """What happens; of what happens in the same second, in this order."""

    LEAVE = 1
    TICK = 2
    BOOK = 3
    ARRIVE = 4


class Moment(NamedTuple):
    """One thing that happens."""

    at: datetime
    act: Act
    visit: Visit


@dataclass(frozen=True, slots=True)
class Outcome:
    """What must come of a visit.

    `refusals` is how often it was refused before it had a booking, or for good; `booked_at` None:
    it never had one. Amounts are in minor units; `overstay_minor` is part of `amount_minor`.
    """

    refusals: int
    booked_at: datetime | None
    amount_minor: int | None = None
    overstay_minor: int = 0
    given_back_minor: int = 0


def books_ahead(visit: Visit, before: Visit | None) -> bool:
    """Whether the driver books before arriving."""
    if visit.declared is None:
        return False
    if before is None or before.declared is None:
        return True
    # From when the car before outstays, if it does, until it leaves.
    outstays = max(before.declared, visit.arrival - OUTSTAYED_BEFORE) < before.departure
    return not (outstays and before.declared < visit.arrival)


def previous_in_space(visits: Sequence[Visit]) -> dict[int, Visit]:
    """The visit before each in the same space, by the later one's number."""
    last: dict[str, Visit] = {}
    found: dict[int, Visit] = {}
    for visit in visits:
        if visit.space in last:
            found[visit.number] = last[visit.space]
        last[visit.space] = visit
    return found


def moments(visits: Sequence[Visit]) -> list[Moment]:
    """All that happens, in order; a TICK is an instant at which something becomes due."""
    before = previous_in_space(visits)
    found: list[Moment] = []
    for visit in visits:
        if books_ahead(visit, before.get(visit.number)):
            found.append(Moment(visit.arrival - AHEAD, Act.BOOK, visit))
        found.append(Moment(visit.arrival, Act.ARRIVE, visit))
        found.append(Moment(visit.departure, Act.LEAVE, visit))
        ticks = [visit.departure + OVER_AFTER, visit.arrival - AHEAD / 3]
        if visit.declared is not None:
            ticks.append(visit.declared)
        found += [Moment(at, Act.TICK, visit) for at in ticks]
    return sorted(found, key=lambda each: (each.at, each.act, each.visit.number))


class _Booking(NamedTuple):
    starts_at: datetime
    ends_at: datetime
    over_at: datetime


def expected(visits: Sequence[Visit]) -> Mapping[int, Outcome]:
    """What must come of each visit, by number."""
    before = previous_in_space(visits)
    booked: dict[str, list[_Booking]] = {}
    outcomes: dict[int, Outcome] = {}
    for at, act, visit in moments(visits):
        is_tried = act is Act.BOOK or (act is Act.ARRIVE and visit.declared is not None)
        so_far = outcomes.get(visit.number, Outcome(0, None))
        if so_far.booked_at is not None or not (is_tried or act is Act.ARRIVE):
            continue
        if is_tried and _is_free(booked.get(visit.space, []), visit, at):
            made = _Booking(visit.arrival, _declared(visit), visit.departure + OVER_AFTER)
            booked.setdefault(visit.space, []).append(made)
            outcomes[visit.number] = _priced(visit, so_far.refusals, at)
        else:
            outcomes[visit.number] = Outcome(so_far.refusals + is_tried, None)
    assert before.keys() <= outcomes.keys(), "every visit has an outcome"
    return outcomes


def _is_free(booked: Sequence[_Booking], visit: Visit, at: datetime) -> bool:
    return not any(
        each.over_at > at and each.starts_at < _declared(visit) and visit.arrival < each.ends_at
        for each in booked
    )


def _declared(visit: Visit) -> datetime:
    assert visit.declared is not None, "it books"
    return visit.declared


def _priced(visit: Visit, refusals: int, booked_at: datetime) -> Outcome:
    declared = _declared(visit)
    booked = declared - visit.arrival
    price = quarters_minor(booked)
    unused = max(declared - visit.departure, timedelta(0))
    # Kept is rounded down, so that what is given back is in the driver's favour.
    second = timedelta(seconds=1)
    whole, part = (booked // second) * 100, (unused // second) * GIVEN_BACK_PERCENT
    back = price - price * (whole - part) // whole if part else 0
    late = visit.departure - declared
    overstay = _quarters(late) * OVERSTAY_QUARTER_MINOR if late > OVERSTAY_GRACE else 0
    return Outcome(refusals, booked_at, price - back + overstay, overstay, back)


def quarters_minor(length: timedelta) -> int:
    """What so long a time costs when it is booked."""
    return _quarters(length) * QUARTER_MINOR


def _quarters(length: timedelta) -> int:
    """Started quarters of an hour."""
    return -(-length // QUARTER)


def early_and_late(visits: Sequence[Visit]) -> Iterator[str]:
    """For each visit that declared something, whether it left early, late or on time."""
    for visit in visits:
        if visit.declared is not None:
            gap = visit.departure - visit.declared
            yield "early" if gap < timedelta(0) else "late" if gap else "on time"
