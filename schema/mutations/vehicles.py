"""Verbs on one's vehicles and their codes, and on proofs."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.vehicles.enrol import enrol, remove, rename
from parking.vehicles.proofs import approve_proofs, decline_proofs, request_proof, revoke_proofs
from parking.vehicles.set_code import delete_code, set_code
from schema.context import Info, services_of
from schema.ids import global_id, wanted_key
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.refusals import TooManyTries, VerbRefusal
from schema.vehicles import Vehicle, VehicleProof, load_known_proof, load_known_vehicle

VehicleId: TypeAlias = Annotated[
    strawberry.ID, strawberry.argument(description="The vehicle's id.")
]
VehicleName: TypeAlias = Annotated[
    str, strawberry.argument(description="What to call it, at most 100 characters; may be empty.")
]
ProofIds: TypeAlias = Annotated[
    list[strawberry.ID], strawberry.argument(description="The proofs' ids, 1 to 100.")
]
Reason: TypeAlias = Annotated[
    str, strawberry.argument(description="Why, for the other side: 1 to 500 characters.")
]


@strawberry.type(description="The viewer has the vehicle.")
class VehicleEnrolled:
    """Outcome of `enrolVehicle`."""

    vehicle: Vehicle = strawberry.field(
        description="The vehicle; as it was, where the viewer has it already."
    )


@strawberry.type(description="The vehicle is called what was wished.")
class VehicleRenamed:
    """Outcome of `renameVehicle`."""

    vehicle: Vehicle = strawberry.field(description="The vehicle now.")


@strawberry.type(description="The viewer has the vehicle no more; its code and its proofs ended.")
class VehicleRemoved:
    """Outcome of `removeVehicle`."""

    vehicle_id: strawberry.ID = strawberry.field(description="The vehicle's id.")


@strawberry.type(description="The vehicle has a code, instead of any it had.")
class VehicleCodeSet:
    """Outcome of `setVehicleCode`."""

    vehicle: Vehicle = strawberry.field(description="The vehicle now.")
    vehicle_code: str | None = strawberry.field(
        description="The whole code: the word and its digits. It is shown once. Null when this"
        " answer was given before under the same idempotency key: set another if it was lost."
    )


@strawberry.type(description="The vehicle has no code.")
class VehicleCodeDeleted:
    """Outcome of `deleteVehicleCode`."""

    vehicle: Vehicle = strawberry.field(description="The vehicle now.")


@strawberry.type(description="The operator was asked; or before, and the proof is as it was.")
class VehicleProofRequested:
    """Outcome of `requestVehicleProof`."""

    proof: VehicleProof = strawberry.field(description="The proof.")


@strawberry.type(description="Proofs are decided as was wished.")
class VehicleProofsDecided:
    """Outcome of the three verbs that decide."""

    proofs: list[VehicleProof] = strawberry.field(description="The proofs now, as given.")


EnrolVehicleResult: TypeAlias = Annotated[
    VehicleEnrolled | VerbRefusal | TooManyTries,
    strawberry.union("EnrolVehicleResult", description="What `enrolVehicle` answers."),
]
RenameVehicleResult: TypeAlias = Annotated[
    VehicleRenamed | VerbRefusal,
    strawberry.union("RenameVehicleResult", description="What `renameVehicle` answers."),
]
RemoveVehicleResult: TypeAlias = Annotated[
    VehicleRemoved | VerbRefusal,
    strawberry.union("RemoveVehicleResult", description="What `removeVehicle` answers."),
]
SetVehicleCodeResult: TypeAlias = Annotated[
    VehicleCodeSet | VerbRefusal | TooManyTries,
    strawberry.union("SetVehicleCodeResult", description="What `setVehicleCode` answers."),
]
DeleteVehicleCodeResult: TypeAlias = Annotated[
    VehicleCodeDeleted | VerbRefusal,
    strawberry.union("DeleteVehicleCodeResult", description="What `deleteVehicleCode` answers."),
]
RequestVehicleProofResult: TypeAlias = Annotated[
    VehicleProofRequested | VerbRefusal | TooManyTries,
    strawberry.union(
        "RequestVehicleProofResult", description="What `requestVehicleProof` answers."
    ),
]
DecideVehicleProofsResult: TypeAlias = Annotated[
    VehicleProofsDecided | VerbRefusal,
    strawberry.union(
        "DecideVehicleProofsResult",
        description="What `approveVehicleProofs`, `declineVehicleProofs` and"
        " `revokeVehicleProofs` answer.",
    ),
]


@strawberry.type
class VehicleMutations:
    """Root fields of drivers."""

    @mutation(
        "Say that one drives a vehicle, for people. Whether others do is never said; at most 20 of"
        " one's own."
    )
    async def enrol_vehicle(
        self,
        info: Info,
        country: Annotated[
            str, strawberry.argument(description="Of the plate: ISO 3166-1 alpha-2, such as DE.")
        ],
        plate: Annotated[str, strawberry.argument(description="As it is on the vehicle.")],
        idempotency_key: IdempotencyKey,
        name: VehicleName = "",
    ) -> EnrolVehicleResult:
        async def do(work: Work) -> Answer:
            return {"made": await enrol(work.viewer, country, plate, name, clock=work.clock)}

        given = {"country": country, "plate": plate, "name": name}
        done = await once(info, idempotency_key, given, do)
        return VehicleEnrolled(vehicle=await load_known_vehicle(info, done.answer["made"]))

    @mutation("Call one's vehicle something else, or nothing.")
    async def rename_vehicle(
        self, info: Info, vehicle_id: VehicleId, name: VehicleName, idempotency_key: IdempotencyKey
    ) -> RenameVehicleResult:
        key = wanted_key(vehicle_id, "Vehicle")

        async def do(work: Work) -> Answer:
            await rename(work.viewer, key, name, clock=work.clock)
            return {}

        await once(info, idempotency_key, {"vehicle": key, "name": name}, do)
        return VehicleRenamed(vehicle=await load_known_vehicle(info, key))

    @mutation(
        "Say that one does not drive it any more: its code and its proofs end, and its rights wait."
        " Enrolled again in their time, it has them still."
    )
    async def remove_vehicle(
        self, info: Info, vehicle_id: VehicleId, idempotency_key: IdempotencyKey
    ) -> RemoveVehicleResult:
        key = wanted_key(vehicle_id, "Vehicle")

        async def do(work: Work) -> Answer:
            await remove(work.viewer, key, clock=work.clock)
            return {}

        await once(info, idempotency_key, {"vehicle": key}, do)
        return VehicleRemoved(vehicle_id=global_id("Vehicle", key))

    @mutation(
        "Give one's vehicle a code, instead of the one it has: a word of one's own and digits that"
        " Berth appends, so that it is unique. Rights stay with the vehicle."
    )
    async def set_vehicle_code(
        self,
        info: Info,
        vehicle_id: VehicleId,
        word: Annotated[
            str,
            strawberry.argument(
                description="6 to 24 letters and digits that nobody would try first; not the plate."
            ),
        ],
        idempotency_key: IdempotencyKey,
    ) -> SetVehicleCodeResult:
        key, sealer = wanted_key(vehicle_id, "Vehicle"), services_of(info.context).sealer

        async def do(work: Work) -> Answer:
            work.shown = await set_code(work.viewer, key, word, clock=work.clock, sealer=sealer)
            return {}

        # The digest of what was given is kept: of a word only under the installation's key.
        given = {"vehicle": key, "word": sealer.fingerprint(f"vehicle word {word}").hex()}
        done = await once(info, idempotency_key, given, do)
        return VehicleCodeSet(vehicle=await load_known_vehicle(info, key), vehicle_code=done.shown)

    @mutation("Have no vehicle code any more. One's rights can still be used signed in.")
    async def delete_vehicle_code(
        self, info: Info, vehicle_id: VehicleId, idempotency_key: IdempotencyKey
    ) -> DeleteVehicleCodeResult:
        key = wanted_key(vehicle_id, "Vehicle")

        async def do(work: Work) -> Answer:
            await delete_code(work.viewer, key, clock=work.clock)
            return {}

        await once(info, idempotency_key, {"vehicle": key}, do)
        return VehicleCodeDeleted(vehicle=await load_known_vehicle(info, key))

    @mutation(
        "Ask who runs a place to approve that one speaks for the vehicle, at all its places; some"
        " grant rights only then."
    )
    async def request_vehicle_proof(
        self,
        info: Info,
        vehicle_id: VehicleId,
        place_id: Annotated[strawberry.ID, strawberry.argument(description="The place's id.")],
        document_reference: Annotated[
            str,
            strawberry.argument(
                description="Where the proof is: registration, lease …; 1 to 300 characters."
            ),
        ],
        idempotency_key: IdempotencyKey,
    ) -> RequestVehicleProofResult:
        key, place = wanted_key(vehicle_id, "Vehicle"), wanted_key(place_id, "Place")

        async def do(work: Work) -> Answer:
            asked = await request_proof(
                work.viewer, key, place, document_reference, clock=work.clock
            )
            return {"asked": asked}

        given = {"vehicle": key, "place": place, "reference": document_reference}
        done = await once(info, idempotency_key, given, do)
        return VehicleProofRequested(proof=await load_known_proof(info, done.answer["asked"]))


@strawberry.type
class VehicleProofMutations:
    """Root fields of operators."""

    @mutation("Approve that drivers speak for their vehicles. For OPERATORs who were asked.")
    async def approve_vehicle_proofs(
        self, info: Info, proof_ids: ProofIds, idempotency_key: IdempotencyKey
    ) -> DecideVehicleProofsResult:
        keys = _keys(proof_ids)

        async def do(work: Work) -> Answer:
            await approve_proofs(work.viewer, keys, clock=work.clock)
            return {}

        await once(info, idempotency_key, {"proofs": keys}, do)
        return VehicleProofsDecided(proofs=await _proofs(info, keys))

    @mutation("Refuse proofs, and say why. For OPERATORs who were asked.")
    async def decline_vehicle_proofs(
        self, info: Info, proof_ids: ProofIds, reason: Reason, idempotency_key: IdempotencyKey
    ) -> DecideVehicleProofsResult:
        keys = _keys(proof_ids)

        async def do(work: Work) -> Answer:
            await decline_proofs(work.viewer, keys, reason, clock=work.clock)
            return {}

        await once(info, idempotency_key, {"proofs": keys, "reason": reason}, do)
        return VehicleProofsDecided(proofs=await _proofs(info, keys))

    @mutation("Take proofs back; for OPERATORs who were asked, and the driver may give one up.")
    async def revoke_vehicle_proofs(
        self, info: Info, proof_ids: ProofIds, reason: Reason, idempotency_key: IdempotencyKey
    ) -> DecideVehicleProofsResult:
        keys = _keys(proof_ids)

        async def do(work: Work) -> Answer:
            await revoke_proofs(work.viewer, keys, reason, clock=work.clock)
            return {}

        await once(info, idempotency_key, {"proofs": keys, "reason": reason}, do)
        return VehicleProofsDecided(proofs=await _proofs(info, keys))


def _keys(ids: Sequence[strawberry.ID]) -> list[int]:
    return [wanted_key(each, "VehicleProof") for each in ids]


async def _proofs(info: Info, keys: Sequence[int]) -> list[VehicleProof]:
    return list(await asyncio.gather(*(load_known_proof(info, key) for key in keys)))
