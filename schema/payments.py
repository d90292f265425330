"""Payments through outer rails, the accounts that drivers have bound, and what rails were asked."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.settlement.kinds import PaymentState, Purpose, RailOrderKind, RailOrderState
from parking.settlement.payments.queries import (
    find_rail_orders,
    own_payment_accounts,
    payment_accounts_by_id,
    payments_by_id,
    payments_of_reservations,
    rail_orders_by_id,
)
from parking.settlement.payments.records import OrderRecord, PaymentAccountRecord, PaymentRecord
from schema import payouts, reservations
from schema.context import Info, viewer_of
from schema.execution import COST, Cost
from schema.fields import resolved
from schema.ids import global_id
from schema.loaders import load
from schema.money import Money, money_as
from schema.refusals import known
from schema.relay import (
    PAGE_SIZE_DEFAULT,
    After,
    Connection,
    First,
    Node,
    after_id,
    connection,
    page,
)
from schema.scalars import Version

if TYPE_CHECKING:
    from schema.payouts import Payout
    from schema.reservations import Reservation

ACCOUNTS_COST = {COST: Cost(assumed_size=5)}
PAYMENTS_COST = {COST: Cost(assumed_size=3)}


@strawberry.type(description="With what a driver pays; never a card's number.")
class PaymentAccount(Node):
    """`parking.settlement.payments.records.PaymentAccountRecord`."""

    rail: str = strawberry.field(description="Through which rail, such as `stripe`.")
    label: str = strawberry.field(description="For people, such as `Visa, ends in 4242`.")
    is_default: bool = strawberry.field(description="Whether it is taken when none is named.")
    created_at: datetime = strawberry.field(description="When it was bound.")
    removed_at: datetime | None = strawberry.field(
        description="When it was removed; null: it is in use."
    )


@strawberry.type(description="Money asked of a driver's bound account through an outer rail.")
class Payment(Node):
    """`parking.settlement.payments.records.PaymentRecord`."""

    state: PaymentState = strawberry.field(description="Where it stands.")
    purpose: Purpose = strawberry.field(description="What for.")
    rail: str = strawberry.field(description="Through which rail.")
    amount: Money = strawberry.field(description="How much was asked for.")
    captured: Money = strawberry.field(description="How much of it was taken.")
    refunded: Money = strawberry.field(description="How much of that was given back.")
    version: Version = strawberry.field(description="Grows with every change.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    expires_at: datetime | None = strawberry.field(
        description="Until when the rail keeps what it has reserved."
    )
    domain: strawberry.Private[PaymentRecord]

    @resolved(
        "Where, or with which secret, the driver agrees at the rail; null to everybody else, and"
        " when nothing is to be done."
    )
    def action(self, info: Info) -> str | None:
        is_due = self.domain.state is PaymentState.ACTION_NEEDED
        return self.domain.action if is_due and self._is_own(info) else None

    @resolved(
        "Why it was declined or failed, in the bank's words; empty otherwise, and to everybody but"
        " the driver and the platform."
    )
    def reason(self, info: Info) -> str:
        is_told = self._is_own(info) or viewer_of(info.context).is_platform
        return self.domain.reason if is_told else ""

    @resolved("With what the driver pays; null to everybody else.")
    async def account(self, info: Info) -> PaymentAccount | None:
        return await load_payment_account(info, self.domain.payment_account_id)

    @resolved("The reservation that it pays; null for a top-up of the wallet.")
    async def reservation(
        self, info: Info
    ) -> Annotated["Reservation", strawberry.lazy("schema.reservations")] | None:
        return await reservations.load_reservation(info, self.domain.reservation_id)

    def _is_own(self, info: Info) -> bool:
        viewer = viewer_of(info.context)
        return viewer.link_of is None and viewer.person_id == self.domain.person_id


@strawberry.type(
    description="Something that a rail is asked to do, as often as it takes, under one key. For"
    " the platform's own people."
)
class RailOrder(Node):
    """`parking.settlement.payments.records.OrderRecord`."""

    kind: RailOrderKind = strawberry.field(description="What is asked for.")
    state: RailOrderState = strawberry.field(description="How far it has come.")
    rail: str = strawberry.field(description="Which rail.")
    amount: Money = strawberry.field(description="How much.")
    attempts: int = strawberry.field(description="How often it was tried.")
    due_at: datetime = strawberry.field(description="When it is tried next.")
    last_error: str = strawberry.field(
        description="What went wrong last; of NEEDS_PERSON: what to do. May be empty."
    )
    created_at: datetime = strawberry.field(description="When it was decided.")
    done_at: datetime | None = strawberry.field(description="When it was done.")
    domain: strawberry.Private[OrderRecord]

    @resolved("The payment that it is about.")
    async def payment(self, info: Info) -> Payment | None:
        return await load_payment(info, self.domain.payment_id)

    @resolved("The payout that it is about.")
    async def payout(
        self, info: Info
    ) -> Annotated["Payout", strawberry.lazy("schema.payouts")] | None:
        return await payouts.load_payout(info, self.domain.payout_id)


def payment_account_of(account: PaymentAccountRecord) -> PaymentAccount:
    """The domain's account as the schema's type."""
    return PaymentAccount(
        id=global_id("PaymentAccount", account.id),
        rail=account.rail,
        label=account.label,
        is_default=account.is_default,
        created_at=account.created_at,
        removed_at=account.removed_at,
    )


def payment_of(payment: PaymentRecord) -> Payment:
    """The domain's payment as the schema's type."""
    return Payment(
        id=global_id("Payment", payment.id),
        state=payment.state,
        purpose=payment.purpose,
        rail=payment.rail,
        amount=money_as(payment.amount_minor, payment.currency),
        captured=money_as(payment.captured_minor, payment.currency),
        refunded=money_as(payment.refunded_minor, payment.currency),
        version=Version(payment.version),
        created_at=payment.created_at,
        expires_at=payment.expires_at,
        domain=payment,
    )


def rail_order_of(order: OrderRecord) -> RailOrder:
    """The domain's order as the schema's type."""
    return RailOrder(
        id=global_id("RailOrder", order.id),
        kind=order.kind,
        state=order.state,
        rail=order.rail,
        amount=money_as(order.amount_minor, order.currency),
        attempts=order.attempts,
        due_at=order.due_at,
        last_error=order.last_error,
        created_at=order.created_at,
        done_at=order.done_at,
        domain=order,
    )


async def load_payment_account(info: Info, key: int | None) -> PaymentAccount | None:
    """The bound account, if it is the viewer's own."""
    found = await load(info.context, payment_accounts_by_id, key)
    return None if found is None else payment_account_of(found)


