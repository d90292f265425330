"""A driver with a card, a Stripe to test against, and the worker's jobs run by hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from berth.stripe_rail import NAME, StripeRail
from parking.accounts.viewer import Viewer
from parking.ledger.accounts import external
from parking.ledger.verify import verify
from parking.reservations.confirm import confirm
from parking.settlement.funding import EscrowFunding
from parking.settlement.kinds import RailOrderState
from parking.settlement.payments.accounts import begin_binding, finish_binding
from parking.settlement.payments.due import run_payments
from parking.settlement.payments.records import (
    SELECT_ORDERS,
    SELECT_PAYMENTS,
    OrderRecord,
    PaymentRecord,
    order_record,
    payment_record,
)
from parking.settlement.payments.wallet import WalletRail
from parking.settlement.rails.orders import run_rail_orders
from parking.settlement.rails.port import WALLET, Rail
from parking.settlement.rails.webhooks import handle_waiting_events
from parking.storage.sql import database
from tests.parking.reservations.steps import held
from tests.parking.settlement.till import Till
from tests.support.stripe_stand_in import KEY, StripeStandIn
from tests.support.wallets import in_account

GOOD = "4242424242424242"
DECLINED = "4000000000000341"
ASKS = "4000002760003184"
"""Cards of Stripe's test mode: paid, declined when charged, and asking the driver each time."""
WEBHOOK_SECRET = "whsec_" + "t" * 32
PATIENT = 30.0
HASTY = 0.5
"""Only for a request that surely gets no answer."""


@dataclass
class Desk:
    """What the tests of outer rails work with."""

    till: Till
    stripe: StripeStandIn
    rails: dict[str, Rail]
    hasty: dict[str, Rail]

    @property
    def world(self) -> dict[str, Any]:
        """Clock and bus, as the verbs take them."""
        return {"clock": self.till.stage.clock, "bus": self.till.stage.bus}

    @property
    def driver(self) -> Viewer:
        """Who pays."""
        return self.till.stage.lease.driver

    async def bind(self, card: str = GOOD, viewer: Viewer | None = None) -> int:
        """A card, given on Stripe's own form; the payment account."""
        who = viewer or self.driver
        begun = await begin_binding(who, NAME, f"key {card}", rails=self.rails)
        await self.fill_form(begun.reference, begun.client_secret, card)
        return await finish_binding(who, NAME, begun.reference, rails=self.rails, **self.world)

    async def fill_form(self, reference: str, secret: str, card: str = GOOD) -> None:
        """What Stripe's component on the page does."""
        await self.stripe.fill_form(reference, secret, card)

    async def agree(self, secret: str, *, success: bool = True) -> None:
        """What the driver does at their bank."""
        reference = secret.partition("_secret_")[0]
        path, said = f"/v1/payment_intents/{reference}/_authenticate", str(success).lower()
        await self.stripe.as_page("POST", path, client_secret=secret, success=said)

    async def hold(self, begin: float = 1, end: float = 3) -> int:
        """A space held for two hours at 4.00."""
        return await held(self.till.stage.lease, self.till.stage.clock, begin, end)

    async def confirm(self, reservation_id: int, *, is_hasty: bool = False) -> None:
        """What the mutation does: the rail first, then the transaction."""
        funding = EscrowFunding(self.hasty if is_hasty else self.rails)
        await funding.prepare(self.driver, [reservation_id], **self.world)
        await confirm(self.driver, reservation_id, funding=funding, **self.world)

    async def book(self) -> int:
        """A confirmed booking, paid by card."""
        made = await self.hold()
        await self.confirm(made)
        return made

    async def work(self, *, is_hasty: bool = False) -> int:
        """What a worker does at each of its ticks."""
        rails = self.hasty if is_hasty else self.rails
        done = await run_rail_orders(rails, **self.world)
        done += await run_payments(rails, EscrowFunding(rails), **self.world)
        return done + await handle_waiting_events(rails, EscrowFunding(rails), **self.world)

    async def work_on(self, hours: float = 3) -> None:
        """The worker's ticks while so much time passes: whatever resolves itself has."""
        for _ in range(int(hours * 4)):
            await self.work()
            self.till.stage.clock.advance(minutes=15)
        await self.work()

    async def payments(self) -> list[PaymentRecord]:
        """All of them, in order."""
        rows = await database().fetch(f"{SELECT_PAYMENTS} ORDER BY p.id")
        return [payment_record(row) for row in rows]

    async def payment(self) -> PaymentRecord:
        """The only one."""
        [found] = await self.payments()
        return found

    async def orders(self) -> list[OrderRecord]:
        """All of them, in order."""
        rows = await database().fetch(f"{SELECT_ORDERS} ORDER BY o.id")
        return [order_record(row) for row in rows]

    async def order(self, kind: str) -> OrderRecord:
        """The only one of a kind."""
        [found] = [each for each in await self.orders() if each.kind == kind]
        return found

    async def at_stripe(self) -> list[tuple[str, int]]:
        """What Stripe has of payments: status and amount taken."""
        intents = await self.stripe.intents()
        received = {each["id"]: 0 for each in intents}
        for each in intents:
            if each["status"] == "succeeded":
                received[each["id"]] = each["amount"]
        return [(each["status"], received[each["id"]]) for each in intents]

    async def taken(self) -> int:
        """What Stripe has taken and not given back."""
        taken = sum(amount for _, amount in await self.at_stripe())
        return taken - sum(int(each["amount"]) for each in await self.stripe.refunds())

    async def reserved(self) -> int:
        """What Stripe has reserved on the card."""
        intents = await self.stripe.intents()
        return sum(int(i["amount"]) for i in intents if i["status"] == "requires_capture")

    async def require_agreed(self) -> None:
        """The books say of Stripe what Stripe says; they are whole; nothing is still to be done,
        and what a person has to do is said in a sentence."""
        assert -await in_account(external(NAME, "EUR")) == await self.taken()
        assert await self.reserved() == 0
        assert await verify(database(), self.till.stage.clock.now()) == []
        for order in await self.orders():
            assert order.state is not RailOrderState.DUE, order
            if order.state is RailOrderState.NEEDS_PERSON:
                assert len(order.last_error.split()) > 5


@asynccontextmanager
async def open_desk(till: Till, stripe: StripeStandIn) -> AsyncIterator[Desk]:
    """A desk whose driver has no card yet."""
    sets: list[dict[str, Rail]] = []
    for seconds in (PATIENT, HASTY):
        rail = StripeRail(
            KEY, WEBHOOK_SECRET, "berth-test", api_base=stripe.url, seconds_max=seconds
        )
        sets.append({WALLET: WalletRail(), NAME: rail})
    till.stage.funding = EscrowFunding(sets[0])
    try:
        yield Desk(till, stripe, *sets)
    finally:
        for rails in sets:
            await rails[NAME].close()


LEASED = timedelta(minutes=11)
"""Longer than a dead worker's lease."""
