"""A credential is shown at a bay: decide, note it, and lower the arm, in one transaction.

Nothing of the decision can change before the command exists: the place is locked, the one-time id
is taken by a unique index, and the reservation is read under the lock (I7).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from parking.access.access_events import AccessEventRecord, Numbers, insert_event, recorded_event
from parking.access.bookings import booking_by_id, booking_by_key, booking_by_plate
from parking.access.check import Booking, Outcome, Reader, booking_fault, judge_token
from parking.access.commands import order
from parking.access.cose import SignatureFalse
from parking.access.cwt import Claims, TokenUnreadable, parse_token, verified_claims
from parking.access.delegations.records import DelegationRecord
from parking.access.delegations.rows import act_on, locked_delegation
from parking.access.delegations.rules import Act, act_at, judge_delegated
from parking.access.key_numbers import typed_key
from parking.access.models import CommandCause, CredentialKind, LockTarget
from parking.access.opening import on_display, opening_of
from parking.access.rules import NoLock
from parking.access.signing_keys import keys_in_force
from parking.clock import Clock
from parking.devices.sealing import Sealer
from parking.errors import InvalidInput, TooManyTries
from parking.events.bus import Bus
from parking.plates import normalised
from parking.reservations.record import (
    BookingChange,
    changing_bookings,
    locked_reservation,
    record_step,
)
from parking.reservations.rules import Step
from parking.storage.faults import Contended
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried


@dataclass(frozen=True, slots=True)
class Shown:
    """What was shown: a token's bytes, a typed key or a plate; the text is never logged.

    `numbers` identify the reader's message, so that a repeat is answered and not taken again.
    """

    kind: CredentialKind
    token: bytes = field(default=b"", repr=False)
    text: str = field(default="", repr=False)
    numbers: Numbers | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes of it. `command_id` is the order to the arm, None where the bay has no lock or
    nothing was granted; `retry_after_seconds` belongs to TOO_MANY_TRIES, `opens` (for a display) to
    NOT_YET."""

    outcome: Outcome
    reservation_id: int | None = None
    space_id: int | None = None
    command_id: int | None = None
    retry_after_seconds: int | None = None
    opens: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Which booking is meant by what was shown, before anything is locked.

    `fault` is set where that is known to be nobody's. `claims` are proven.
    """

    fault: Outcome | None = None
    reservation_id: int | None = None
    claims: Claims | None = None
    retry_after_seconds: int | None = None


async def admit(
    reader: Reader, shown: Shown, *, clock: Clock, bus: Bus, sealer: Sealer, actor: str = ""
) -> Answer:
    """Decide on a credential shown at a reader now; granted, the arm is ordered down.

    Every showing becomes an access event, and a step of the booking that it is of. `actor` names
    who shows it, by default the reader. Raises what the database raises, and then nothing of it
    has happened: show it again.
    """
    found = await identify(reader, shown, clock.now(), sealer)
    who = actor or f"device:{reader.device_id}"

    async def decide() -> Answer:
        before = await recorded_event(database(), reader, shown.numbers)
        if before is not None:
            return Answer(before.outcome, before.reservation_id, before.space_id)
        async with changing_bookings(places_of(reader, found), clock, bus) as change:
            return await _decide(change, reader, shown, found, who)

    return await retried(decide)


async def identify(reader: Reader, shown: Shown, now: datetime, sealer: Sealer) -> Found:
    """Whose it is: checks signatures and keys, which take time, before anything is locked."""
    match shown.kind:
        case CredentialKind.QR_CODE:
            return await _by_token(shown.token, now)
        case CredentialKind.KEY:
            return await _by_key(reader, shown.text, now, sealer)
        case CredentialKind.LICENSE_PLATE:
            return await _by_plate(reader, shown.text, now)


def places_of(reader: Reader, found: Found) -> list[int]:
    """The places to lock: the reader's, and the booking's own where its token is shown elsewhere,
    for what came of it is noted in the booking too."""
    claimed = {found.claims.place_id} if found.claims is not None else set()
    return sorted({reader.place_id, *claimed})


async def _by_token(token: bytes, now: datetime) -> Found:
    try:
        message = parse_token(token)
    except TokenUnreadable:
        return Found(Outcome.UNREADABLE)
    known = {key.kid: key.public_key for key in await keys_in_force(database(), now)}
    if message.kid not in known:
        return Found(Outcome.UNKNOWN_KEY)
    try:
        claims = verified_claims(message, known[message.kid])
    except SignatureFalse:
        return Found(Outcome.BAD_SIGNATURE)
    except TokenUnreadable:
        return Found(Outcome.UNREADABLE)
    return Found(reservation_id=claims.reservation_id, claims=claims)


async def _by_key(reader: Reader, text: str, now: datetime, sealer: Sealer) -> Found:
    key = typed_key(text)
    if key is None or reader.space_id is None:
        return Found(Outcome.WRONG_KEY)
    try:
        reservation_id = await booking_by_key(reader, key, now, sealer)
    except TooManyTries as refusal:
        return Found(Outcome.TOO_MANY_TRIES, retry_after_seconds=refusal.retry_after_seconds)
    return Found(Outcome.WRONG_KEY if reservation_id is None else None, reservation_id)


async def _by_plate(reader: Reader, text: str, now: datetime) -> Found:
    try:
        plate = normalised(text)
    except InvalidInput:
        plate = ""
    booking = await booking_by_plate(database(), reader, plate, now) if plate else None
    if booking is None:
        return Found(Outcome.UNKNOWN_PLATE)
    return Found(reservation_id=booking.claimant.reservation_id)


async def _decide(
    change: BookingChange, reader: Reader, shown: Shown, found: Found, actor: str
) -> Answer:
    booking = await held_booking(change.sql, found, change.at)
    delegation = await held_delegation(change.sql, found)
    outcome = found.fault or _judged(booking, delegation, found, reader, change.at)
    if outcome is Outcome.GRANTED and found.claims is not None:
        is_first = await use_once(change.sql, found.claims, reader, change.at)
        outcome = Outcome.GRANTED if is_first else Outcome.ALREADY_USED
    if outcome is Outcome.GRANTED and delegation is not None:
        await let_out(change, delegation, reader, change.at)
    answer = Answer(outcome, retry_after_seconds=found.retry_after_seconds)
    if booking is not None:
        answer = about(booking, reader, answer)
        if outcome is Outcome.NOT_YET:
            answer = replace(answer, opens=await _opening(change, booking))
    await note(change, reader, shown, answer, change.at, actor, more=told_of(found))
    # Behind a gate the bay is somebody else's already: its arm stays as it is.
    is_at_gate = delegation is not None and act_at(reader) is Act.USE
    if outcome is not Outcome.GRANTED or is_at_gate:
        return answer
    return replace(answer, command_id=await _lower(change, answer, actor))


async def _opening(change: BookingChange, booking: Booking) -> str:
    """From when on the bay is open to the driver, for the reader's display."""
    held = booking.claimant
    opens = await opening_of(
        change.sql, held.space_id, held.reservation_id, held.starts_at, change.at
    )
    [place] = await change.sql.fetch("SELECT time_zone FROM place WHERE id = $1", booking.place_id)
    return on_display(opens, ZoneInfo(place["time_zone"]), change.at)