async def load_known_payment_account(info: Info, key: int) -> PaymentAccount:
    """One that a verb has just made or changed; an error if it is gone since."""
    return known(await load_payment_account(info, key))


async def load_payment_accounts(info: Info) -> list[PaymentAccount]:
    """The viewer's own, the default one first."""
    return [
        payment_account_of(each) for each in await own_payment_accounts(viewer_of(info.context))
    ]


async def load_payment(info: Info, key: int | None) -> Payment | None:
    """The payment, if the viewer may see it."""
    found = await load(info.context, payments_by_id, key)
    return None if found is None else payment_of(found)


async def load_known_payment(info: Info, key: int) -> Payment:
    """One that a verb has just made; an error if it is gone since."""
    return known(await load_payment(info, key))


async def load_payments_of_reservation(info: Info, reservation_key: int) -> list[Payment]:
    """A booking's payments, in order, if the viewer may see its money."""
    found = await load(info.context, payments_of_reservations, reservation_key)
    return [payment_of(each) for each in found or ()]


async def load_rail_order(info: Info, key: int | None) -> RailOrder | None:
    """The order, for the platform's own people."""
    found = await load(info.context, rail_orders_by_id, key)
    return None if found is None else rail_order_of(found)


async def load_known_rail_order(info: Info, key: int) -> RailOrder:
    """One that a verb has just changed; an error if it is gone since."""
    return known(await load_rail_order(info, key))


@strawberry.type
class PaymentQueries:
    """Root fields about payments."""

    @resolved(
        "What rails were asked to do, the newest first; none unless the viewer has the role"
        " PLATFORM."
    )
    async def rail_orders(
        self,
        info: Info,
        needs_person: Annotated[
            bool, strawberry.argument(description="Only those that wait for a person.")
        ] = False,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> Connection[RailOrder]:
        asked, viewer = page(first, after), viewer_of(info.context)
        state = RailOrderState.NEEDS_PERSON if needs_person else None
        before = after_id(asked)
        found = await find_rail_orders(viewer, state, limit=asked.limit, before_id=before)
        return connection(asked, found, lambda order: (order.id,), rail_order_of)
