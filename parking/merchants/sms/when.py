"""When: days, times, instants and lengths that were said, put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from parking.merchants.sms.days import DaySaid
from parking.merchants.sms.moments import Here, begin, end_of_stay, is_near, is_too_long, pairs
from parking.merchants.sms.results import Field, Problem, Trouble
from parking.merchants.sms.times import TimesSaid

SaidDay = tuple[str, DaySaid]


@dataclass(frozen=True, slots=True)
class When:
    """Begin and end in UTC, as far as they are said, or what is wrong with them."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    problems: tuple[Problem, ...] = ()


def when(
    days: Sequence[SaidDay],
    times: TimesSaid,
    instants: Sequence[datetime],
    lengths: Sequence[timedelta],
    here: Here,
) -> When:
    """The service's begin and end. Several that differ, and none that fits, are problems."""
    if times.impossible:
        return _wrong(Field.TIME, Trouble.IMPOSSIBLE, times.impossible)
    if len(lengths) > 1:
        return _wrong(Field.END, Trouble.SEVERAL, [str(each) for each in lengths])
    if instants:
        found = _from_instant(instants, times, here)
        end_minutes = None
    else:
        found, end_minutes = _from_clocks(days, times, here)
    if found.starts_at is None:
        return found
    return _with_end(found.starts_at, end_minutes, lengths, here)


def _wrong(field: Field, trouble: Trouble, said: Sequence[str]) -> When:
    return When(problems=(Problem(field, trouble, tuple(said)),))


def _from_instant(instants: Sequence[datetime], times: TimesSaid, here: Here) -> When:
    if len(instants) > 1 or times.starts:
        return _wrong(Field.TIME, Trouble.SEVERAL, [here.local_text(at) for at in instants])
    problem = is_near(instants[0], here)
    return When(problems=(problem,)) if problem else When(instants[0])


def _from_clocks(days: Sequence[SaidDay], times: TimesSaid, here: Here) -> tuple[When, int | None]:
    """The begin, and how many minutes later clocks show the end."""
    if not times.starts:
        return When(), None
    starts, ends = _agreed(times.starts), _agreed(times.ends)
    fitting = pairs(starts, ends)
    wrong = _disagreement(times, starts, ends, fitting)
    if wrong is not None:
        return wrong, None
    begins = tuple(start for start, _ in fitting) or starts
    chosen = _days_agreed(days)
    if isinstance(chosen, Problem):
        return When(problems=(chosen,)), None
    result = begin(chosen, begins, here, is_row=all(said.is_row for _, said in days))
    if isinstance(result, Problem):
        return When(problems=(result,)), None
    instant, minute = result
    later = next((end - start for start, end in fitting if start == minute), None)
    return When(instant), later


def _disagreement(
    times: TimesSaid,
    starts: tuple[int, ...],
    ends: tuple[int, ...],
    fitting: Sequence[tuple[int, int]],
) -> When | None:
    """Several begins or ends that differ, or an end that fits no begin."""
    if not starts:
        return _wrong(Field.TIME, Trouble.SEVERAL, _shown(times.starts))
    if times.ends and not ends:
        return _wrong(Field.END, Trouble.SEVERAL, _shown(times.ends))
    if ends and not fitting:
        return _wrong(Field.END, Trouble.IMPOSSIBLE, _shown(times.ends))
    return None


def _agreed(said: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """What all of them may mean: `7:30, that is 19:30`."""
    return tuple(m for m in said[0] if all(m in each for each in said)) if said else ()


def _shown(said: Sequence[tuple[int, ...]]) -> list[str]:
    return [f"{each[0] // 60 % 24:02}:{each[0] % 60:02}" for each in said]


def _days_agreed(days: Sequence[SaidDay]) -> tuple[date, ...] | Problem | None:
    """The days that all of them may mean, None when there is no word of a day."""
    if not days:
        return None
    for text, said in days:
        if not said.days:
            return Problem(Field.DATE, Trouble.IMPOSSIBLE, (text,))
    weekdays = {said.weekday for _, said in days if said.weekday is not None}
    others = [said.days for _, said in days if said.weekday is None] or [days[0][1].days]
    found = tuple(
        day
        for day in others[0]
        if all(day in each for each in others) and weekdays <= {day.weekday()}
    )
    return found or Problem(Field.DATE, Trouble.SEVERAL, tuple(text for text, _ in days))


def _with_end(
    start: datetime, minutes_later: int | None, lengths: Sequence[timedelta], here: Here
) -> When:
    """The end, by the clock or by the length; both must agree."""
    by_clock = None if minutes_later is None else end_of_stay(start, minutes_later, here)
    if isinstance(by_clock, Problem):
        return When(start, problems=(by_clock,))
    by_length = start + lengths[0] if lengths else None
    end = by_clock or by_length
    if by_clock and by_length and by_clock != by_length:
        said = (here.local_text(by_clock), here.local_text(by_length))
        return When(start, problems=(Problem(Field.END, Trouble.SEVERAL, said),))
    if end is not None and end <= start:
        return When(start, problems=(Problem(Field.END, Trouble.IMPOSSIBLE),))
    if end is not None and is_too_long(start, end):
        return When(start, problems=(Problem(Field.END, Trouble.TOO_LONG, (str(end - start),)),))
    return When(start, end)
