"""Verbs of whoever holds a booking's link: what its driver may do, with this one booking.

Each finds the booking by the token and acts as its driver (`reservations.links.holder`); another
booking's quote is no quote of this one. A link that is lent to who booked for the driver spends
nothing (`spending_link`).
"""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry

from parking.access.credentials import qr_again, refresh_qr, rotate_key
from parking.access.linked import move_linked_lock
from parking.access.models import LockTarget
from parking.access.qr import qr_svg
from parking.accounts.idempotency import Answer
from parking.errors import NotFound
from parking.reservations.attempts import CODES_PER_BOOKING, VERBS_PER_LINK
from parking.reservations.cancel import cancel
from parking.reservations.confirm import confirm
from parking.reservations.extend import extend, quote_extension
from parking.reservations.links import holder
from parking.reservations.queries import quotes_by_id
from parking.reservations.records import QuoteRecord, ReservationRecord
from schema.booking_links import Booking, Token, linked_booking
from schema.booking_refusals import (
    FundingRefusal,
    HoldExpired,
    NotBookable,
    QuoteExpired,
    QuoteUsed,
    SpaceClosed,
    WindowTaken,
)
from schema.context import Info, services_of
from schema.ids import global_id, wanted_key
from schema.money import Money, money_as
from schema.mutations.commands import NoClaim, NoLock, SpaceNotFree
from schema.mutations.counted import counted_link, spending_link, take_by_link
from schema.mutations.funding import prepare_bookings, prepare_extension
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.refusals import TooManyTries, VerbRefusal


@strawberry.type(description="The price of a later end, for the holder of a link.")
class ExtensionQuotedByLink:
    """Outcome of `quoteExtensionByLink`."""

    quote_id: strawberry.ID = strawberry.field(description="Give it to `extendByLink`.")
    ends_at: datetime = strawberry.field(description="The later end.")
    price: Money = strawberry.field(description="What it costs more.")
    expires_at: datetime = strawberry.field(description="Until when this price binds.")


@strawberry.type(description="A booking was extended by the holder of its link.")
class ExtendedByLink:
    """Outcome of `extendByLink`."""

    booking: Booking = strawberry.field(description="The booking now.")


@strawberry.type(description="A hold was made a booking by the holder of its link.")
class ConfirmedByLink:
    """Outcome of `confirmByLink`."""

    booking: Booking = strawberry.field(description="The booking now.")


@strawberry.type(description="A booking was cancelled by the holder of its link.")
class CancelledByLink:
    """Outcome of `cancelByLink`."""

    booking: Booking = strawberry.field(description="The booking now.")


@strawberry.type(description="A booking has another key number; the one before opens nothing.")
class KeyRenewedByLink:
    """Outcome of `renewKeyByLink`."""

    number: str | None = strawberry.field(
        description="Shown this once; null when the call is repeated."
    )


@strawberry.type(description="The next QR of a booking, with a one-time id of its own.")
class QrRefreshedByLink:
    """Outcome of `refreshQrByLink`."""

    text: str = strawberry.field(description="What the code holds.")
    svg: str = strawberry.field(description="The code, drawn.")
    renew_at: datetime = strawberry.field(description="When to show the next one.")
    expires_at: datetime = strawberry.field(description="When it opens nothing any more.")


@strawberry.type(description="The order is on its way to the lock of a booking's bay.")
class LockOrderedByLink:
    """Outcome of `moveLockByLink`."""

    booking: Booking = strawberry.field(description="The booking now.")


