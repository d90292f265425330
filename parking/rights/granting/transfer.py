"""A holder gives a right to another vehicle, whose code the other driver has told."""

from datetime import datetime
from typing import Any

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, NotFound
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.rights.granting.expire import has_lapsed
from parking.rights.granting.grant import insert_right
from parking.rights.granting.returning import locked_rights, rights_under_lock
from parking.rights.granting.revoke import require_held, seen_right
from parking.rights.kinds import RightState
from parking.rights.records import RightRecord
from parking.rights.refusals import NotTransferable, Why, not_granted
from parking.rights.rules import is_holder
from parking.rights.terms import terms_from_json
from parking.rights.topics import tell_right
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction
from parking.vehicles.queries import is_proven
from parking.vehicles.records import EnrolmentRecord


async def transfer_right(
    viewer: Viewer, right_id: int, to: EnrolmentRecord, *, clock: Clock, bus: Bus
) -> int:
    """Give a HELD right to the vehicle `to`; the id of the right there, for whom it is.

    `to` is found by its vehicle code (`parking.vehicles.find`), at a door of the viewer's, before
    this: so only who was told it can give anything, and learns no more by it. Here the right is
    MOVED; there it is a new one with what is left, in the same quota and budget.

    Raises NotFound for a right or vehicle that is none or not the viewer's, NotTransferable,
    ProofNeeded where the place's operator wants proof of the other driver, and Conflict:
    `RIGHT_REDEEMED`, `WRONG_STATE`, `SAME_VEHICLE`.
    """

    if not to.is_live:
        raise NotFound("there is no such vehicle")

    async def once() -> int:
        async with HeldBus(bus) as held, transaction() as sql:
            at = clock.now()
            [right] = await locked_rights(sql, [await _own_right(sql, viewer, right_id)])
            await _require_movable(sql, right, to, at)
            moved = await _move(sql, right, to, at)
            [left] = await rights_under_lock(sql, [right.id])
            subject, detail = f"right:{right.id}", {"to": moved.id}
            await record_audit(
                sql, viewer, "transfer_right", subject, right.organisation_id, detail, at
            )
            await tell_right(sql, held, at, left)
            await tell_right(sql, held, at, moved)
            return moved.id

    return await retried(once)


async def _own_right(sql: Sql, viewer: Viewer, right_id: int) -> RightRecord:
    right = await seen_right(sql, viewer, right_id)
    if not is_holder(viewer, right.person_id, right.enrolment_id):
        raise NotFound("there is no such right")
    return right


async def _require_movable(sql: Sql, right: RightRecord, to: EnrolmentRecord, at: datetime) -> None:
    require_held(right)
    if has_lapsed(right, at):
        raise Conflict("the right has lapsed", code="WRONG_STATE")
    if not terms_from_json(right.terms).is_transferable:
        raise NotTransferable
    if to.id == right.enrolment_id:
        raise Conflict("the right is this vehicle's already", code="SAME_VEHICLE")
    row = await sql.fetch_one(
        "SELECT needs_proof FROM place_rights_rule WHERE place_id = $1", right.place_id
    )
    needs_proof = row is not None and bool(row["needs_proof"])
    if needs_proof and not await is_proven(sql, to.id, right.operator_id):
        raise not_granted(Why.PROOF_NEEDED, operator_id=right.operator_id)


async def _move(sql: Sql, right: RightRecord, to: EnrolmentRecord, at: datetime) -> RightRecord:
    await sql.execute(
        "UPDATE assigned_right SET state = $2, changed_at = $3, version = version + 1"
        " WHERE id = $1",
        right.id,
        RightState.MOVED.value,
        at,
    )
    [row] = await sql.fetch(
        "SELECT MAX(ordinal) AS last FROM assigned_right"
        " WHERE grant_code_id = $1 AND enrolment_id = $2 AND day = $3",
        right.grant_code_id,
        to.id,
        right.day,
    )
    values: dict[str, Any] = right._asdict() | {
        "state": RightState.HELD.value, "kind": right.kind.value, "person_id": to.person_id,
        "enrolment_id": to.id, "vehicle_id": to.vehicle_id, "version": 1, "changed_at": at,
        "ordinal": 0 if row["last"] is None else row["last"] + 1,
    }  # fmt: skip
    del values["id"]
    return await insert_right(sql, values)
