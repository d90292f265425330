"""What drivers are told by the clock, and when: pure decisions.

`RULES` is the table; each row is about bookings in one state and one of their two instants:

    starts_at                                                             ends_at
    ──┬───────────────┬──────┬──────────────────┬─────────────────┬──────────┬──
      │ -60 min       │ 0    │ +10 min          │ +no-show        │ -15 min  │ 0
      └─ REMINDER ────┘      └─ LATE ───────────┘                 └─ ENDING ─┘

What nobody told in its time is not told any more. EARLY, for who shows a credential before the bay
is theirs, has no time of its own (`parking.reminders.early`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from parking.notices.kinds import NoticeTopic
from parking.reservations.limits import BookingLimits
from parking.reservations.models import ReservationState
from parking.windows import Window

REMINDED_BEFORE = timedelta(minutes=60)
"""So long before the start; who booked later than that needs no reminder."""
LATE_AFTER = timedelta(minutes=10)
"""So long after the start somebody is late; where a bay is given up early, half of that time."""
ENDING_BEFORE = timedelta(minutes=15)
"""So long before the end; who booked later than that knows it."""
BEFORE_QUIET = timedelta(minutes=15)
"""So long before their quiet hours begin people are told what could not be told in them."""
EARLY_LOOK_BACK = timedelta(minutes=5)
"""So old a showing may be of which somebody is told that they are early: longer than a worker is
away for a restart, shorter than anybody waits before an arm."""


class Anchor(StrEnum):
    """The instant of a booking that a rule counts from; the value is its column."""

    START = "starts_at"
    END = "ends_at"


@dataclass(frozen=True, slots=True)
class Rule:
    """Tell of `topic` from `opens` after the anchor on (negative: before it), until `closes`.

    `needs_free`: only while the bay is seen to be free. `is_news`: not to who booked when it was
    that time already.
    """

    topic: NoticeTopic
    state: ReservationState
    anchor: Anchor
    opens: timedelta
    closes: timedelta
    needs_free: bool = False
    is_news: bool = True

    def anchors(self, now: datetime) -> tuple[datetime, datetime]:
        """The anchors about which it tells now: after the first, up to the second."""
        return now - self.closes, now - self.opens

    def is_open(self, anchor_at: datetime, now: datetime) -> bool:
        """Whether it tells now of a booking with this anchor."""
        after, until = self.anchors(now)
        return after < anchor_at <= until


REMINDER = Rule(
    NoticeTopic.PARKING_REMINDER,
    ReservationState.CONFIRMED,
    Anchor.START,
    opens=-REMINDED_BEFORE,
    closes=timedelta(0),
)
ENDING = Rule(
    NoticeTopic.PARKING_ENDING,
    ReservationState.ACTIVE,
    Anchor.END,
    opens=-ENDING_BEFORE,
    closes=timedelta(0),
)


def late(limits: BookingLimits) -> Rule:
    """Where the bay is seen to be free it is given up at `limits.no_show`, and nobody is told to be
    late because a sensor is silent."""
    return Rule(
        NoticeTopic.PARKING_LATE,
        ReservationState.CONFIRMED,
        Anchor.START,
        opens=min(LATE_AFTER, limits.no_show / 2),
        closes=limits.no_show,
        needs_free=True,
        is_news=False,
    )


def rules(limits: BookingLimits) -> tuple[Rule, ...]:
    """The table."""
    return REMINDER, late(limits), ENDING


def is_known(rule: Rule, anchor_at: datetime, agreed_at: datetime) -> bool:
    """Whether the driver, who agreed to the booking then, knows without being told."""
    return rule.is_news and agreed_at > anchor_at + rule.opens


def kept_until(window: Window, limits: BookingLimits) -> datetime:
    """How long a bay that is seen to be free waits for its driver
    (`parking.reservations.rules.is_missed`)."""
    return min(window.starts_at + limits.no_show, window.ends_at)


def reminded_before_quiet(begin: datetime, end: datetime) -> Window | None:
    """Which starts are told of before quiet hours `[begin, end)`: their reminder would fall into
    them, and be of no use after them. The outbox drops such a one."""
    first = begin + REMINDED_BEFORE
    return Window(first, end) if first < end else None
