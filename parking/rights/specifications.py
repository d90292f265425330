"""Making, editing and archiving the templates of rights.

A right keeps the terms that it was granted with, so an edit is about later grants only. Every verb
raises NotFound (also for what the viewer may not know of) and NotPermitted.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, InvalidInput, NotFound
from parking.places.guards import require_organisation
from parking.rights.content import (
    NewSpecification,
    SpecificationEdit,
    changes,
    checked_specification,
    merged,
)
from parking.rights.fits import require_fit
from parking.rights.kinds import SpecificationState
from parking.rights.records import (
    SELECT_CONTRACTS,
    SELECT_SPECIFICATIONS,
    ContractRecord,
    SpecificationRecord,
    contract_record,
    specification_record,
)
from parking.rights.rules import may_read_issued, require_issuer
from parking.rights.terms import terms_json
from parking.storage.locks import lock_right_specifications, lock_rights_contracts
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction


async def create_specification(viewer: Viewer, new: NewSpecification, *, clock: Clock) -> int:
    """A template of the issuer's; its id. Nothing is granted of it before a code is made.

    Raises InvalidInput, also for places at which the issuer has nothing to say.
    """
    require_issuer(viewer, new.organisation_id)
    sound = checked_specification(new)

    async def once() -> int:
        at = clock.now()
        async with transaction() as sql:
            await require_organisation(sql, sound.organisation_id)
            await _require_places(sql, sound)
            [row] = await sql.fetch(
                "INSERT INTO right_specification (organisation_id, name, kind, value, currency,"
                " worth_max_minor, terms, created_by, created_at, changed_at)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) RETURNING id",
                sound.organisation_id, sound.name, sound.kind.value, sound.value, sound.currency,
                sound.worth_max_minor, terms_json(sound.terms), viewer.person_id, at,
            )  # fmt: skip
            made = int(row["id"])
            detail = {"name": sound.name, "kind": sound.kind.value, "value": sound.value}
            await _note(sql, viewer, "create", made, sound.organisation_id, detail, at)
            return made

    return await retried(once)


async def update_specification(viewer: Viewer, edit: SpecificationEdit, *, clock: Clock) -> None:
    """Change what is granted from now on, and raise the version; codes stay as they are.

    Raises InvalidInput, and Conflict: `VERSION_CHANGED`, `WRONG_STATE` for an archived one,
    `BUDGET_NEEDS_LIMIT` or `PLACE_OF_ANOTHER_OPERATOR` where one of its codes could not grant it.
    """

    async def once() -> None:
        async with transaction() as sql:
            before = await issued_specification(sql, viewer, edit.id)
            await lock_right_specifications(sql, [edit.id])
            before = await issued_specification(sql, viewer, edit.id)
            if edit.version != before.version:
                message = f"it is at version {before.version}, not {edit.version}; read it again"
                raise Conflict(message, code="VERSION_CHANGED")
            require_active(before)
            after = checked_specification(merged(before, edit))
            if "terms" in changes(edit):
                await _require_places(sql, after)
            await _require_codes_fit(sql, edit.id, after)
            await _write(sql, viewer, before, after, edit, clock.now())

    if changes(edit):
        await retried(once)


async def archive_specification(viewer: Viewer, specification_id: int, *, clock: Clock) -> None:
    """Make no more codes of it, for good; codes there are go on until they are revoked or over."""

    async def once() -> None:
        at = clock.now()
        async with transaction() as sql:
            found = await issued_specification(sql, viewer, specification_id)
            written = await sql.execute(
                "UPDATE right_specification SET state = 'ARCHIVED', changed_at = $2,"
                " version = version + 1 WHERE id = $1 AND state = 'ACTIVE'",
                specification_id,
                at,
            )
            if written:
                issuer = found.organisation_id
                await _note(sql, viewer, "archive", specification_id, issuer, {}, at)

    await retried(once)


async def issued_specification(
    sql: Sql, viewer: Viewer, specification_id: int
) -> SpecificationRecord:
    """The specification of an issuer for whom the viewer acts. Raises NotFound, NotPermitted."""
    row = await sql.fetch_one(f"{SELECT_SPECIFICATIONS} WHERE s.id = $1", specification_id)
    found = None if row is None else specification_record(row)
    if found is None or not may_read_issued(viewer, found.organisation_id):
        raise NotFound("there is no such specification")
    require_issuer(viewer, found.organisation_id)
    return found


def require_active(specification: SpecificationRecord) -> None:
    """Raises Conflict `WRONG_STATE` for an archived one."""
    if specification.state is not SpecificationState.ACTIVE:
        message = "the specification is archived for good; make a new one"
        raise Conflict(message, code="WRONG_STATE")


async def operators_of(sql: Sql, place_ids: Iterable[int]) -> Mapping[int, int]:
    """Who runs each of these places that is in use."""
    wanted = list(place_ids)
    if not wanted:
        return {}
    rows = await sql.fetch(
        f"SELECT id, organisation_id FROM place WHERE retired_at IS NULL AND id {sql.any_of('$1')}",
        wanted,
    )
    return {row["id"]: row["organisation_id"] for row in rows}


async def _require_places(sql: Sql, specification: NewSpecification) -> None:
    """The issuer runs them, or has a contract with who does: others look missing."""
    wanted = specification.terms.places
    operators = await operators_of(sql, wanted)
    rows = await sql.fetch(
        "SELECT DISTINCT operator_id FROM rights_contract"
        " WHERE issuer_id = $1 AND state IN ('OFFERED', 'ACTIVE')",
        specification.organisation_id,
    )
    known = {specification.organisation_id, *(row["operator_id"] for row in rows)}
    for index, place_id in enumerate(wanted):
        if operators.get(place_id) not in known:
            message = "there is no such place, or none whose operator you have a contract with"
            raise InvalidInput(f"terms.places.{index}", message)


async def _require_codes_fit(sql: Sql, specification_id: int, after: NewSpecification) -> None:
    """Every contract under which codes of it are in use still allows it; they stay locked."""
    for contract in await _contracts_in_use(sql, specification_id):
        require_fit(after, contract, await operators_of(sql, after.terms.places))


async def _contracts_in_use(sql: Sql, specification_id: int) -> list[ContractRecord]:
    rows = await sql.fetch(
        "SELECT DISTINCT contract_id FROM grant_code"
        " WHERE specification_id = $1 AND state = 'ACTIVE'",
        specification_id,
    )
    ids = [row["contract_id"] for row in rows]
    await lock_rights_contracts(sql, ids)
    found = await sql.fetch(
        f"{SELECT_CONTRACTS} WHERE k.state = 'ACTIVE' AND k.id {sql.any_of('$1')}", ids
    )
    return [contract_record(row) for row in found]


async def _write(
    sql: Sql,
    viewer: Viewer,
    before: SpecificationRecord,
    after: NewSpecification,
    edit: SpecificationEdit,
    at: datetime,
) -> None:
    await sql.execute(
        "UPDATE right_specification SET name = $2, value = $3, worth_max_minor = $4, terms = $5,"
        " changed_at = $6, version = version + 1 WHERE id = $1",
        before.id, after.name, after.value, after.worth_max_minor, terms_json(after.terms), at,
    )  # fmt: skip
    detail = {"changed": sorted(changes(edit)), "version": before.version + 1}
    await _note(sql, viewer, "update", before.id, before.organisation_id, detail, at)


async def _note(
    sql: Sql,
    viewer: Viewer,
    verb: str,
    specification_id: int,
    issuer_id: int,
    detail: Mapping[str, Any],
    at: datetime,
) -> None:
    subject = f"right_specification:{specification_id}"
    await record_audit(sql, viewer, f"{verb}_right_specification", subject, issuer_id, detail, at)
