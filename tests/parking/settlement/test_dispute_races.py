"""Two at once: one dispute, one decision, one closing; and nothing is given back twice."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from itertools import count

import pytest

from parking.accounts.viewer import SYSTEM
from parking.clock import TestClock
from parking.settlement import credits as crediting
from parking.settlement.checks.verify import verify_settlements
from parking.settlement.credits import credit_charge, left_parts
from parking.settlement.disputes import steps as disputes
from parking.settlement.disputes.models import Dispute
from parking.settlement.kinds import DisputeState, PayoutSchedule
from parking.settlement.models import Payout
from parking.settlement.payouts.pay import run_payouts
from parking.settlement.payouts.terms import NewPayoutTerms, set_payout_terms
from parking.settlement.split import Parts
from parking.storage.database import connect, disconnect
from parking.storage.snapshots import snapshot
from parking.storage.sql import Sql
from tests.parking.sessions.stage import Stage
from tests.parking.settlement.case import Case, code_of, make_case
from tests.parking.settlement.till import make_till
from tests.support.leasing import make_lease
from tests.support.operators import make_organisation
from tests.support.wallets import fill_wallet


async def codes(*verbs: Awaitable[object]) -> list[str | None]:
    """What each of these, all at once, was refused with; the one that was done last."""
    found = await asyncio.gather(*map(code_of, verbs))
    return sorted(found, key=lambda code: (code is None, code or ""))


def credit(case: Case, charge_id: int, amount_minor: int) -> Awaitable[int]:
    """The owner gives something back."""
    return credit_charge(
        case.owner, charge_id, amount_minor, "sorry", clock=case.clock, bus=case.bus
    )


async def test_of_two_who_open_one_does(case: Case) -> None:
    refused = await codes(case.open(100), case.open(200, by=case.owner))
    assert refused == ["ALREADY_DISPUTED", None]
    assert sum(await case.left()) == 400 - (await Dispute.get()).frozen_minor


async def test_of_many_who_decide_the_first_does(case: Case) -> None:
    made = await case.open(100)
    refused = await codes(*(case.decide(made, 10 * each) for each in range(5)))
    assert refused == ["WRONG_STATE"] * 4 + [None]


async def test_many_workers_close_once(case: Case) -> None:
    made = await case.open(400)
    await case.decide(made, 300)
    case.clock.advance(days=28)
    done = await asyncio.gather(*(case.close() for _ in range(5)))
    assert sorted(done) == [0, 0, 0, 0, 1]
    assert await case.till.wallet() == 1_900
    assert len(await case.till.charges(case.reservation_id)) == 2


async def test_who_appeals_as_it_is_closed_is_in_time_or_not(case: Case) -> None:
    """Whoever comes first; never both."""
    made = await case.open(400)
    await case.decide(made, 300)
    case.clock.advance(days=28)
    appeal = disputes.appeal_dispute(case.driver, made, "x", clock=case.clock, bus=case.bus)
    refused, closed = await asyncio.gather(code_of(appeal), case.close())
    assert (refused in {"TOO_LATE", "WRONG_STATE"}, closed) == (True, 1)
    assert (await Dispute.get(id=made)).state is DisputeState.CLOSED


async def test_what_is_credited_is_not_disputed_as_well(case: Case) -> None:
    [bill] = await case.till.charges(case.reservation_id)
    refused = await codes(case.open(400), credit(case, bill.id, 400))
    assert refused in (["EXCEEDS_CHARGE", None], ["INVALID_INPUT", None])
    assert await case.left() == (0, 0, 0, 0)


async def test_what_is_frozen_as_it_is_paid_out_is_owed_back_or_was_never_paid(case: Case) -> None:
    terms = NewPayoutTerms(PayoutSchedule.DAILY, "Europe/Berlin")
    await set_payout_terms(SYSTEM, case.lessor_id, terms, clock=case.clock, bus=case.bus)
    case.clock.advance(days=1)
    await asyncio.gather(case.open(200), run_payouts(case.clock, case.bus))
    assert (await Payout.get()).amount_minor in {300, 150}
    async with snapshot() as sql:
        assert await verify_settlements(sql, case.clock.now()) == []


@pytest.fixture
async def postgres_case(postgres_url: str, clock: TestClock) -> AsyncIterator[Case]:
    """SQLite has one writer at a time anyway."""
    await connect(postgres_url)
    till = await make_till(Stage(await make_lease(), clock))
    await fill_wallet(till.stage.lease.driver, 2_000)
    yield await make_case(till, await make_organisation("The house"))
    await disconnect()


async def test_control_without_the_settlements_lock_it_is_given_back_twice(
    postgres_case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_looked, looks = asyncio.Barrier(2), count()

    async def look_together(sql: Sql, reservation_id: int) -> Parts:
        found = await left_parts(sql, reservation_id)
        if next(looks) < 2:
            await both_looked.wait()
        return found

    async def no_lock(*_: object) -> None:
        pass

    for module in (crediting, disputes):
        monkeypatch.setattr(module, "left_parts", look_together)
    monkeypatch.setattr(crediting, "lock_settlement", no_lock)
    [bill] = await postgres_case.till.charges(postgres_case.reservation_id)
    refused = await codes(postgres_case.open(400), credit(postgres_case, bill.id, 400))
    assert refused == [None, None]
    assert sum(await postgres_case.left()) == -400
