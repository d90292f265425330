"""Giving a right to fetch the car: by the driver of its booking alone, one at a time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from parking.access.delegations.records import DelegationRecord
from parking.access.delegations.rows import delegation_by_id, locked_where, tell_delegation
from parking.access.delegations.rules import due
from parking.access.models import DelegationPayer, DelegationState
from parking.accounts.attempts import take_attempt
from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, NotFound, NotPermitted, Refusal
from parking.events.bus import Bus
from parking.ids import token_hash
from parking.locations.bindings.ask import INVITED_PER_DAY, INVITED_PHONE
from parking.locations.bindings.rows import locked_binding, receivers_of
from parking.locations.fetching.follow import end_in
from parking.locations.fetching.notices import tell_delegated
from parking.locations.fetching.wish import ExitWish, checked_wish
from parking.locations.guards import require_signed_in
from parking.locations.positions.rows import position_of_reservation
from parking.locations.records import BindingRecord, PositionRecord
from parking.locations.tokens import made_token
from parking.reservations.record import (
    BookingChange,
    changing_bookings,
    locked_reservation,
    place_of_reservation,
)
from parking.reservations.records import ReservationRecord
from parking.reservations.rules import BOOKED, Side, sides
from parking.storage.sql import Sql

WHAT = "fetching"
"""In tokens."""
FETCHING_PATH = "/f/"
"""Where the page of who fetches the car is; the token follows."""

_INSERT = """
INSERT INTO exit_delegation
    (reservation_id, place_id, person_id, fetcher_id, position_id, binding_id, label, payer,
     amount_max_minor, currency, state, valid_until, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id
"""


class AlreadyDelegated(Refusal):
    """Somebody else has a right to fetch this car already; take that back first."""

    code = "ALREADY_DELEGATED"


async def delegate_exit(
    viewer: Viewer,
    wish: ExitWish,
    *,
    clock: Clock,
    bus: Bus,
    keys: Sequence[bytes],
    base_url: str,
) -> int:
    """Let somebody else drive the car of a booking out, once; the right's id. Its token is
    `token_of`'s; `keys` are the installation's for links, the newest first.

    Where the driver pays it opens at once, else when who fetches the car has agreed. Raises
    InvalidInput, NotFound (booking or binding), NotPermitted, Unauthenticated, TooManyTries,
    AlreadyDelegated, and Conflict `WRONG_STATE` for a booking that is not CONFIRMED or ACTIVE.
    """
    person_id, now = require_signed_in(viewer), clock.now()
    wish = checked_wish(wish, now)
    place_id = await place_of_reservation(wish.reservation_id)
    async with changing_bookings([place_id], clock, bus) as change:
        sql = change.sql
        reservation = await _own_booking(sql, viewer, wish.reservation_id, now)
        position = await position_of_reservation(sql, reservation.id)
        binding = await _binding(sql, wish, person_id, position, now)
        fetcher_id = None if binding is None else binding.receiver_id
        if binding is not None and binding.until is not None:  # it ends with that
            wish = replace(wish, valid_until=min(wish.valid_until, binding.until))
        await _require_none(change, reservation.id)
        if wish.phone is not None:
            await take_attempt(sql, INVITED_PER_DAY, str(person_id), keys[0], now)
            await take_attempt(sql, INVITED_PHONE, wish.phone, keys[0], now)
        made = await _insert(sql, wish, reservation, position, fetcher_id, now)
        token = made_token(keys[0], WHAT, made.id, now)
        await sql.execute(
            "UPDATE exit_delegation SET token_hash = $2 WHERE id = $1", made.id, token_hash(token)
        )
        link = f"{base_url}{FETCHING_PATH}{token}"
        await tell_delegated(sql, made, link, wish.phone, wish.locale, now)
        await tell_delegation(change.bus, made)
        detail = {"payer": made.payer, "binding": made.binding_id, "delegation": made.id}
        await record_audit(
            sql, viewer, "delegate_exit", f"reservation:{reservation.id}", None, detail, now
        )
    return made.id


async def _own_booking(
    sql: Sql, viewer: Viewer, reservation_id: int, now: datetime
) -> ReservationRecord:
    reservation = await locked_reservation(sql, reservation_id)
    held = sides(viewer, reservation)
    if not held:
        raise NotFound("there is no such reservation")
    if Side.DRIVER not in held:
        raise NotPermitted("only the driver of a booking says who fetches the car")
    is_over = reservation.started_at is None and reservation.ends_at <= now
    if reservation.state not in BOOKED or is_over:
        raise Conflict(
            f"the reservation is {reservation.state}; this needs one that is CONFIRMED or ACTIVE,"
            " and not over",
            code="WRONG_STATE",
        )
    return reservation


async def _binding(
    sql: Sql, wish: ExitWish, person_id: int, position: PositionRecord | None, now: datetime
) -> BindingRecord | None:
    """The binding whose receiver it is for, who sees this very position. Raises NotFound."""
    if wish.binding_id is None:
        return None
    binding = await locked_binding(sql, wish.binding_id)
    if binding is None or binding.sharer_id != person_id or position is None:
        raise NotFound("there is no such binding")
    if binding.id not in {each.id for each in await receivers_of(sql, position, now)}:
        raise NotFound("there is no such binding that shows this car's position now")
    return binding


async def _require_none(change: BookingChange, reservation_id: int) -> None:
    """One live right a booking; of one that has ended by time alone that is written down."""
    for each in await locked_where(change.sql, "d.reservation_id = $1", reservation_id):
        act = due(each, change.at)
        if act is None:
            raise AlreadyDelegated(
                "somebody has a right to fetch this car already; take that back first"
            )
        await end_in(change.sql, change.bus, each, act, change.at)


async def _insert(
    sql: Sql,
    wish: ExitWish,
    reservation: ReservationRecord,
    position: PositionRecord | None,
    fetcher_id: int | None,
    now: datetime,
) -> DelegationRecord:
    is_open = wish.payer is DelegationPayer.OWNER
    [row] = await sql.fetch(
        _INSERT,
        reservation.id,
        reservation.place_id,
        reservation.person_id,
        fetcher_id,
        None if position is None else position.id,
        wish.binding_id,
        wish.label,
        wish.payer,
        wish.amount_max_minor,
        reservation.currency,
        DelegationState.ACTIVE if is_open else DelegationState.OFFERED,
        wish.valid_until,
        now,
    )
    made = await delegation_by_id(sql, row["id"])
    assert made is not None, "it was just made"
    return made
