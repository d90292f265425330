"""Verbs of whoever acts for a vehicle: being granted a right, and giving it to another vehicle."""

from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.accounts.viewer import Viewer
from parking.errors import NotFound
from parking.geo import Position
from parking.rights.attempts import CLAIMS_PER_VEHICLE, TRANSFERS_PER_VIEWER
from parking.rights.granting.door import at_grant_code
from parking.rights.granting.grant import grant_right
from parking.rights.granting.holding import rights_of_enrolment
from parking.rights.granting.transfer import transfer_right
from parking.vehicles.find import enrolment_by_code
from schema.context import Info, services_of, source_of
from schema.geo import PositionInput, point_of
from schema.ids import wanted_key
from schema.mutations.counted import counted
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.mutations.vehicle_proof import VehicleAsked, VehicleGiven, acting_for, vehicle_of
from schema.refusals import VerbRefusal
from schema.rights_assigned import AssignedRight, load_known_right, load_right, right_of
from schema.rights_offers import Scan
from schema.rights_refusals import (
    GrantRefusal,
    NotTransferable,
    VehicleProofNeeded,
    VehicleRefusal,
)


@strawberry.type(description="The vehicle holds a right by this code.")
class RightClaimed:
    """Outcome of `claimRight`."""

    right: AssignedRight = strawberry.field(description="The right.")
    is_new: bool = strawberry.field(description="False: the vehicle had it already.")
    rights: list[AssignedRight] = strawberry.field(
        description="All that the vehicle holds now, the newest first."
    )


@strawberry.type(description="A right is another vehicle's now.")
class RightTransferred:
    """Outcome of `transferRight`."""

    right: AssignedRight = strawberry.field(description="The right that was given away, MOVED.")


ClaimRightResult: TypeAlias = Annotated[
    RightClaimed | GrantRefusal | VehicleRefusal | VerbRefusal,
    strawberry.union("ClaimRightResult", description="What `claimRight` answers."),
]
TransferRightResult: TypeAlias = Annotated[
    RightTransferred | NotTransferable | VehicleProofNeeded | VehicleRefusal | VerbRefusal,
    strawberry.union("TransferRightResult", description="What `transferRight` answers."),
]


async def rights_held(viewer: Viewer, enrolment_id: int) -> list[AssignedRight]:
    """What the vehicle holds now, as whoever acts for it sees it."""
    return [right_of(each, viewer) for each in await rights_of_enrolment(viewer, enrolment_id)]


def _point(given: PositionInput | None) -> Position | None:
    return None if given is None else point_of(given.latitude, given.longitude, "position")


@strawberry.type
class RightsClaimMutations:
    """Root fields."""

    @mutation(
        "From (grant code, current time): grant the vehicle a right, or say why not. For whoever"
        " knows its vehicle code, and for its driver. The same code again on the same day is the"
        " same right."
    )
    async def claim_right(
        self,
        info: Info,
        grant_code: Scan,
        vehicle: VehicleGiven,
        idempotency_key: IdempotencyKey,
        position: Annotated[
            PositionInput | None,
            strawberry.argument(description="Where one is; if the offer `needsPosition`."),
        ] = None,
        reference: Annotated[
            str,
            strawberry.argument(description="Of the purchase; if the offer `needsReference`."),
        ] = "",
    ) -> ClaimRightResult:
        services, where = services_of(info.context), _point(position)
        clock, bus, keys = services.clock, services.bus, services.keys.pictures
        async with at_grant_code(grant_code, clock=clock, bus=bus, keys=keys) as door:
            enrolment, viewer = await vehicle_of(info, vehicle, door)
            await counted(info, CLAIMS_PER_VEHICLE, enrolment.id, viewer=viewer)

            async def do(work: Work) -> Answer:
                granted = await grant_right(
                    grant_code, enrolment, viewer=viewer, clock=work.clock, bus=work.bus,
                    keys=keys, position=where, reference=reference,
                )  # fmt: skip
                return {"right": granted.right_id, "is_new": granted.is_new}

            given = {
                "code": grant_code, "vehicle": enrolment.id, "position": position,
                "reference": reference,
            }  # fmt: skip
            done = await once(info, idempotency_key, given, do, viewer)
        return RightClaimed(
            right=await load_known_right(info, done.answer["right"], viewer),
            is_new=done.answer["is_new"],
            rights=await rights_held(viewer, enrolment.id),
        )

    @mutation(
        "Give a right to another vehicle, where its terms allow that: its driver tells you the"
        " vehicle code. For the right's holder."
    )
    async def transfer_right(
        self,
        info: Info,
        right_id: Annotated[strawberry.ID, strawberry.argument(description="The right's id.")],
        to_vehicle_code: Annotated[
            str, strawberry.argument(description="The vehicle code of the other vehicle.")
        ],
        idempotency_key: IdempotencyKey,
        vehicle: VehicleAsked = None,
    ) -> TransferRightResult:
        key, services = wanted_key(right_id, "AssignedRight"), services_of(info.context)
        viewer = await acting_for(info, vehicle, "transfer")
        await counted(info, TRANSFERS_PER_VIEWER, viewer=viewer)
        if await load_right(info, key, viewer) is None:  # before a code is tried at its door
            raise NotFound("there is no such right")
        to = await enrolment_by_code(
            to_vehicle_code, f"transfer:{viewer.actor}", source_of(info.context),
            clock=services.clock, sealer=services.sealer,
        )  # fmt: skip

        async def do(work: Work) -> Answer:
            await transfer_right(viewer, key, to, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"right": key, "to": to.id}, do, viewer)
        return RightTransferred(right=await load_known_right(info, key, viewer))
