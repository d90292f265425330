"""Set, change and delete the vehicle code (CLAIMS A8, A18). Rights stay with the vehicle."""

import secrets
from collections.abc import Iterator
from datetime import datetime

from tortoise.exceptions import IntegrityError

from parking.accounts.attempts import take_attempt
from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.devices.sealing import Sealer
from parking.errors import InvalidInput
from parking.storage.sql import Sql
from parking.storage.transactions import transaction
from parking.vehicles.codes import checked_word
from parking.vehicles.find import code_hash
from parking.vehicles.limits import CODES_PER_PERSON, DIGITS_MAX, DIGITS_MIN, DRAWS_PER_LENGTH
from parking.vehicles.own import own_enrolment


async def set_code(
    viewer: Viewer, enrolment_id: int, word: str, *, clock: Clock, sealer: Sealer
) -> str:
    """Give the vehicle a code, instead of the one it has: `word` and digits that make it unique,
    so that nobody is told that a code is taken. The whole code; it is never shown again.

    Raises NotFound, InvalidInput for a weak word, TooManyTries and what `own_enrolment` raises.
    """
    at = clock.now()
    async with transaction() as sql:
        enrolment = await own_enrolment(sql, viewer, enrolment_id)
        shown = checked_word(word, enrolment.plate)
        await take_attempt(sql, CODES_PER_PERSON, str(enrolment.person_id), b"", at)
        code = await _set_unique(enrolment_id, shown, sealer, at)
        await _record(sql, viewer, "set_vehicle_code", enrolment_id, at)
    return code


async def delete_code(viewer: Viewer, enrolment_id: int, *, clock: Clock) -> None:
    """The vehicle has no code any more; the driver uses its rights signed in. Without effect where
    there is none. Raises NotFound and what `own_enrolment` raises."""
    at = clock.now()
    async with transaction() as sql:
        enrolment = await own_enrolment(sql, viewer, enrolment_id)
        if not enrolment.has_code:
            return
        await sql.execute(
            "UPDATE enrolment SET code_hash = NULL, code_set_at = NULL, version = version + 1"
            " WHERE id = $1",
            enrolment_id,
        )
        await _record(sql, viewer, "delete_vehicle_code", enrolment_id, at)


async def _set_unique(enrolment_id: int, word: str, sealer: Sealer, at: datetime) -> str:
    """The first code drawn that nobody has: the database decides, so of two at once one draws
    again."""
    for digits in drawn_digits():
        code = f"{word}-{digits}"
        try:
            async with transaction() as sql:
                await sql.execute(
                    "UPDATE enrolment SET code_hash = $2, code_set_at = $3, version = version + 1"
                    " WHERE id = $1",
                    enrolment_id,
                    code_hash(sealer, code),
                    at,
                )
        except IntegrityError:
            continue
        return code
    raise InvalidInput("word", "this word cannot be used; choose another")


def drawn_digits() -> Iterator[str]:
    """Digits for a word, more of them after many draws that were taken."""
    for length in range(DIGITS_MIN, DIGITS_MAX + 1):
        for _ in range(DRAWS_PER_LENGTH):
            yield f"{secrets.randbelow(10**length):0{length}}"


async def _record(sql: Sql, viewer: Viewer, verb: str, enrolment_id: int, at: datetime) -> None:
    await record_audit(sql, viewer, verb, f"enrolment:{enrolment_id}", None, {}, at)
