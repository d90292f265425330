"""Refusals of rights as data: each that a client would act on has a type of its own."""

from datetime import datetime
from typing import TypeAlias

import strawberry

from parking.rights import refusals
from parking.rights.redeeming import refusals as redeeming
from parking.vehicles.find import UnknownVehicleCode as DomainUnknownCode
from schema.ids import global_id
from schema.refusals import Refusal, TooManyTries, also_shaped, also_told


@strawberry.type(description="There is no such grant code: mistyped, or a false picture.")
class GrantCodeUnknown(Refusal):
    """`parking.rights.refusals.GrantCodeUnknown`."""


@strawberry.type(description="The screen shows another picture by now: scan that one.")
class PictureStale(Refusal):
    """`parking.rights.refusals.PictureStale`."""


@strawberry.type(
    description="The code grants nothing now. `code` says why: GRANT_CODE_NOT_YET_VALID,"
    " GRANT_CODE_EXPIRED, GRANT_CODE_REVOKED, CONTRACT_NOT_ACTIVE or PLACE_GONE."
)
class GrantCodeNotValid(Refusal):
    """`parking.rights.refusals.GrantCodeNotValid`."""

    valid_from: datetime | None = strawberry.field(
        description="When it begins, where it has not begun."
    )


@strawberry.type(
    description="Everything is granted. `code` says of what: GRANT_CODE_EXHAUSTED, QUOTA_EXHAUSTED"
    " or BUDGET_EXHAUSTED."
)
class NothingLeft(Refusal):
    """`parking.rights.refusals.NothingLeft`."""


@strawberry.type(
    description="It is granted at other times. `code`: OUTSIDE_SEASON, OUTSIDE_WEEKDAYS or"
    " OUTSIDE_HOURS."
)
class NotGrantedNow(Refusal):
    """`parking.rights.refusals.NotNow`."""


@strawberry.type(
    description="The vehicle has had today's. `code`: ALREADY_GRANTED_TODAY or DAY_MAXIMUM."
)
class AlreadyGranted(Refusal):
    """`parking.rights.refusals.AlreadyGranted`."""


@strawberry.type(description="It cannot go into one stay with what the vehicle holds of today.")
class NotStackable(Refusal):
    """`parking.rights.refusals.NotStackable`."""


@strawberry.type(description="It is for vehicles that are parked there at the moment.")
class NotParkedThere(Refusal):
    """`parking.rights.refusals.NotParkedThere`."""


@strawberry.type(
    description="The code asks for the reference of a purchase. `code`: REFERENCE_NEEDED or"
    " REFERENCE_USED."
)
class ReferenceWanted(Refusal):
    """`parking.rights.refusals.ReferenceWanted`."""


@strawberry.type(
    description="The code grants near its place only. `code`: POSITION_NEEDED or TOO_FAR."
)
class PositionWanted(Refusal):
    """`parking.rights.refusals.PositionWanted`."""


@strawberry.type(
    description="Who runs the place wants proof that the driver may speak for the vehicle: see"
    " `requestVehicleProof`."
)
class VehicleProofNeeded(Refusal):
    """`parking.rights.refusals.ProofNeeded`."""

    operator_id: strawberry.ID = strawberry.field(description="Who wants it.")


@strawberry.type(description="The right stays with its vehicle.")
class NotTransferable(Refusal):
    """`parking.rights.refusals.NotTransferable`."""


@strawberry.type(
    description="No vehicle has this code: wrong, mistyped, changed and deleted look the same."
)
class UnknownVehicleCode(Refusal):
    """`parking.vehicles.find.UnknownVehicleCode`."""


@strawberry.type(
    description="The vehicle is not parked there at the moment, or its stay is over; what is paid"
    " elsewhere than in Berth is none of it."
)
class NoOpenStay(Refusal):
    """`parking.rights.redeeming.refusals.NoOpenStay`."""


@strawberry.type(description="No right of the vehicle saves anything at this stay now.")
class NothingToRedeem(Refusal):
    """`parking.rights.redeeming.refusals.NothingToRedeem`."""


@strawberry.type(description="The vehicle holds no right by which it may enter this place now.")
class NoAccessRight(Refusal):
    """`parking.rights.redeeming.refusals.NoAccessRight`."""


@strawberry.type(
    description="A stay for so long costs more than the right is worth, or its issuer can pay now."
)
class AccessNotCovered(Refusal):
    """`parking.rights.redeeming.refusals.AccessNotCovered`."""


VehicleRefusal: TypeAlias = UnknownVehicleCode | TooManyTries
"""Why nobody may act for a vehicle."""

GrantRefusal: TypeAlias = (
    GrantCodeUnknown
    | PictureStale
    | GrantCodeNotValid
    | NothingLeft
    | NotGrantedNow
    | AlreadyGranted
    | NotStackable
    | NotParkedThere
    | ReferenceWanted
    | PositionWanted
    | VehicleProofNeeded
)
"""Why a right is not granted by (grant code, vehicle, current time)."""


also_shaped(
    {
        refusals.GrantCodeUnknown: GrantCodeUnknown,
        refusals.PictureStale: PictureStale,
        refusals.NothingLeft: NothingLeft,
        refusals.NotNow: NotGrantedNow,
        refusals.AlreadyGranted: AlreadyGranted,
        refusals.NotStackable: NotStackable,
        refusals.NotParkedThere: NotParkedThere,
        refusals.ReferenceWanted: ReferenceWanted,
        refusals.PositionWanted: PositionWanted,
        refusals.NotTransferable: NotTransferable,
        redeeming.NoOpenStay: NoOpenStay,
        redeeming.NothingToRedeem: NothingToRedeem,
        redeeming.NoAccessRight: NoAccessRight,
        redeeming.AccessNotCovered: AccessNotCovered,
        DomainUnknownCode: UnknownVehicleCode,
    }
)


def _not_valid(refusal: refusals.GrantCodeNotValid) -> GrantCodeNotValid:
    return GrantCodeNotValid(
        code=refusal.code, message=refusal.message, valid_from=refusal.valid_from
    )


def _proof(refusal: refusals.ProofNeeded) -> VehicleProofNeeded:
    operator_id = global_id("Organisation", refusal.operator_id)
    return VehicleProofNeeded(code=refusal.code, message=refusal.message, operator_id=operator_id)


also_told({refusals.GrantCodeNotValid: _not_valid, refusals.ProofNeeded: _proof})
