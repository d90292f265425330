"""When and how an organisation is paid: who says so, and what is sound."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from parking.accounts.models import AuditEntry, Role
from parking.accounts.viewer import SYSTEM, Viewer
from parking.clock import TestClock
from parking.errors import InvalidInput
from parking.events.bus import InProcessBus
from parking.settlement.kinds import PayoutSchedule
from parking.settlement.models import PayoutTerms
from parking.settlement.payouts.terms import (
    NewPayoutTerms,
    checked_payout_terms,
    set_payout_terms,
)
from tests.parking.settlement.case import code_of
from tests.support.operators import api_key, make_organisation, member

BUS, RAILS = InProcessBus(), {"wallet", "stripe"}
FRIDAYS = NewPayoutTerms(PayoutSchedule.WEEKLY, "Europe/Berlin", day=5, delay_days=5)

WRONGS: list[tuple[dict[str, Any], str]] = [
    ({"day": 8}, "day"),
    ({"day": 0}, "day"),
    ({"schedule": PayoutSchedule.MONTHLY, "day": 29}, "day"),
    ({"schedule": PayoutSchedule.DAILY, "day": 2}, "day"),
    ({"delay_days": -1}, "delayDays"),
    ({"delay_days": 91}, "delayDays"),
    ({"minimum_minor": -1}, "minimumMinor"),
    ({"time_zone": "Berlin"}, "timeZone"),
    ({"rail": "gold"}, "rail"),
    ({"rail": "stripe"}, "reference"),
    ({"rail": "stripe", "reference": "acct\x07"}, "reference"),
    ({"rail": "stripe", "reference": "a" * 129}, "reference"),
]


@pytest.mark.parametrize(("wrong", "field"), WRONGS)
def test_what_is_not_sound_is_named(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_payout_terms(replace(FRIDAYS, **wrong), RAILS)
    assert refused.value.field == field


async def test_they_are_set_and_changed(database: str, clock: TestClock) -> None:
    del database
    lessor = await make_organisation()
    made = await set_payout_terms(SYSTEM, lessor, FRIDAYS, clock=clock, bus=BUS)
    # The clock says Monday the 5th of January 2026, 8:00 UTC.
    assert made.next_at == datetime(2026, 1, 9, 5, tzinfo=UTC)
    monthly = NewPayoutTerms(
        PayoutSchedule.MONTHLY, "Asia/Shanghai", rail="stripe", reference=" acct_7 "
    )
    changed = await set_payout_terms(SYSTEM, lessor, monthly, clock=clock, bus=BUS, rails=RAILS)
    assert (changed.id, changed.rail, changed.reference) == (made.id, "stripe", "acct_7")
    # The 1st of February is a Sunday; 6:00 in Shanghai on the 2nd is 22:00 UTC the day before.
    assert changed.next_at == datetime(2026, 2, 1, 22, tzinfo=UTC)
    assert await PayoutTerms.all().count() == 1


async def test_operators_say_where_the_money_goes(database: str, clock: TestClock) -> None:
    del database
    lessor, other = await make_organisation(), await make_organisation("Other")
    viewers = {
        "operator": (member(lessor, Role.OPERATOR), None),
        "owner": (member(lessor, Role.OWNER), "NOT_PERMITTED"),
        "key": (api_key(lessor), "NOT_PERMITTED"),
        "stranger": (member(other, Role.OPERATOR), "NOT_FOUND"),
        "platform": (member(other, Role.PLATFORM), "NOT_FOUND"),
        "anonymous": (Viewer(), "NOT_FOUND"),
    }
    for name, (viewer, code) in viewers.items():
        tried = set_payout_terms(viewer, lessor, FRIDAYS, clock=clock, bus=BUS)
        assert await code_of(tried) == code, name
    [entry] = await AuditEntry.filter(verb="set_payout_terms")
    assert (entry.subject, entry.organisation_id) == (f"organisation:{lessor}", lessor)
    missing = set_payout_terms(SYSTEM, 999, FRIDAYS, clock=clock, bus=BUS)
    assert await code_of(missing) == "NOT_FOUND"
