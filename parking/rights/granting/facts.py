"""What is known of a code and a vehicle when a right is asked for: read under lock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from parking.geo import Position, distance_metres
from parking.rights.granting.rules import Facts
from parking.rights.granting.times import day_at
from parking.rights.limits import PER_STAY_MAX
from parking.rights.records import (
    SELECT_CONTRACTS,
    SELECT_GRANT_CODES,
    SELECT_RIGHTS,
    SELECT_SPECIFICATIONS,
    ContractRecord,
    GrantCodeRecord,
    RightRecord,
    contract_record,
    grant_code_record,
    right_record,
    specification_record,
)
from parking.rights.redeeming.stays import stay_of_enrolment
from parking.rights.terms import terms_from_json
from parking.storage.locks import lock_enrolments, lock_grant_codes, lock_rights_contracts
from parking.storage.sql import Sql
from parking.vehicles.queries import is_proven
from parking.vehicles.records import EnrolmentRecord

ZONES_APART = timedelta(hours=48)
"""Rights of one date were granted within this of each other, wherever on earth."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the scanner brings besides the vehicle; `reference` is comparable, empty: none."""

    is_fresh: bool = True
    position: Position | None = None
    reference: str = ""


async def locked_code(sql: Sql, code: GrantCodeRecord) -> tuple[ContractRecord, GrantCodeRecord]:
    """The code's contract and the code, as they are now and stay until the transaction ends."""
    await lock_rights_contracts(sql, [code.contract_id])
    await lock_grant_codes(sql, [code.id])
    [contract] = await sql.fetch(f"{SELECT_CONTRACTS} WHERE k.id = $1", code.contract_id)
    [found] = await sql.fetch(f"{SELECT_GRANT_CODES} WHERE g.id = $1", code.id)
    return contract_record(contract), grant_code_record(found)


async def grant_facts(
    sql: Sql, scanned: GrantCodeRecord, enrolment: EnrolmentRecord, asked: Asked, now: datetime
) -> Facts:
    """All that `decide` wants to know; contract, code and enrolment are locked by it, in this
    order."""
    contract, code = await locked_code(sql, scanned)
    # What one vehicle is granted at two places, or by two issuers, is counted one after the other.
    await lock_enrolments(sql, [enrolment.id])
    [made] = await sql.fetch(f"{SELECT_SPECIFICATIONS} WHERE s.id = $1", code.specification_id)
    place = await _place(sql, code.place_id)
    terms = terms_from_json(made["terms"])
    zone = ZoneInfo(place["time_zone"])
    operator_id = None if place["retired_at"] else int(place["organisation_id"])
    needs_proof = bool(place["needs_proof"])
    is_proof_there = needs_proof and await is_proven(sql, enrolment.id, contract.operator_id)
    return Facts(
        code=code,
        contract=contract,
        specification=specification_record(made),
        terms=terms,
        zone=zone,
        operator_id=operator_id,
        per_stay_max=place["per_stay_max"] or PER_STAY_MAX,
        enrolment_id=enrolment.id,
        is_fresh=asked.is_fresh,
        reference=asked.reference,
        of_reference=await _right_of_reference(sql, code, asked.reference),
        distance_metres=_distance(code, place, asked.position),
        needs_proof=needs_proof,
        is_proven=is_proof_there,
        is_parked=terms.needs_presence and await _is_parked(sql, enrolment, code.place_id),
        todays=await rights_of_day(sql, enrolment.id, day_at(zone, now).isoformat(), now),
    )


async def rights_of_day(sql: Sql, enrolment_id: int, day: str, now: datetime) -> list[RightRecord]:
    """What the enrolment was granted, or given, on this date, of every state; oldest first."""
    rows = await sql.fetch(
        f"{SELECT_RIGHTS} WHERE a.enrolment_id = $1 AND a.day = $2 AND a.granted_at > $3"
        " ORDER BY a.id",
        enrolment_id,
        day,
        now - ZONES_APART,
    )
    return [right_record(row) for row in rows]


async def _is_parked(sql: Sql, enrolment: EnrolmentRecord, place_id: int) -> bool:
    """Whether a stay of the vehicle is under way that its rights may go into: who has typed in a
    stranger's plate does not learn by this where that car is."""
    return await stay_of_enrolment(sql, enrolment, place_id) is not None


async def _place(sql: Sql, place_id: int) -> dict[str, Any]:
    [row] = await sql.fetch(
        "SELECT p.organisation_id, p.retired_at, p.time_zone, p.latitude, p.longitude,"
        " r.per_stay_max, r.needs_proof FROM place p"
        " LEFT JOIN place_rights_rule r ON r.place_id = p.id WHERE p.id = $1",
        place_id,
    )
    return row


async def _right_of_reference(
    sql: Sql, code: GrantCodeRecord, reference: str
) -> RightRecord | None:
    if not code.needs_reference or not reference:
        return None
    row = await sql.fetch_one(
        f"{SELECT_RIGHTS} WHERE a.organisation_id = $1 AND a.place_id = $2 AND a.reference = $3"
        " AND a.reference <> '' AND a.state <> 'REVOKED' AND a.state <> 'MOVED'",
        code.organisation_id,
        code.place_id,
        reference,
    )
    return None if row is None else right_record(row)


def _distance(
    code: GrantCodeRecord, place: dict[str, Any], position: Position | None
) -> float | None:
    """Metres to the code's fence's centre, or to its place without a fence."""
    centre = _centre(code.latitude, code.longitude) or _centre(
        place["latitude"], place["longitude"]
    )
    if position is None or centre is None:
        return None
    return distance_metres(position, centre)


def _centre(latitude: float | None, longitude: float | None) -> Position | None:
    if latitude is None or longitude is None:
        return None
    return Position(latitude, longitude)
