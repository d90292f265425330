"""When a listing is open: weekly windows and exceptions, worked out into instants.

The rule is one sentence: it is open exactly while the place's clock shows a time that lies in a
window or an OPEN exception and in no CLOSED one. So on the day the clocks go forward an hour of a
window may be missing, and on the day they go back one may come twice, as on any sign at a gate.

What a clock shows is written here as a time "in UTC" that only stands for the clock's face; such
windows are called `face` below and never leave this module.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from parking.listings.models import ExceptionKind
from parking.listings.records import ExceptionRecord, WindowRecord
from parking.windows import Window, joined

DAY = timedelta(days=1)
WINDOW_DAYS_MAX = 7
"""A weekly window ends at most so many days after it began."""
STEP = timedelta(hours=6)
"""Clocks are changed less often than this."""


def openings(
    windows: Sequence[WindowRecord],
    exceptions: Sequence[ExceptionRecord],
    validity: tuple[datetime | None, datetime | None],
    zone: ZoneInfo,
    starts_at: datetime,
    ends_at: datetime,
) -> list[Window]:
    """The instants within `[starts_at, ends_at)` in which it is open, in order, as few windows as
    possible. No windows: open always. `validity` is `[valid_from, valid_until)`; None: no end.
    """
    low, high = max(starts_at, validity[0] or starts_at), min(ends_at, validity[1] or ends_at)
    if not low < high:
        return []
    found: list[Window] = []
    for part, offset in constant_offsets(zone, low, high):
        shown = Window(_shown(part.starts_at, offset), _shown(part.ends_at, offset))
        faces = open_faces(windows, exceptions, shown)
        found += [Window(face.starts_at - offset, face.ends_at - offset) for face in faces]
    return joined(found)


def open_faces(
    windows: Sequence[WindowRecord], exceptions: Sequence[ExceptionRecord], within: Window
) -> list[Window]:
    """What the clock shows, within `within`, while it is open."""
    regular = list(_weekly(windows, within)) if windows else [within]
    opened = [face_of(each) for each in exceptions if each.kind is ExceptionKind.OPEN]
    closed = [face_of(each) for each in exceptions if each.kind is ExceptionKind.CLOSED]
    return list(without(_clipped(joined([*regular, *opened]), within), joined(closed)))


def face_of(exception: ExceptionRecord) -> Window:
    """The exception as a window of the clock's face."""
    return Window(
        exception.local_from.replace(tzinfo=UTC), exception.local_until.replace(tzinfo=UTC)
    )


def constant_offsets(
    zone: ZoneInfo, starts_at: datetime, ends_at: datetime
) -> Iterator[tuple[Window, timedelta]]:
    """The period in parts between which the clocks are changed, each with its offset from UTC."""
    begun, offset = starts_at, _offset(zone, starts_at)
    at = starts_at
    while at < ends_at:
        following = min(at + STEP, ends_at)
        if _offset(zone, following) != offset:
            change = _change(zone, at, following)
            if change < ends_at:
                yield Window(begun, change), offset
                begun, offset, following = change, _offset(zone, change), change
        at = following
    yield Window(begun, ends_at), offset


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first whole second at which the clocks have been changed."""
    offset = _offset(zone, before)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if _offset(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def _shown(at: datetime, offset: timedelta) -> datetime:
    return at.astimezone(UTC) + offset


def _weekly(windows: Sequence[WindowRecord], within: Window) -> Iterator[Window]:
    """Each day's windows, also those that began up to a week before."""
    day = within.starts_at.replace(hour=0, minute=0, second=0, microsecond=0)
    day -= WINDOW_DAYS_MAX * DAY
    while day < within.ends_at:
        for window in windows:
            if begins_on(window, day):
                yield Window(
                    day + timedelta(minutes=window.minute_from),
                    day + timedelta(minutes=window.minute_until),
                )
        day += DAY


def begins_on(window: WindowRecord, day: datetime) -> bool:
    """Whether the weekly window begins on the day, of which only the date matters."""
    date = day.date()
    if window.first_date is not None and date < window.first_date:
        return False
    if window.last_date is not None and date > window.last_date:
        return False
    return bool(window.weekdays >> date.weekday() & 1)


def _clipped(windows: Iterable[Window], within: Window) -> Iterator[Window]:
    for each in windows:
        if each.overlaps(within):
            yield Window(max(each.starts_at, within.starts_at), min(each.ends_at, within.ends_at))


def without(windows: Iterable[Window], holes: Sequence[Window]) -> Iterator[Window]:
    """What is left of the windows; both are joined and in order."""
    for each in windows:
        begun = each.starts_at
        for hole in holes:
            if hole.starts_at >= each.ends_at:
                break
            if hole.ends_at <= begun:
                continue
            if hole.starts_at > begun:
                yield Window(begun, hole.starts_at)
            begun = min(hole.ends_at, each.ends_at)
        if begun < each.ends_at:
            yield Window(begun, each.ends_at)