async def held_booking(sql: Sql, found: Found, at: datetime) -> Booking | None:
    """The booking that is meant, as it stands under the lock; None where there is none."""
    if found.reservation_id is None:
        return None
    return await booking_by_id(sql, found.reservation_id, at)


def about(booking: Booking, reader: Reader, answer: Answer) -> Answer:
    """The answer with its booking, and with the bay if that is of the reader's place: what is noted
    at one place says nothing of the bays of another."""
    held = booking.claimant
    space_id = held.space_id if booking.place_id == reader.place_id else None
    return replace(answer, reservation_id=held.reservation_id, space_id=space_id)


async def held_delegation(sql: Sql, found: Found) -> DelegationRecord | None:
    """The delegated exit right that the token names, locked; None where it names none, or one that
    is gone."""
    if found.claims is None or found.claims.delegation_id is None:
        return None
    return await locked_delegation(sql, found.claims.delegation_id)


def told_of(found: Found) -> Mapping[str, Any] | None:
    """What is noted besides, where somebody else than the driver shows a token."""
    if found.claims is None or found.claims.delegation_id is None:
        return None
    return {"delegation_id": found.claims.delegation_id}


async def let_out(
    change: BookingChange, delegation: DelegationRecord, reader: Reader, at: datetime
) -> None:
    """The delegated right has been granted there: the car is leaving, or has left by the gate."""
    act = act_at(reader)
    opened_at = delegation.opened_at or at
    if act is Act.OPEN:
        await act_on(change.sql, change.bus, delegation, act, at, opened_at=opened_at)
        return
    await act_on(
        change.sql, change.bus, delegation, act, at, opened_at=opened_at, used_at=at,
        used_device_id=reader.device_id,
    )  # fmt: skip


