"""Answering an invitation: by whoever has its address, signed in, once.

What is not to be answered any more looks like what never was: answered, expired, taken back.
"""

from dataclasses import dataclass
from datetime import datetime

from tortoise.exceptions import IntegrityError

from parking.accounts.audit import record_audit
from parking.accounts.people import Profile, person_of
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import InvalidInput, NotFound, Unauthenticated
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.ids import token_hash
from parking.locations.bindings.lapse import lapse_in
from parking.locations.bindings.record import (
    change_binding,
    end_binding,
    lock_positions_of,
    require_room,
    tell_binding,
)
from parking.locations.bindings.rows import (
    active_between,
    binding_by_token,
    binding_row,
    locked_binding,
)
from parking.locations.bindings.rules import (
    AlreadyBound,
    BindingStep,
    checked_name,
    checked_scope,
    next_state,
    other_side,
    require_answerer,
    standing,
)
from parking.locations.guards import own_live_position, require_signed_in
from parking.locations.kinds import BindingScope, BindingSide, BindingState
from parking.locations.records import BindingRecord
from parking.locations.tokens import is_token
from parking.notices.templates import best_locale
from parking.storage.locks import lock_person
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a sharer lets a receiver see."""

    scope: BindingScope
    position_id: int | None = None
    until: datetime | None = None


async def open_invitation(token: str, *, clock: Clock) -> BindingRecord:
    """The binding of an invitation that can be answered now, whoever asks. Raises `NotFound`."""
    found = await _by_token(database(), token)
    return _require_open(found, clock.now())


async def accept_binding(
    viewer: Viewer,
    token: str,
    *,
    name: str | None = None,
    reach: Reach | None = None,
    clock: Clock,
    bus: Bus,
) -> int:
    """Agree; the binding's id. `name` is what the viewer calls the other side; `reach` is for a
    sharer who was asked: None agrees to what was asked for.

    Raises `NotFound`, `NotYourself`, `NotYourNumber`, `AlreadyBound`, `TooManyBindings`,
    `InvalidInput`, `Conflict` (POSITION_ENDED), `Unauthenticated` and `NotPermitted`.
    """
    person_id, called = require_signed_in(viewer), _checked_name(name)

    async def write() -> int:
        async with HeldBus(bus) as held, transaction() as sql:
            found = _require_open(await _by_token(sql, token), clock.now())
            person = await _answerer(sql, found, person_id)
            for each in sorted({person_id, _asker(found)}):
                await lock_person(sql, each)
            agreed = _agreed(found, reach, clock.now())
            await lock_positions_of(sql, found.sharer_id or person_id, agreed.position_id)
            if agreed.position_id is not None and found.asked_by is BindingSide.RECEIVER:
                await own_live_position(sql, viewer, agreed.position_id)
            binding = _require_open(await locked_binding(sql, found.id), clock.now())
            await require_room(sql, [person_id], clock.now())
            await _accept(sql, held, viewer, binding, person, agreed, called, clock.now())
            return binding.id

    return await retried(write)


async def decline_binding(viewer: Viewer, token: str, *, clock: Clock, bus: Bus) -> int:
    """Refuse; the binding's id. Raises `NotFound`, `NotYourself`, `NotYourNumber`,
    `Unauthenticated` and `NotPermitted`."""
    person_id = require_signed_in(viewer)

    async def write() -> int:
        async with HeldBus(bus) as held, transaction() as sql:
            found, now = await _by_token(sql, token), clock.now()
            binding = _require_open(await locked_binding(sql, found.id), now)
            await _answerer(sql, binding, person_id)
            state = next_state(BindingStep.DECLINE, binding.state)
            await end_binding(sql, binding, state, other_side(binding.asked_by), now)
            await tell_binding(sql, held, now, binding)
            subject = f"position_binding:{binding.id}"
            await record_audit(sql, viewer, "decline_binding", subject, None, {}, now)
            return binding.id

    return await retried(write)


async def _by_token(sql: Sql, token: str) -> BindingRecord:
    found = await binding_by_token(sql, token_hash(token)) if is_token(token) else None
    if found is None:
        raise _missing()
    return found


def _require_open(binding: BindingRecord | None, now: datetime) -> BindingRecord:
    if binding is None or standing(binding, now) is not BindingState.REQUESTED:
        raise _missing()
    return binding


async def _answerer(sql: Sql, binding: BindingRecord, person_id: int) -> Profile:
    person = await person_of(sql, person_id)
    if person is None:
        raise Unauthenticated("this account does not exist any more; sign in again")
    require_answerer(binding, person_id, person.phone)
    return person


def _agreed(binding: BindingRecord, reach: Reach | None, now: datetime) -> Reach:
    asked = Reach(binding.scope, binding.position_id, binding.until)
    if reach is None:
        reach = asked
    elif binding.asked_by is BindingSide.SHARER and reach != asked:
        raise InvalidInput("scope", "how far you see, the sharer says; agree, or decline")
    checked_scope(reach.scope, reach.position_id, reach.until, now)
    return reach


async def _accept(
    sql: Sql,
    bus: Bus,
    viewer: Viewer,
    binding: BindingRecord,
    person: Profile,
    agreed: Reach,
    called: str | None,
    now: datetime,
) -> None:
    sharer_id = binding.sharer_id or person.id
    receiver_id = binding.receiver_id or person.id
    await _require_unbound(sql, bus, (sharer_id, receiver_id), agreed.position_id, now)
    by_sharer = binding.asked_by is BindingSide.SHARER
    named = {"sharer_name" if by_sharer else "receiver_name": called} if called else {}
    if by_sharer:
        named["locale"] = best_locale(person.locale)
    try:
        await change_binding(
            sql, binding, state=next_state(BindingStep.ACCEPT, binding.state),
            sharer_id=sharer_id, receiver_id=receiver_id, scope=agreed.scope,
            position_id=agreed.position_id, until=agreed.until, answered_at=now, token_hash=None,
            phone="", **named,
        )  # fmt: skip
    except IntegrityError as error:
        raise _bound() from error
    made = await binding_row(sql, binding.id)
    assert made is not None, "it was just written"
    await tell_binding(sql, bus, now, made)
    subject, detail = f"position_binding:{binding.id}", {"scope": agreed.scope}
    await record_audit(sql, viewer, "accept_binding", subject, None, detail, now)


async def _require_unbound(
    sql: Sql, bus: Bus, pair: tuple[int, int], position_id: int | None, now: datetime
) -> None:
    """Raises `AlreadyBound`; one that has lapsed meanwhile is written down as such."""
    there = await active_between(sql, *pair, position_id)
    if there is None:
        return
    if standing(there, now) is BindingState.ACTIVE:
        raise _bound()
    await lapse_in(sql, bus, there, now)


def _asker(binding: BindingRecord) -> int:
    asker = binding.sharer_id if binding.asked_by is BindingSide.SHARER else binding.receiver_id
    assert asker is not None, "who asks is known"
    return asker


def _checked_name(name: str | None) -> str | None:
    return None if name is None else checked_name("name", name)


def _bound() -> AlreadyBound:
    return AlreadyBound(
        "there is a binding of the two of you already; revoke that one first to have another"
    )


def _missing() -> NotFound:
    return NotFound("there is no such invitation, or it was answered, taken back, or has expired")
