"""Live reservations. Not shared between subscribers: what one may see is theirs alone."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, TypeAlias

import strawberry

from parking import errors
from parking.occupancy.state import UpdateKind
from parking.reservations.live import (
    SNAPSHOT_MAX,
    follow_reservation,
    follow_reservations,
    followed,
)
from schema.context import Info, services_of, viewer_of
from schema.execution import COST, Cost
from schema.fields import subscribed
from schema.ids import wanted_key
from schema.refusals import InvalidInput, NotFound, as_data
from schema.relay import Id
from schema.reservations import Reservation, reservation_of

CHANGED_ASSUMED = 20


@strawberry.type(description="A reservation at its newest version.")
class ReservationUpdate:
    """What `reservation` gives."""

    reservation: Reservation = strawberry.field(description="The reservation now.")


@strawberry.type(description="Reservations, at their newest versions.")
class ReservationsUpdate:
    """`parking.reservations.live.BookingsUpdate`."""

    kind: UpdateKind = strawberry.field(
        description="A SNAPSHOT has all that keep their space; a DELTA those that changed."
    )
    reservations: list[Reservation] = strawberry.field(description="The reservations now.")


ReservationEvent: TypeAlias = Annotated[
    ReservationUpdate | NotFound,
    strawberry.union("ReservationEvent", description="What `reservation` gives."),
]
ReservationsEvent: TypeAlias = Annotated[
    ReservationsUpdate | InvalidInput | NotFound,
    strawberry.union("ReservationsEvent", description="What `reservations` gives."),
]


@strawberry.type
class ReservationSubscriptions:
    """Root fields."""

    @subscribed("A reservation live: as it is now, then after each step.")
    async def reservation(self, info: Info, id: Id) -> AsyncIterator[ReservationEvent]:
        viewer, bus = viewer_of(info.context), services_of(info.context).bus
        try:
            async for found in follow_reservation(viewer, wanted_key(id, "Reservation"), bus):
                info.context.loaders.clear()  # one context serves all events of a subscription
                yield ReservationUpdate(reservation=reservation_of(found))
        except errors.NotFound as refusal:
            yield _only(refusal)

    @subscribed(
        "Reservations live: a SNAPSHOT of those that keep their space (at most"
        f" {SNAPSHOT_MAX}), then a DELTA for each step of one. A place's for who works there, an"
        " organisation's for who acts for it as the lessor, without either the viewer's own.",
        metadata={COST: Cost(assumed_size=CHANGED_ASSUMED)},
    )
    async def reservations(
        self,
        info: Info,
        place_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Of this place.")
        ] = None,
        organisation_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Let by this organisation.")
        ] = None,
    ) -> AsyncIterator[ReservationsEvent]:
        viewer, bus = viewer_of(info.context), services_of(info.context).bus
        place = None if place_id is None else wanted_key(place_id, "Place")
        lessor = None if organisation_id is None else wanted_key(organisation_id, "Organisation")
        try:
            which = await followed(viewer, place, lessor)
        except errors.Refusal as refusal:
            yield _only(refusal)
            return
        async for update in follow_reservations(viewer, which, bus):
            info.context.loaders.clear()
            found = [reservation_of(each) for each in update.bookings]
            yield ReservationsUpdate(kind=update.kind, reservations=found)


def _only(refusal: errors.Refusal) -> Any:
    """The refusal that is all a stream gives."""
    return as_data(refusal)
