"""Words of notices, as they stand in the database and in the schema."""

from enum import StrEnum


class NoticeChannel(StrEnum):
    """How a notice reaches whom it is for."""

    SMS = "SMS"
    EMAIL = "EMAIL"
    WECHAT = "WECHAT"
    WEBHOOK = "WEBHOOK"


PERSONAL = (NoticeChannel.SMS, NoticeChannel.EMAIL, NoticeChannel.WECHAT)
"""Those that reach people; preferences and quiet hours are about them."""


class NoticeState(StrEnum):
    """Where a notice stands."""

    DUE = "DUE"
    """To be sent, or to be tried again."""
    SENT = "SENT"
    """Handed over to the channel's provider."""
    DEAD = "DEAD"
    """Given up; a person may have it tried again."""
    DROPPED = "DROPPED"
    """Not wanted: muted, or of no use once the quiet hours are over."""


class EndpointState(StrEnum):
    """Whether a webhook endpoint is told of events."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"


class NoticeTopic(StrEnum):
    """What a notice is about. `PARKING_…` is for whoever parks, `ORDER_…` for the merchant,
    `POSITION_…` and `EXIT_…` for those who share a car."""

    PARKING_BOOKED = "PARKING_BOOKED"
    PARKING_UNPAID = "PARKING_UNPAID"
    PARKING_MOVED = "PARKING_MOVED"
    PARKING_REMINDER = "PARKING_REMINDER"
    PARKING_WAITLISTED = "PARKING_WAITLISTED"
    PARKING_REFUSED = "PARKING_REFUSED"
    PARKING_CANCELLED = "PARKING_CANCELLED"
    PARKING_EARLY = "PARKING_EARLY"
    PARKING_LATE = "PARKING_LATE"
    PARKING_MISSED = "PARKING_MISSED"
    PARKING_ENDING = "PARKING_ENDING"
    ORDER_BOOKED = "ORDER_BOOKED"
    ORDER_WAITLISTED = "ORDER_WAITLISTED"
    ORDER_REFUSED = "ORDER_REFUSED"
    ORDER_CANCELLED = "ORDER_CANCELLED"
    ORDER_ARRIVING = "ORDER_ARRIVING"
    ORDER_ARRIVED = "ORDER_ARRIVED"
    ORDER_LATE = "ORDER_LATE"
    ORDER_LOCK_FAILED = "ORDER_LOCK_FAILED"
    ORDER_MISSED = "ORDER_MISSED"
    POSITION_INVITED = "POSITION_INVITED"
    POSITION_ASKED = "POSITION_ASKED"
    POSITION_SHOWN = "POSITION_SHOWN"
    POSITION_ENDED = "POSITION_ENDED"
    POSITION_LINK_CLOSED = "POSITION_LINK_CLOSED"
    EXIT_DELEGATED = "EXIT_DELEGATED"
    EXIT_REVOKED = "EXIT_REVOKED"
    EXIT_OPENED = "EXIT_OPENED"
    EXIT_USED = "EXIT_USED"
    ANSWER = "ANSWER"
    """The answer to a message that somebody sent; its text is given whole."""

    @property
    def event_type(self) -> str:
        """The name in webhooks: `order.booked`."""
        return self.value.lower().replace("_", ".", 1)


URGENT = frozenset(
    {
        NoticeTopic.PARKING_BOOKED,
        NoticeTopic.PARKING_UNPAID,
        NoticeTopic.PARKING_MOVED,
        NoticeTopic.PARKING_CANCELLED,
        NoticeTopic.PARKING_EARLY,
        NoticeTopic.PARKING_LATE,
        NoticeTopic.PARKING_ENDING,
        NoticeTopic.EXIT_DELEGATED,
        NoticeTopic.EXIT_REVOKED,
        NoticeTopic.EXIT_OPENED,
        NoticeTopic.EXIT_USED,
        NoticeTopic.ANSWER,
    }
)
"""Topics that know no quiet hours and cannot be muted: without them a driver stands before a raised
lock, pays for longer than they meant, does not hear that their car is driven away, or never hears
what became of their own message."""

MUTABLE = tuple(topic for topic in NoticeTopic if topic not in URGENT)

EVENTS = tuple(topic for topic in NoticeTopic if topic.value.startswith("ORDER_"))
"""What webhooks can be sent about."""
