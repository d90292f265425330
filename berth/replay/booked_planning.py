"""From the command line's words to a booked plan. Raises InvalidInput or TraceUnreadable."""

from collections import Counter
from zoneinfo import ZoneInfo

from berth.replay.booked_plan import BookedPlan
from berth.replay.declared import visits_of
from berth.replay.planning import Asked, RowsBad, bounds_of, default_name, in_its_zone
from berth.replay.reading import read_file
from berth.replay.trace import TraceUnreadable
from parking.errors import InvalidInput


def booked_plan_of(asked: Asked, lock_every: int, kills: int, seed: int) -> BookedPlan:
    """The plan for what was asked."""
    if asked.is_check or asked.is_fresh:
        raise InvalidInput(
            "booked", "--booked makes a platform of its own each time; leave --check and --fresh"
        )
    trace = in_its_zone(read_file(asked.file, asked.trace_format), asked.time_zone)
    if trace.problems and not asked.partial:
        raise RowsBad(asked.file.name, list(trace.problems))
    starts_at, ends_at = bounds_of(asked, ZoneInfo(trace.origin.time_zone))
    visits, notes = visits_of(trace.stays, starts_at, ends_at, asked.limit)
    if not any(visit.declared for visit in visits):
        raise TraceUnreadable(
            f"{asked.file.name} has no stay with a declared departure in what is to be replayed"
        )
    return BookedPlan(
        file=asked.file.name,
        origin=trace.origin,
        visits=visits,
        left_out=Counter(trace.left_out) + notes,
        place=asked.place or default_name(asked),
        lock_every=lock_every,
        kills=kills,
        seed=seed,
    )