QuoteExtensionByLinkResult: TypeAlias = Annotated[
    ExtensionQuotedByLink | VerbRefusal | TooManyTries | NotBookable | SpaceClosed | WindowTaken,
    strawberry.union("QuoteExtensionByLinkResult", description="Of `quoteExtensionByLink`."),
]
ExtendByLinkResult: TypeAlias = Annotated[
    ExtendedByLink
    | VerbRefusal
    | TooManyTries
    | WindowTaken
    | QuoteExpired
    | QuoteUsed
    | FundingRefusal,
    strawberry.union("ExtendByLinkResult", description="What `extendByLink` answers."),
]
ConfirmByLinkResult: TypeAlias = Annotated[
    ConfirmedByLink | VerbRefusal | TooManyTries | HoldExpired | SpaceClosed | FundingRefusal,
    strawberry.union("ConfirmByLinkResult", description="What `confirmByLink` answers."),
]
CancelByLinkResult: TypeAlias = Annotated[
    CancelledByLink | VerbRefusal | TooManyTries | HoldExpired,
    strawberry.union("CancelByLinkResult", description="What `cancelByLink` answers."),
]
RenewKeyByLinkResult: TypeAlias = Annotated[
    KeyRenewedByLink | VerbRefusal | TooManyTries,
    strawberry.union("RenewKeyByLinkResult", description="What `renewKeyByLink` answers."),
]
RefreshQrByLinkResult: TypeAlias = Annotated[
    QrRefreshedByLink | VerbRefusal | TooManyTries,
    strawberry.union("RefreshQrByLinkResult", description="What `refreshQrByLink` answers."),
]


MoveLockByLinkResult: TypeAlias = Annotated[
    LockOrderedByLink | NoLock | NoClaim | SpaceNotFree | VerbRefusal | TooManyTries,
    strawberry.union("MoveLockByLinkResult", description="What `moveLockByLink` answers."),
]


async def _again(info: Info, token: str) -> Booking:
    """The booking as the verb left it."""
    return await linked_booking(info, token)


async def _own_quote(reservation: ReservationRecord, quote_id: int) -> QuoteRecord:
    """A quote for this very booking. Raises NotFound."""
    quote = (await quotes_by_id(holder(reservation), [quote_id])).get(quote_id)
    if quote is None or quote.reservation_id != reservation.id:
        raise NotFound("there is no such quote")
    return quote


