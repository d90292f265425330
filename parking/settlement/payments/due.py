"""What the clock makes of payments: those without news are looked up, those that nobody needs any
more are let go, and those that a driver has agreed to since confirm their booking. For the worker;
any number may run."""

import logging
from typing import NamedTuple

from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Refusal
from parking.events.bus import Bus
from parking.reservations.confirm import confirm
from parking.reservations.funding import Funding
from parking.settlement.kinds import PaymentState, Purpose
from parking.settlement.payments.news import take_in
from parking.settlement.payments.prepare import account_of, let_go, rail_of
from parking.settlement.payments.records import (
    PAYMENT_COLUMNS,
    PaymentRecord,
    payment_record,
)
from parking.settlement.payments.rows import ask_of
from parking.settlement.payments.rules import (
    GIVE_UP_AFTER,
    LOOK_UP_AFTER,
    is_unused,
)
from parking.settlement.rails.outside import require_outside
from parking.settlement.rails.port import Rails, RailUnreachable
from parking.storage.sql import as_time_or_none, database
from parking.storage.transactions import retried

log = logging.getLogger(__name__)

PAYMENTS_AT_ONCE_MAX = 100
"""So many are looked at in one go of the worker; the rest in the next."""
UNUSED = "nobody waits for it any more"
NEVER_ARRIVED = "the payment service has never heard of it"

_WAITING = f"""
SELECT {PAYMENT_COLUMNS},
       CASE WHEN r.state IN ('REQUESTED', 'PENDING_PAYMENT') THEN r.hold_until END AS waits_until
  FROM payment p LEFT JOIN reservation r ON r.id = p.reservation_id
 WHERE p.state IN ('CREATED', 'ACTION_NEEDED', 'AUTHORISED') AND p.secured_at IS NULL
   AND p.changed_at <= $1
   AND NOT (p.purpose = 'SHORTAGE' AND p.state = 'CREATED')
 ORDER BY p.changed_at LIMIT {PAYMENTS_AT_ONCE_MAX}
"""
"""A shortage that was not asked for yet is its order's."""


class _Waiting(NamedTuple):
    payment: PaymentRecord
    is_unused: bool


async def run_payments(rails: Rails, funding: Funding, clock: Clock, bus: Bus) -> int:
    """Look at the payments without news; how many changed."""
    require_outside()
    done, away = 0, set[str]()
    for waiting in await _waiting(clock):
        if waiting.is_unused:
            await let_go(waiting.payment.id, UNUSED, clock=clock, bus=bus)
            done += 1
        elif waiting.payment.rail not in away:
            try:
                done += await _look_at(waiting.payment, rails, funding, clock, bus)
            except RailUnreachable as error:
                away.add(waiting.payment.rail)
                log.warning("payments of %s wait: %s", waiting.payment.rail, error.message)
    return done


async def _waiting(clock: Clock) -> list[_Waiting]:
    now = clock.now()
    found = []
    for row in await database().fetch(_WAITING, now - LOOK_UP_AFTER):
        waits_until = as_time_or_none(row.pop("waits_until"))
        payment = payment_record(row)
        unused = is_unused(payment.purpose, payment.created_at, waits_until, now)
        found.append(_Waiting(payment, unused))
    return found


async def _look_at(
    payment: PaymentRecord, rails: Rails, funding: Funding, clock: Clock, bus: Bus
) -> int:
    # First of all it goes to the end of the queue: others are not kept waiting by those that stay.
    await database().execute(
        "UPDATE payment SET changed_at = $2 WHERE id = $1", payment.id, clock.now()
    )
    known = payment
    if payment.state is not PaymentState.AUTHORISED:
        known = await look_up(payment, rails, clock, bus)
    is_confirmed = await confirm_booking(known, funding, clock, bus)
    return int(is_confirmed or known.state is not payment.state)


async def look_up(payment: PaymentRecord, rails: Rails, clock: Clock, bus: Bus) -> PaymentRecord:
    """Ask the rail where the payment stands, and take that in. One that it has not heard of for
    long never reached it: then it has FAILED. Raises RailUnreachable."""
    ask = ask_of(payment, await account_of(payment))
    told = await rail_of(rails, payment.rail).look_up(ask)
    if told is not None:
        return await take_in(payment.id, told, clock=clock, bus=bus)
    if clock.now() - payment.created_at < GIVE_UP_AFTER:
        return payment
    return await let_go(payment.id, NEVER_ARRIVED, clock=clock, bus=bus, state=PaymentState.FAILED)


async def confirm_booking(payment: PaymentRecord, funding: Funding, clock: Clock, bus: Bus) -> bool:
    """Confirm the booking whose money is reserved now, as its driver: they asked for it before
    their bank wanted them to agree. Whether it was confirmed; a refusal leaves the hold, and the
    payment is let go when that lapses."""
    is_ready = payment.state is PaymentState.AUTHORISED and payment.purpose is Purpose.BOOKING
    if not is_ready or payment.reservation_id is None:
        return False
    driver, reservation_id = Viewer(person_id=payment.person_id), payment.reservation_id
    try:
        await retried(
            lambda: confirm(driver, reservation_id, clock=clock, bus=bus, funding=funding)
        )
    except Refusal as refusal:
        log.info("payment %s: its booking was not confirmed: %s", payment.public_id, refusal.code)
        return False
    return True
