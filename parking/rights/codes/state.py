"""The state of a grant code as its scanner sees it (CLAIMS A15). Pure."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from parking.rights.kinds import ContractState, GrantCodeState
from parking.rights.records import ContractRecord, GrantCodeRecord, SpecificationRecord
from parking.rights.terms import terms_from_json
from parking.rights.worth import most_minor


class CodeState(StrEnum):
    """Whether a code grants rights now: by itself, its contract, and its specification's season.
    Weekdays and hours, and what a vehicle holds already, are not its state."""

    ACTIVE = "ACTIVE"
    NOT_YET_VALID = "NOT_YET_VALID"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"
    EXHAUSTED = "EXHAUSTED"
    UNKNOWN = "UNKNOWN"


class CodeFacts(NamedTuple):
    """A grant code with what it grants on whose account."""

    code: GrantCodeRecord
    contract: ContractRecord
    specification: SpecificationRecord


def code_state(facts: CodeFacts | None, now: datetime) -> CodeState:
    """The state at `now` (aware UTC). What is for good goes before what may change: a revoked code
    is REVOKED though it would have expired, one that is over EXPIRED though it is used up."""
    if facts is None:
        return CodeState.UNKNOWN
    if facts.code.state is GrantCodeState.REVOKED:
        return CodeState.REVOKED
    starts, ends = span(facts)
    is_agreed = facts.contract.state is ContractState.ACTIVE
    if not is_agreed or (ends is not None and ends <= now):
        return CodeState.EXPIRED
    if is_exhausted(facts):
        return CodeState.EXHAUSTED
    return CodeState.NOT_YET_VALID if now < starts else CodeState.ACTIVE


def span(facts: CodeFacts) -> tuple[datetime, datetime | None]:
    """From when until when the code may grant: where code, contract and season all hold. The end
    may lie before the start; None: it has none."""
    code, contract, terms = facts.code, facts.contract, terms_from_json(facts.specification.terms)
    starts = [code.valid_from, contract.valid_from, terms.period_from]
    ends = [code.valid_until, contract.valid_until, terms.period_until]
    return (
        max(each for each in starts if each is not None),
        min((each for each in ends if each is not None), default=None),
    )


def is_exhausted(facts: CodeFacts) -> bool:
    """Whether no further right fits into the code's uses, the contract's quota or its budget."""
    code, contract, given = facts
    if code.uses_max is not None and code.uses >= code.uses_max:
        return True
    if contract.quota is not None and contract.granted >= contract.quota:
        return True
    if contract.budget_minor is None:
        return False
    room = contract.budget_minor - contract.committed_minor - contract.spent_minor
    limits = (given.worth_max_minor, contract.worth_max_minor, contract.price_minor)
    most = most_minor(given.kind, given.value, *limits)
    return most is None or most > room
