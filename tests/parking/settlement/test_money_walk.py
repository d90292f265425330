"""A random walk over everything that can happen to settled money: after every step all fits."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random

from parking.accounts.viewer import SYSTEM
from parking.errors import Refusal
from parking.ledger.verify import verify
from parking.settlement.checks.verify import verify_settlements
from parking.settlement.credits import credit_charge
from parking.settlement.debts import collect_all_debts
from parking.settlement.disputes.chargebacks import chargeback_closed, chargeback_opened
from parking.settlement.disputes.models import Dispute
from parking.settlement.disputes.steps import appeal_dispute, decide_dispute, open_dispute
from parking.settlement.kinds import PayoutSchedule
from parking.settlement.models import ChargeRecord, Payment, Payout
from parking.settlement.payments.rows import payment_by_id
from parking.settlement.payouts.pay import payout_failed, payout_paid, run_payouts
from parking.settlement.payouts.terms import NewPayoutTerms, set_payout_terms
from parking.storage.snapshots import snapshot
from parking.storage.sql import Sql, database
from parking.storage.transactions import transaction
from tests.parking.settlement.case import Case
from tests.parking.settlement.test_chargebacks import paid_by_card

STEPS, SEED = 70, 6


@dataclass
class Walk:
    """What may come next, and how often it was done."""

    case: Case
    random: Random
    done: dict[str, int] = field(default_factory=dict)

    async def step(self) -> None:
        """Something happens, or is refused."""
        act = self.random.choice(ACTS)
        try:
            await act(self)
        except Refusal:
            return
        self.done[act.__name__] = self.done.get(act.__name__, 0) + 1

    async def pick(self, ids: list[int]) -> int:
        """One of these; one that is not there when there are none."""
        return self.random.choice(ids) if ids else 0

    async def inside(self, work: Callable[[Sql], Awaitable[object]]) -> None:
        """In a transaction."""
        async with transaction() as sql:
            await work(sql)


async def credit(walk: Walk) -> None:
    case, bills = walk.case, await ChargeRecord.filter(kind="CHARGE").order_by("id")
    amount = walk.random.randint(1, 20)
    bill = await walk.pick([each.id for each in bills])
    await credit_charge(case.owner, bill, amount, "sorry", clock=case.clock, bus=case.bus)


async def dispute(walk: Walk) -> None:
    case = walk.case
    who = walk.random.choice((case.driver, case.owner))
    amount = walk.random.randint(1, 90)
    await open_dispute(who, case.settlement_id, amount, "no", clock=case.clock, bus=case.bus)


async def decide(walk: Walk) -> None:
    case, live = walk.case, await Dispute.filter(state__in=["OPEN", "APPEALED"]).order_by("id")
    made = await walk.pick([each.id for each in live])
    amount = walk.random.randint(0, 30)
    await decide_dispute(case.platform, made, amount, "so", clock=case.clock, bus=case.bus)


async def appeal(walk: Walk) -> None:
    case, decided = walk.case, await Dispute.filter(state="DECIDED").order_by("id")
    made = await walk.pick([each.id for each in decided])
    await appeal_dispute(case.owner, made, "no!", clock=case.clock, bus=case.bus)


async def wait(walk: Walk) -> None:
    case = walk.case
    case.clock.advance(hours=walk.random.choice((1, 12, 700)))
    await case.close()
    await collect_all_debts(case.clock, case.bus)


async def pay_out(walk: Walk) -> None:
    case, rail = walk.case, walk.random.choice(("wallet", "stripe"))
    place = case.till.stage.lease.estate.organisation_id
    whose = walk.random.choice((case.lessor_id, place))
    terms = NewPayoutTerms(PayoutSchedule.DAILY, "Asia/Shanghai", rail=rail, reference="acct")
    given = {"wallet", "stripe"}
    await set_payout_terms(SYSTEM, whose, terms, clock=case.clock, bus=case.bus, rails=given)
    case.clock.advance(days=1)
    await run_payouts(case.clock, case.bus)


async def pay_out_ends(walk: Walk) -> None:
    case, at = walk.case, walk.case.clock.now()
    made = await walk.pick([each.id for each in await Payout.all().order_by("id")])
    if walk.random.random() < 0.5:
        await walk.inside(lambda sql: payout_paid(sql, made, "tr", at, case.bus))
    else:
        await walk.inside(lambda sql: payout_failed(sql, made, "no", at, case.bus))


async def bank(walk: Walk) -> None:
    """Once: a chargeback opens, and is won or lost."""
    case, at = walk.case, walk.case.clock.now()
    payment = await payment_by_id(database(), (await Payment.all().order_by("id"))[0].id)
    amount, is_won = walk.random.randint(20, 500), walk.random.random() < 0.5
    if "bank" not in walk.done:
        await walk.inside(
            lambda sql: chargeback_opened(sql, payment, "dp", amount, "", at, case.bus)
        )
        return
    await walk.inside(
        lambda sql: chargeback_closed(sql, payment, "dp", amount, "", at, case.bus, is_won=is_won)
    )


ACTS = (credit, dispute, dispute, decide, decide, appeal, wait, pay_out, pay_out_ends, bank)


async def test_whatever_happens_the_books_and_what_they_tell_agree(case: Case) -> None:
    await paid_by_card(case)
    walk = Walk(case, Random(SEED))
    for number in range(STEPS):
        await walk.step()
        async with snapshot() as sql:
            now = case.clock.now()
            faults = [*await verify(sql, now), *await verify_settlements(sql, now)]
        assert not faults, f"after step {number}, {walk.done}"
    assert set(walk.done) == {act.__name__ for act in ACTS}, "each has come about"
