"""Who fetches the car agrees to pay its stay up to an amount, which is reserved in their wallet."""

from datetime import datetime, timedelta

from parking.access.delegations.records import DelegationRecord
from parking.access.delegations.rows import act_on, locked_delegation
from parking.access.delegations.rules import Act, next_state, standing
from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, NotFound, NotPermitted
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.ledger.accounts import driver
from parking.ledger.refusals import InsufficientFunds
from parking.ledger.transfers import Movement, hold
from parking.locations.guards import require_signed_in
from parking.settlement.refusals import WalletTooLow
from parking.settlement.topics import person_money_topic, tell_money
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction

CODE = "fetch"
"""Of its transfers in the ledger, as statements show it."""
HOLD_PREFIX = "fetch:"
HELD_BEYOND = timedelta(days=30)
"""The amount stays reserved so long after the right's own end: a stay that has ended is settled
within seconds, or when a fault was mended. Beyond that it is free again and the owner bears it."""

_INSERT = """
INSERT INTO fetch_payment
    (delegation_id, reservation_id, payer_id, owner_id, currency, amount_max_minor, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


async def accept_exit(viewer: Viewer, delegation_id: int, *, clock: Clock, bus: Bus) -> None:
    """Agree, as whoever was given its address and has signed in, to an OFFERED right.

    Raises NotFound, Unauthenticated, NotPermitted (it is for somebody else), Conflict `OWN_CAR` and
    `WRONG_STATE`, and WalletTooLow, which says what is missing.
    """
    person_id = require_signed_in(viewer)

    async def write() -> None:
        async with HeldBus(bus) as held, transaction() as sql:
            found, now = await locked_delegation(sql, delegation_id), clock.now()
            if found is None:
                raise NotFound("there is no such right to fetch a car")
            _require_fetcher(found, person_id)
            next_state(Act.ACCEPT, standing(found, now))
            await _reserve(sql, found, person_id, viewer.actor, now)
            await act_on(sql, held, found, Act.ACCEPT, now, accepted_at=now, fetcher_id=person_id)
            topic = person_money_topic(person_id)
            await tell_money(sql, held, now, topic, delegation_id=found.id)
            subject = f"delegation:{found.id}"
            await record_audit(sql, viewer, "accept_exit_delegation", subject, None, {}, now)

    await retried(write)


def _require_fetcher(delegation: DelegationRecord, person_id: int) -> None:
    if person_id == delegation.person_id:
        raise Conflict("it is your own car: drive it out by your booking", code="OWN_CAR")
    if delegation.fetcher_id not in (None, person_id):
        raise NotPermitted("this right to fetch a car was given to somebody else")


async def _reserve(
    sql: Sql, delegation: DelegationRecord, person_id: int, actor: str, now: datetime
) -> None:
    amount, currency = delegation.amount_max_minor, delegation.currency
    assert amount is not None, "only what a FETCHER pays is offered"
    entries = {driver(person_id, currency): -amount, driver(delegation.person_id, currency): amount}
    movement = Movement(
        hold_id(delegation.id), CODE, entries, f"delegation:{delegation.id}", actor=actor
    )
    try:
        await hold(sql, movement, now, delegation.valid_until + HELD_BEYOND)
    except InsufficientFunds as short:
        raise WalletTooLow(amount - (short.available_minor or 0), currency) from short
    await sql.execute(
        _INSERT,
        delegation.id,
        delegation.reservation_id,
        person_id,
        delegation.person_id,
        currency,
        amount,
        now,
    )


def hold_id(delegation_id: int) -> str:
    """The name of the pending transfer of a right."""
    return f"{HOLD_PREFIX}{delegation_id}"
