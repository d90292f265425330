"""What is shown is what was moved; and whatever does not fit is found."""

from datetime import timedelta

import pytest

from parking.accounts.viewer import SYSTEM
from parking.settlement.checks.verify import verify_settlements
from parking.settlement.credits import credit_charge
from parking.settlement.kinds import PayoutSchedule
from parking.settlement.payouts.pay import payout_failed, payout_paid, run_payouts
from parking.settlement.payouts.terms import NewPayoutTerms, set_payout_terms
from parking.storage.snapshots import snapshot
from parking.storage.transactions import transaction
from tests.parking.settlement.case import Case
from tests.parking.settlement.till import Till


async def codes(case: Case) -> list[str]:
    """What is found, seen at one instant."""
    async with snapshot() as sql:
        return [each.code for each in await verify_settlements(sql, case.clock.now())]


async def pay_out(case: Case, rail: str = "wallet") -> int:
    """A day later the lessor is paid; the payout's number."""
    terms = NewPayoutTerms(PayoutSchedule.DAILY, "Europe/Berlin", rail=rail, reference="acct_1")
    await set_payout_terms(
        SYSTEM, case.lessor_id, terms, clock=case.clock, bus=case.bus, rails={rail}
    )
    case.clock.advance(days=1)
    return await run_payouts(case.clock, case.bus)


async def test_it_fits_at_every_step_of_a_long_story(case: Case) -> None:
    """Credits, disputes in each state, payouts that go and come back."""
    assert await codes(case) == []
    [bill] = await case.till.charges(case.reservation_id)
    await credit_charge(case.owner, bill.id, 33, "sorry", clock=case.clock, bus=case.bus)
    assert await codes(case) == []
    made = await case.open(101)
    assert await codes(case) == []
    assert await pay_out(case, "stripe") == 1
    assert await codes(case) == []
    async with transaction() as sql:
        await payout_paid(sql, 1, "tr_1", case.clock.now(), case.bus)
    assert await codes(case) == []
    await case.decide(made, 70)
    case.clock.advance(days=28)
    await case.close()
    assert await codes(case) == []
    async with transaction() as sql:
        await payout_failed(sql, 1, "closed", case.clock.now(), case.bus)
    assert await codes(case) == []
    assert await pay_out(case) == 1
    assert await codes(case) == []


WRONGS = {
    "BILL ITEMS LEFT TRANSFERS": "UPDATE settlement SET owner_minor = owner_minor - 1,"
    " platform_minor = platform_minor + 1, cost_minor = cost_minor",
    "ESCROW_STATE UNSETTLED": "UPDATE escrow_account SET state = 'OPEN', settled_at = NULL",
    "ITEMS PAYABLE": "UPDATE payout_item SET amount_minor = amount_minor + 1"
    " WHERE party = 'PROPERTY' AND cause = 'SHARE'",
    "DISPUTE_ACCOUNT ITEMS LEFT": "UPDATE dispute SET state = 'CLOSED'",
    "DISPUTE_ACCOUNT DISPUTE_PARTS": "UPDATE dispute SET frozen_minor = frozen_minor - 1",
    "DISPUTE_UNCLOSED": "UPDATE dispute SET state = 'DECIDED', appeal_until = opened_at",
    "PAYABLE PAYOUT": "UPDATE payout SET state = 'SENDING'",
    "PAYABLE PAYOUT_ITEMS": "UPDATE payout_item SET payout_id = NULL",
    "PAYOUT PAYOUT_ITEMS": "UPDATE payout SET amount_minor = amount_minor + 1",
    "BILL CREDITS RECEIPT": "INSERT INTO charge_record (number, kind, person_id, organisation_id,"
    " operator_id, place_id, currency, amount_minor, body, digest, issued_at, settlement_id)"
    " SELECT 'X', kind, person_id, organisation_id, operator_id, place_id, currency, -500, body,"
    " digest, issued_at, settlement_id FROM charge_record",
    "BILL DIGEST RECEIPT": "INSERT INTO charge_record (number, kind, person_id, organisation_id,"
    " operator_id, place_id, currency, amount_minor, body, digest, issued_at, settlement_id)"
    " SELECT 'X', kind, person_id, organisation_id, operator_id, place_id, currency, 1, '{}',"
    " digest, issued_at, settlement_id FROM charge_record",
}
"""What is done to the books by hand, and all that is found then."""


class UndoneError(Exception):
    """Nothing of it is kept."""


@pytest.fixture
async def busy(case: Case) -> Case:
    """A dispute that is open, a payout that was made."""
    await case.open(100)
    await pay_out(case)
    case.clock.advance(hours=1)
    return case


async def test_each_wrong_is_found(busy: Case) -> None:
    for wanted, wrong in WRONGS.items():
        found = []
        with pytest.raises(UndoneError):
            async with transaction() as sql:
                await sql.execute(wrong)
                found = await verify_settlements(sql, busy.clock.now())
                raise UndoneError
        assert sorted({each.code for each in found}) == wanted.split(), wrong
    assert await codes(busy) == []


async def test_what_has_ended_is_settled_within_minutes(till: Till) -> None:
    await till.book()
    await till.stay(minutes=119)
    async with snapshot() as sql:
        now = till.stage.clock.now()
        assert await verify_settlements(sql, now) == []
        [found] = await verify_settlements(sql, now + timedelta(minutes=10))
    assert found.code == "UNSETTLED"
    await till.settle()
    async with snapshot() as sql:
        assert await verify_settlements(sql, now + timedelta(minutes=10)) == []
