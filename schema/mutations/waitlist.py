"""Verbs of who waits for a space."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.reservations.waiting import Filters
from parking.reservations.waitlist import (
    accept_offer,
    join_waitlist,
    leave_waitlist,
    offered_holds,
)
from parking.windows import window_of
from schema.booking_refusals import FundingRefusal, HoldExpired, SpaceClosed
from schema.context import Info, viewer_of
from schema.ids import wanted_key
from schema.mutations.funding import prepare_bookings
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.refusals import VerbRefusal
from schema.reservations import Reservation, load_known_reservation
from schema.waitlist import WaitlistEntry, load_known_entry

EntryId: TypeAlias = Annotated[strawberry.ID, strawberry.argument(description="The entry's id.")]


@strawberry.type(description="The viewer waits for a space.")
class WaitlistJoined:
    """Outcome of `joinWaitlist`."""

    entry: WaitlistEntry = strawberry.field(description="The entry, with its place in the queue.")


@strawberry.type(description="Nobody waits any more; a hold that was offered is given back.")
class WaitlistLeft:
    """Outcome of `leaveWaitlist`."""

    entry: WaitlistEntry = strawberry.field(description="The entry now.")


@strawberry.type(description="The hold that was offered is a booking.")
class WaitlistOfferAccepted:
    """Outcome of `acceptWaitlistOffer`."""

    reservation: Reservation = strawberry.field(description="The booking.")


@strawberry.input(description="What to wait for: any space of a place, for a window.")
class JoinWaitlistInput:
    """Arguments of `parking.reservations.waitlist.join_waitlist`."""

    place_id: strawberry.ID = strawberry.field(description="The place.")
    starts_at: datetime = strawberry.field(description="When it shall begin.")
    ends_at: datetime = strawberry.field(description="When it shall end.")
    plate: str = strawberry.field(default="", description="The vehicle; may be empty.")
    is_ev: bool | None = strawberry.field(default=None, description="With a charger, or without.")
    is_accessible: bool | None = strawberry.field(
        default=None, description="For disabled drivers, or not."
    )
    height_metres: float | None = strawberry.field(
        default=None, description="High enough for a vehicle of this height."
    )


JoinWaitlistResult: TypeAlias = Annotated[
    WaitlistJoined | VerbRefusal,
    strawberry.union("JoinWaitlistResult", description="What `joinWaitlist` answers."),
]
LeaveWaitlistResult: TypeAlias = Annotated[
    WaitlistLeft | VerbRefusal,
    strawberry.union("LeaveWaitlistResult", description="What `leaveWaitlist` answers."),
]
AcceptWaitlistOfferResult: TypeAlias = Annotated[
    WaitlistOfferAccepted | VerbRefusal | HoldExpired | SpaceClosed | FundingRefusal,
    strawberry.union(
        "AcceptWaitlistOfferResult", description="What `acceptWaitlistOffer` answers."
    ),
]


@strawberry.type
class WaitlistMutations:
    """Root fields."""

    @mutation(
        "Wait for a space of a place. Who came first is offered first: a hold of a space, which"
        " `reservations` tells of, until `offerExpiresAt`. Refused as Conflict: ALREADY_WAITING,"
        " WAITLIST_FULL."
    )
    async def join_waitlist(
        self,
        info: Info,
        input: Annotated[JoinWaitlistInput, strawberry.argument(description="What to wait for.")],
        idempotency_key: IdempotencyKey,
    ) -> JoinWaitlistResult:
        place = wanted_key(input.place_id, "Place")
        window = window_of(input.starts_at, input.ends_at, "endsAt")
        filters = Filters(input.is_ev, input.is_accessible, input.height_metres)

        async def do(work: Work) -> Answer:
            joined = await join_waitlist(
                work.viewer, place, window, input.plate, filters, clock=work.clock, bus=work.bus
            )
            return {"entry": joined}

        done = await once(info, idempotency_key, {"input": input}, do)
        return WaitlistJoined(entry=await load_known_entry(info, done.answer["entry"]))

    @mutation(
        "Wait no longer. For whoever waits, and for who works at the place. Refused as Conflict:"
        " NOT_WAITING."
    )
    async def leave_waitlist(
        self, info: Info, entry_id: EntryId, idempotency_key: IdempotencyKey
    ) -> LeaveWaitlistResult:
        key = wanted_key(entry_id, "WaitlistEntry")

        async def do(work: Work) -> Answer:
            await leave_waitlist(work.viewer, key, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"entry": key}, do)
        return WaitlistLeft(entry=await load_known_entry(info, key))

    @mutation(
        "Accept what is offered: confirms the hold. For whoever waited. Refused as Conflict:"
        " NOT_OFFERED."
    )
    async def accept_waitlist_offer(
        self, info: Info, entry_id: EntryId, idempotency_key: IdempotencyKey
    ) -> AcceptWaitlistOfferResult:
        key = wanted_key(entry_id, "WaitlistEntry")

        async def do(work: Work) -> Answer:
            funding = work.services.funding
            booked = await accept_offer(
                work.viewer, key, clock=work.clock, bus=work.bus, funding=funding
            )
            return {"reservation": booked}

        await prepare_bookings(info, await offered_holds(viewer_of(info.context), key))
        done = await once(info, idempotency_key, {"entry": key}, do)
        key = done.answer["reservation"]
        return WaitlistOfferAccepted(reservation=await load_known_reservation(info, key))
