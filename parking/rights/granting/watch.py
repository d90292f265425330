"""What looks like fraud at a grant code, told to its issuer and the place's operator (CLAIMS A17,
A19): at most once an hour for each code and kind."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from parking.accounts.attempts import Limit, take_attempt
from parking.clock import Clock
from parking.errors import Refusal, TooManyTries
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.rights.granting.rules import Facts
from parking.rights.kinds import GrantCodeKind, SignalKind
from parking.rights.limits import FAR_METRES, GUESSES_PER_HOUR, MANY_VEHICLES_PER_MINUTE
from parking.rights.records import GrantCodeRecord
from parking.rights.refusals import NotGranted, Why
from parking.rights.signals import raise_signal
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction
from parking.vehicles.find import UnknownVehicleCode

MINUTE = timedelta(minutes=1)
GUESSES = Limit("guess_at_grant_code", GUESSES_PER_HOUR)
"""What is above it is a signal; the tries themselves are limited in `parking.vehicles.find`."""


async def watch_grants(sql: Sql, bus: Bus, facts: Facts, at: datetime) -> None:
    """After a grant, in its transaction: whether a printed code is being passed around."""
    code = facts.code
    if code.kind is GrantCodeKind.STATIC:
        vehicles = await _vehicles_since(sql, code.id, at - MINUTE)
        if vehicles > MANY_VEHICLES_PER_MINUTE:
            detail = {"vehicles": vehicles, "seconds": int(MINUTE.total_seconds())}
            await raise_signal(sql, bus, code, SignalKind.MANY_VEHICLES, detail, at)
    metres = facts.distance_metres
    if metres is not None and metres > FAR_METRES and code.radius_metres is None:
        detail = {"metres": round(metres)}
        await raise_signal(sql, bus, code, SignalKind.FAR_AWAY, detail, at)


async def watch_refusal(code: GrantCodeRecord, refusal: Refusal, clock: Clock, bus: Bus) -> None:
    """After a refusal at this code, in a transaction of its own: whether it is a sign of fraud."""
    found = _sign_of(refusal)
    if found is None:
        return
    kind, detail = found

    async def once() -> None:
        async with HeldBus(bus) as held, transaction() as sql:
            at = clock.now()
            if kind is SignalKind.GUESSING and not await _is_guessing(sql, code, at):
                return
            await raise_signal(sql, held, code, kind, detail, at)

    await retried(once)


def _sign_of(refusal: Refusal) -> tuple[SignalKind, Mapping[str, object]] | None:
    if isinstance(refusal, UnknownVehicleCode):  # a try that is not let in is no guess
        return SignalKind.GUESSING, {"tries": GUESSES_PER_HOUR, "seconds": 3600}
    if not isinstance(refusal, NotGranted):
        return None
    if refusal.why is Why.TOO_FAR:
        return SignalKind.FAR_AWAY, {}
    return (SignalKind.STALE_PICTURE, {}) if refusal.why is Why.PICTURE_STALE else None


async def _is_guessing(sql: Sql, code: GrantCodeRecord, at: datetime) -> bool:
    try:
        await take_attempt(sql, GUESSES, str(code.id), b"", at)
    except TooManyTries:
        return True
    return False


async def _vehicles_since(sql: Sql, code_id: int, since: datetime) -> int:
    [row] = await sql.fetch(
        "SELECT COUNT(DISTINCT enrolment_id) AS vehicles FROM assigned_right"
        " WHERE grant_code_id = $1 AND granted_at > $2",
        code_id,
        since,
    )
    return int(row["vehicles"])
