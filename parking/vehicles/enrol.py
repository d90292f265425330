"""Add, rename and remove one's vehicles (CLAIMS A18). Several drivers may have the same one: each
has an enrolment of their own, and no answer says whether there are others."""

from datetime import datetime

from parking.accounts.attempts import take_attempt
from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict
from parking.places.rules import checked_text
from parking.storage.sql import Sql
from parking.storage.transactions import transaction
from parking.vehicles.limits import (
    ENROLMENTS_PER_PERSON,
    NAME_CHARACTERS_MAX,
    VEHICLES_PER_PERSON_MAX,
)
from parking.vehicles.own import own_enrolment
from parking.vehicles.plates import country_of, plate_of
from parking.vehicles.records import SELECT_ENROLMENTS, EnrolmentRecord, enrolment_record
from parking.vehicles.rules import require_driver


async def enrol(viewer: Viewer, country: str, plate: str, name: str, *, clock: Clock) -> int:
    """Say that one drives a vehicle; the id of the enrolment. Who has it already gets it as it is;
    who had removed it has it again, with the rights that hang on it, and is no new driver to any
    limit.

    Raises InvalidInput, `Unauthenticated`, NotPermitted, TooManyTries, and Conflict
    `TOO_MANY_VEHICLES`.
    """
    person_id = require_driver(viewer)
    known, normal = country_of(country), plate_of(country, plate)
    called = _checked_name(name)
    at = clock.now()
    async with transaction() as sql:
        # Its row makes all that one person adds wait for each other, so the limit holds.
        await take_attempt(sql, ENROLMENTS_PER_PERSON, str(person_id), b"", at)
        vehicle_id = await _vehicle(sql, known, normal, at)
        before = await _before(sql, person_id, vehicle_id)
        if before is not None and before.is_live:
            return before.id
        await _require_room(sql, person_id)
        if before is None:
            made = await _make(sql, person_id, vehicle_id, called, at)
        else:
            made = await _revive(sql, before.id, called)
        await _record(sql, viewer, "enrol_vehicle", made, at)
    return made


async def rename(viewer: Viewer, enrolment_id: int, name: str, *, clock: Clock) -> None:
    """Call one's vehicle something else, or nothing. Raises NotFound, InvalidInput and what
    `own_enrolment` raises."""
    called, at = _checked_name(name), clock.now()
    async with transaction() as sql:
        enrolment = await own_enrolment(sql, viewer, enrolment_id)
        if enrolment.name == called:
            return
        await sql.execute(
            "UPDATE enrolment SET name = $2, version = version + 1 WHERE id = $1",
            enrolment_id,
            called,
        )
        await _record(sql, viewer, "rename_vehicle", enrolment_id, at)


async def remove(viewer: Viewer, enrolment_id: int, *, clock: Clock) -> None:
    """Say that one does not drive it any more: its code and its proofs end at once, its rights
    wait for it, as long as they are valid. Raises NotFound and what `own_enrolment` raises."""
    at = clock.now()
    async with transaction() as sql:
        await own_enrolment(sql, viewer, enrolment_id)
        await sql.execute(
            "UPDATE enrolment SET removed_at = $2, code_hash = NULL, code_set_at = NULL,"
            " version = version + 1 WHERE id = $1",
            enrolment_id,
            at,
        )
        await sql.execute(
            "UPDATE vehicle_proof SET state = 'REVOKED', reason = $2, decided_at = $3,"
            " decided_by = $4 WHERE enrolment_id = $1 AND state IN ('REQUESTED', 'APPROVED')",
            enrolment_id,
            "the driver has removed the vehicle",
            at,
            viewer.person_id,
        )
        await _record(sql, viewer, "remove_vehicle", enrolment_id, at)


def _checked_name(name: str) -> str:
    return checked_text("name", name, NAME_CHARACTERS_MAX, is_required=False)


async def _vehicle(sql: Sql, country: str, plate: str, at: datetime) -> int:
    """The vehicle with this plate, made now if there is none."""
    await sql.execute(
        "INSERT INTO vehicle (country, plate, created_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (country, plate) DO NOTHING",
        country,
        plate,
        at,
    )
    row = await sql.fetch_one(
        "SELECT id FROM vehicle WHERE country = $1 AND plate = $2", country, plate
    )
    assert row is not None
    return int(row["id"])


async def _before(sql: Sql, person_id: int, vehicle_id: int) -> EnrolmentRecord | None:
    """The person's own enrolment of the vehicle, removed or not."""
    row = await sql.fetch_one(
        f"{SELECT_ENROLMENTS} WHERE e.vehicle_id = $1 AND e.person_id = $2",
        vehicle_id,
        person_id,
    )
    return None if row is None else enrolment_record(row)


async def _make(sql: Sql, person_id: int, vehicle_id: int, name: str, at: datetime) -> int:
    row = await sql.fetch_one(
        "INSERT INTO enrolment (vehicle_id, person_id, name, created_at)"
        " VALUES ($1, $2, $3, $4) RETURNING id",
        vehicle_id,
        person_id,
        name,
        at,
    )
    assert row is not None
    return int(row["id"])


async def _revive(sql: Sql, enrolment_id: int, name: str) -> int:
    await sql.execute(
        "UPDATE enrolment SET removed_at = NULL, name = $2, version = version + 1 WHERE id = $1",
        enrolment_id,
        name,
    )
    return enrolment_id


async def _require_room(sql: Sql, person_id: int) -> None:
    row = await sql.fetch_one(
        "SELECT COUNT(*) AS held FROM enrolment WHERE person_id = $1 AND removed_at IS NULL",
        person_id,
    )
    if row is not None and row["held"] >= VEHICLES_PER_PERSON_MAX:
        raise Conflict(
            f"you have {VEHICLES_PER_PERSON_MAX} vehicles, as many as one person may; remove one"
            " first",
            code="TOO_MANY_VEHICLES",
        )


async def _record(sql: Sql, viewer: Viewer, verb: str, enrolment_id: int, at: datetime) -> None:
    await record_audit(sql, viewer, verb, f"enrolment:{enrolment_id}", None, {}, at)
