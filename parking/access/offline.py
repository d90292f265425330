"""A reader that cannot reach the gateway decides alone and tells later.

`Notebook` is the reader's side: what it fetched before, and the ids it has seen. `take_down` is
the platform's: the decision is kept as it was made, and where the platform would have decided
otherwise (the booking had been cancelled meanwhile), that is an event and an alarm, never lost.
"""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import orjson

from parking.access.access_events import recorded_event
from parking.access.admit import (
    Answer,
    Found,
    Shown,
    about,
    held_booking,
    held_delegation,
    identify,
    let_out,
    note,
    places_of,
    told_of,
    use_once,
)
from parking.access.alarms import INSERT_ALARM, alarms_topic
from parking.access.check import Booking, Outcome, Reader, in_words, judge_token
from parking.access.cose import SignatureFalse
from parking.access.cwt import (
    Claims,
    TokenUnreadable,
    is_for,
    is_of_place,
    parse_token,
    token_hash,
    verified_claims,
)
from parking.access.delegations.past import as_it_was
from parking.access.delegations.rules import MACHINE, act_at, judge_delegated
from parking.access.models import AlarmKind
from parking.clock import Clock
from parking.devices.sealing import Sealer
from parking.events.bus import Bus
from parking.reservations.models import ReservationState
from parking.reservations.record import BookingChange, changing_bookings
from parking.reservations.rules import Step
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried

AGE_MAX = timedelta(days=7)
"""What a reader decided longer ago is kept under this age: its clock was wrong, or it was lost."""

EXIT_REMEMBERED = timedelta(hours=1)
"""A gate that decides alone remembers an exit so long beyond its token: meanwhile it hears, or the
stay is over."""

ENDS = (Step.CANCEL, Step.DECLINE, Step.LAPSE, Step.MISS, Step.END)


@dataclass(slots=True)
class Notebook:
    """What a reader needs to decide alone: `audience` (which tokens are for it), the keys by kid,
    the revoked tokens' hashes, and the one-time ids it has seen with their expiry; at a gate also
    the delegated exit rights by which it let somebody out: each of them lets out once."""

    audience: str
    keys: dict[bytes, bytes] = field(default_factory=dict)
    revoked: set[bytes] = field(default_factory=set)
    seen: dict[bytes, datetime] = field(default_factory=dict)
    exits: dict[int, datetime] = field(default_factory=dict)

    def decide(self, token: bytes, now: datetime) -> Outcome:
        """Whether the token opens, by what is known here; a one-time id opens once."""
        try:
            message = parse_token(token)
            if message.kid not in self.keys:
                return Outcome.UNKNOWN_KEY
            claims = verified_claims(message, self.keys[message.kid])
        except SignatureFalse:
            return Outcome.BAD_SIGNATURE
        except TokenUnreadable:
            return Outcome.UNREADABLE
        fault = self._fault(claims, token_hash(token), now)
        if fault is None:
            self._forget(now)
            self._remember(claims)
        return fault or Outcome.GRANTED

    def note(self, token: bytes) -> None:
        """The gateway let this token in: it opens nothing more here either."""
        with suppress(SignatureFalse, TokenUnreadable, KeyError):
            message = parse_token(token)
            self._remember(verified_claims(message, self.keys[message.kid]))

    def _remember(self, claims: Claims) -> None:
        self.seen[claims.cti] = claims.expires_at
        if claims.delegation_id is not None and is_of_place(self.audience):
            self.exits[claims.delegation_id] = claims.expires_at + EXIT_REMEMBERED

    def _fault(self, claims: Claims, hashed: bytes, now: datetime) -> Outcome | None:
        faults = {
            Outcome.WRONG_SPACE: not is_for(claims, self.audience),
            Outcome.EXPIRED: now >= claims.expires_at,
            Outcome.CANCELLED: hashed in self.revoked,
            Outcome.NOT_YET: now < claims.not_before,
            Outcome.ALREADY_USED: claims.cti in self.seen,
            Outcome.NOT_DELEGATED: claims.delegation_id in self.exits,
        }
        return next((outcome for outcome, is_so in faults.items() if is_so), None)

    def _forget(self, now: datetime) -> None:
        for cti in [cti for cti, until in self.seen.items() if until <= now]:
            del self.seen[cti]
        for gone in [gone for gone, until in self.exits.items() if until <= now]:
            del self.exits[gone]


@dataclass(frozen=True, slots=True)
class Told:
    """What a reader says that it decided: when, what was shown, and how (an `Outcome`)."""

    shown: Shown
    at: datetime
    decided: Outcome


