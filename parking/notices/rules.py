"""When a notice is sent, and when again: pure decisions."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from parking.notices.kinds import URGENT, NoticeTopic
from parking.notices.limits import (
    PAUSE_FACTOR,
    PAUSE_FIRST_SECONDS,
    PAUSE_SECONDS_MAX,
)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours of the day in which nobody is disturbed, on the clocks of `zone`; `until` may lie on
    the next day."""

    start: time
    until: time
    zone: str


@dataclass(frozen=True, slots=True)
class Preference:
    """What a person wants to hear, and when."""

    muted: frozenset[NoticeTopic] = frozenset()
    quiet: QuietHours | None = None


NO_PREFERENCE = Preference()


@dataclass(frozen=True, slots=True)
class SendNow:
    """Send it."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Send it then (UTC)."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Drop:
    """Never send it; `why` is a sentence."""

    why: str


def when(
    topic: NoticeTopic, useful_until: datetime | None, preference: Preference, now: datetime
) -> SendNow | Wait | Drop:
    """Whether a notice is sent now, after the quiet hours, or never.

    Urgent topics are always sent. What nobody needs any more when the quiet hours end is dropped.
    """
    if topic in URGENT:
        return SendNow()
    if topic in preference.muted:
        return Drop("the person has muted this topic")
    end = None if preference.quiet is None else quiet_end(preference.quiet, now)
    if end is None:
        return SendNow()
    if useful_until is not None and useful_until <= end:
        return Drop("the quiet hours end after it would have been of use")
    return Wait(end)


def quiet_end(quiet: QuietHours, now: datetime) -> datetime | None:
    """When the quiet hours end that `now` lies in (UTC); None outside of them.

    An end that the clocks skip is the moment of the skip's end; one that they show twice is the
    one still to come.
    """
    zone = ZoneInfo(quiet.zone)
    local = now.astimezone(zone)
    clock = local.time()
    is_over_midnight = quiet.start > quiet.until
    after_start, before_end = clock >= quiet.start, clock < quiet.until
    is_quiet = (after_start or before_end) if is_over_midnight else (after_start and before_end)
    if not is_quiet:
        return None
    day = local.date() if before_end else local.date() + timedelta(days=1)
    fold = local.fold if before_end else 0
    return datetime.combine(day, quiet.until, zone).replace(fold=fold).astimezone(UTC)


def quiet_ahead(
    quiet: QuietHours, now: datetime, within: timedelta
) -> tuple[datetime, datetime] | None:
    """Begin and end (UTC) of the quiet hours that begin after `now`, at most `within` later; None
    when none do."""
    zone = ZoneInfo(quiet.zone)
    today = now.astimezone(zone).date()
    for day in (today, today + timedelta(days=1)):
        begin = datetime.combine(day, quiet.start, zone).astimezone(UTC)
        if begin - within <= now < begin:
            last = day + timedelta(days=1) if quiet.start > quiet.until else day
            return begin, datetime.combine(last, quiet.until, zone).astimezone(UTC)
    return None


def pause_after(attempts: int, chance: float) -> timedelta:
    """How long to wait after `attempts` that failed; `chance` in [0, 1) spreads it over the upper
    half, so that what failed together does not come again together."""
    assert attempts >= 1, "only what was tried waits"
    assert 0 <= chance < 1, "a chance lies in [0, 1)"
    # Beyond this exponent the limit holds anyway.
    exponent = min(attempts - 1, 20)
    whole = min(PAUSE_FIRST_SECONDS * PAUSE_FACTOR**exponent, PAUSE_SECONDS_MAX)
    return timedelta(seconds=whole * (0.5 + chance / 2))


def retry_at(
    attempts: int,
    give_up_at: datetime,
    now: datetime,
    *,
    chance: float,
    wanted: timedelta | None = None,
) -> datetime | None:
    """When to try again, not before the `wanted` pause of whoever refused; None: give up.

    The last attempt is made at `give_up_at` at the latest.
    """
    if now >= give_up_at:
        return None
    pause = pause_after(attempts, chance)
    longest = timedelta(seconds=PAUSE_SECONDS_MAX)
    if wanted is not None:
        pause = max(pause, min(wanted, longest))
    return min(now + pause, give_up_at)
