"""How often a guest's phone is written to for a merchant whom its owner may never have met."""

from dataclasses import replace
from datetime import datetime

from parking.accounts.attempts import take_attempt
from parking.errors import TooManyTries
from parking.merchants.orders.limits import TEXTS_PER_GUEST
from parking.notices.reach import Reach
from parking.reservations.records import ReservationRecord
from parking.reservations.taking import was_taken
from parking.storage.sql import Sql

_PLAIN = b""
"""Numbers are counted under a plain hash: they stand in the orders anyway."""


async def rationed(
    sql: Sql, reach: Reach, organisation_id: int, booked: ReservationRecord | None, now: datetime
) -> Reach:
    """By what to reach the guest of a merchant's order now, counted in the caller's transaction:
    without the phone from the limit on, unless the booking is the guest's own by now."""
    if not reach.phone or await _is_own(sql, booked):
        return reach
    try:
        await take_attempt(sql, TEXTS_PER_GUEST, f"{organisation_id}:{reach.phone}", _PLAIN, now)
    except TooManyTries:
        return replace(reach, phone=None)
    return reach


async def _is_own(sql: Sql, booked: ReservationRecord | None) -> bool:
    """Whether the guest has confirmed it themselves, or taken what was confirmed for them."""
    if booked is None or booked.confirmed_at is None:
        return False
    return await was_taken(sql, booked)
