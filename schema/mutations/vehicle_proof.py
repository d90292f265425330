"""Who acts for a vehicle: its driver, signed in, or whoever knows its vehicle code."""

from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.viewer import Viewer
from parking.vehicles.find import enrolment_by_code, holder_of
from parking.vehicles.queries import enrolment_by_id
from parking.vehicles.records import EnrolmentRecord
from parking.vehicles.rules import require_driver
from schema.context import Info, services_of, source_of, viewer_of
from schema.ids import wanted_key


@strawberry.input(one_of=True, description="For which vehicle: exactly one of these.")
class VehicleProofInput:
    """What says that one may act for a vehicle."""

    code: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Its vehicle code; needs no sign-in. Wrong ones are counted.",
    )
    vehicle_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="A vehicle of the signed-in viewer."
    )


VehicleGiven: TypeAlias = Annotated[
    VehicleProofInput, strawberry.argument(description="For which vehicle.")
]
VehicleAsked: TypeAlias = Annotated[
    VehicleProofInput | None,
    strawberry.argument(description="Whose it is; null: the signed-in viewer's."),
]


async def vehicle_of(
    info: Info, given: VehicleProofInput, door: str
) -> tuple[EnrolmentRecord, Viewer]:
    """The vehicle, and as whom the caller acts for it.

    `door` is where a code is tried. Raises NotFound, Unauthenticated, NotPermitted,
    UnknownVehicleCode and TooManyTries; not inside a transaction.
    """
    if given.code is not None and given.code is not strawberry.UNSET:
        services = services_of(info.context)
        found = await enrolment_by_code(
            given.code, door, source_of(info.context), clock=services.clock, sealer=services.sealer
        )
        return found, holder_of(found)
    return await own_vehicle(info, given.vehicle_id or "")


async def own_vehicle(info: Info, vehicle_id: str) -> tuple[EnrolmentRecord, Viewer]:
    """A vehicle of the signed-in viewer. Raises NotFound, Unauthenticated and NotPermitted."""
    viewer = viewer_of(info.context)
    require_driver(viewer)
    return await enrolment_by_id(viewer, wanted_key(vehicle_id, "Vehicle")), viewer


async def acting_for(info: Info, given: VehicleProofInput | None, door: str) -> Viewer:
    """As whom the caller acts: for the vehicle given, or as the signed-in driver. Raises as
    `vehicle_of`."""
    if given is not None:
        _, viewer = await vehicle_of(info, given, door)
        return viewer
    viewer = viewer_of(info.context)
    require_driver(viewer)
    return viewer
