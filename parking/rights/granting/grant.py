"""Granting a right to a vehicle by a scanned code (CLAIMS A2 to A5, A10, A11)."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import NotFound
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.geo import Position
from parking.places.rules import checked_text
from parking.rights.codes.rotating import read_picture
from parking.rights.granting.facts import Asked, grant_facts
from parking.rights.granting.guards import guarded
from parking.rights.granting.rules import Again, Facts, Grant, decide, worth_max
from parking.rights.granting.watch import watch_grants
from parking.rights.limits import REFERENCE_CHARACTERS_MAX
from parking.rights.records import (
    SELECT_GRANT_CODES,
    SELECT_RIGHTS,
    GrantCodeRecord,
    RightRecord,
    grant_code_record,
    right_record,
)
from parking.rights.refusals import NotGranted, Why, not_granted
from parking.rights.rules import is_holder
from parking.rights.topics import tell_right
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction
from parking.vehicles.records import EnrolmentRecord


@dataclass(frozen=True, slots=True)
class Granted:
    """The right that the vehicle holds now; `is_new` False: it held it already."""

    right_id: int
    is_new: bool


async def grant_right(
    scanned: str,
    enrolment: EnrolmentRecord,
    *,
    viewer: Viewer,
    clock: Clock,
    bus: Bus,
    keys: Sequence[bytes],
    position: Position | None = None,
    reference: str = "",
) -> Granted:
    """Grant the vehicle what the scanned code grants now, or tell what it holds of it already.

    `viewer` is the enrolment's driver, or whoever gave its vehicle code (`holder_of`); `keys`
    authenticate pictures, the newest first; `reference` is of the purchase. Raises NotFound for a
    vehicle that is not the viewer's, `NotGranted` with the reason, and InvalidInput for a reference
    that is none. To be run inside of `granting.door.at_grant_code`, which notes what looks like
    fraud even if this is refused and undone.
    """
    if not enrolment.is_live or not is_holder(viewer, enrolment.person_id, enrolment.id):
        raise NotFound("there is no such vehicle")
    given = comparable_reference(reference)

    async def once() -> Granted:
        async with HeldBus(bus) as held, transaction() as sql:
            at = clock.now()
            code, is_fresh = await scanned_code(sql, scanned, keys, at)
            facts = await grant_facts(sql, code, enrolment, Asked(is_fresh, position, given), at)
            decided = decide(facts, at)
            if isinstance(decided, Why):
                raise refusal_of(decided, facts)
            if isinstance(decided, Again):
                return Granted(decided.right_id, is_new=False)
            right = await _write(sql, facts, enrolment, decided, at)
            await _note(sql, held, viewer, right, at)
            await watch_grants(sql, held, facts, at)
            return Granted(right.id, is_new=True)

    with guarded():
        return await retried(once)


async def scanned_code(
    sql: Sql, scanned: str, keys: Sequence[bytes], now: datetime
) -> tuple[GrantCodeRecord, bool]:
    """The code that a scanned text names, and whether its picture is fresh. Raises
    GrantCodeUnknown."""
    read = read_picture(keys, scanned, now)
    row = await sql.fetch_one(f"{SELECT_GRANT_CODES} WHERE g.public_id = $1", read.public_id)
    if row is None or not read.public_id:
        raise not_granted(Why.UNKNOWN)
    return grant_code_record(row), read.is_fresh


def refusal_of(why: Why, facts: Facts) -> NotGranted:
    """The refusal, with what it tells besides."""
    return not_granted(
        why, valid_from=facts.code.valid_from, operator_id=facts.contract.operator_id
    )


def comparable_reference(text: str) -> str:
    """A reference as it is compared: full-width forms folded, upper case, without spaces. Raises
    InvalidInput."""
    folded = "".join(unicodedata.normalize("NFKC", text).upper().split())
    return checked_text("reference", folded, REFERENCE_CHARACTERS_MAX, is_required=False)


async def _write(
    sql: Sql, facts: Facts, enrolment: EnrolmentRecord, grant: Grant, at: datetime
) -> RightRecord:
    made, code, contract = facts.specification, facts.code, facts.contract
    values = {
        "state": "HELD", "person_id": enrolment.person_id, "organisation_id": code.organisation_id,
        "operator_id": contract.operator_id, "place_id": code.place_id, "kind": made.kind.value,
        "value": made.value, "granted_value": made.value, "currency": made.currency,
        "worth_max_minor": worth_max(facts), "commit_minor": grant.commit_minor,
        "terms": made.terms, "day": grant.day, "ordinal": grant.ordinal,
        "reference": facts.reference if code.needs_reference else "",
        "valid_from": grant.valid_from, "valid_until": grant.valid_until, "granted_at": at,
        "changed_at": at, "contract_id": contract.id, "enrolment_id": enrolment.id,
        "grant_code_id": code.id, "specification_id": made.id, "vehicle_id": enrolment.vehicle_id,
    }  # fmt: skip
    right = await insert_right(sql, values)
    await sql.execute(
        "UPDATE rights_contract SET granted = granted + 1,"
        " committed_minor = committed_minor + $2 WHERE id = $1",
        contract.id,
        grant.commit_minor,
    )
    await sql.execute("UPDATE grant_code SET uses = uses + 1 WHERE id = $1", code.id)
    return right


async def insert_right(sql: Sql, values: dict[str, object]) -> RightRecord:
    """Write a right of these columns."""
    places = ", ".join(f"${number + 1}" for number in range(len(values)))
    [row] = await sql.fetch(
        f"INSERT INTO assigned_right ({', '.join(values)}) VALUES ({places}) RETURNING id",
        *values.values(),
    )
    [written] = await sql.fetch(f"{SELECT_RIGHTS} WHERE a.id = $1", row["id"])
    return right_record(written)


async def _note(sql: Sql, bus: Bus, viewer: Viewer, right: RightRecord, at: datetime) -> None:
    detail = {"grant_code": right.grant_code_id, "enrolment": right.enrolment_id}
    subject = f"right:{right.id}"
    await record_audit(sql, viewer, "grant_right", subject, right.organisation_id, detail, at)
    await tell_right(sql, bus, at, right)
