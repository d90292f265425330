"""Verbs on bookings: for drivers, lessors and operators."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry

from parking.access.credentials import renew_access
from parking.accounts.idempotency import Answer
from parking.reservations.answer import accept, decline
from parking.reservations.attempts import QUOTES_PER_PERSON, RESERVATIONS_PER_PERSON
from parking.reservations.cancel import cancel
from parking.reservations.confirm import confirm
from parking.reservations.extend import extend, quote_extension
from parking.reservations.quote import Request, quote_space
from parking.reservations.reserve import For, reserve, reserve_space
from parking.windows import window_of
from schema.booking_refusals import (
    FundingRefusal,
    HoldExpired,
    NotBookable,
    QuoteExpired,
    QuoteUsed,
    SpaceClosed,
    SpaceOccupied,
    WindowTaken,
)
from schema.context import Info
from schema.ids import wanted_key
from schema.mutations.counted import counted
from schema.mutations.funding import prepare_bookings, prepare_extension
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.quotes import Quote, load_known_quote
from schema.refusals import TooManyTries, VerbRefusal
from schema.reservations import Reservation, load_known_reservation

ReservationId: TypeAlias = Annotated[
    strawberry.ID, strawberry.argument(description="The reservation's id.")
]
Reason: TypeAlias = Annotated[
    str, strawberry.argument(description="For the other side to read; may be empty.")
]


@strawberry.type(description="A price was bound.")
class QuoteMade:
    """Outcome of `quoteSpace` and `quoteExtension`."""

    quote: Quote = strawberry.field(description="The quote.")


@strawberry.type(description="A space is held, or was asked for.")
class Reserved:
    """Outcome of `reserve` and `reserveSpace`."""

    reservation: Reservation = strawberry.field(
        description="PENDING_PAYMENT until it is confirmed; REQUESTED where the lessor is asked."
    )


@strawberry.type(description="A booking was confirmed: both sides have agreed.")
class ReservationConfirmed:
    """Outcome of `confirmReservation`."""

    reservation: Reservation = strawberry.field(description="The reservation now.")


@strawberry.type(description="A request was accepted; its driver may confirm it.")
class ReservationAccepted:
    """Outcome of `acceptReservation`."""

    reservation: Reservation = strawberry.field(description="The reservation now.")


@strawberry.type(description="A request was declined.")
class ReservationDeclined:
    """Outcome of `declineReservation`."""

    reservation: Reservation = strawberry.field(description="The reservation now.")


@strawberry.type(description="A booking ends later than before.")
class ReservationExtended:
    """Outcome of `extendReservation`."""

    reservation: Reservation = strawberry.field(description="The reservation now.")


@strawberry.type(description="A reservation was cancelled.")
class ReservationCancelled:
    """Outcome of `cancelReservation`."""

    reservation: Reservation = strawberry.field(description="The reservation now.")


@strawberry.type(description="The link to a booking's page was made anew; the old one is dead.")
class ReservationLinkRenewed:
    """Outcome of `renewReservationLink`."""

    reservation: Reservation = strawberry.field(description="The reservation now.")


@strawberry.input(
    description="What to book. Of listing and space one may be left out: the listing that offers"
    " the space, or a free space of the listing, is then chosen."
)
class ReserveSpaceInput:
    """`parking.reservations.quote.Request` and `parking.reservations.reserve.For`."""

    starts_at: datetime = strawberry.field(description="When it shall begin.")
    ends_at: datetime = strawberry.field(description="When it shall end.")
    listing_id: strawberry.ID | None = strawberry.field(default=None, description="The listing.")
    space_id: strawberry.ID | None = strawberry.field(default=None, description="The space.")
    plate: str = strawberry.field(
        default="", description="The vehicle; needed where a listing is for certain plates."
    )
    guest_name: str = strawberry.field(
        default="", description="Who comes, if it is not the driver themselves."
    )


QuoteSpaceResult: TypeAlias = Annotated[
    QuoteMade
    | VerbRefusal
    | TooManyTries
    | WindowTaken
    | SpaceClosed
    | SpaceOccupied
    | NotBookable,
    strawberry.union("QuoteSpaceResult", description="What `quoteSpace` answers."),
]
QuoteExtensionResult: TypeAlias = Annotated[
    QuoteMade | VerbRefusal | TooManyTries | WindowTaken | NotBookable,
    strawberry.union("QuoteExtensionResult", description="What `quoteExtension` answers."),
]
ReserveResult: TypeAlias = Annotated[
    Reserved
    | VerbRefusal
    | WindowTaken
    | QuoteExpired
    | QuoteUsed
    | SpaceClosed
    | SpaceOccupied
    | NotBookable,
    strawberry.union("ReserveResult", description="What `reserve` answers."),
]
ReserveSpaceResult: TypeAlias = Annotated[
    Reserved | VerbRefusal | TooManyTries | WindowTaken | SpaceClosed | SpaceOccupied | NotBookable,
    strawberry.union("ReserveSpaceResult", description="What `reserveSpace` answers."),
]
ConfirmReservationResult: TypeAlias = Annotated[
    ReservationConfirmed | VerbRefusal | HoldExpired | SpaceClosed | FundingRefusal,
    strawberry.union("ConfirmReservationResult", description="What `confirmReservation` answers."),
]
AcceptReservationResult: TypeAlias = Annotated[
    ReservationAccepted | VerbRefusal | HoldExpired,
    strawberry.union("AcceptReservationResult", description="What `acceptReservation` answers."),
]
DeclineReservationResult: TypeAlias = Annotated[
    ReservationDeclined | VerbRefusal | HoldExpired,
    strawberry.union("DeclineReservationResult", description="What `declineReservation` answers."),
]
ExtendReservationResult: TypeAlias = Annotated[
    ReservationExtended | VerbRefusal | WindowTaken | QuoteExpired | QuoteUsed | FundingRefusal,
    strawberry.union("ExtendReservationResult", description="What `extendReservation` answers."),
]
CancelReservationResult: TypeAlias = Annotated[
    ReservationCancelled | VerbRefusal | HoldExpired,
    strawberry.union("CancelReservationResult", description="What `cancelReservation` answers."),
]
RenewReservationLinkResult: TypeAlias = Annotated[
    ReservationLinkRenewed | VerbRefusal,
    strawberry.union(
        "RenewReservationLinkResult", description="What `renewReservationLink` answers."
    ),
]


def request_of(input: ReserveSpaceInput) -> Request:
    """The domain's request. Raises InvalidInput."""
    listing, space = input.listing_id, input.space_id
    return Request(
        listing_id=None if listing is None else wanted_key(listing, "Listing"),
        space_id=None if space is None else wanted_key(space, "Space"),
        window=window_of(input.starts_at, input.ends_at, "endsAt"),
        plate=input.plate,
    )