async def take_down(
    reader: Reader, told: Told, *, clock: Clock, bus: Bus, sealer: Sealer
) -> Answer:
    """Keep what a reader decided alone. The answer is how the platform judges it at that time.

    Told again, it is the same event. A one-time id that it let in rightly is used from now on,
    wherever it is shown; one that it had to refuse is not: a reader elsewhere could spend the ids
    of a bay that it has nothing to do with. Raises what the database raises.
    """
    now = clock.now()
    told = replace(told, at=min(max(told.at, now - AGE_MAX), now))
    found = await identify(reader, told.shown, told.at, sealer)

    async def keep() -> Answer:
        before = await recorded_event(database(), reader, told.shown.numbers)
        if before is not None:
            return Answer(before.outcome, before.reservation_id, before.space_id)
        async with changing_bookings(places_of(reader, found), clock, bus) as change:
            return await _keep(change, reader, told, found)

    return await retried(keep)


async def _keep(change: BookingChange, reader: Reader, told: Told, found: Found) -> Answer:
    booking = await held_booking(change.sql, found, told.at)
    if booking is not None:
        booking = await _as_it_was(change.sql, booking, found.claims, told.at)
    judged = found.fault or await _judged(change.sql, found, booking, reader, told.at)
    has_opened = told.decided is Outcome.GRANTED
    if has_opened and judged is Outcome.GRANTED and found.claims is not None:
        await use_once(change.sql, found.claims, reader, told.at)
        await _let_out(change, found, reader, told.at)
    # A refusal stands as the reader gave it; an opening is held against what it should have been.
    answer = Answer(judged if has_opened else told.decided)
    if booking is not None:
        answer = about(booking, reader, answer)
    await note(
        change, reader, told.shown, answer, told.at, f"device:{reader.device_id}",
        is_offline=True,
        more={"decided": told.decided, "at": told.at.isoformat(), **(told_of(found) or {})},
    )  # fmt: skip
    if has_opened and judged is not Outcome.GRANTED:
        await _raise_alarm(change, reader, answer)
    return answer


async def _let_out(change: BookingChange, found: Found, reader: Reader, at: datetime) -> None:
    """What was let out alone is written of the right, unless more has become of it since."""
    delegation = await held_delegation(change.sql, found)
    if delegation is not None and delegation.state in MACHINE[act_at(reader)]:
        await let_out(change, delegation, reader, at)


async def _judged(
    sql: Sql,
    found: Found,
    booking: Booking | None,
    reader: Reader,
    at: datetime,
) -> Outcome:
    if found.claims is None:
        return Outcome.UNREADABLE
    used_by = await sql.fetch_one(
        "SELECT reader_device_id FROM credential_use WHERE cti = $1", found.claims.cti.hex()
    )
    # The same reader may have asked, heard no answer in time, and then decided alone.
    is_used = used_by is not None and used_by["reader_device_id"] != reader.device_id
    if found.claims.delegation_id is not None:
        delegation = await held_delegation(sql, found)
        if delegation is not None and booking is not None:
            is_same = used_by is not None and not is_used
            delegation = as_it_was(delegation, booking.claimant.state, reader, at, is_same=is_same)
        return judge_delegated(found.claims, delegation, booking, reader, at, is_used=is_used)
    return judge_token(found.claims, booking, reader, at, is_used=is_used)


async def _as_it_was(sql: Sql, booking: Booking, claims: Claims | None, at: datetime) -> Booking:
    """The booking as it was when the reader decided, where it ended or moved only later."""
    rows = await sql.fetch(
        "SELECT kind FROM reservation_event WHERE reservation_id = $1 AND at > $2",
        booking.claimant.reservation_id,
        at,
    )
    later = {row["kind"] for row in rows}
    held = booking.claimant
    if not later.isdisjoint(ENDS):
        held = replace(held, state=ReservationState.CONFIRMED)
    if Step.END in later and Step.BEGIN not in later:
        held = replace(held, state=ReservationState.ACTIVE)
    if Step.MOVE in later and claims is not None:
        held = replace(held, space_id=claims.space_id)
    return replace(booking, claimant=held)


async def _raise_alarm(change: BookingChange, reader: Reader, answer: Answer) -> None:
    """The bay was opened for somebody who had no right: staff have to look."""
    space_id = answer.space_id or reader.space_id
    if space_id is None:
        return
    detail = f"a reader that was cut off let somebody in; {in_words(answer.outcome)}"
    await change.sql.execute(
        INSERT_ALARM, reader.place_id, space_id, reader.device_id, answer.reservation_id,
        AlarmKind.OPENED_WITHOUT_RIGHT, change.at, detail,
    )  # fmt: skip
    body = orjson.dumps({"place_id": reader.place_id})
    change.place.tell(alarms_topic(reader.place_id), body)
