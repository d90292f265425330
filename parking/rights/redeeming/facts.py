"""What a redemption is decided on, read in one transaction: the stay and what it costs if the car
leaves now, the rights that may go into it, and who can pay for them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from parking.ledger.accounts import merchant
from parking.ledger.credit import room_minor
from parking.ledger.records import ACCOUNT_COLUMNS, account_row
from parking.rights.granting.times import day_at
from parking.rights.kinds import RightKind
from parking.rights.limits import PER_STAY_MAX
from parking.rights.records import (
    REDEMPTION_COLUMNS,
    RIGHT_COLUMNS,
    RedemptionRecord,
    RightRecord,
    redemption_record,
    right_record,
)
from parking.rights.redeeming.stays import Stay
from parking.rights.terms import Terms, terms_from_json
from parking.rights.worth import least
from parking.sessions.contracts import read_contract
from parking.sessions.pricing import Contract
from parking.settlement.kinds import ValidationKind
from parking.settlement.records import ValidationRecord
from parking.settlement.validations import live_validations
from parking.storage.sql import Sql

_RIGHTS = f"""
SELECT {RIGHT_COLUMNS}, s.name AS told_name, k.per_stay_max AS told_issuer_max,
       k.price_minor AS told_price_minor, k.budget_minor AS told_budget_minor,
       k.worth_max_minor AS told_worth_max_minor,
       EXISTS (SELECT 1 FROM vehicle_proof f WHERE f.enrolment_id = a.enrolment_id
                  AND f.organisation_id = a.operator_id AND f.state = 'APPROVED') AS told_is_proven
  FROM assigned_right a JOIN right_specification s ON s.id = a.specification_id
  JOIN rights_contract k ON k.id = a.contract_id
 WHERE a.state IN ('HELD', 'REDEEMED') AND (a.enrolment_id {{enrolments}} OR a.id IN (
       SELECT assigned_right_id FROM redemption WHERE reservation_id = $2 AND state = 'LIVE'))
 ORDER BY a.valid_until, a.id
"""
_LIVE = f"""
SELECT {REDEMPTION_COLUMNS} FROM redemption d
 WHERE d.state = 'LIVE' AND (d.reservation_id = $2 OR d.assigned_right_id IN (
       SELECT id FROM assigned_right WHERE state = 'REDEEMED' AND enrolment_id {{enrolments}}))
"""
_TODAY = """
SELECT DISTINCT a.specification_id, a.id, a.person_id
  FROM redemption d JOIN assigned_right a ON a.id = d.assigned_right_id
 WHERE d.plate = $1 AND d.day = $2 AND d.reservation_id <> $3 AND (d.state = 'LIVE'
    OR (d.state = 'FINISHED' AND COALESCE(d.issuer_minor, 0) + COALESCE(d.operator_minor, 0) > 0))
"""

UsedToday: TypeAlias = Mapping[int, Mapping[int, int]]
"""By specification, the rights that a plate has used on a date, each with its driver's person."""


class Held(NamedTuple):
    """A right with what its contract says. `price_minor` is what its issuer pays at most where the
    operator carries the rest, `worth_max_minor` what both pay together; `live` its redemption, in
    whichever stay."""

    right: RightRecord
    name: str
    terms: Terms
    issuer_max: int
    price_minor: int | None
    has_budget: bool
    live: RedemptionRecord | None
    is_proven: bool = False
    worth_max_minor: int | None = None

    def day_left(self, used: UsedToday) -> int:
        """How many of its specification the vehicle may use today, this one among them: what is
        left of a right that was used before is the same right.

        What others have used counts for who has proven to speak for the vehicle (`is_proven`).
        Whoever has only typed in a plate would learn by it that the car was there today.
        """
        others = {
            right_id
            for right_id, person_id in used.get(self.right.specification_id, {}).items()
            if self.is_proven or person_id == self.right.person_id
        }
        return self.terms.per_vehicle_day_max - len(others - {self.right.id})

    def is_good_at(self, place_id: int, operator_id: int) -> bool:
        """Whether it may be used at this place: while who runs it is whom the contract is with."""
        is_there = place_id in (self.right.place_id, *self.terms.places)
        return is_there and self.right.operator_id == operator_id


class Facts(NamedTuple):
    """All that `plan.planned` needs. `enrolments` are those whose rights may be put in and taken
    out; `rooms_minor` what each organisation can pay now."""

    stay: Stay
    contract: Contract
    enrolments: frozenset[int]
    plate: str
    day: str
    held: Sequence[Held]
    promised: Sequence[ValidationRecord]
    used_today: UsedToday
    stay_max: int
    rooms_minor: Mapping[int, int]
    at: datetime

    def is_in(self, held: Held) -> bool:
        """Whether it is promised to this stay."""
        return held.right.id in {each.right_id for each in self.promised}

    def is_fixed(self, held: Held) -> bool:
        """Whether it is in this stay and not to be taken out: for somebody else who drives the
        vehicle, or because the booking was confirmed on the strength of it."""
        covering = {each.right_id for each in self.promised if each.covered_minor}
        return held.right.enrolment_id not in self.enrolments or held.right.id in covering


