"""Facts for the rule, with one of each thing; a test says what is different."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from parking.rights.granting.rules import Facts
from parking.rights.kinds import (
    ContractState,
    GrantCodeKind,
    GrantCodeState,
    RightKind,
    RightState,
    SpecificationState,
)
from parking.rights.records import (
    ContractRecord,
    GrantCodeRecord,
    RightRecord,
    SpecificationRecord,
)
from parking.rights.terms import Terms, terms_json

NOW = datetime(2026, 6, 3, 10, 0, tzinfo=UTC)
"""A Wednesday, 12:00 in Berlin."""
TODAY = "2026-06-03"
HOUR = timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")
ISSUER, OPERATOR, PLACE, MINE = 5, 6, 7, 21
DAY_BEFORE = NOW - timedelta(days=1)

CONTRACT = ContractRecord(
    id=1, state=ContractState.ACTIVE, issuer_id=ISSUER, operator_id=OPERATOR, place_id=PLACE,
    currency="EUR", quota=None, granted=0, budget_minor=None, committed_minor=0, spent_minor=0,
    price_minor=None, worth_max_minor=None, per_stay_max=3, valid_from=DAY_BEFORE,
    valid_until=None, reason="", version=1, created_by=None, decided_by=None,
    created_at=DAY_BEFORE, changed_at=DAY_BEFORE,
)  # fmt: skip
SPECIFICATION = SpecificationRecord(
    id=2, organisation_id=ISSUER, state=SpecificationState.ACTIVE, name="One hour",
    kind=RightKind.MINUTES, value=60, currency="EUR", worth_max_minor=None, terms="", version=1,
    created_by=None, created_at=DAY_BEFORE, changed_at=DAY_BEFORE,
)  # fmt: skip
CODE = GrantCodeRecord(
    id=3, public_id="c" * 26, state=GrantCodeState.ACTIVE, kind=GrantCodeKind.STATIC,
    organisation_id=ISSUER, place_id=PLACE, label="", uses=0, uses_max=None, needs_reference=False,
    valid_from=DAY_BEFORE, valid_until=None, latitude=None, longitude=None, radius_metres=None,
    reason="", version=1, created_by=None, created_at=DAY_BEFORE, revoked_at=None, contract_id=1,
    replaced_by_id=None, specification_id=2,
)  # fmt: skip
RIGHT = RightRecord(
    id=31, state=RightState.HELD, person_id=11, organisation_id=ISSUER, operator_id=OPERATOR,
    place_id=PLACE, kind=RightKind.MINUTES, value=60, granted_value=60, currency="EUR",
    worth_max_minor=None, commit_minor=0, terms=terms_json(Terms()), day=TODAY, ordinal=0,
    reference="", valid_from=NOW - HOUR, valid_until=NOW + HOUR, reason="", version=1,
    granted_at=NOW - HOUR, changed_at=NOW - HOUR, contract_id=1, enrolment_id=MINE,
    grant_code_id=3, specification_id=2, vehicle_id=41,
)  # fmt: skip

TABLES = {"code": CODE, "contract": CONTRACT, "specification": SPECIFICATION}


def facts(terms: Terms | None = None, **different: Any) -> Facts:
    """All is well, but for what is given: `code_uses=3` is the code's, `is_fresh=False` a fact."""
    rows: dict[str, Any] = dict(TABLES)
    plain: dict[str, Any] = {}
    for name, value in different.items():
        table, _, column = name.partition("_")
        if table in rows and column:
            rows[table] = rows[table]._replace(**{column: value})
        else:
            plain[name] = value
    told = Facts(
        **rows, terms=terms or Terms(), zone=BERLIN, operator_id=OPERATOR, per_stay_max=3,
        enrolment_id=MINE,
    )  # fmt: skip
    return replace(told, **plain)


def right(terms: Terms | None = None, **different: Any) -> RightRecord:
    """One that the vehicle was granted by the code an hour ago and holds."""
    return RIGHT._replace(terms=terms_json(terms or Terms()), **different)
