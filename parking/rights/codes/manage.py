"""Making, revoking and reissuing grant codes.

What a code has granted stays with its drivers. Every verb raises NotFound (also for what the viewer
may not know of) and NotPermitted, and tells issuer and operator.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.geo import Position
from parking.ids import new_public_id
from parking.places.rules import checked_text
from parking.rights.codes.new_code import (
    CODES_AT_ONCE_MAX,
    NewGrantCode,
    checked_code,
    fenced,
    labels,
)
from parking.rights.content import content_of
from parking.rights.contracts import locked_contract
from parking.rights.fits import require_fit
from parking.rights.kinds import ContractState, GrantCodeState
from parking.rights.limits import REASON_CHARACTERS_MAX
from parking.rights.records import (
    GRANT_CODE_COLUMNS,
    ContractRecord,
    GrantCodeRecord,
    SpecificationRecord,
    grant_code_record,
)
from parking.rights.rules import may_issue, may_read, may_run
from parking.rights.specifications import issued_specification, operators_of, require_active
from parking.rights.topics import tell_rights
from parking.storage.locks import lock_grant_codes, lock_right_specifications
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction

INSERT = """
INSERT INTO grant_code (public_id, kind, organisation_id, place_id, label, uses_max,
                        needs_reference, valid_from, valid_until, latitude, longitude,
                        radius_metres, created_by, created_at, contract_id, specification_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
"""


async def create_grant_codes(
    viewer: Viewer, new: NewGrantCode, count: int = 1, *, clock: Clock, bus: Bus
) -> list[int]:
    """So many codes of the same sort, as a print run or a till needs them; their ids in the order
    of their labels. For the issuer of specification and contract.

    Raises InvalidInput, and Conflict: `WRONG_STATE` unless the specification is in use and the
    contract accepted, `VALIDITY_OVER`, `PLACE_RETIRED`, and as `parking.rights.fits` says.
    """

    async def once() -> list[int]:
        at = clock.now()
        sound = checked_code(new, count, at)
        async with HeldBus(bus) as held, transaction() as sql:
            await lock_right_specifications(sql, [new.specification_id])
            given = await issued_specification(sql, viewer, new.specification_id)
            require_active(given)
            contract = await locked_contract(sql, new.contract_id)
            await _require_fit(sql, given, contract, at)
            placed = fenced(sound, await _position_of(sql, contract.place_id))
            made = await _insert(sql, viewer, placed, count, contract, at)
            await _note_made(sql, held, viewer, contract, made, new, at)
            return made

    return await retried(once)


async def revoke_grant_codes(
    viewer: Viewer, code_ids: Sequence[int], reason: str, *, clock: Clock, bus: Bus
) -> None:
    """Let these codes grant nothing any more, all or none. For the issuer, and for who runs the
    place; one that is revoked already stays as it is. Raises InvalidInput."""
    text = checked_text("reason", reason, REASON_CHARACTERS_MAX)
    if not 1 <= len(set(code_ids)) <= CODES_AT_ONCE_MAX:
        message = f"{len(set(code_ids))} are given; 1 to {CODES_AT_ONCE_MAX} can be revoked at once"
        raise InvalidInput("code_ids", message)

    async def once() -> None:
        at = clock.now()
        async with HeldBus(bus) as held, transaction() as sql:
            await lock_grant_codes(sql, code_ids)
            found = await _seen(sql, viewer, code_ids)
            for each in found:
                _require_stopper(viewer, each)
            wanted = [each for each in found if each.code.state is GrantCodeState.ACTIVE]
            for each in wanted:
                await _revoke(sql, viewer, each.code, text, None, at)
            await _tell_changed(sql, held, wanted, at)

    await retried(once)


async def revoke_grant_code(
    viewer: Viewer, code_id: int, reason: str, *, clock: Clock, bus: Bus
) -> None:
    """The same for one."""
    await revoke_grant_codes(viewer, [code_id], reason, clock=clock, bus=bus)


async def reissue_grant_code(
    viewer: Viewer, code_id: int, reason: str, *, clock: Clock, bus: Bus
) -> int:
    """Another code in the place of one that was copied or lost; its id. For the issuer.

    It has a new public id, what is left of the uses, and all else; the old one is revoked and names
    it. Raises InvalidInput, and Conflict: `WRONG_STATE` for one that is revoked, `EXHAUSTED`, or as
    `create_grant_codes`.
    """
    text = checked_text("reason", reason, REASON_CHARACTERS_MAX)

    async def once() -> int:
        at = clock.now()
        async with HeldBus(bus) as held, transaction() as sql:
            [before] = await _seen(sql, viewer, [code_id])
            if not may_issue(viewer, before.code.organisation_id):
                raise NotPermitted("only the issuer may reissue this code")
            await lock_right_specifications(sql, [before.code.specification_id])
            given = await issued_specification(sql, viewer, before.code.specification_id)
            contract = await locked_contract(sql, before.code.contract_id)
            await lock_grant_codes(sql, [code_id])
            [found] = await _seen(sql, viewer, [code_id])
            await _require_fit(sql, given, contract, at)
            [made] = await _insert(sql, viewer, _again(found.code, at), 1, contract, at)
            await _revoke(sql, viewer, found.code, text, made, at)
            await _tell_changed(sql, held, [found], at)
            return made

    return await retried(once)


def _require_contract(
    contract: ContractRecord, specification: SpecificationRecord, at: datetime
) -> None:
    """The contract is the same issuer's, agreed, and not over."""
    if contract.issuer_id != specification.organisation_id:
        raise NotFound("there is no such contract")
    if contract.state is not ContractState.ACTIVE:
        message = f"the contract is {contract.state}; codes are made under an ACTIVE one"
        raise Conflict(message, code="WRONG_STATE")
    if contract.valid_until is not None and contract.valid_until <= at:
        raise Conflict("the time of the contract is over; agree on a new one", code="VALIDITY_OVER")


async def _require_fit(
    sql: Sql, specification: SpecificationRecord, contract: ContractRecord, at: datetime
) -> None:
    _require_contract(contract, specification, at)
    content = content_of(specification)
    require_fit(content, contract, await operators_of(sql, content.terms.places))


async def _position_of(sql: Sql, place_id: int) -> Position | None:
    """Where the place is. Raises Conflict `PLACE_RETIRED`."""
    row = await sql.fetch_one(
        "SELECT latitude, longitude FROM place WHERE id = $1 AND retired_at IS NULL", place_id
    )
    if row is None:
        message = "the contract's place is out of use; nothing is granted there any more"
        raise Conflict(message, code="PLACE_RETIRED")
    if row["latitude"] is None or row["longitude"] is None:
        return None
    return Position(row["latitude"], row["longitude"])


async def _insert(
    sql: Sql, viewer: Viewer, new: NewGrantCode, count: int, contract: ContractRecord, at: datetime
) -> list[int]:
    names = [new_public_id() for _ in range(count)]
    rows = [
        (
            name, new.kind.value, contract.issuer_id, contract.place_id, label, new.uses_max,
            new.needs_reference, new.valid_from, new.valid_until, new.latitude, new.longitude,
            new.radius_metres, viewer.person_id, at, contract.id, new.specification_id,
        )
        for name, label in zip(names, labels(new.label, count), strict=True)
    ]  # fmt: skip
    await sql.execute_many(INSERT, rows)
    made = await sql.fetch(
        f"SELECT id, public_id FROM grant_code WHERE public_id {sql.any_of('$1')}", names
    )
    ids = {row["public_id"]: int(row["id"]) for row in made}
    return [ids[name] for name in names]


def _again(code: GrantCodeRecord, at: datetime) -> NewGrantCode:
    """What takes the place of a code: the same, with what is left of its uses."""
    left = None if code.uses_max is None else code.uses_max - code.uses
    if code.state is GrantCodeState.REVOKED:
        raise Conflict("the code is revoked; make a new one", code="WRONG_STATE")
    if left == 0:
        raise Conflict("the code has granted as often as it may; make a new one", code="EXHAUSTED")
    if code.valid_until is not None and code.valid_until <= at:
        raise Conflict("the code has expired; make a new one", code="VALIDITY_OVER")
    return NewGrantCode(
        specification_id=code.specification_id,
        contract_id=code.contract_id,
        kind=code.kind,
        label=code.label,
        uses_max=left,
        needs_reference=code.needs_reference,
        valid_from=code.valid_from,
        valid_until=code.valid_until,
        latitude=code.latitude,
        longitude=code.longitude,
        radius_metres=code.radius_metres,
    )


class _Placed(NamedTuple):
    """A code, and who runs its place."""

    code: GrantCodeRecord
    operator_id: int


async def _seen(sql: Sql, viewer: Viewer, code_ids: Sequence[int]) -> list[_Placed]:
    """The codes, in order. Raises NotFound for one that the viewer may not know of."""
    rows = await sql.fetch(
        f"SELECT {GRANT_CODE_COLUMNS}, k.operator_id FROM grant_code g"
        f" JOIN rights_contract k ON k.id = g.contract_id WHERE g.id {sql.any_of('$1')}"
        " ORDER BY g.id",
        list(code_ids),
    )
    found = [
        _Placed(operator_id=row.pop("operator_id"), code=grant_code_record(row)) for row in rows
    ]
    seen = [each for each in found if may_read(viewer, each.code.organisation_id, each.operator_id)]
    if len(seen) != len(set(code_ids)):
        raise NotFound("there is no such grant code")
    return seen


def _require_stopper(viewer: Viewer, found: _Placed) -> None:
    if may_issue(viewer, found.code.organisation_id) or may_run(viewer, found.operator_id):
        return
    raise NotPermitted("only the issuer or who runs the place may revoke this code")


async def _revoke(
    sql: Sql,
    viewer: Viewer,
    code: GrantCodeRecord,
    reason: str,
    replaced_by_id: int | None,
    at: datetime,
) -> None:
    await sql.execute(
        "UPDATE grant_code SET state = 'REVOKED', reason = $2, revoked_at = $3,"
        " replaced_by_id = $4, version = version + 1 WHERE id = $1",
        code.id,
        reason,
        at,
        replaced_by_id,
    )
    verb = "revoke_grant_code" if replaced_by_id is None else "reissue_grant_code"
    detail = {"reason": reason, "replaced_by": replaced_by_id}
    subject, issuer = f"grant_code:{code.id}", code.organisation_id
    await record_audit(sql, viewer, verb, subject, issuer, detail, at)


async def _tell_changed(sql: Sql, bus: Bus, changed: Sequence[_Placed], at: datetime) -> None:
    """One message for all codes of the same sides and place, and not one for each of a roll."""
    sides = {
        (each.code.organisation_id, each.operator_id, each.code.place_id): each for each in changed
    }
    for (issuer_id, operator_id, place_id), each in sides.items():
        told = {"grant_code_id": each.code.id, "version": each.code.version + 1}
        await tell_rights(sql, bus, at, None, (issuer_id, operator_id), place_id, **told)


async def _note_made(
    sql: Sql,
    bus: Bus,
    viewer: Viewer,
    contract: ContractRecord,
    made: Sequence[int],
    new: NewGrantCode,
    at: datetime,
) -> None:
    subject = f"right_specification:{new.specification_id}"
    detail = {"codes": list(made), "kind": new.kind.value, "uses_max": new.uses_max}
    issuer, sides = contract.issuer_id, (contract.issuer_id, contract.operator_id)
    await record_audit(sql, viewer, "create_grant_codes", subject, issuer, detail, at)
    told = {"grant_code_id": made[0], "codes": len(made)}
    await tell_rights(sql, bus, at, None, sides, contract.place_id, **told)
