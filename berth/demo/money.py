"""The demo's money: the driver's wallets are filled, and fees are agreed."""

from collections.abc import Mapping

from berth.demo.people import COURTYARD_OWNERS, TEA_ROOM, demo_person_id
from parking.accounts.models import Role
from parking.accounts.viewer import SYSTEM
from parking.clock import Clock
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.money import Money
from parking.settlement.contracts.dated import set_fee_contract
from parking.settlement.contracts.fees import DEFAULT_TERMS, Fee, FeeTerms, fees_json
from parking.settlement.kinds import PayoutSchedule
from parking.settlement.merchants import set_merchant_credit
from parking.settlement.payments.wallet import credit_wallet
from parking.settlement.payouts.terms import NewPayoutTerms, set_payout_terms
from parking.storage.sql import database
from parking.storage.transactions import transaction

TEA_ROOM_CREDIT = Money(100_000, "CNY")
"""So much its guests' stays may come to before it has paid for them."""
WALLETS = (Money(200_000, "CNY"), Money(20_000, "EUR"))
COURTYARD_TERMS = FeeTerms(platform=Fee(1000), property=Fee(500), overstay_owner_basis_points=7000)
"""10 % for the platform, 5 % for the house; of overstaying 70 % for whose bay it is."""

COURTYARD_PAYOUTS = NewPayoutTerms(
    PayoutSchedule.WEEKLY, "Europe/Berlin", day=5, delay_days=5, minimum_minor=1_000
)
"""Each Friday, what was settled five days before, if it is 10.00 or more."""


async def make_money(organisations: Mapping[str, int], clock: Clock, bus: Bus) -> None:
    """Fill what is empty and agree what is not; again, it does nothing."""
    person_id = await demo_person_id(Role.DRIVER)
    assert person_id is not None, "people are made before their money"
    async with HeldBus(bus) as held, transaction() as sql:
        for money in WALLETS:
            public_id = f"demo:wallet:{money.currency}"
            await credit_wallet(sql, person_id, money, public_id, clock.now(), held)
    if await database().fetch_one("SELECT 1 AS one FROM fee_contract LIMIT 1") is None:
        await set_fee_contract(SYSTEM, None, None, fees_json(DEFAULT_TERMS), clock=clock)
        lessor_id, terms = organisations[COURTYARD_OWNERS], fees_json(COURTYARD_TERMS)
        await set_fee_contract(SYSTEM, lessor_id, None, terms, clock=clock)
        tea_room_id = organisations[TEA_ROOM]
        await set_merchant_credit(SYSTEM, tea_room_id, TEA_ROOM_CREDIT, clock=clock)
        await set_payout_terms(SYSTEM, lessor_id, COURTYARD_PAYOUTS, clock=clock, bus=bus)
