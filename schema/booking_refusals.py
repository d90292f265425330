"""Refusals of bookings as data: each that a client would act on has a type of its own."""

from typing import TypeAlias

import strawberry

from parking.listings.rules import BookingRefusal
from parking.reservations import funding, refusals
from parking.settlement import refusals as money
from parking.settlement.payments import refusals as rail
from schema.money import Money, money_as
from schema.refusals import Refusal, TooManyTries, also_shaped, also_told


@strawberry.type(description="Somebody else has the space then, or in the turnover after it.")
class WindowTaken(Refusal):
    """`parking.reservations.refusals.WindowTaken`."""


@strawberry.type(description="The price binds no more; ask for a new quote.")
class QuoteExpired(Refusal):
    """`parking.reservations.refusals.QuoteExpired`."""


@strawberry.type(description="The quote made a booking, or an extension, already.")
class QuoteUsed(Refusal):
    """`parking.reservations.refusals.QuoteUsed`."""


@strawberry.type(description="The time for confirming, or for answering, is over.")
class HoldExpired(Refusal):
    """`parking.reservations.refusals.HoldExpired`."""


@strawberry.type(description="The operator does not offer the space, or the place, now.")
class SpaceClosed(Refusal):
    """`parking.reservations.refusals.SpaceClosed`."""


@strawberry.type(description="It would begin now, and a vehicle stands there.")
class SpaceOccupied(Refusal):
    """`parking.reservations.refusals.SpaceOccupied`."""


@strawberry.type(
    description="The listing does not allow this booking. `code` says why: LISTING_NOT_ACTIVE,"
    " NOT_FOR_YOU, OUTSIDE_OPENING, STAY_TOO_SHORT, STAY_TOO_LONG, TOO_SOON or TOO_FAR_AHEAD."
)
class NotBookable(Refusal):
    """`parking.listings.rules.BookingRefusal`."""


@strawberry.type(description="The first amount could not be secured; the hold goes on.")
class NotFunded(Refusal):
    """`parking.reservations.funding.NotFunded`."""

    missing: Money | None = strawberry.field(
        default=None, description="What the wallet lacks; null when it is not about the wallet."
    )


@strawberry.type(
    description="An earlier stay cost more than was there; what is owed comes first. It is paid"
    " from the next top-up of the wallet."
)
class DebtOutstanding(Refusal):
    """`parking.settlement.refusals.DebtOutstanding`."""

    owed: Money = strawberry.field(description="How much is owed.")


@strawberry.type(
    description="The driver has to agree at the payment rail, and then confirm again; or wait: the"
    " booking is confirmed by itself when the rail tells that they did."
)
class PaymentActionNeeded(Refusal):
    """`parking.settlement.payments.refusals.PaymentActionNeeded`."""

    url: str | None = strawberry.field(description="Where to agree; null: see `clientSecret`.")
    client_secret: str | None = strawberry.field(
        description="For the rail's own component on the page; null: see `url`."
    )


@strawberry.type(
    description="The rail declines the bound account; choose another, or fill the wallet."
)
class PaymentDeclined(Refusal):
    """`parking.settlement.payments.refusals.PaymentDeclined`."""

    reason: str = strawberry.field(description="The rail's word for people; may be empty.")


@strawberry.type(
    description="The rail does not answer; the same again in a moment. Nothing is charged twice."
)
class PaymentPending(Refusal):
    """`parking.settlement.payments.refusals.PaymentPending`."""


FundingRefusal: TypeAlias = (
    NotFunded
    | DebtOutstanding
    | PaymentActionNeeded
    | PaymentDeclined
    | PaymentPending
    | TooManyTries
)
"""Why a booking's money is not there (yet)."""


also_shaped(
    {
        refusals.WindowTaken: WindowTaken,
        refusals.QuoteExpired: QuoteExpired,
        refusals.QuoteUsed: QuoteUsed,
        refusals.HoldExpired: HoldExpired,
        refusals.SpaceClosed: SpaceClosed,
        refusals.SpaceOccupied: SpaceOccupied,
        rail.PaymentPending: PaymentPending,
        BookingRefusal: NotBookable,
        funding.NotFunded: NotFunded,
    }
)


def _wallet_too_low(refusal: money.WalletTooLow) -> NotFunded:
    missing = money_as(refusal.missing_minor, refusal.currency)
    return NotFunded(code=refusal.code, message=refusal.message, missing=missing)


def _debt(refusal: money.DebtOutstanding) -> DebtOutstanding:
    owed = money_as(refusal.amount_minor, refusal.currency)
    return DebtOutstanding(code=refusal.code, message=refusal.message, owed=owed)


def _action(refusal: rail.PaymentActionNeeded) -> PaymentActionNeeded:
    return PaymentActionNeeded(
        code=refusal.code,
        message=refusal.message,
        url=refusal.url or None,
        client_secret=refusal.client_secret or None,
    )


def _declined(refusal: rail.PaymentDeclined) -> PaymentDeclined:
    return PaymentDeclined(code=refusal.code, message=refusal.message, reason=refusal.reason)


also_told(
    {
        money.WalletTooLow: _wallet_too_low,
        money.DebtOutstanding: _debt,
        rail.PaymentActionNeeded: _action,
        rail.PaymentDeclined: _declined,
    }
)