@strawberry.type
class ReservationMutations:
    """Root fields."""

    @mutation(
        "Ask what a window costs; the price binds until `expiresAt`, and holds no space. Who comes"
        " does not matter yet."
    )
    async def quote_space(
        self,
        info: Info,
        input: Annotated[ReserveSpaceInput, strawberry.argument(description="What to book.")],
        idempotency_key: IdempotencyKey,
    ) -> QuoteSpaceResult:
        request = request_of(input)
        await counted(info, QUOTES_PER_PERSON)

        async def do(work: Work) -> Answer:
            limits = work.services.booking_limits
            return {
                "quote": await quote_space(work.viewer, request, clock=work.clock, limits=limits)
            }

        done = await once(info, idempotency_key, {"input": input}, do)
        return QuoteMade(quote=await load_known_quote(info, done.answer["quote"]))

    @mutation("Book what a quote binds: the space is held until `holdUntil`.")
    async def reserve(
        self,
        info: Info,
        quote_id: Annotated[strawberry.ID, strawberry.argument(description="The quote's id.")],
        idempotency_key: IdempotencyKey,
        guest_name: Annotated[
            str, strawberry.argument(description="Who comes, if not the driver themselves.")
        ] = "",
        plate: Annotated[
            str | None, strawberry.argument(description="The vehicle; null: as in the quote.")
        ] = None,
    ) -> ReserveResult:
        key, whom = wanted_key(quote_id, "Quote"), For(guest_name=guest_name, plate=plate)

        async def do(work: Work) -> Answer:
            made = await reserve(
                work.viewer, key, whom,
                clock=work.clock, bus=work.bus, limits=work.services.booking_limits,
            )  # fmt: skip
            return {"reservation": made}

        given = {"quote": key, "guest_name": guest_name, "plate": plate}
        done = await once(info, idempotency_key, given, do)
        return Reserved(reservation=await load_known_reservation(info, done.answer["reservation"]))

    @mutation("Quote and reserve in one, at the price of this moment.")
    async def reserve_space(
        self,
        info: Info,
        input: Annotated[ReserveSpaceInput, strawberry.argument(description="What to book.")],
        idempotency_key: IdempotencyKey,
    ) -> ReserveSpaceResult:
        request, whom = request_of(input), For(guest_name=input.guest_name)
        await counted(info, RESERVATIONS_PER_PERSON)

        async def do(work: Work) -> Answer:
            made = await reserve_space(
                work.viewer, request, whom,
                clock=work.clock, bus=work.bus, limits=work.services.booking_limits,
            )  # fmt: skip
            return {"reservation": made}

        done = await once(info, idempotency_key, {"input": input}, do)
        return Reserved(reservation=await load_known_reservation(info, done.answer["reservation"]))

    @mutation("Make a hold a booking. For its driver, before it lapses.")
    async def confirm_reservation(
        self, info: Info, reservation_id: ReservationId, idempotency_key: IdempotencyKey
    ) -> ConfirmReservationResult:
        key = wanted_key(reservation_id, "Reservation")

        async def do(work: Work) -> Answer:
            funding = work.services.funding
            await confirm(work.viewer, key, clock=work.clock, bus=work.bus, funding=funding)
            return {}

        await prepare_bookings(info, [key])
        await once(info, idempotency_key, {"reservation": key}, do)
        return ReservationConfirmed(reservation=await load_known_reservation(info, key))

    @mutation("Accept a request for a space. For the lessor.")
    async def accept_reservation(
        self, info: Info, reservation_id: ReservationId, idempotency_key: IdempotencyKey
    ) -> AcceptReservationResult:
        key = wanted_key(reservation_id, "Reservation")

        async def do(work: Work) -> Answer:
            limits = work.services.booking_limits
            await accept(work.viewer, key, clock=work.clock, bus=work.bus, limits=limits)
            return {}

        await once(info, idempotency_key, {"reservation": key}, do)
        return ReservationAccepted(reservation=await load_known_reservation(info, key))

    @mutation("Decline a request for a space. For the lessor.")
    async def decline_reservation(
        self,
        info: Info,
        reservation_id: ReservationId,
        idempotency_key: IdempotencyKey,
        reason: Reason = "",
    ) -> DeclineReservationResult:
        key = wanted_key(reservation_id, "Reservation")

        async def do(work: Work) -> Answer:
            await decline(work.viewer, key, reason, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"reservation": key, "reason": reason}, do)
        return ReservationDeclined(reservation=await load_known_reservation(info, key))

    @mutation("Ask what a later end costs; the price binds until `expiresAt`. For the driver.")
    async def quote_extension(
        self,
        info: Info,
        reservation_id: ReservationId,
        ends_at: Annotated[datetime, strawberry.argument(description="The end that is wished.")],
        idempotency_key: IdempotencyKey,
    ) -> QuoteExtensionResult:
        key = wanted_key(reservation_id, "Reservation")
        await counted(info, QUOTES_PER_PERSON)

        async def do(work: Work) -> Answer:
            limits = work.services.booking_limits
            made = await quote_extension(work.viewer, key, ends_at, clock=work.clock, limits=limits)
            return {"quote": made}

        done = await once(info, idempotency_key, {"reservation": key, "ends_at": ends_at}, do)
        return QuoteMade(quote=await load_known_quote(info, done.answer["quote"]))

    @mutation("Extend a booking as a quote of `quoteExtension` binds. For the driver.")
    async def extend_reservation(
        self,
        info: Info,
        quote_id: Annotated[strawberry.ID, strawberry.argument(description="The quote's id.")],
        idempotency_key: IdempotencyKey,
    ) -> ExtendReservationResult:
        key = wanted_key(quote_id, "Quote")

        async def do(work: Work) -> Answer:
            funding = work.services.funding
            extended = await extend(
                work.viewer, key, clock=work.clock, bus=work.bus, funding=funding
            )
            return {"reservation": extended}

        await prepare_extension(info, key)
        done = await once(info, idempotency_key, {"quote": key}, do)
        key = done.answer["reservation"]
        return ReservationExtended(reservation=await load_known_reservation(info, key))

    @mutation(
        "Cancel a reservation that is not in use. For its driver, the lessor, and the place's"
        " OPERATORs; `refundIfCancelled` says beforehand what goes back."
    )
    async def cancel_reservation(
        self,
        info: Info,
        reservation_id: ReservationId,
        idempotency_key: IdempotencyKey,
        reason: Reason = "",
    ) -> CancelReservationResult:
        key = wanted_key(reservation_id, "Reservation")

        async def do(work: Work) -> Answer:
            await cancel(work.viewer, key, reason, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"reservation": key, "reason": reason}, do)
        return ReservationCancelled(reservation=await load_known_reservation(info, key))

    @mutation(
        "Make the link to a booking's page anew, after it got into wrong hands. The key number"
        " opens nothing more either, for it could be had by the old link."
    )
    async def renew_reservation_link(
        self, info: Info, reservation_id: ReservationId, idempotency_key: IdempotencyKey
    ) -> RenewReservationLinkResult:
        key = wanted_key(reservation_id, "Reservation")

        async def do(work: Work) -> Answer:
            await renew_access(work.viewer, key, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"reservation": key}, do)
        return ReservationLinkRenewed(reservation=await load_known_reservation(info, key))
