"""Words of settlement, as they stand in the database and in the schema."""

from enum import StrEnum


class EscrowState(StrEnum):
    """Whether the pocket of a reservation still holds third-party money."""

    OPEN = "OPEN"
    SETTLED = "SETTLED"


class Outcome(StrEnum):
    """How the reservation ended."""

    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    NO_SHOW = "NO_SHOW"


class ChargeKind(StrEnum):
    """A bill, or the reversal of one."""

    CHARGE = "CHARGE"
    CREDIT = "CREDIT"


class ValidationKind(StrEnum):
    """What a merchant pays of a stay: `value` is minutes, minor units, percent, or without use."""

    MINUTES = "MINUTES"
    AMOUNT = "AMOUNT"
    PERCENT = "PERCENT"
    FREE = "FREE"


class PaymentState(StrEnum):
    """Money on its way from a driver's bound account.

    CREATED (the rail is being asked) → ACTION_NEEDED (the driver has to agree at the rail) →
    AUTHORISED → CAPTURED, or RELEASED; DECLINED and FAILED end it, too.
    """

    CREATED = "CREATED"
    ACTION_NEEDED = "ACTION_NEEDED"
    AUTHORISED = "AUTHORISED"
    CAPTURED = "CAPTURED"
    RELEASED = "RELEASED"
    DECLINED = "DECLINED"
    FAILED = "FAILED"


class Purpose(StrEnum):
    """What a payment is for."""

    BOOKING = "BOOKING"
    EXTENSION = "EXTENSION"
    SHORTAGE = "SHORTAGE"
    WALLET = "WALLET"


class RailOrderKind(StrEnum):
    """What a rail is asked to do."""

    AUTHORISE = "AUTHORISE"
    CAPTURE = "CAPTURE"
    RELEASE = "RELEASE"
    REFUND = "REFUND"
    PAYOUT = "PAYOUT"


class RailOrderState(StrEnum):
    """DUE is tried until it is DONE or FAILED; NEEDS_PERSON says in `last_error` what to do."""

    DUE = "DUE"
    DONE = "DONE"
    FAILED = "FAILED"
    NEEDS_PERSON = "NEEDS_PERSON"


class PayoutState(StrEnum):
    """SENDING until the rail says; FAILED: the amount is owed again."""

    SENDING = "SENDING"
    PAID = "PAID"
    FAILED = "FAILED"


class PayoutSchedule(StrEnum):
    """When payouts are made; `day` is ISO weekday 1 to 7, or day of the month 1 to 28."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


class PayoutParty(StrEnum):
    """As what an organisation is owed something."""

    OWNER = "OWNER"
    PROPERTY = "PROPERTY"


class PayoutCause(StrEnum):
    """Why it is owed."""

    SHARE = "SHARE"
    DISPUTE = "DISPUTE"
    CORRECTION = "CORRECTION"


class DisputeState(StrEnum):
    """OPEN → DECIDED (may be appealed until `appeal_until`) → APPEALED → CLOSED."""

    OPEN = "OPEN"
    DECIDED = "DECIDED"
    APPEALED = "APPEALED"
    CLOSED = "CLOSED"
