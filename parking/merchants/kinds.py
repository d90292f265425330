"""The fixed words of merchants."""

from enum import StrEnum


class Payer(StrEnum):
    """Who pays for the parking of an order: the guest, or the merchant by a validation (D19)."""

    GUEST = "GUEST"
    MERCHANT = "MERCHANT"


class UnitState(StrEnum):
    """CLOSED: takes no new orders, for good; those there are go on."""

    ACTIVE = "ACTIVE"
    CLOSED = "CLOSED"


class ToldSteps(StrEnum):
    """Which steps of its orders a unit is told of by e-mail and SMS. PROBLEMS: refused, waiting,
    missed, late, and sent to another bay because a lock fails."""

    ALL = "ALL"
    PROBLEMS = "PROBLEMS"


class ConnectorKind(StrEnum):
    """What leads from one plan or level to another. An ENTRANCE is a door at one level."""

    ENTRANCE = "ENTRANCE"
    LIFT = "LIFT"
    STAIRS = "STAIRS"
    RAMP = "RAMP"


class OrderState(StrEnum):
    """PENDING is recorded and about to be placed; each order ends in exactly one of the others."""

    PENDING = "PENDING"
    BOOKED = "BOOKED"
    WAITLISTED = "WAITLISTED"
    REFUSED = "REFUSED"
    UNWANTED = "UNWANTED"
    CANCELLED = "CANCELLED"


class OrderSource(StrEnum):
    """How an order came in."""

    API = "API"
    SMS = "SMS"
    WEBHOOK = "WEBHOOK"


class SmsResult(StrEnum):
    """What came of a message by SMS. DONE: it was carried out, whatever became of the order."""

    DONE = "DONE"
    REFUSED = "REFUSED"
    UNCLEAR = "UNCLEAR"
    HELP = "HELP"
    INCOMPLETE = "INCOMPLETE"
    GIVEN_UP = "GIVEN_UP"
    REVOKED = "REVOKED"


class Demand(StrEnum):
    """What the merchant's order says of parking; UNSAID leaves it to the rest of the order."""

    YES = "YES"
    NO = "NO"
    UNSAID = "UNSAID"


class OrderStep(StrEnum):
    """What can happen to an order; the value is the kind of its event."""

    RECEIVED = "order_received"
    CHANGED = "order_changed"
    BOOKED = "order_booked"
    WAITLISTED = "order_waitlisted"
    REFUSED = "order_refused"
    CANCELLED = "order_cancelled"
    RELEASED = "order_released"
    MOVED = "order_moved"
    KEPT = "order_kept"
    EXTENDED = "order_extended"
    LOCK_ORDERED = "order_lock_ordered"
    LOCK_FAILED = "order_lock_failed"
    PAID = "order_paid"
    ARRIVING = "order_guest_arriving"
    ARRIVED = "order_guest_arrived"
    LEFT = "order_guest_left"
    LATE = "order_guest_late"
    MISSED = "order_guest_missed"
    REPLACED = "order_place_lost"
    ERASED = "order_guest_erased"


class Reason(StrEnum):
    """Why an order was refused or ended."""

    FULL = "FULL"
    PAST = "PAST"
    QUOTA = "QUOTA_EXHAUSTED"
    NO_CREDIT = "NO_CREDIT"
    NOT_PAID = "NOT_PAID"
    NOT_FUNDED = "NOT_FUNDED"
    NO_CONTRACT = "NO_CONTRACT"
    BY_MERCHANT = "CANCELLED_BY_MERCHANT"
    BY_GUEST = "CANCELLED_BY_GUEST"
