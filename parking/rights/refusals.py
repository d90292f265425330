"""Why a right is not granted, each with a code that a client can act on; and why it stays put.

Refusal
├── NotGranted              by (grant code, current time); `why` is its code
│   ├── GrantCodeUnknown    no such code, or a picture that is not Berth's
│   ├── PictureStale        scan the picture that the screen shows now
│   ├── GrantCodeNotValid   not yet, no more, revoked, or its contract is over
│   ├── NothingLeft         uses, quota or budget are exhausted
│   ├── NotNow              outside of its season, weekdays or hours
│   ├── AlreadyGranted      the vehicle has had today's
│   ├── NotStackable        what it holds already cannot go into one stay with this one
│   ├── NotParkedThere      come in first
│   ├── ReferenceWanted     of the purchase: none is given, or it was used
│   ├── PositionWanted      none is given, or it is too far from the place
│   └── ProofNeeded         the operator wants proof that one may speak for the vehicle
└── NotTransferable         this right stays with its vehicle
"""

from datetime import datetime
from enum import StrEnum

from parking.clock import rfc3339
from parking.errors import Refusal


class Why(StrEnum):
    """Why a right is not granted; stable codes."""

    UNKNOWN = "GRANT_CODE_UNKNOWN"
    PICTURE_STALE = "PICTURE_STALE"
    REVOKED = "GRANT_CODE_REVOKED"
    NOT_YET_VALID = "GRANT_CODE_NOT_YET_VALID"
    EXPIRED = "GRANT_CODE_EXPIRED"
    PLACE_GONE = "PLACE_GONE"
    CONTRACT_NOT_ACTIVE = "CONTRACT_NOT_ACTIVE"
    OUTSIDE_SEASON = "OUTSIDE_SEASON"
    OUTSIDE_WEEKDAYS = "OUTSIDE_WEEKDAYS"
    OUTSIDE_HOURS = "OUTSIDE_HOURS"
    REFERENCE_NEEDED = "REFERENCE_NEEDED"
    REFERENCE_USED = "REFERENCE_USED"
    POSITION_NEEDED = "POSITION_NEEDED"
    TOO_FAR = "TOO_FAR"
    PROOF_NEEDED = "PROOF_NEEDED"
    NOT_PARKED_THERE = "NOT_PARKED_THERE"
    ALREADY_GRANTED_TODAY = "ALREADY_GRANTED_TODAY"
    DAY_MAXIMUM = "DAY_MAXIMUM"
    NOT_STACKABLE = "NOT_STACKABLE"
    EXHAUSTED = "GRANT_CODE_EXHAUSTED"
    QUOTA_EXHAUSTED = "QUOTA_EXHAUSTED"
    BUDGET_EXHAUSTED = "BUDGET_EXHAUSTED"


class NotGranted(Refusal):
    """The grant code does not grant a right to this vehicle now; `code` is the reason."""

    code = "NOT_GRANTED"

    def __init__(self, why: Why, message: str) -> None:
        super().__init__(message, code=why.value)
        self.why = why


class GrantCodeUnknown(NotGranted):
    """There is no such grant code: mistyped, or a picture with a false signature."""


class PictureStale(NotGranted):
    """The picture on the screen has changed since it was scanned: scan it again."""


class GrantCodeNotValid(NotGranted):
    """The code grants nothing now: it is not valid yet (`valid_from` says when it will be), has
    expired, was revoked, or its contract or place is no more."""

    def __init__(self, why: Why, message: str, valid_from: datetime | None = None) -> None:
        super().__init__(why, message)
        self.valid_from = valid_from


class NothingLeft(NotGranted):
    """All that the code, or the issuer's contract, has to grant is granted."""


class NotNow(NotGranted):
    """The right is granted at other times only; what the code's page tells of it says when."""


class AlreadyGranted(NotGranted):
    """The vehicle has been granted as many today as it may."""


class NotStackable(NotGranted):
    """What the vehicle holds of today cannot go into one stay together with this right."""


class NotParkedThere(NotGranted):
    """The right is for vehicles that are parked at the place at the moment."""


class ReferenceWanted(NotGranted):
    """The code asks for the reference of a purchase, which was not given or is used up."""


