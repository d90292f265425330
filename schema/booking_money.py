"""What a booking's link shows of its money: the pocket, what came of it, and the bills."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from parking.accounts.viewer import Viewer
from parking.settlement.kinds import ChargeKind, EscrowState, Outcome, PaymentState
from parking.settlement.payments.queries import payments_of_reservations
from parking.settlement.payments.records import PaymentRecord
from parking.settlement.queries import (
    charges_of_reservation,
    escrows_of_reservations,
    settlements_of_reservations,
)
from parking.settlement.records import ChargeRow, SettlementRecord
from schema.money import Money, money_as


@strawberry.type(description="What a booking came to in the end.")
class BookingSettlement:
    """Of a `SettlementRecord`."""

    outcome: Outcome = strawberry.field(description="How the booking ended.")
    cost: Money = strawberry.field(description="What it costs in the end.")
    validation: Money = strawberry.field(description="What merchants paid of it.")
    topped_up: Money = strawberry.field(description="What was short, taken from the wallet.")
    receivable: Money = strawberry.field(description="What was still short: the driver owes it.")
    refund: Money = strawberry.field(description="What went back to the driver.")
    at: datetime = strawberry.field(description="When it was settled.")


@strawberry.type(description="The money of a booking, as the holder of its link sees it.")
class BookingMoney:
    """Of an `EscrowRecord`."""

    rail: str = strawberry.field(description="How it is paid: `wallet`, or the rail, as `stripe`.")
    state: EscrowState = strawberry.field(description="Whether money is still in its pocket.")
    secured: Money = strawberry.field(description="What the driver has moved in, all in all.")
    has_action: bool = strawberry.field(
        description="Whether the driver has to agree to a payment where they booked."
    )
    settlement: BookingSettlement | None = strawberry.field(
        description="What came of it; null until it is settled."
    )


@strawberry.type(description="A bill of a booking, or the reversal of one; never edited.")
class BookingReceipt:
    """Of a `ChargeRow`."""

    number: str = strawberry.field(description="The receipt's number, for people.")
    kind: ChargeKind = strawberry.field(description="A bill or its reversal.")
    amount: Money = strawberry.field(description="What was charged; negative: given back.")
    body: str = strawberry.field(
        description="JSON: everything the receipt shows, as `ChargeRecord.body`."
    )
    digest: str = strawberry.field(description="SHA-256 of `body` (UTF-8), in hex.")
    issued_at: datetime = strawberry.field(description="When it was issued.")


async def money_of_booking(viewer: Viewer, reservation_id: int) -> BookingMoney | None:
    """The booking's pocket, as its driver (`viewer`) sees it; None when it has none."""
    keys = [reservation_id]
    pocket = (await escrows_of_reservations(viewer, keys)).get(reservation_id)
    if pocket is None:
        return None
    settled = (await settlements_of_reservations(viewer, keys)).get(reservation_id)
    payments = (await payments_of_reservations(viewer, keys)).get(reservation_id, ())
    return BookingMoney(
        rail=pocket.rail,
        state=pocket.state,
        secured=money_as(pocket.secured_minor, pocket.currency),
        has_action=_has_action(payments),
        settlement=None if settled is None else _settlement(settled),
    )


async def receipts_of_booking(viewer: Viewer, reservation_id: int) -> list[BookingReceipt]:
    """The bill, then its credit records in order; nothing until the booking is settled."""
    charges = await charges_of_reservation(viewer, reservation_id)
    return [_receipt(charge) for charge in charges]


def _has_action(payments: Sequence[PaymentRecord]) -> bool:
    return any(each.state is PaymentState.ACTION_NEEDED for each in payments)


def _settlement(settled: SettlementRecord) -> BookingSettlement:
    def money(amount_minor: int) -> Money:
        return money_as(amount_minor, settled.currency)

    return BookingSettlement(
        outcome=settled.outcome,
        cost=money(settled.cost_minor),
        validation=money(settled.validation_minor),
        topped_up=money(settled.topped_up_minor),
        receivable=money(settled.receivable_minor),
        refund=money(settled.refund_minor),
        at=settled.at,
    )


def _receipt(charge: ChargeRow) -> BookingReceipt:
    return BookingReceipt(
        number=charge.number,
        kind=charge.kind,
        amount=money_as(charge.amount_minor, charge.currency),
        body=charge.body,
        digest=charge.digest,
        issued_at=charge.issued_at,
    )
