"""Whether a code grants a vehicle a right now, from (grant code, current time) and what is known of
both (CLAIMS A10, A15, A16, A20). Pure: `decide` and its tables.

The first fault in this order is told: what is wrong with the code itself, for whoever scans it; the
hour; the picture; what the scanner has to add; then what concerns the vehicle alone, which nobody
learns without its code.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from parking.rights.granting.times import day_at, time_fault
from parking.rights.kinds import ContractState, GrantCodeKind, GrantCodeState, RightState
from parking.rights.records import (
    ContractRecord,
    GrantCodeRecord,
    RightRecord,
    SpecificationRecord,
)
from parking.rights.refusals import Why
from parking.rights.terms import Terms, terms_from_json
from parking.rights.worth import least, most_minor

LIVE = frozenset({RightState.HELD, RightState.REDEEMED})
"""A right that may still be used."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known, under lock, when a vehicle asks.

    `operator_id` runs the place now, None: it is retired. `per_stay_max` and `needs_proof` are the
    place's rule. `distance_metres` is from the code's fence, or its place, None: not given.
    `todays` are the rights of the enrolment of this date at the place, of every state, the oldest
    first; `of_reference` is the right that the reference was used for at the issuer's and place.
    """

    code: GrantCodeRecord
    contract: ContractRecord
    specification: SpecificationRecord
    terms: Terms
    zone: ZoneInfo
    operator_id: int | None
    per_stay_max: int
    enrolment_id: int
    is_fresh: bool = True
    reference: str = ""
    of_reference: RightRecord | None = None
    distance_metres: float | None = None
    needs_proof: bool = False
    is_proven: bool = False
    is_parked: bool = False
    todays: Sequence[RightRecord] = ()


@dataclass(frozen=True, slots=True)
class Again:
    """The vehicle holds the code's right already: this one."""

    right_id: int


@dataclass(frozen=True, slots=True)
class Grant:
    """A new right, usable over `[valid_from, valid_until)`, for which `commit_minor` is promised of
    the contract's budget. `day` is the date at the place, `ordinal` counts the day's of one code
    for one vehicle."""

    valid_from: datetime
    valid_until: datetime
    commit_minor: int
    day: str
    ordinal: int


Check: TypeAlias = Callable[[Facts, datetime], Why | None]


def decide(facts: Facts, now: datetime) -> Again | Grant | Why:
    """What becomes of it; `now` is aware. Granting twice is one right, whatever became of the code
    meanwhile."""
    held = _held_already(facts, now)
    if held is not None:
        return Again(held.id)
    for check in CHECKS:
        why = check(facts, now)
        if why is not None:
            return why
    return _grant(facts, now)


def _held_already(facts: Facts, now: datetime) -> RightRecord | None:
    """The newest right that this code has granted the vehicle today, for the same purchase if it is
    about one, and that may still be used."""
    asked = facts.reference if facts.code.needs_reference else ""
    known = [*facts.todays, *([facts.of_reference] if facts.of_reference else [])]
    mine = [
        each
        for each in known
        if each.grant_code_id == facts.code.id
        and each.enrolment_id == facts.enrolment_id
        and asked in {"", each.reference}
        and _is_live(each, now)
    ]
    return mine[-1] if mine else None


def _is_live(right: RightRecord, now: datetime) -> bool:
    return right.state is RightState.REDEEMED or (
        right.state is RightState.HELD and now < right.valid_until
    )


def _code(facts: Facts, now: datetime) -> Why | None:
    code = facts.code
    if code.state is GrantCodeState.REVOKED:
        return Why.REVOKED
    if facts.operator_id != facts.contract.operator_id:
        return Why.PLACE_GONE
    if code.valid_until is not None and code.valid_until <= now:
        return Why.EXPIRED
    return None


def _contract(facts: Facts, now: datetime) -> Why | None:
    contract = facts.contract
    is_over = contract.valid_until is not None and contract.valid_until <= now
    if contract.state is not ContractState.ACTIVE or is_over:
        return Why.CONTRACT_NOT_ACTIVE
    return None


def _left(facts: Facts, _: datetime) -> Why | None:
    code, contract = facts.code, facts.contract
    if code.uses_max is not None and code.uses >= code.uses_max:
        return Why.EXHAUSTED
    if contract.quota is not None and contract.granted >= contract.quota:
        return Why.QUOTA_EXHAUSTED
    if contract.budget_minor is None:
        return None
    most = most_of(facts)
    promised = contract.committed_minor + contract.spent_minor
    # Nothing limits what it may cost: then no budget is enough.
    is_enough = most is not None and promised + most <= contract.budget_minor
    return None if is_enough else Why.BUDGET_EXHAUSTED