@strawberry.type
class BookingLinkMutations:
    """Root fields."""

    @mutation("Ask what a later end costs, as the holder of a booking's link.")
    async def quote_extension_by_link(
        self,
        info: Info,
        token: Token,
        ends_at: Annotated[datetime, strawberry.argument(description="The later end.")],
        idempotency_key: IdempotencyKey,
    ) -> QuoteExtensionByLinkResult:
        reservation = await spending_link(info, token, VERBS_PER_LINK)

        async def do(work: Work) -> Answer:
            quote = await quote_extension(
                work.viewer, reservation.id, ends_at, clock=work.clock,
                limits=work.services.booking_limits,
            )  # fmt: skip
            return {"quote": quote}

        given = {"reservation": reservation.id, "ends_at": ends_at}
        done = await once(info, idempotency_key, given, do, holder(reservation))
        quote = await _own_quote(reservation, done.answer["quote"])
        return ExtensionQuotedByLink(
            quote_id=global_id("Quote", quote.id),
            ends_at=quote.ends_at,
            price=money_as(quote.amount_minor, quote.currency),
            expires_at=quote.expires_at,
        )

    @mutation("Extend a booking as quoted, as the holder of its link.")
    async def extend_by_link(
        self,
        info: Info,
        token: Token,
        quote_id: Annotated[
            strawberry.ID, strawberry.argument(description="From `quoteExtensionByLink`.")
        ],
        idempotency_key: IdempotencyKey,
    ) -> ExtendByLinkResult:
        reservation = await spending_link(info, token, VERBS_PER_LINK)
        quote = wanted_key(quote_id, "Quote")

        async def do(work: Work) -> Answer:
            await extend(
                work.viewer, quote, clock=work.clock, bus=work.bus, funding=work.services.funding
            )
            return {}

        given = {"reservation": reservation.id, "quote": quote}
        await _own_quote(reservation, quote)
        await prepare_extension(info, quote, holder(reservation))
        await once(info, idempotency_key, given, do, holder(reservation))
        return ExtendedByLink(booking=await _again(info, token))

    @mutation(
        "Make a hold a booking, as the holder of its link: it is paid from its driver's account."
    )
    async def confirm_by_link(
        self, info: Info, token: Token, idempotency_key: IdempotencyKey
    ) -> ConfirmByLinkResult:
        reservation = await spending_link(info, token, VERBS_PER_LINK)
        viewer = holder(reservation)

        async def do(work: Work) -> Answer:
            funding = work.services.funding
            await confirm(work.viewer, reservation.id, clock=work.clock, bus=work.bus,
                          funding=funding)  # fmt: skip
            return {}

        await prepare_bookings(info, [reservation.id], viewer)
        await once(info, idempotency_key, {"reservation": reservation.id}, do, viewer)
        return ConfirmedByLink(booking=await _again(info, token))

    @mutation("Cancel a booking by its terms, as the holder of its link.")
    async def cancel_by_link(
        self, info: Info, token: Token, idempotency_key: IdempotencyKey
    ) -> CancelByLinkResult:
        reservation = await spending_link(info, token, VERBS_PER_LINK)

        async def do(work: Work) -> Answer:
            await cancel(work.viewer, reservation.id, clock=work.clock, bus=work.bus)
            return {}

        given = {"reservation": reservation.id}
        await once(info, idempotency_key, given, do, holder(reservation))
        return CancelledByLink(booking=await _again(info, token))

    @mutation("Give a booking a fresh key number, shown once, as the holder of its link.")
    async def renew_key_by_link(
        self, info: Info, token: Token, idempotency_key: IdempotencyKey
    ) -> RenewKeyByLinkResult:
        reservation = await counted_link(info, token, VERBS_PER_LINK)

        async def do(work: Work) -> Answer:
            await take_by_link(work, token, reservation)
            work.shown = await rotate_key(
                work.viewer, reservation.id, clock=work.clock, sealer=work.services.sealer
            )
            return {}

        given = {"reservation": reservation.id}
        done = await once(info, idempotency_key, given, do, holder(reservation))
        return KeyRenewedByLink(number=done.shown)

    @mutation("The next QR of a booking, as the holder of its link.")
    async def refresh_qr_by_link(
        self, info: Info, token: Token, idempotency_key: IdempotencyKey
    ) -> RefreshQrByLinkResult:
        reservation = await counted_link(info, token, CODES_PER_BOOKING)
        viewer, services = holder(reservation), services_of(info.context)

        async def do(work: Work) -> Answer:
            await take_by_link(work, token, reservation)
            qr = await refresh_qr(
                work.viewer, reservation.id, clock=work.clock, bus=work.bus,
                sealer=work.services.sealer,
            )  # fmt: skip
            return {"qr": qr.token_id}

        done = await once(info, idempotency_key, {"reservation": reservation.id}, do, viewer)
        qr = await qr_again(viewer, done.answer["qr"], sealer=services.sealer)
        return QrRefreshedByLink(
            text=qr.text, svg=qr_svg(qr.text), renew_at=qr.renew_at, expires_at=qr.expires_at
        )

    @mutation(
        "Take the arm of a booking's bay down, or put it up where it is known that no car stands"
        " there, as the holder of its link."
    )
    async def move_lock_by_link(
        self,
        info: Info,
        token: Token,
        target: Annotated[LockTarget, strawberry.argument(description="Where it is to go.")],
        idempotency_key: IdempotencyKey,
    ) -> MoveLockByLinkResult:
        reservation = await counted_link(info, token, VERBS_PER_LINK)

        async def do(work: Work) -> Answer:
            await take_by_link(work, token, reservation)
            await move_linked_lock(reservation, target, clock=work.clock, bus=work.bus)
            return {}

        given = {"reservation": reservation.id, "target": target}
        await once(info, idempotency_key, given, do, holder(reservation))
        return LockOrderedByLink(booking=await _again(info, token))
