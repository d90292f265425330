"""Entering by a right: a bay is booked by it at once."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.clock import rfc3339
from parking.reservations.attempts import RESERVATIONS_PER_PERSON
from parking.rights.redeeming.access import enter
from schema.booking_refusals import FundingRefusal, WindowTaken
from schema.context import Info
from schema.ids import wanted_key
from schema.mutations.counted import counted
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.mutations.rights_exits import PlaceId, VehicleId
from schema.mutations.vehicle_proof import own_vehicle
from schema.refusals import TooManyTries, VerbRefusal
from schema.reservations import Reservation, load_known_reservation
from schema.rights_redemptions import Redemption, load_known_redemption
from schema.rights_refusals import AccessNotCovered, NoAccessRight


@strawberry.type(description="A bay is booked from now on, and a right stands in for its price.")
class EnteredWithRight:
    """Outcome of `enterWithRight`."""

    reservation: Reservation = strawberry.field(description="The booking; it is confirmed.")
    redemption: Redemption = strawberry.field(description="The right, in that stay.")


EnterWithRightResult: TypeAlias = Annotated[
    EnteredWithRight
    | NoAccessRight
    | AccessNotCovered
    | WindowTaken
    | FundingRefusal
    | TooManyTries
    | VerbRefusal,
    strawberry.union("EnterWithRightResult", description="What `enterWithRight` answers."),
]


@strawberry.type
class RightsEntryMutations:
    """Root fields."""

    @mutation(
        "Book an idle bay of the place, from now until `until`, by an ACCESS right of the vehicle,"
        " which covers its whole price. For its signed-in driver."
    )
    async def enter_with_right(
        self,
        info: Info,
        place_id: PlaceId,
        vehicle_id: VehicleId,
        until: Annotated[datetime, strawberry.argument(description="When the stay shall end.")],
        idempotency_key: IdempotencyKey,
    ) -> EnterWithRightResult:
        enrolment, viewer = await own_vehicle(info, vehicle_id)
        await counted(info, RESERVATIONS_PER_PERSON)
        place = wanted_key(place_id, "Place")

        async def do(work: Work) -> Answer:
            entered = await enter(
                enrolment, place, until, viewer=viewer, clock=work.clock, bus=work.bus,
                funding=work.services.funding, limits=work.services.booking_limits,
            )  # fmt: skip
            return entered._asdict()

        given = {"place": place, "vehicle": enrolment.id, "until": rfc3339(until)}
        done = await once(info, idempotency_key, given, do)
        return EnteredWithRight(
            reservation=await load_known_reservation(info, done.answer["reservation_id"]),
            redemption=await load_known_redemption(info, done.answer["redemption_id"], viewer),
        )
