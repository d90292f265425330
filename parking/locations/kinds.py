"""Words of shared positions, as they stand in the database and in the schema."""

from enum import StrEnum


class PositionState(StrEnum):
    """Whether the car is still where the position says."""

    ACTIVE = "ACTIVE"
    ENDED = "ENDED"


class VersionKind(StrEnum):
    """Why there is a version of a position. Nothing of a version is ever changed."""

    BASIC = "BASIC"
    """The first: from the booking, or what the sharer wrote down."""
    REFINED = "REFINED"
    """More is known: a terminal's answer, or what the sharer added."""
    CORRECTED = "CORRECTED"
    """What was said before was wrong."""
    MOVED = "MOVED"
    """The car was moved: nothing of the version before holds."""


class VersionSource(StrEnum):
    """Who says so."""

    RESERVATION = "RESERVATION"
    SHARER = "SHARER"
    ATTENDANT = "ATTENDANT"
    MAP_SERVICE = "MAP_SERVICE"
    SPACE_RECORD = "SPACE_RECORD"


class Terminal(StrEnum):
    """Who is asked to refine a position (CLAIMS E3)."""

    ATTENDANT = "ATTENDANT"
    """The queue of the place, where an attendant or operator answers."""
    MAP_SERVICE = "MAP_SERVICE"
    SPACE_RECORD = "SPACE_RECORD"
    """What the place says of the bay."""


class RefinementState(StrEnum):
    """Where a question to a terminal stands. ANSWERED ones may be answered again: a correction."""

    OPEN = "OPEN"
    TAKEN = "TAKEN"
    ANSWERED = "ANSWERED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    """The car is gone, or the sharer asks no more."""


class BindingState(StrEnum):
    """Consent of both sides. The last three are final."""

    REQUESTED = "REQUESTED"
    ACTIVE = "ACTIVE"
    DECLINED = "DECLINED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    """Nobody answered in time, or the agreed date is past, or the one stay is over."""


class BindingScope(StrEnum):
    """How long a receiver sees the sharer's positions."""

    ONE_STAY = "ONE_STAY"
    UNTIL = "UNTIL"
    ALWAYS = "ALWAYS"


class BindingSide(StrEnum):
    """Who asked for, or ended, a binding."""

    SHARER = "SHARER"
    RECEIVER = "RECEIVER"


class InvitationWay(StrEnum):
    """How the other side is asked. LINK: whoever opens it first; PHONE: only who has that number,
    proven by signing in with it; WECHAT: by the link, opened in the mini program."""

    LINK = "LINK"
    PHONE = "PHONE"
    WECHAT = "WECHAT"


class LinkOutcome(StrEnum):
    """What came of opening a secure link, for the sharer's access log."""

    SHOWN = "SHOWN"
    WRONG_PASSCODE = "WRONG_PASSCODE"
    TOO_MANY_TRIES = "TOO_MANY_TRIES"
    CLOSED = "CLOSED"
    """It was revoked, expired, used up, or its stay is over."""