async def read_facts(
    sql: Sql, stay: Stay, plate: str, enrolment_ids: Iterable[int], at: datetime
) -> Facts:
    """Everything as it is now; `plate` stands in where the stay has none."""
    booked, enrolments = stay.reservation, sorted(set(enrolment_ids))
    driven = booked.plate or plate
    day = day_at(ZoneInfo(stay.time_zone), at).isoformat()
    held = await held_rights(sql, enrolments, booked.id)
    promised = await live_validations(sql, booked.id)
    payers = {payer for each in promised for payer in each.payers}
    payers |= {each.right.organisation_id for each in held}
    payers |= {each.right.operator_id for each in held}
    return Facts(
        stay=stay,
        contract=await read_contract(sql, booked),
        enrolments=frozenset(enrolments),
        plate=driven,
        day=day,
        held=held,
        promised=promised,
        used_today=await used_today(sql, driven, day, booked.id),
        stay_max=await stay_max_of(sql, booked.place_id),
        rooms_minor=await rooms_of(sql, payers, booked.currency),
        at=at,
    )


async def stay_max_of(sql: Sql, place_id: int) -> int:
    """How many rights of all issuers one stay takes at a place."""
    row = await sql.fetch_one(
        "SELECT per_stay_max FROM place_rights_rule WHERE place_id = $1", place_id
    )
    return PER_STAY_MAX if row is None else int(row["per_stay_max"])


def validation_for(held: Held, at: datetime, reservation_id: int) -> ValidationRecord:
    """What is promised for a right that goes into a stay; its id is not known yet.

    It is never worth more than its contract says, which its operator and issuer have agreed to; and
    a right never costs a contract with a budget more than what was committed for it: what several
    stays use of it comes to that together.
    """
    right, price = held.right, held.price_minor
    most = least(right.worth_max_minor, held.worth_max_minor)
    if held.has_budget and price is None:
        most = least(most, right.commit_minor)
    elif held.has_budget and price is not None:
        price = min(price, right.commit_minor)
    return ValidationRecord(
        id=0,
        organisation_id=right.organisation_id,
        kind=KINDS[right.kind],
        value=right.value,
        label=held.name,
        paid_minor=None,
        created_by=None,
        created_at=at,
        returned_at=None,
        settlement_id=None,
        reservation_id=reservation_id,
        right_id=right.id,
        most_minor=most,
        price_minor=price,
        carrier_id=None if price is None else right.operator_id,
    )


KINDS = {
    RightKind.MINUTES: ValidationKind.MINUTES,
    RightKind.AMOUNT: ValidationKind.AMOUNT,
    RightKind.PERCENT: ValidationKind.PERCENT,
    RightKind.FREE: ValidationKind.FREE,
    RightKind.ACCESS: ValidationKind.FREE,
}
"""What each kind of right is in a settlement."""


async def held_rights(sql: Sql, enrolments: Sequence[int], reservation_id: int) -> list[Held]:
    """The rights that these enrolments hold or have in stays, and all that are in this one; those
    that lapse first come first."""
    wanted = sql.any_of("$1")
    rows = await sql.fetch(_LIVE.format(enrolments=wanted), enrolments, reservation_id)
    live = {row["assigned_right_id"]: redemption_record(row) for row in rows}
    rows = await sql.fetch(_RIGHTS.format(enrolments=wanted), enrolments, reservation_id)
    return [_one(row, live) for row in rows]


def _one(row: Mapping[str, Any], live: Mapping[int, RedemptionRecord]) -> Held:
    told = {name: row[name] for name in RightRecord._fields}
    right = right_record(told)
    return Held(
        right=right,
        name=row["told_name"],
        terms=terms_from_json(right.terms),
        issuer_max=row["told_issuer_max"],
        price_minor=row["told_price_minor"],
        has_budget=row["told_budget_minor"] is not None,
        live=live.get(right.id),
        is_proven=bool(row["told_is_proven"]),
        worth_max_minor=row["told_worth_max_minor"],
    )


async def used_today(sql: Sql, plate: str, day: str, reservation_id: int) -> UsedToday:
    """The rights that went into other stays of the plate on this date."""
    used: dict[int, dict[int, int]] = defaultdict(dict)
    for row in await sql.fetch(_TODAY, plate, day, reservation_id):
        used[row["specification_id"]][row["id"]] = row["person_id"]
    return used


async def rooms_of(sql: Sql, organisations: Iterable[int], currency: str) -> dict[int, int]:
    """What each can pay. Read without a lock: what is left in the end is what counts."""
    wanted = {merchant(each, currency): each for each in organisations}
    rows = await sql.fetch(
        f"SELECT {ACCOUNT_COLUMNS} FROM ledger_account"
        f" WHERE name {sql.any_of('$1')} AND currency = $2",
        sorted(account.name for account in wanted),
        currency,
    )
    found = {row.account: room_minor(row) for row in map(account_row, rows)}
    return {each: found.get(account, 0) for account, each in wanted.items()}
