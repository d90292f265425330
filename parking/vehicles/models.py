"""Tables of vehicles: plates, who drives them, and proof of that."""

from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class ProofState(StrEnum):
    """Where a proof stands with the operator that asked for it."""

    REQUESTED = "REQUESTED"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    REVOKED = "REVOKED"


class Vehicle(Model):
    """A plate of a country (ISO 3166-1 alpha-2), normalised as in `parking.plates`. It belongs to
    nobody: who says to drive it has an enrolment of their own, and learns nothing of others."""

    id = fields.BigIntField(primary_key=True)
    country = fields.CharField(max_length=2)
    plate = fields.CharField(max_length=20, db_index=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "vehicle"
        unique_together = (("country", "plate"),)


class Enrolment(Model):
    """A driver of a vehicle, with the vehicle code that this driver chose for it (CLAIMS A8, A9).

    `code_hash` is a keyed hash of the whole code in its comparable form; a code is of one enrolment
    at a time. Rights hang on the enrolment, so a changed code keeps them, and whoever else claims
    to drive the vehicle sees and spends none of them. Removed, it has no code any more; there is
    one of each driver and vehicle for ever, so that removing it forgets no limit."""

    id = fields.BigIntField(primary_key=True)
    vehicle: fields.ForeignKeyRelation[Vehicle] = fields.ForeignKeyField(
        "parking.Vehicle", related_name="enrolments", on_delete=fields.RESTRICT
    )
    vehicle_id: int
    person_id = fields.BigIntField()
    name = fields.CharField(max_length=100, default="", description="what the driver calls it")
    code_hash = fields.CharField(max_length=64, unique=True, null=True)
    code_set_at = fields.DatetimeField(null=True)
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()
    removed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "enrolment"
        unique_together = (("vehicle_id", "person_id"),)
        indexes = (Index(fields=("person_id", "id")),)


class VehicleProof(Model):
    """That somebody may speak for a vehicle, as an operator asks for it at its places."""

    id = fields.BigIntField(primary_key=True)
    enrolment: fields.ForeignKeyRelation[Enrolment] = fields.ForeignKeyField(
        "parking.Enrolment", related_name="proofs", on_delete=fields.RESTRICT
    )
    enrolment_id: int
    organisation_id = fields.BigIntField(description="the operator")
    state = fields.CharEnumField(ProofState, max_length=9, default=ProofState.REQUESTED)
    document_reference = fields.CharField(max_length=300)
    reason = fields.CharField(max_length=500, default="")
    requested_at = fields.DatetimeField()
    decided_by = fields.BigIntField(null=True, description="person")
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "vehicle_proof"
        indexes = (Index(fields=("organisation_id", "id")),)