class PositionWanted(NotGranted):
    """The code grants near its place only: no position was given, or one too far away."""


class ProofNeeded(NotGranted):
    """The operator of the place wants proof that the driver may speak for the vehicle."""

    def __init__(self, why: Why, message: str, operator_id: int) -> None:
        super().__init__(why, message)
        self.operator_id = operator_id


class NotTransferable(Refusal):
    """The right stays with the vehicle that it was granted to."""

    code = "NOT_TRANSFERABLE"

    def __init__(self) -> None:
        super().__init__("the issuer grants this right to one vehicle for good; use it there")


_TOLD: dict[Why, tuple[type[NotGranted], str]] = {
    Why.UNKNOWN: (GrantCodeUnknown, "there is no such grant code; scan it again"),
    Why.PICTURE_STALE: (
        PictureStale,
        "the picture has changed since it was scanned; scan the one that the screen shows now",
    ),
    Why.REVOKED: (GrantCodeNotValid, "the issuer has revoked this code; ask there for a new one"),
    Why.NOT_YET_VALID: (GrantCodeNotValid, "the code is not valid yet; come back when it is"),
    Why.EXPIRED: (GrantCodeNotValid, "the code has expired; ask its issuer for a new one"),
    Why.PLACE_GONE: (
        GrantCodeNotValid,
        "the place of this code is closed for good or run by somebody else now; ask the issuer",
    ),
    Why.CONTRACT_NOT_ACTIVE: (
        GrantCodeNotValid,
        "the issuer has no contract with the place at the moment; ask there",
    ),
    Why.OUTSIDE_SEASON: (NotNow, "this right is not granted in this season"),
    Why.OUTSIDE_WEEKDAYS: (NotNow, "this right is not granted on this day of the week"),
    Why.OUTSIDE_HOURS: (NotNow, "this right is not granted at this time of the day"),
    Why.REFERENCE_NEEDED: (
        ReferenceWanted,
        "the code is for purchases; give the reference on your receipt",
    ),
    Why.REFERENCE_USED: (
        ReferenceWanted,
        "a right was granted for this purchase already; each grants one",
    ),
    Why.POSITION_NEEDED: (
        PositionWanted,
        "the code grants near its place only; allow your position to be read",
    ),
    Why.TOO_FAR: (PositionWanted, "you are too far from the place of this code; scan it there"),
    Why.PROOF_NEEDED: (
        ProofNeeded,
        "the place wants proof that you may speak for this vehicle; ask its operator for it first",
    ),
    Why.NOT_PARKED_THERE: (
        NotParkedThere,
        "the right is for vehicles that are parked there at the moment; come in first",
    ),
    Why.ALREADY_GRANTED_TODAY: (
        AlreadyGranted,
        "this vehicle was granted it today already; come back tomorrow",
    ),
    Why.DAY_MAXIMUM: (
        AlreadyGranted,
        "this vehicle was granted as many as it may have today; come back tomorrow",
    ),
    Why.NOT_STACKABLE: (
        NotStackable,
        "rights that this vehicle holds of today cannot go into one stay with it; use them first",
    ),
    Why.EXHAUSTED: (NothingLeft, "the code has granted as often as it may; ask for another one"),
    Why.QUOTA_EXHAUSTED: (NothingLeft, "the issuer has granted all rights of its contract"),
    Why.BUDGET_EXHAUSTED: (NothingLeft, "the issuer's budget for rights is promised already"),
}


def not_granted(
    why: Why, *, valid_from: datetime | None = None, operator_id: int = 0
) -> NotGranted:
    """The refusal that tells this reason; `valid_from` and `operator_id` where it has to do with
    them."""
    kind, message = _TOLD[why]
    if why is Why.NOT_YET_VALID and valid_from is not None:
        message = f"the code is not valid before {rfc3339(valid_from)}; come back then"
    if kind is GrantCodeNotValid:
        return GrantCodeNotValid(why, message, valid_from if why is Why.NOT_YET_VALID else None)
    if kind is ProofNeeded:
        return ProofNeeded(why, message, operator_id)
    return kind(why, message)
