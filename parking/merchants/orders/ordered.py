"""What a merchant's order system tells of an order, and what makes it sound. Pure."""

import hashlib
from datetime import datetime, timedelta
from typing import NamedTuple

import orjson

from parking.accounts.addresses import parse_address
from parking.accounts.texts import best_locale
from parking.clock import as_utc, rfc3339
from parking.errors import InvalidInput
from parking.merchants.kinds import Demand
from parking.merchants.orders.decisions import CANCELLED_DIGEST
from parking.merchants.records import NO_NEEDS, Needs
from parking.places.rules import checked_text
from parking.plates import normalised
from parking.reservations.wanted import VEHICLE_METRES_MAX
from parking.windows import window_of

REF_CHARACTERS_MAX = 100
NAME_CHARACTERS_MAX = 100
PARTY_MAX = 10_000
SERVICE_HOURS_MAX = 24
STAMP_AHEAD = timedelta(minutes=5)
"""A message from the future would outdate all that come after it; clocks differ by so much."""


class Guest(NamedTuple):
    """For whom it is: `phone` with its country code, `plate` as written; each may be empty. An
    empty `locale`: it was not told."""

    name: str = ""
    phone: str = ""
    plate: str = ""
    locale: str = ""


class Ordered(NamedTuple):
    """An order as its newest message has it: all of it, not only what changed (CLAIMS D1).

    `service_at` and `service_ends_at` are aware; None: the unit's default stay.
    """

    order_ref: str
    service_at: datetime
    service_ends_at: datetime | None = None
    demand: Demand = Demand.UNSAID
    party: int | None = None
    guest: Guest = Guest()
    needs: Needs = NO_NEEDS


def checked_ordered(given: Ordered) -> Ordered:
    """The order, sound in every field, its times in UTC. Raises `InvalidInput`."""
    ends = None if given.service_ends_at is None else as_utc(given.service_ends_at)
    if given.party is not None and not 1 <= given.party <= PARTY_MAX:
        message = f"it is {given.party}; give 1 to {PARTY_MAX}, or nothing"
        raise InvalidInput("party", message)
    return given._replace(
        order_ref=checked_ref(given.order_ref),
        service_at=_checked_service(as_utc(given.service_at), ends),
        service_ends_at=ends,
        guest=_checked_guest(given.guest),
        needs=_checked_needs(given.needs),
    )


def checked_ref(order_ref: str) -> str:
    """The order's own name at the merchant. Raises `InvalidInput`."""
    return checked_text("order_ref", order_ref, REF_CHARACTERS_MAX)


def checked_stamp(stamp: datetime, now: datetime) -> datetime:
    """When a message was made, aware. Raises `InvalidInput` for one from the future."""
    at = as_utc(stamp)
    if at > now + STAMP_AHEAD:
        message = f"it is {rfc3339(at)}, which is not yet; give when the message was made"
        raise InvalidInput("stamp", message)
    return at


def digest_of(ordered: Ordered | None) -> str:
    """Tells messages of one stamp apart; None is a cancellation, which goes before all others."""
    if ordered is None:
        return CANCELLED_DIGEST
    return hashlib.sha256(orjson.dumps(ordered, default=tuple)).hexdigest()


def needs_json(needs: Needs) -> str:
    """As it is stored."""
    return orjson.dumps(needs._asdict()).decode()


def _checked_service(starts: datetime, ends: datetime | None) -> datetime:
    longest = timedelta(hours=SERVICE_HOURS_MAX)
    window_of(starts, starts + longest if ends is None else ends, "service")
    if ends is not None and ends - starts > longest:
        message = f"the service is longer than {SERVICE_HOURS_MAX} hours; give its own end"
        raise InvalidInput("service_ends_at", message)
    return starts


def _checked_guest(guest: Guest) -> Guest:
    phone = guest.phone.strip()
    if phone:
        address = parse_address(phone, "guest.phone")
        if address.kind != "phone":
            raise InvalidInput("guest.phone", "give a phone number with its country code")
        phone = address.value
    return Guest(
        checked_text("guest.name", guest.name, NAME_CHARACTERS_MAX, is_required=False),
        phone,
        normalised(guest.plate, "guest.plate"),
        best_locale(guest.locale) if guest.locale.strip() else "",
    )


def _checked_needs(needs: Needs) -> Needs:
    height = needs.height_metres
    if height is not None and not 0 < height <= VEHICLE_METRES_MAX:
        message = f"a vehicle's height is above 0 and at most {VEHICLE_METRES_MAX:g} metres"
        raise InvalidInput("needs.height_metres", message)
    return needs
