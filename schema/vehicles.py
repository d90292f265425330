"""Vehicles as their drivers have them, and proofs that a driver may speak for one."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from parking.errors import NotFound, NotPermitted
from parking.vehicles.models import ProofState
from parking.vehicles.queries import (
    enrolments_by_id,
    enrolments_of_person,
    proofs_by_id,
    proofs_of_enrolments,
    proofs_of_organisation,
)
from parking.vehicles.records import EnrolmentRecord, ProofRecord
from schema.context import Info, viewer_of
from schema.execution import COST, VOLATILE, Cost
from schema.fields import resolved
from schema.ids import global_id
from schema.loaders import load
from schema.refusals import known
from schema.relay import Connection, Node, Page, after_id, connection
from schema.vehicle_rights import VehicleRights

PROOFS_ASSUMED = 3


@strawberry.type(
    description="That a driver may speak for a vehicle at the places of an operator, who decides."
    " Seen by the driver, and by the operator's OPERATORs."
)
class VehicleProof(Node):
    """`parking.vehicles.records.ProofRecord`."""

    state: ProofState = strawberry.field(description="What the operator has decided.")
    document_reference: str = strawberry.field(
        description="Where the proof is, in the driver's words: registration, lease …"
    )
    reason: str = strawberry.field(description="Why it was declined or revoked; else empty.")
    vehicle_id: strawberry.ID = strawberry.field(
        description="The driver's vehicle; only the driver finds it by this id."
    )
    country: str = strawberry.field(description="Of the plate: ISO 3166-1 alpha-2.")
    plate: str = strawberry.field(description="Its letters and digits, in upper case.")
    driver_name: str = strawberry.field(description="As they wrote it; may be empty.")
    organisation_id: strawberry.ID = strawberry.field(description="The operator that was asked.")
    organisation_name: str = strawberry.field(description="Its name.")
    requested_at: datetime = strawberry.field(description="When it was asked for.")
    decided_at: datetime | None = strawberry.field(description="When it was last decided.")


@strawberry.type(
    description="A vehicle, as one driver of it has it; nobody else sees it. Its rights and its"
    " code are this driver's: whoever else drives the same vehicle has one of their own."
)
class Vehicle(Node, VehicleRights):
    """`parking.vehicles.records.EnrolmentRecord`."""

    country: str = strawberry.field(description="Of the plate: ISO 3166-1 alpha-2.")
    plate: str = strawberry.field(description="Its letters and digits, in upper case.")
    name: str = strawberry.field(description="What the driver calls it; may be empty.")
    has_code: bool = strawberry.field(description="Whether a vehicle code is set.")
    code_set_at: datetime | None = strawberry.field(
        description="When the vehicle code was last set; null: there is none."
    )
    version: int = strawberry.field(description="Counts up with each change.")
    created_at: datetime = strawberry.field(description="When it was first added.")
    removed_at: datetime | None = strawberry.field(
        description="When the driver removed it; it is then found by its id only."
    )
    key: strawberry.Private[int]

    @resolved(
        "What operators were asked for it, newest first.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=PROOFS_ASSUMED)},
    )
    async def proofs(self, info: Info) -> list[VehicleProof]:
        records = await load(info.context, proofs_of_enrolments, self.key)
        return [proof_of(record) for record in records or ()]


def vehicle_of(record: EnrolmentRecord) -> Vehicle:
    """The domain's enrolment as the schema's type."""
    return Vehicle(
        id=global_id("Vehicle", record.id),
        country=record.country,
        plate=record.plate,
        name=record.name,
        has_code=record.has_code,
        code_set_at=record.code_set_at,
        version=record.version,
        created_at=record.created_at,
        removed_at=record.removed_at,
        key=record.id,
    )


def proof_of(record: ProofRecord) -> VehicleProof:
    """The domain's proof as the schema's type."""
    return VehicleProof(
        id=global_id("VehicleProof", record.id),
        state=record.state,
        document_reference=record.document_reference,
        reason=record.reason,
        vehicle_id=global_id("Vehicle", record.enrolment_id),
        country=record.country,
        plate=record.plate,
        driver_name=record.person_name,
        organisation_id=global_id("Organisation", record.organisation_id),
        organisation_name=record.organisation_name,
        requested_at=record.requested_at,
        decided_at=record.decided_at,
    )


async def load_vehicle(info: Info, key: int | None) -> Vehicle | None:
    """The vehicle, if it is the viewer's own."""
    record = await load(info.context, enrolments_by_id, key)
    return None if record is None else vehicle_of(record)


async def load_known_vehicle(info: Info, key: int) -> Vehicle:
    """One that a verb has just made or changed; an error if it is gone since."""
    return known(await load_vehicle(info, key))


async def load_proof(info: Info, key: int) -> VehicleProof | None:
    """The proof, if the viewer may see it."""
    record = await load(info.context, proofs_by_id, key)
    return None if record is None else proof_of(record)


async def load_known_proof(info: Info, key: int) -> VehicleProof:
    """One that a verb has just made or changed; an error if it is gone since."""
    return known(await load_proof(info, key))


async def vehicle_page(info: Info, asked: Page) -> Connection[Vehicle]:
    """A page of the viewer's own vehicles, oldest first."""
    found = await enrolments_of_person(
        viewer_of(info.context), limit=asked.limit, after=after_id(asked)
    )
    return connection(asked, found, lambda record: (record.id,), vehicle_of)


async def proof_page(
    info: Info, organisation: int, states: Sequence[ProofState] | None, asked: Page
) -> Connection[VehicleProof] | None:
    """A page of what an operator was asked, oldest first; None for who does not decide there."""
    viewer, begin = viewer_of(info.context), after_id(asked)
    try:
        found = await proofs_of_organisation(
            viewer, organisation, states, limit=asked.limit, after=begin
        )
    except (NotFound, NotPermitted):
        return None
    return connection(asked, found, lambda record: (record.id,), proof_of)
