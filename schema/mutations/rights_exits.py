"""Verbs at the exit: what a stay costs with the vehicle's rights, and redeeming them."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

import strawberry

from parking.access.command_queries import commands_by_id
from parking.access.models import CommandState
from parking.accounts.idempotency import Answer
from parking.accounts.viewer import SYSTEM, Viewer
from parking.rights.attempts import GATE_REDEMPTIONS_PER_VIEWER, PLANS_PER_VEHICLE
from parking.rights.codes.exit_codes import scanned_exit_code
from parking.rights.kinds import RedemptionWay
from parking.rights.redeeming.cancel import cancel_redemption
from parking.rights.redeeming.plan import plan_redemption
from parking.rights.redeeming.redeem import Redeemed, redeem, redeem_by_plate
from parking.vehicles.records import EnrolmentRecord
from schema.context import Info, services_of
from schema.ids import wanted_key
from schema.mutations.counted import counted
from schema.mutations.once import Done, IdempotencyKey, Work, mutation, once
from schema.mutations.rights_claims import rights_held
from schema.mutations.vehicle_proof import (
    VehicleAsked,
    VehicleGiven,
    acting_for,
    own_vehicle,
    vehicle_of,
)
from schema.refusals import TooManyTries, VerbRefusal
from schema.rights_assigned import AssignedRight
from schema.rights_offers import ExitScan
from schema.rights_plans import ExitPlan, plan_kept, plan_told
from schema.rights_redemptions import Redemption, load_known_redemption
from schema.rights_refusals import NoOpenStay, NothingToRedeem, VehicleRefusal

PlaceId: TypeAlias = Annotated[strawberry.ID, strawberry.argument(description="The place's id.")]
VehicleId: TypeAlias = Annotated[
    strawberry.ID, strawberry.argument(description="A vehicle of the viewer.")
]
LOCK = "How far the order has come to lower the arm before the vehicle; null: none stood up."


@strawberry.type(description="What leaving now would cost; nothing is promised by it.")
class ExitPlanned:
    """Outcome of `planExit` and `planRedemption`."""

    plan: ExitPlan = strawberry.field(description="The plan.")


@strawberry.type(description="The best rights of the vehicle are in its stay.")
class ExitRedeemed:
    """Outcome of `redeemAtExit` and `redeemRights`."""

    plan: ExitPlan = strawberry.field(description="What was carried out.")
    redemptions: list[Redemption] = strawberry.field(description="The rights that are in the stay.")
    rights: list[AssignedRight] = strawberry.field(
        description="All that the vehicle holds now, the newest first."
    )
    lock: CommandState | None = strawberry.field(description=LOCK)


@strawberry.type(description="The best rights of a vehicle at the gate are in its stay.")
class GateRedeemed:
    """Outcome of `redeemAtGate`."""

    plan: ExitPlan = strawberry.field(
        description="What was carried out; it tells nothing of the guest's other rights."
    )
    lock: CommandState | None = strawberry.field(description=LOCK)


@strawberry.type(description="A right is taken out of a stay, and the vehicle's again.")
class RedemptionCancelled:
    """Outcome of `cancelRedemption`."""

    redemption: Redemption = strawberry.field(description="The redemption now.")


PlanExitResult: TypeAlias = Annotated[
    ExitPlanned | NoOpenStay | VehicleRefusal | VerbRefusal,
    strawberry.union("PlanExitResult", description="What `planExit` and `planRedemption` answer."),
]
RedeemAtExitResult: TypeAlias = Annotated[
    ExitRedeemed | NoOpenStay | NothingToRedeem | VehicleRefusal | VerbRefusal,
    strawberry.union(
        "RedeemAtExitResult", description="What `redeemAtExit` and `redeemRights` answer."
    ),
]
RedeemAtGateResult: TypeAlias = Annotated[
    GateRedeemed | NoOpenStay | NothingToRedeem | TooManyTries | VerbRefusal,
    strawberry.union("RedeemAtGateResult", description="What `redeemAtGate` answers."),
]
CancelRedemptionResult: TypeAlias = Annotated[
    RedemptionCancelled | VehicleRefusal | VerbRefusal,
    strawberry.union("CancelRedemptionResult", description="What `cancelRedemption` answers."),
]


async def _planned(
    info: Info, enrolment: EnrolmentRecord, viewer: Viewer, place_id: int
) -> ExitPlanned:
    await counted(info, PLANS_PER_VEHICLE, enrolment.id, viewer=viewer)
    clock = services_of(info.context).clock
    plan = await plan_redemption(enrolment, place_id, clock=clock)
    return ExitPlanned(plan=plan_told(await plan_kept(plan)))


async def _redeemed(
    info: Info,
    key: str,
    enrolment: EnrolmentRecord,
    viewer: Viewer,
    place_id: int,
    way: RedemptionWay,
) -> ExitRedeemed:
    await counted(info, PLANS_PER_VEHICLE, enrolment.id, viewer=viewer)

    async def do(work: Work) -> Answer:
        done = await redeem(enrolment, place_id, way, viewer=viewer, clock=work.clock, bus=work.bus)
        return await _kept(done)

    given = {"place": place_id, "vehicle": enrolment.id}
    done = await once(info, key, given, do, viewer)
    ids = done.answer["redemptions"]
    return ExitRedeemed(
        plan=plan_told(done.answer["plan"]),
        redemptions=[await load_known_redemption(info, each, viewer) for each in ids],
        rights=await rights_held(viewer, enrolment.id),
        lock=await _lock_of(done),
    )


async def _kept(redeemed: Redeemed, *, is_for_driver: bool = True) -> Answer:
    return {
        "plan": await plan_kept(redeemed.plan, is_for_driver=is_for_driver),
        "redemptions": redeemed.redemption_ids,
        "command": redeemed.command_id,
    }


async def _lock_of(done: Done) -> CommandState | None:
    """How far the order is that the redemption gave: whoever gave it may know that."""
    answer: Mapping[str, Any] = done.answer
    if answer["command"] is None:
        return None
    return (await commands_by_id(SYSTEM, [answer["command"]]))[answer["command"]].state


@strawberry.type
class RightsExitMutations:
    """Root fields."""

    @mutation(
        "What leaving now would cost with the vehicle's rights, and why these. It changes nothing,"
        " and so takes no key. For whoever knows the vehicle code, and for the driver."
    )
    async def plan_exit(
        self, info: Info, exit_code: ExitScan, vehicle: VehicleGiven
    ) -> PlanExitResult:
        code = await scanned_exit_code(exit_code)
        enrolment, viewer = await vehicle_of(info, vehicle, f"exit:{code.public_id}")
        return await _planned(info, enrolment, viewer, code.place_id)

    @mutation(
        "Put the best rights of a vehicle into its stay, and open the way out. Again, it plans the"
        " whole stay anew. For whoever knows the vehicle code, and for the driver."
    )
    async def redeem_at_exit(
        self,
        info: Info,
        exit_code: ExitScan,
        vehicle: VehicleGiven,
        idempotency_key: IdempotencyKey,
    ) -> RedeemAtExitResult:
        code = await scanned_exit_code(exit_code)
        enrolment, viewer = await vehicle_of(info, vehicle, f"exit:{code.public_id}")
        way = RedemptionWay.EXIT_CODE
        return await _redeemed(info, idempotency_key, enrolment, viewer, code.place_id, way)

    @mutation("The same as `planExit`, for a signed-in driver without an exit code.")
    async def plan_redemption(
        self, info: Info, place_id: PlaceId, vehicle_id: VehicleId
    ) -> PlanExitResult:
        enrolment, viewer = await own_vehicle(info, vehicle_id)
        return await _planned(info, enrolment, viewer, wanted_key(place_id, "Place"))

    @mutation("The same as `redeemAtExit`, for a signed-in driver without an exit code.")
    async def redeem_rights(
        self, info: Info, place_id: PlaceId, vehicle_id: VehicleId, idempotency_key: IdempotencyKey
    ) -> RedeemAtExitResult:
        enrolment, viewer = await own_vehicle(info, vehicle_id)
        place, way = wanted_key(place_id, "Place"), RedemptionWay.DRIVER
        return await _redeemed(info, idempotency_key, enrolment, viewer, place, way)

    @mutation(
        "Take a right out of a stay that goes on. For the right's holder: signed in, or by the"
        " vehicle code."
    )
    async def cancel_redemption(
        self,
        info: Info,
        redemption_id: Annotated[
            strawberry.ID, strawberry.argument(description="The redemption's id.")
        ],
        idempotency_key: IdempotencyKey,
        vehicle: VehicleAsked = None,
    ) -> CancelRedemptionResult:
        key = wanted_key(redemption_id, "Redemption")
        viewer = await acting_for(info, vehicle, "cancel_redemption")

        async def do(work: Work) -> Answer:
            await cancel_redemption(viewer, key, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"redemption": key}, do, viewer)
        return RedemptionCancelled(redemption=await load_known_redemption(info, key, viewer))

    @mutation(
        "Put the best rights of the vehicle that stands at the gate, or whose driver stands at the"
        " till, into its stay: those of the stay's own driver, and of drivers with an approved"
        " proof. For OPERATORs and ATTENDANTs of the place, and its API keys with `rights:write`."
    )
    async def redeem_at_gate(
        self,
        info: Info,
        place_id: PlaceId,
        plate: Annotated[str, strawberry.argument(description="As on the vehicle.")],
        idempotency_key: IdempotencyKey,
        at_till: Annotated[
            bool, strawberry.argument(description="Whether it is at a till, not at the gate.")
        ] = False,
    ) -> RedeemAtGateResult:
        place = wanted_key(place_id, "Place")
        way = RedemptionWay.TILL if at_till else RedemptionWay.GATE
        await counted(info, GATE_REDEMPTIONS_PER_VIEWER)

        async def do(work: Work) -> Answer:
            redeemed = await redeem_by_plate(
                work.viewer, place, plate, way, clock=work.clock, bus=work.bus
            )
            return await _kept(redeemed, is_for_driver=False)

        done = await once(info, idempotency_key, {"place": place, "plate": plate, "way": way}, do)
        return GateRedeemed(plan=plan_told(done.answer["plan"]), lock=await _lock_of(done))