def _judged(
    booking: Booking | None,
    delegation: DelegationRecord | None,
    found: Found,
    reader: Reader,
    now: datetime,
) -> Outcome:
    if found.claims is not None and found.claims.delegation_id is not None:
        return judge_delegated(found.claims, delegation, booking, reader, now, is_used=False)
    if found.claims is not None:
        # Whether its id was used is for the unique index to say.
        return judge_token(found.claims, booking, reader, now, is_used=False)
    if booking is None:
        return Outcome.CANCELLED
    return booking_fault(booking, reader, now) or Outcome.GRANTED


async def use_once(sql: Sql, claims: Claims, reader: Reader, at: datetime) -> bool:
    """Take the token's one-time id; False when it was taken before, wherever that was."""
    written = await sql.execute(
        "INSERT INTO credential_use (cti, reservation_id, reader_device_id, used_at)"
        " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        claims.cti.hex(),
        claims.reservation_id,
        reader.device_id,
        at,
    )
    return written == 1


async def note(
    change: BookingChange,
    reader: Reader,
    shown: Shown,
    answer: Answer,
    at: datetime,
    actor: str,
    *,
    is_offline: bool = False,
    more: Mapping[str, Any] | None = None,
) -> None:
    """Write the access event, and the step of the booking, by which its driver hears of it.

    Raises Contended where this message was recorded by somebody else meanwhile: run it again.
    """
    boot, sequence = shown.numbers or (None, None)
    event = AccessEventRecord(
        id=0, place_id=reader.place_id, space_id=answer.space_id or reader.space_id,
        reservation_id=answer.reservation_id, reader_device_id=reader.device_id, kind=shown.kind,
        outcome=answer.outcome, is_offline=is_offline, at=at, received_at=change.at, boot=boot,
        sequence=sequence,
    )  # fmt: skip
    event_id = await insert_event(change.sql, event)
    if event_id is None:
        raise Contended("this message was recorded this very moment; look at it again")
    if answer.reservation_id is None:
        return
    step = Step.ADMIT if answer.outcome is Outcome.GRANTED else Step.REFUSE
    detail = {
        "access_event_id": event_id,
        "kind": shown.kind,
        "outcome": answer.outcome,
        "is_offline": is_offline,
        **(more or {}),
    }
    reservation = await locked_reservation(change.sql, answer.reservation_id)
    await record_step(change.sql, change.bus, reservation, step, actor, change.at, detail)


async def _lower(change: BookingChange, answer: Answer, actor: str) -> int | None:
    """Order the arm down. A bay without a lock stands open anyway."""
    assert answer.space_id is not None
    try:
        return await order(
            change.place, answer.space_id, LockTarget.LOWERED, CommandCause.CREDENTIAL, actor,
            reservation_id=answer.reservation_id,
        )  # fmt: skip
    except NoLock:
        return None
