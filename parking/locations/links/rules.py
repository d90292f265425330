"""Pure decisions about secure links: whether one works, and what its maker may set."""

import unicodedata
from datetime import datetime

from parking.errors import InvalidInput, Refusal
from parking.locations.limits import (
    LINK_LASTS,
    LINK_LASTS_MAX,
    LINK_VIEWS_MAX,
    PASSCODE_DIGITS_MAX,
    PASSCODE_DIGITS_MIN,
    PASSCODE_TRIES_MAX,
)
from parking.locations.records import LinkRecord


class PasscodeNeeded(Refusal):
    """The link works, and asks for the passcode that its maker set."""

    code = "PASSCODE_NEEDED"


class WrongPasscode(Refusal):
    """The passcode is not the one; a link bears so many wrong ones in all its life."""

    code = "WRONG_PASSCODE"

    def __init__(self, tries_left: int) -> None:
        super().__init__(
            f"this is not the passcode; {tries_left} more tries are left before the link is closed"
        )
        self.tries_left = tries_left


def is_open(link: LinkRecord, now: datetime) -> bool:
    """Whether an opened page of the link is still good: not revoked nor expired, and the car is
    there (CLAIMS E16)."""
    return link.revoked_at is None and now < link.expires_at and not link.is_stay_over


def may_be_viewed(link: LinkRecord, now: datetime) -> bool:
    """Whether it can be opened once more."""
    return is_open(link, now) and (link.views_max is None or link.views < link.views_max)


def tries_left(wrong_tries: int) -> int:
    """How many more wrong passcodes a link bears."""
    return max(0, PASSCODE_TRIES_MAX - wrong_tries)


def checked_passcode(text: str) -> str:
    """The digits that a maker sets. Raises `InvalidInput`."""
    digits = typed_passcode(text)
    is_fitting = PASSCODE_DIGITS_MIN <= len(digits) <= PASSCODE_DIGITS_MAX
    if not is_fitting or not (digits.isascii() and digits.isdigit()):
        raise InvalidInput(
            "passcode", f"a passcode has {PASSCODE_DIGITS_MIN} to {PASSCODE_DIGITS_MAX} digits"
        )
    return digits


def typed_passcode(text: str) -> str:
    """What was typed, full-width digits and spaces forgiven; empty for nothing."""
    plain = "".join(unicodedata.normalize("NFKC", text[:64]).replace("-", "").split())
    # What is no digit is wrong, also what no bytes can be made of (a lone surrogate).
    return plain.encode("ascii", "replace").decode()


def checked_expiry(wished: datetime | None, now: datetime) -> datetime:
    """Until when the link works. Raises `InvalidInput`."""
    expires_at = now + LINK_LASTS if wished is None else wished
    if not now < expires_at <= now + LINK_LASTS_MAX:
        raise InvalidInput(
            "expires_at", f"a link ends later than now, and within {LINK_LASTS_MAX.days} days"
        )
    return expires_at


def checked_views(views_max: int | None) -> int | None:
    """How often it can be opened; None: as often as one likes. Raises `InvalidInput`."""
    if views_max is not None and not 1 <= views_max <= LINK_VIEWS_MAX:
        raise InvalidInput("views_max", f"give 1 to {LINK_VIEWS_MAX} views, or none for any number")
    return views_max
