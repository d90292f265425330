"""What the driver of a booking asks for when somebody else is to fetch the car; pure checks."""

from dataclasses import dataclass, replace
from datetime import datetime

from parking.access.models import DelegationPayer
from parking.accounts.addresses import parse_address
from parking.clock import as_utc
from parking.errors import InvalidInput
from parking.locations.limits import (
    DELEGATION_LASTS_MAX,
    FETCH_MINOR_MAX,
    LABEL_CHARACTERS_MAX,
)
from parking.places.rules import checked_text


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitWish:
    """A right to fetch the car of a booking, until `valid_until` (aware). A FETCHER pays at most
    `amount_max_minor`. It is for the receiver of a binding, for who has the phone, or else for whom
    the driver gives its address; `label` is what the driver calls them."""

    reservation_id: int
    payer: DelegationPayer
    valid_until: datetime
    label: str = ""
    amount_max_minor: int | None = None
    binding_id: int | None = None
    phone: str | None = None
    locale: str | None = None


def checked_wish(wish: ExitWish, now: datetime) -> ExitWish:
    """The wish as it is kept. Raises InvalidInput."""
    until = as_utc(wish.valid_until)
    if not now < until <= now + DELEGATION_LASTS_MAX:
        raise InvalidInput(
            "valid_until", f"expected a time from now on, {DELEGATION_LASTS_MAX.days} days at most"
        )
    if wish.binding_id is not None and wish.phone is not None:
        raise InvalidInput("phone", "give a binding or a phone number, not both")
    _require_amount(wish)
    label = checked_text("label", wish.label, LABEL_CHARACTERS_MAX, is_required=False)
    phone = None if wish.phone is None else _number(wish.phone)
    return replace(wish, valid_until=until, label=label, phone=phone)


def _require_amount(wish: ExitWish) -> None:
    if wish.payer is DelegationPayer.OWNER:
        if wish.amount_max_minor is not None:
            raise InvalidInput("amount_max_minor", "only a FETCHER pays up to an amount")
    elif wish.amount_max_minor is None or not 0 < wish.amount_max_minor <= FETCH_MINOR_MAX:
        raise InvalidInput(
            "amount_max_minor",
            f"say what the FETCHER pays at most, 1 to {FETCH_MINOR_MAX} minor units",
        )


def _number(text: str) -> str:
    address = parse_address(text, "phone")
    if address.kind != "phone":
        raise InvalidInput("phone", "expected a phone number such as +8613800138000")
    return address.value
