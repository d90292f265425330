"""Rows for pure tests: a code, its contract and specification, as they are read."""

from datetime import UTC, datetime
from typing import Any

from parking.rights.codes.state import CodeFacts
from parking.rights.kinds import (
    ContractState,
    GrantCodeKind,
    GrantCodeState,
    RightKind,
    SpecificationState,
)
from parking.rights.records import ContractRecord, GrantCodeRecord, SpecificationRecord
from parking.rights.terms import Terms, terms_json

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
BEFORE = datetime(2026, 5, 1, tzinfo=UTC)
ISSUER, OPERATOR, PLACE = 7, 8, 3


def contract(**more: Any) -> ContractRecord:
    """A contract without limits, in force."""
    given: dict[str, Any] = {
        "id": 1, "state": ContractState.ACTIVE, "issuer_id": ISSUER, "operator_id": OPERATOR,
        "place_id": PLACE, "currency": "EUR", "quota": None, "granted": 0, "budget_minor": None,
        "committed_minor": 0, "spent_minor": 0, "price_minor": None, "worth_max_minor": None,
        "per_stay_max": 1, "valid_from": BEFORE, "valid_until": None, "reason": "", "version": 1,
        "created_by": 1, "decided_by": 1, "created_at": BEFORE, "changed_at": BEFORE,
    }  # fmt: skip
    return ContractRecord(**{**given, **more})


def specification(terms: Terms | None = None, **more: Any) -> SpecificationRecord:
    """An hour off."""
    given: dict[str, Any] = {
        "id": 2, "organisation_id": ISSUER, "state": SpecificationState.ACTIVE, "name": "An hour",
        "kind": RightKind.MINUTES, "value": 60, "currency": "EUR", "worth_max_minor": None,
        "terms": terms_json(terms or Terms()), "version": 1, "created_by": 1,
        "created_at": BEFORE, "changed_at": BEFORE,
    }  # fmt: skip
    return SpecificationRecord(**{**given, **more})


def code(**more: Any) -> GrantCodeRecord:
    """A printed code without an end."""
    given: dict[str, Any] = {
        "id": 4, "public_id": "a" * 26, "state": GrantCodeState.ACTIVE,
        "kind": GrantCodeKind.STATIC, "organisation_id": ISSUER, "place_id": PLACE, "label": "",
        "uses": 0, "uses_max": None, "needs_reference": False, "valid_from": BEFORE,
        "valid_until": None, "latitude": None, "longitude": None, "radius_metres": None,
        "reason": "", "version": 1, "created_by": 1, "created_at": BEFORE, "revoked_at": None,
        "contract_id": 1, "replaced_by_id": None, "specification_id": 2,
    }  # fmt: skip
    return GrantCodeRecord(**{**given, **more})


def facts(
    code_: GrantCodeRecord | None = None,
    contract_: ContractRecord | None = None,
    specification_: SpecificationRecord | None = None,
) -> CodeFacts:
    """A code that grants."""
    return CodeFacts(code_ or code(), contract_ or contract(), specification_ or specification())
