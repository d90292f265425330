"""Verbs of the guest of a merchant's order, by the link of its booking."""

from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.merchants.orders.arrival import Arrival, arrive
from parking.merchants.orders.erasing import erase_guest_of_booking
from parking.reservations.attempts import VERBS_PER_LINK
from parking.reservations.links import holder
from schema.booking_links import Booking, Token, linked_booking
from schema.context import Info
from schema.mutations.commands import NoClaim, NoLock
from schema.mutations.counted import counted_link, take_by_link
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.refusals import TooManyTries, VerbRefusal


@strawberry.type(description="The guest of a booking is there.")
class ArrivedByLink:
    """Outcome of `arriveByLink`."""

    outcome: Arrival = strawberry.field(description="What comes of it.")
    booking: Booking = strawberry.field(description="The booking now.")


@strawberry.type(description="Name, phone and plate of a merchant's guest are erased.")
class GuestErasedByLink:
    """Outcome of `eraseGuestByLink`."""

    booking: Booking = strawberry.field(description="The booking now.")


ArriveByLinkResult: TypeAlias = Annotated[
    ArrivedByLink | NoLock | NoClaim | VerbRefusal | TooManyTries,
    strawberry.union("ArriveByLinkResult", description="What `arriveByLink` answers."),
]
EraseGuestByLinkResult: TypeAlias = Annotated[
    GuestErasedByLink | VerbRefusal | TooManyTries,
    strawberry.union("EraseGuestByLinkResult", description="What `eraseGuestByLink` answers."),
]


async def _again(info: Info, token: str) -> Booking:
    return await linked_booking(info, token)


@strawberry.type
class BookingOrderMutations:
    """Root fields."""

    @mutation(
        "Say \"I am here\", as the holder of a booking's link: a merchant's order and its streams"
        " tell of it, and the lock goes down if the booking lets its holder in now. Conflict:"
        " GIVEN_UP (nobody came in time), BOOKING_OVER, TOO_FAR_AHEAD (more than two hours before"
        " the start)."
    )
    async def arrive_by_link(
        self, info: Info, token: Token, idempotency_key: IdempotencyKey
    ) -> ArriveByLinkResult:
        reservation = await counted_link(info, token, VERBS_PER_LINK)

        async def do(work: Work) -> Answer:
            await take_by_link(work, token, reservation)
            return {"outcome": await arrive(reservation, clock=work.clock, bus=work.bus)}

        given = {"reservation": reservation.id}
        done = await once(info, idempotency_key, given, do, holder(reservation))
        outcome = Arrival(done.answer["outcome"])
        return ArrivedByLink(outcome=outcome, booking=await _again(info, token))

    @mutation(
        "Erase the guest's name, phone and plate of the merchant's order that a booking was made"
        " for, as the holder of its link; see `eraseMerchantOrderGuest`. Conflict: ORDER_OPEN."
    )
    async def erase_guest_by_link(
        self, info: Info, token: Token, idempotency_key: IdempotencyKey
    ) -> EraseGuestByLinkResult:
        reservation = await counted_link(info, token, VERBS_PER_LINK)
        viewer = holder(reservation)

        async def do(work: Work) -> Answer:
            await erase_guest_of_booking(viewer, reservation.id, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"reservation": reservation.id}, do, viewer)
        return GuestErasedByLink(booking=await _again(info, token))
