"""Refusals of bookings as data: each that a client would act on has a type of its own."""

import strawberry

from parking.listings.rules import BookingRefusal
from parking.reservations import funding, refusals
from schema.refusals import Refusal, also_shaped


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


also_shaped(
    {
        refusals.WindowTaken: WindowTaken,
        refusals.QuoteExpired: QuoteExpired,
        refusals.QuoteUsed: QuoteUsed,
        refusals.HoldExpired: HoldExpired,
        refusals.SpaceClosed: SpaceClosed,
        refusals.SpaceOccupied: SpaceOccupied,
        BookingRefusal: NotBookable,
        funding.NotFunded: NotFunded,
    }
)
