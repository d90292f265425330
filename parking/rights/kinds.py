"""The fixed words of rights."""

from enum import StrEnum


class RightKind(StrEnum):
    """What a right gives: `value` is minutes, minor units, or percent; without use for the others.

    ACCESS lets a vehicle in without paying: a free stay that is booked by the right itself.
    """

    MINUTES = "MINUTES"
    AMOUNT = "AMOUNT"
    PERCENT = "PERCENT"
    FREE = "FREE"
    ACCESS = "ACCESS"


class SpecificationState(StrEnum):
    """ARCHIVED: no new codes are made of it; what was granted stays."""

    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"


class ContractState(StrEnum):
    """OFFERED by the place's operator → ACTIVE when the issuer accepts, or DECLINED; then ENDED."""

    OFFERED = "OFFERED"
    ACTIVE = "ACTIVE"
    DECLINED = "DECLINED"
    ENDED = "ENDED"


class GrantCodeKind(StrEnum):
    """STATIC is printed; ROTATING is shown on a screen, and each picture lasts for a minute."""

    STATIC = "STATIC"
    ROTATING = "ROTATING"


class GrantCodeState(StrEnum):
    """What is stored; whether it is valid by now follows from its times, uses and contract."""

    ACTIVE = "ACTIVE"
    REVOKED = "REVOKED"


class RightState(StrEnum):
    """HELD → REDEEMED (promised to a stay) → USED, or HELD again when it comes back; or EXPIRED,
    REVOKED; or MOVED, when its holder gave it to another vehicle, where it is a right of its own.
    A right that was partly used ends as USED, however it ends."""

    HELD = "HELD"
    REDEEMED = "REDEEMED"
    USED = "USED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"
    MOVED = "MOVED"


class RedemptionState(StrEnum):
    """LIVE until the stay is settled (FINISHED) or it is taken back (CANCELLED)."""

    LIVE = "LIVE"
    FINISHED = "FINISHED"
    CANCELLED = "CANCELLED"


class RedemptionWay(StrEnum):
    """How it was redeemed: exit code and vehicle code on a page; the plate at a gate; by the
    signed-in driver; by a till; by entering with an ACCESS right."""

    EXIT_CODE = "EXIT_CODE"
    GATE = "GATE"
    DRIVER = "DRIVER"
    TILL = "TILL"
    ACCESS = "ACCESS"


class SignalKind(StrEnum):
    """What looks like fraud at a grant code."""

    MANY_VEHICLES = "MANY_VEHICLES"
    FAR_AWAY = "FAR_AWAY"
    GUESSING = "GUESSING"
    STALE_PICTURE = "STALE_PICTURE"
