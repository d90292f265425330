"""The truth table of granting: each reason, both sides of each boundary, which is told first."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parking.rights.codes.state import CodeFacts, CodeState, code_state
from parking.rights.granting.rules import Again, Facts, Grant, decide
from parking.rights.kinds import (
    ContractState,
    GrantCodeKind,
    GrantCodeState,
    RightKind,
    RightState,
)
from parking.rights.refusals import NotGranted, Why, not_granted
from parking.rights.terms import Terms, terms_json
from tests.parking.rights.granting.samples import (
    HOUR,
    ISSUER,
    NOW,
    OPERATOR,
    TODAY,
    facts,
    right,
)

SECOND = timedelta(seconds=1)
OTHER_ISSUER = ISSUER + 90
STACKS_NOT = Terms(stacks=False)
TWICE = Terms(per_vehicle_day_max=2, per_stay_max=2)
USED = right(state=RightState.USED)
OTHER: dict[str, Any] = {"grant_code_id": 4, "specification_id": 9}
"""A right of another code and specification of the same issuer."""
FENCED: dict[str, Any] = {"code_latitude": 48.0, "code_longitude": 9.0, "code_radius_metres": 100}

REFUSED: list[tuple[Why, Facts]] = [
    (Why.REVOKED, facts(code_state=GrantCodeState.REVOKED)),
    (Why.EXPIRED, facts(code_valid_until=NOW)),
    (Why.NOT_YET_VALID, facts(code_valid_from=NOW + SECOND)),
    (Why.PLACE_GONE, facts(operator_id=None)),
    (Why.PLACE_GONE, facts(operator_id=OPERATOR + 1)),
    (Why.CONTRACT_NOT_ACTIVE, facts(contract_state=ContractState.OFFERED)),
    (Why.CONTRACT_NOT_ACTIVE, facts(contract_state=ContractState.DECLINED)),
    (Why.CONTRACT_NOT_ACTIVE, facts(contract_state=ContractState.ENDED)),
    (Why.CONTRACT_NOT_ACTIVE, facts(contract_valid_until=NOW)),
    (Why.CONTRACT_NOT_ACTIVE, facts(contract_valid_from=NOW + SECOND)),
    (Why.EXHAUSTED, facts(code_uses=3, code_uses_max=3)),
    (Why.QUOTA_EXHAUSTED, facts(contract_granted=10, contract_quota=10)),
    (Why.BUDGET_EXHAUSTED, facts(contract_budget_minor=99, contract_price_minor=100)),
    (Why.BUDGET_EXHAUSTED, facts(contract_budget_minor=300, contract_price_minor=100,
                                 contract_committed_minor=101, contract_spent_minor=100)),
    # Nothing limits what it may cost, so no budget is enough.
    (Why.BUDGET_EXHAUSTED, facts(contract_budget_minor=10**9)),
    (Why.OUTSIDE_SEASON, facts(Terms(period_from=NOW + SECOND))),
    (Why.OUTSIDE_SEASON, facts(Terms(period_until=NOW))),
    (Why.OUTSIDE_WEEKDAYS, facts(Terms(weekdays=(1, 2, 4, 5, 6, 7)))),
    (Why.PICTURE_STALE, facts(code_kind=GrantCodeKind.ROTATING, is_fresh=False)),
    (Why.REFERENCE_NEEDED, facts(code_needs_reference=True)),
    (Why.REFERENCE_USED, facts(code_needs_reference=True, reference="R17",
                               of_reference=right(reference="R17", enrolment_id=99))),
    (Why.REFERENCE_USED, facts(TWICE, code_needs_reference=True, reference="R17",
                               of_reference=right(reference="R17", state=RightState.USED))),
    (Why.POSITION_NEEDED, facts(**FENCED)),
    (Why.TOO_FAR, facts(**FENCED, distance_metres=100.1)),
    (Why.PROOF_NEEDED, facts(needs_proof=True)),
    (Why.NOT_PARKED_THERE, facts(Terms(needs_presence=True))),
    (Why.ALREADY_GRANTED_TODAY, facts(todays=[USED])),
    (Why.ALREADY_GRANTED_TODAY, facts(todays=[right(state=RightState.EXPIRED)])),
    (Why.ALREADY_GRANTED_TODAY, facts(todays=[right(state=RightState.REVOKED)])),
    (Why.ALREADY_GRANTED_TODAY, facts(todays=[right(state=RightState.MOVED)])),
    (Why.ALREADY_GRANTED_TODAY, facts(todays=[right(valid_until=NOW)])),
    (Why.ALREADY_GRANTED_TODAY, facts(todays=[right(grant_code_id=4)])),
    (Why.DAY_MAXIMUM, facts(TWICE, todays=[USED, right(state=RightState.USED, ordinal=1)])),
    (Why.NOT_STACKABLE, facts(STACKS_NOT, todays=[right(**OTHER)])),
    (Why.NOT_STACKABLE, facts(todays=[right(STACKS_NOT, **OTHER)])),
    (Why.NOT_STACKABLE, facts(contract_per_stay_max=1, todays=[right(**OTHER)])),
    (Why.NOT_STACKABLE, facts(per_stay_max=1, todays=[right(**OTHER, organisation_id=8)])),
    (Why.NOT_STACKABLE, facts(Terms(per_vehicle_day_max=2), todays=[right(grant_code_id=4)])),
]  # fmt: skip

GRANTED: list[tuple[str, Facts]] = [
    ("all is well", facts()),
    ("before the code's end", facts(code_valid_until=NOW + SECOND)),
    ("at the code's beginning", facts(code_valid_from=NOW)),
    ("before the contract's end", facts(contract_valid_until=NOW + SECOND)),
    ("at the contract's beginning", facts(contract_valid_from=NOW)),
    ("the last use", facts(code_uses=2, code_uses_max=3)),
    ("the last of the quota", facts(contract_granted=9, contract_quota=10)),
    ("the last of the budget", facts(
        contract_budget_minor=300, contract_price_minor=100,
        contract_committed_minor=100, contract_spent_minor=100)),
    ("free to the issuer", facts(contract_budget_minor=1, contract_price_minor=0)),
    ("in season", facts(Terms(period_from=NOW, period_until=NOW + SECOND))),
    ("on a Wednesday", facts(Terms(weekdays=(3,)))),
    ("a fresh picture", facts(code_kind=GrantCodeKind.ROTATING)),
    ("a printed code has no picture", facts(is_fresh=False)),
    ("a new reference", facts(code_needs_reference=True, reference="R18")),
    ("a reference that nobody asks for", facts(reference="R17")),
    ("at the fence", facts(**FENCED, distance_metres=100.0)),
    ("proven", facts(needs_proof=True, is_proven=True)),
    ("parked there", facts(Terms(needs_presence=True), is_parked=True)),
    ("the second of two", facts(TWICE, todays=[USED])),
    ("beside another that stacks", facts(todays=[right(**OTHER)])),
    ("beside another's that lapsed", facts(STACKS_NOT, todays=[right(**OTHER, valid_until=NOW)])),
    ("beside another's that is used", facts(
        STACKS_NOT, todays=[right(**OTHER, state=RightState.USED)])),
    ("beside another place's", facts(STACKS_NOT, todays=[right(**OTHER, place_id=70)])),
    ("beside another issuer's", facts(
        contract_per_stay_max=1, todays=[right(**OTHER, organisation_id=OTHER_ISSUER)])),
]  # fmt: skip

AGAIN: list[tuple[str, Facts]] = [
    ("held", facts(todays=[right()])),
    ("promised to a stay", facts(todays=[right(state=RightState.REDEEMED, valid_until=NOW)])),
    ("the code was revoked", facts(todays=[right()], code_state=GrantCodeState.REVOKED)),
    ("the quota is exhausted", facts(todays=[right()], contract_quota=1, contract_granted=1)),
    ("the picture is stale", facts(
        todays=[right()], code_kind=GrantCodeKind.ROTATING, is_fresh=False)),
    ("the second of two is held", facts(
        TWICE, todays=[right(id=30, state=RightState.USED), right(ordinal=1)])),
    ("the same purchase", facts(
        code_needs_reference=True, reference="R17", todays=[right(reference="R17")])),
    ("the purchase of yesterday", facts(
        code_needs_reference=True, reference="R17",
        of_reference=right(reference="R17", day="2026-06-02"))),
    ("its reference is not given again", facts(
        code_needs_reference=True, todays=[right(reference="R17")])),
]  # fmt: skip


@pytest.mark.parametrize(("why", "known"), REFUSED)
def test_refused(why: Why, known: Facts) -> None:
    assert decide(known, NOW) is why


@pytest.mark.parametrize(("why", "known"), GRANTED)
def test_granted(why: str, known: Facts) -> None:
    assert isinstance(decide(known, NOW), Grant), why


@pytest.mark.parametrize(("why", "known"), AGAIN)
def test_granting_twice_is_one_right(why: str, known: Facts) -> None:
    assert decide(known, NOW) == Again(31), why


def test_every_reason_has_its_row() -> None:
    assert {why for why, _ in REFUSED} | {Why.UNKNOWN, Why.OUTSIDE_HOURS} == set(Why)


def test_every_reason_says_what_to_do() -> None:
    told = [not_granted(why, valid_from=NOW, operator_id=1) for why in Why]
    assert [each.code for each in told] == [why.value for why in Why]
    assert len({each.message for each in told}) == len(told)
    assert {type(each) for each in told} == set(NotGranted.__subclasses__())


def test_who_holds_anothers_purchase_learns_only_that_it_is_used() -> None:
    theirs = right(reference="R17", enrolment_id=99)
    asked = facts(code_needs_reference=True, reference="R17", of_reference=theirs)
    assert decide(asked, NOW) is Why.REFERENCE_USED


def test_what_is_wrong_with_the_code_is_told_before_what_is_wrong_with_the_vehicle() -> None:
    known: dict[str, Any] = {}
    told = []
    faults: list[dict[str, Any]] = [
        {"todays": [right(**OTHER), USED]},
        {"needs_proof": True},
        FENCED,
        {"code_needs_reference": True},
        {"code_kind": GrantCodeKind.ROTATING, "is_fresh": False},
        {"terms": Terms(weekdays=(1,))},
        {"code_valid_from": NOW + SECOND},
        {"contract_quota": 1, "contract_granted": 1},
        {"contract_state": ContractState.ENDED},
        {"code_state": GrantCodeState.REVOKED},
    ]
    for fault in faults:
        known |= fault
        told.append(decide(facts(**known), NOW))
    assert told == [
        Why.ALREADY_GRANTED_TODAY, Why.PROOF_NEEDED, Why.POSITION_NEEDED, Why.REFERENCE_NEEDED,
        Why.PICTURE_STALE, Why.OUTSIDE_WEEKDAYS, Why.NOT_YET_VALID, Why.QUOTA_EXHAUSTED,
        Why.CONTRACT_NOT_ACTIVE, Why.REVOKED,
    ]  # fmt: skip


def test_a_grant_says_from_when_until_when_and_for_how_much() -> None:
    terms = Terms(delay_minutes=30, valid_minutes=180, per_vehicle_day_max=3, per_stay_max=3)
    known = facts(
        terms,
        contract_price_minor=250,
        specification_worth_max_minor=400,
        todays=[right(state=RightState.USED), right(state=RightState.USED, ordinal=1)],
    )
    assert decide(known, NOW) == Grant(
        valid_from=NOW + HOUR / 2,
        valid_until=NOW + 3 * HOUR,
        commit_minor=250,
        day=TODAY,
        ordinal=2,
    )


@pytest.mark.parametrize(
    ("kind", "value", "worth", "price", "commit"),
    [
        (RightKind.AMOUNT, 150, None, None, 150),
        (RightKind.AMOUNT, 150, 100, None, 100),
        (RightKind.AMOUNT, 150, 200, 90, 90),
        (RightKind.FREE, 0, 500, None, 500),
        (RightKind.MINUTES, 60, None, 0, 0),
        (RightKind.PERCENT, 50, None, None, 0),
    ],
)
def test_what_is_promised_of_the_budget(
    kind: RightKind, value: int, worth: int | None, price: int | None, commit: int
) -> None:
    known = facts(
        specification_kind=kind,
        specification_value=value,
        specification_worth_max_minor=worth,
        contract_price_minor=price,
    )
    decided = decide(known, NOW)
    assert isinstance(decided, Grant)
    assert decided.commit_minor == commit


def test_the_date_is_the_places() -> None:
    late = datetime(2026, 6, 3, 22, 30, tzinfo=UTC)  # 00:30 of the next day in Berlin
    decided = decide(facts(), late)
    assert isinstance(decided, Grant)
    assert decided.day == "2026-06-04"


OF_THE_CODE = {
    Why.REVOKED, Why.EXPIRED, Why.NOT_YET_VALID, Why.EXHAUSTED, Why.QUOTA_EXHAUSTED,
    Why.BUDGET_EXHAUSTED, Why.CONTRACT_NOT_ACTIVE, Why.OUTSIDE_SEASON,
}  # fmt: skip
AROUND_NOW = st.sampled_from([NOW - SECOND, NOW, NOW + SECOND])
AROUND_NOW_OR_NONE = st.none() | AROUND_NOW
FEW = st.integers(0, 2)


@given(
    code_state=st.sampled_from(GrantCodeState), code_valid_from=AROUND_NOW,
    code_valid_until=AROUND_NOW_OR_NONE, code_uses=FEW, code_uses_max=st.none() | FEW,
    contract_state=st.sampled_from(ContractState), contract_valid_from=AROUND_NOW,
    contract_valid_until=AROUND_NOW_OR_NONE, contract_quota=st.none() | FEW, contract_granted=FEW,
    contract_budget_minor=st.none() | FEW, contract_committed_minor=FEW,
    contract_price_minor=st.none() | FEW,
    season=st.tuples(AROUND_NOW_OR_NONE, AROUND_NOW_OR_NONE),
)  # fmt: skip
def test_the_states_that_a_page_shows_are_those_that_a_grant_is_decided_by(**known: Any) -> None:
    begins, ends = known.pop("season")
    terms = Terms(period_from=begins, period_until=ends)
    asked = facts(terms, **known, specification_terms=terms_json(terms))
    shown = code_state(CodeFacts(asked.code, asked.contract, asked.specification), NOW)
    assert (shown is not CodeState.ACTIVE) is (decide(asked, NOW) in OF_THE_CODE)
