"""What follows what in a dispute, and until when."""

from datetime import UTC, datetime, timedelta

import pytest

from parking.errors import Conflict
from parking.settlement.disputes.records import DisputeRecord
from parking.settlement.disputes.rules import (
    RAIL,
    DisputeStep,
    answer_until,
    next_dispute_state,
)
from parking.settlement.kinds import DisputeState

AT = datetime(2026, 3, 1, tzinfo=UTC)
OPEN, DECIDED, APPEALED, CLOSED = DisputeState


def dispute(state: DisputeState, party: str = "DRIVER") -> DisputeRecord:
    return DisputeRecord(
        id=1, state=state, opened_by=1, party=party, reason="", currency="EUR", amount_minor=100,
        frozen_minor=100, frozen="{}", to_driver_minor=None, decision="", decided_by=None,
        opened_at=AT, decided_at=None, appeal_until=None, appealed_at=AT + timedelta(days=9),
        closed_at=None, rail_reference=None, version=1, settlement_id=1, reservation_id=1,
        person_id=1, organisation_id=2, operator_id=3, place_id=4,
    )  # fmt: skip


FOLLOWING = {
    (DisputeStep.DECIDE, OPEN): DECIDED,
    (DisputeStep.DECIDE, APPEALED): CLOSED,
    (DisputeStep.APPEAL, DECIDED): APPEALED,
    (DisputeStep.CLOSE, DECIDED): CLOSED,
}


@pytest.mark.parametrize("step", DisputeStep)
@pytest.mark.parametrize("state", DisputeState)
def test_what_follows(step: DisputeStep, state: DisputeState) -> None:
    """What is not in the table is refused; and all of it where a bank decides."""
    if (step, state) in FOLLOWING:
        assert next_dispute_state(step, dispute(state)) is FOLLOWING[step, state]
    else:
        with pytest.raises(Conflict, match=f"the dispute is {state}"):
            next_dispute_state(step, dispute(state))
    with pytest.raises(Conflict, match="bank"):
        next_dispute_state(step, dispute(state, RAIL))


def test_the_platform_has_28_days_for_each_answer() -> None:
    told = {state: answer_until(dispute(state)) for state in DisputeState}
    assert told == {
        OPEN: AT + timedelta(days=28), DECIDED: None,
        APPEALED: AT + timedelta(days=37), CLOSED: None,
    }  # fmt: skip
