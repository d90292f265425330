"""The state of a grant code: a truth table."""

from datetime import datetime, timedelta

import pytest

from parking.rights.codes.state import CodeFacts, CodeState, code_state, span
from parking.rights.kinds import ContractState, GrantCodeState, RightKind
from parking.rights.terms import Terms
from tests.parking.rights.samples import BEFORE, NOW, code, contract, facts, specification

_S = CodeState
HOUR = timedelta(hours=1)
LATER = NOW + HOUR
REVOKED = GrantCodeState.REVOKED


def season(starts: datetime | None, ends: datetime | None) -> CodeFacts:
    terms = Terms(period_from=starts, period_until=ends)
    return facts(specification_=specification(terms))


def budget(minor: int, used: int, **given: object) -> CodeFacts:
    """A contract of which half of what is used is paid."""
    paid = used // 2
    agreed = contract(budget_minor=minor, committed_minor=used - paid, spent_minor=paid)
    return facts(contract_=agreed, specification_=specification(**given))  # type: ignore[arg-type]


TABLE = [
    ("plain", facts(), _S.ACTIVE),
    ("unknown", None, _S.UNKNOWN),
    ("revoked", facts(code(state=REVOKED)), _S.REVOKED),
    ("revoked and over", facts(code(state=REVOKED, valid_until=BEFORE)), _S.REVOKED),
    ("not begun", facts(code(valid_from=LATER)), _S.NOT_YET_VALID),
    ("begins now", facts(code(valid_from=NOW)), _S.ACTIVE),
    ("ends now", facts(code(valid_until=NOW)), _S.EXPIRED),
    ("ends later", facts(code(valid_until=LATER)), _S.ACTIVE),
    ("used up", facts(code(uses=5, uses_max=5)), _S.EXHAUSTED),
    ("one use left", facts(code(uses=4, uses_max=5)), _S.ACTIVE),
    ("over and used up", facts(code(uses=5, uses_max=5, valid_until=NOW)), _S.EXPIRED),
    ("contract not begun", facts(contract_=contract(valid_from=LATER)), _S.NOT_YET_VALID),
    ("contract over", facts(contract_=contract(valid_until=NOW)), _S.EXPIRED),
    ("contract ended", facts(contract_=contract(state=ContractState.ENDED)), _S.EXPIRED),
    ("contract offered", facts(contract_=contract(state=ContractState.OFFERED)), _S.EXPIRED),
    ("quota granted", facts(contract_=contract(quota=9, granted=9)), _S.EXHAUSTED),
    ("quota left", facts(contract_=contract(quota=9, granted=8)), _S.ACTIVE),
    ("season ahead", season(LATER, None), _S.NOT_YET_VALID),
    ("season over", season(BEFORE, NOW), _S.EXPIRED),
    ("season on", season(NOW, LATER), _S.ACTIVE),
    ("budget fits", budget(500, 300, worth_max_minor=200), _S.ACTIVE),
    ("budget short", budget(500, 301, worth_max_minor=200), _S.EXHAUSTED),
    ("amount fits", budget(500, 400, kind=RightKind.AMOUNT, value=100), _S.ACTIVE),
    ("amount short", budget(500, 401, kind=RightKind.AMOUNT, value=100), _S.EXHAUSTED),
    ("budget without a limit", budget(500, 0), _S.EXHAUSTED),
]


@pytest.mark.parametrize(("given", "wanted"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE])
def test_the_state(given: CodeFacts | None, wanted: CodeState) -> None:
    assert code_state(given, NOW) is wanted


def test_a_price_of_nothing_needs_no_budget() -> None:
    free = contract(budget_minor=1, committed_minor=1, price_minor=0)
    assert code_state(facts(contract_=free), NOW) is CodeState.ACTIVE


def test_it_spans_what_code_contract_and_season_share() -> None:
    told = CodeFacts(
        code(valid_until=NOW + 3 * HOUR),
        contract(valid_from=NOW, valid_until=NOW + 2 * HOUR),
        specification(Terms(period_from=NOW + HOUR)),
    )
    assert span(told) == (NOW + HOUR, NOW + 2 * HOUR)
    assert span(facts()) == (BEFORE, None)
