"""Whose vehicle a code names: the one door through which strangers try codes (CLAIMS A19).

Each try is counted before the code is looked at, and given back if it was a good one. The counts
are in the database, so they hold over all processes, and for many sources at once. What cannot be
a code is counted and looked up like any other: neither answer nor work tells which codes exist.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from parking.accounts.attempts import (
    Limit,
    give_back_attempt,
    source_network,
    source_site,
    take_attempt,
)
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.devices.sealing import Sealer
from parking.errors import Refusal, TooManyTries
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction
from parking.vehicles.codes import comparable
from parking.vehicles.limits import TRIES_ALL, TRIES_PER_DOOR, TRIES_PER_SITE, TRIES_PER_SOURCE
from parking.vehicles.records import SELECT_ENROLMENTS, EnrolmentRecord, enrolment_record


class UnknownVehicleCode(Refusal):
    """No vehicle has this code: wrong, mistyped, changed and deleted look the same."""

    code = "UNKNOWN_VEHICLE_CODE"


class Budget(NamedTuple):
    """What a try is counted against."""

    limit: Limit
    who: str


async def enrolment_by_code(
    text: str, door: str, source: str, *, clock: Clock, sealer: Sealer
) -> EnrolmentRecord:
    """The driver's vehicle with this vehicle code. What the caller then does, it does as
    `holder_of` the record.

    `door` is where the code was given: `grant:<public id>` or `exit:<public id>` of a code that
    there is, the name of a verb, or who tries; nothing that the caller may choose, or nobody would
    ever stand before a shut one. `source` is the address it came from. Not inside a transaction:
    its end could undo the count. Raises `UnknownVehicleCode` and `TooManyTries`.
    """
    assert not database().is_transaction, "a rollback would give wrong tries back"
    secret, now = sealer.fingerprint("vehicle code tries"), clock.now()
    # Everybody locks these rows in this order.
    budgets = (
        Budget(TRIES_PER_SOURCE, source_network(source)),
        Budget(TRIES_PER_SITE, source_site(source)),
        Budget(TRIES_PER_DOOR, door),
        Budget(TRIES_ALL, ""),
    )
    await _take(budgets, secret, now)
    found = await find_by_hash(code_hash(sealer, text))
    if found is None:
        raise UnknownVehicleCode(
            "no vehicle has this code; type it as it was shown when it was set: your word and its"
            " digits. Sign in to set a new one"
        )
    await _give_back(budgets, secret)
    return found


def holder_of(enrolment: EnrolmentRecord) -> Viewer:
    """Whoever gave the vehicle code, as a viewer: the driver, without any role, for this one
    vehicle, and with idempotency keys of its own."""
    return Viewer(person_id=enrolment.person_id, enrolment_of=enrolment.id)


def code_hash(sealer: Sealer, text: str) -> str:
    """What is stored of a code: useless without the installation's key."""
    return sealer.fingerprint(f"vehicle code {comparable(text)}").hex()


async def find_by_hash(hashed: str) -> EnrolmentRecord | None:
    """The enrolment whose code has this hash. Only for who has counted a try before."""
    row = await database().fetch_one(f"{SELECT_ENROLMENTS} WHERE e.code_hash = $1", hashed)
    return None if row is None else enrolment_record(row)


async def _take(budgets: Sequence[Budget], secret: bytes, now: datetime) -> None:
    """Count one try against each. At the limit of one, what was counted before stays counted."""

    async def once() -> TooManyTries | None:
        async with transaction() as sql:
            return await _taken(sql, budgets, secret, now)

    refused = await retried(once)
    if refused is not None:  # told only now, so that the counts are committed
        raise refused


async def _taken(
    sql: Sql, budgets: Sequence[Budget], secret: bytes, now: datetime
) -> TooManyTries | None:
    try:
        for limit, who in budgets:
            await take_attempt(sql, limit, who, secret, now)
    except TooManyTries as refused:
        return refused
    return None


async def _give_back(budgets: Sequence[Budget], secret: bytes) -> None:
    async def once() -> None:
        async with transaction() as sql:
            for limit, who in budgets:
                await give_back_attempt(sql, limit, who, secret)

    await retried(once)
