"""A payout names the stays it is for: the published example of APDS, through real settlements."""

import json
from decimal import Decimal
from typing import Any

from parking.accounts.viewer import SYSTEM
from parking.clock import TestClock
from parking.ledger.accounts import platform, tax
from parking.rates.lines import PricedLine, lines_json
from parking.reservations.confirm import confirm
from parking.reservations.models import Reservation, ReservationState
from parking.settlement.checks.verify import verify_settlements
from parking.settlement.kinds import PayoutSchedule
from parking.settlement.models import Settlement
from parking.settlement.payouts.pay import run_payouts
from parking.settlement.payouts.queries import find_payouts, items_of_payout
from parking.settlement.payouts.terms import NewPayoutTerms, set_payout_terms
from parking.settlement.settle import settle_ended
from parking.storage.snapshots import snapshot
from tests.parking.reservations.steps import held
from tests.parking.sessions.stage import Stage
from tests.parking.settlement.lines import added_tax, rate, surcharge
from tests.parking.settlement.till import make_till
from tests.support.leasing import make_lease
from tests.support.shared_data import shared_data
from tests.support.wallets import fill_wallet, in_account

FEES = {"platform": {"percent": 0}, "assign": {"reservation": "PLATFORM", "phone": "PROPERTY"}}
"""Two surcharges belong to other companies; what is left after tax is the owner's."""


def example() -> dict[str, Any]:
    text = shared_data("apds/worked_examples_oracle.json").read_text()
    found: dict[str, Any] = next(e for e in json.loads(text) if e["id"] == "APDS-PAYASSIGN")
    return found


def minor(amount: float) -> int:
    return int(Decimal(str(amount)) * 100)


def lines_of(right: dict[str, Any]) -> list[PricedLine]:
    base, taxed = minor(right["base"]), minor(right["tax"])
    percent = str(Decimal(taxed) / base * 100)
    extras = {key: minor(right.get(f"surcharge_{key}", 0)) for key in ("reservation", "phone")}
    return [
        rate(base, "base"),
        added_tax(taxed, base, percent, "base"),
        *(surcharge(key, extra, key) for key, extra in extras.items() if extra),
    ]


async def stay(stage: Stage, right: dict[str, Any], begin: float) -> int:
    """A stay at the example's price: held, priced anew, confirmed, used as agreed."""
    lease, made = stage.lease, await held(stage.lease, stage.clock, begin, begin + 1)
    await Reservation.filter(id=made).update(
        currency="USD", amount_minor=minor(right["total"]), lines=lines_json(lines_of(right))
    )
    await confirm(lease.driver, made, clock=stage.clock, bus=stage.bus, funding=stage.funding)
    await Reservation.filter(id=made).update(state=ReservationState.COMPLETED)
    return made


async def test_each_payee_gets_what_apds_says_and_sees_for_which_stays(
    database: str, clock: TestClock
) -> None:
    """APDS Information Model 4.0, PaymentAssignment."""
    stage, wanted = Stage(await make_lease(), clock), example()["expect"]
    await make_till(stage, FEES)
    await fill_wallet(stage.lease.driver, minor(wanted["collected"]), "USD")
    rights = example()["assigned_rights"]
    stays = [await stay(stage, right, 1 + 2 * n) for n, right in enumerate(rights)]
    assert await settle_ended(clock, stage.bus) == len(rights)
    lessor, operator = stage.lease.lessor_id, stage.lease.estate.organisation_id
    for organisation_id in (lessor, operator):
        terms = NewPayoutTerms(PayoutSchedule.DAILY, "America/New_York")
        await set_payout_terms(SYSTEM, organisation_id, terms, clock=clock, bus=stage.bus)
    clock.advance(days=1, hours=6)  # 6 in the morning is 11:00 UTC
    assert await run_payouts(clock, stage.bus) == 2
    assert await in_account(platform("USD")) == minor(wanted["reservation.com"])
    assert await in_account(tax("USD")) == minor(wanted["tax_authority"])
    [phone] = await find_payouts(SYSTEM, operator, limit=5)
    assert phone.amount_minor == minor(wanted["phone.com"])
    [paid] = await find_payouts(SYSTEM, lessor, limit=5)
    assert paid.amount_minor == minor(wanted["placeowner_keeps"])
    told = {}
    for item in await items_of_payout(stage.lease.owner, paid.id, limit=50):
        settled = await Settlement.get(id=item.settlement_id)
        told[settled.reservation_id] = item.amount_minor
    assert told == dict(zip(stays, (minor(right["base"]) for right in rights), strict=True))
    assert await items_of_payout(stage.lease.driver, paid.id, limit=50) == []
    async with snapshot() as sql:
        assert await verify_settlements(sql, clock.now()) == []