def _begun(facts: Facts, now: datetime) -> Why | None:
    if now < facts.code.valid_from:
        return Why.NOT_YET_VALID
    return Why.CONTRACT_NOT_ACTIVE if now < facts.contract.valid_from else None


def _season(facts: Facts, now: datetime) -> Why | None:
    begins, ends = facts.terms.period_from, facts.terms.period_until
    is_in_season = (begins is None or begins <= now) and (ends is None or now < ends)
    return None if is_in_season else Why.OUTSIDE_SEASON


def _hour(facts: Facts, now: datetime) -> Why | None:
    return time_fault(facts.terms, facts.zone, now)


def _picture(facts: Facts, _: datetime) -> Why | None:
    is_stale = facts.code.kind is GrantCodeKind.ROTATING and not facts.is_fresh
    return Why.PICTURE_STALE if is_stale else None


def _reference(facts: Facts, _: datetime) -> Why | None:
    if not facts.code.needs_reference:
        return None
    if not facts.reference:
        return Why.REFERENCE_NEEDED
    return None if facts.of_reference is None else Why.REFERENCE_USED


def _position(facts: Facts, _: datetime) -> Why | None:
    radius = facts.code.radius_metres
    if radius is None:
        return None
    if facts.distance_metres is None:
        return Why.POSITION_NEEDED
    return None if facts.distance_metres <= radius else Why.TOO_FAR


def _vehicle(facts: Facts, _: datetime) -> Why | None:
    if facts.needs_proof and not facts.is_proven:
        return Why.PROOF_NEEDED
    is_missing = facts.terms.needs_presence and not facts.is_parked
    return Why.NOT_PARKED_THERE if is_missing else None


def _day(facts: Facts, _: datetime) -> Why | None:
    """All of the day count, also those that were revoked, lapsed or given to another vehicle."""
    had = sum(each.specification_id == facts.specification.id for each in facts.todays)
    most = facts.terms.per_vehicle_day_max
    if had < most:
        return None
    return Why.ALREADY_GRANTED_TODAY if most == 1 else Why.DAY_MAXIMUM


def _stacking(facts: Facts, now: datetime) -> Why | None:
    """What was granted at the place on one day is meant for one stay there."""
    place_id = facts.code.place_id
    held = [each for each in facts.todays if each.place_id == place_id and _is_live(each, now)]
    same = [each for each in held if each.specification_id == facts.specification.id]
    others = [each for each in held if each.specification_id != facts.specification.id]
    issuers = [each for each in held if each.organisation_id == facts.contract.issuer_id]
    stacks = facts.terms.stacks and all(terms_from_json(each.terms).stacks for each in others)
    is_too_much = (
        len(same) >= facts.terms.per_stay_max
        or len(issuers) >= facts.contract.per_stay_max
        or len(held) >= facts.per_stay_max
        or (bool(others) and not stacks)
    )
    return Why.NOT_STACKABLE if is_too_much else None


CHECKS: tuple[Check, ...] = (
    _code, _contract, _left, _begun, _season, _hour, _picture, _reference, _position, _vehicle,
    _day, _stacking,
)  # fmt: skip
"""In the order in which a fault is told."""


def most_of(facts: Facts) -> int | None:
    """The most that the right may cost its issuer, in minor units; None: nothing limits it."""
    price = facts.contract.price_minor
    return most_minor(facts.specification.kind, facts.specification.value, worth_max(facts), price)


def worth_max(facts: Facts) -> int | None:
    """The most that the right is ever worth, whoever pays: what both sides have agreed holds
    whatever its specification says."""
    return least(facts.specification.worth_max_minor, facts.contract.worth_max_minor)


def _grant(facts: Facts, now: datetime) -> Grant:
    terms = facts.terms
    ordinals = [each.ordinal for each in facts.todays if each.grant_code_id == facts.code.id]
    return Grant(
        valid_from=now + timedelta(minutes=terms.delay_minutes),
        valid_until=now + timedelta(minutes=terms.valid_minutes),
        commit_minor=most_of(facts) or 0,
        day=day_at(facts.zone, now).isoformat(),
        ordinal=max(ordinals, default=-1) + 1,
    )
