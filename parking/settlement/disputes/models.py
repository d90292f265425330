"""Tables of disputes: what somebody disagrees with, and what they show for it."""

from tortoise import fields
from tortoise.models import Model

from parking.settlement.kinds import DisputeState
from parking.settlement.models import Settlement


class Dispute(Model):
    """Somebody does not agree with a settlement: `amount_minor` of it is frozen (`frozen_minor` on
    `dispute:{id}`) until it is decided how much goes back to the driver.

    `frozen` (JSON) says of whom it was taken: owner, property, platform, tax. A RAIL opens one when
    the driver's bank takes the money back (a chargeback); `rail_reference` is its name there.
    """

    id = fields.BigIntField(primary_key=True)
    settlement: fields.ForeignKeyRelation[Settlement] = fields.ForeignKeyField(
        "parking.Settlement", related_name="disputes", on_delete=fields.RESTRICT
    )
    settlement_id: int
    state = fields.CharEnumField(DisputeState, max_length=8)
    opened_by = fields.BigIntField(null=True, description="person; null: a rail")
    party = fields.CharField(max_length=8, description="who opened it: DRIVER, OWNER, RAIL")
    reason = fields.CharField(max_length=1000)
    currency = fields.CharField(max_length=3)
    amount_minor = fields.BigIntField()
    frozen_minor = fields.BigIntField(default=0)
    frozen = fields.TextField(default="{}", description="JSON")
    to_driver_minor = fields.BigIntField(null=True)
    decision = fields.CharField(max_length=1000, default="")
    decided_by = fields.BigIntField(null=True, description="person")
    opened_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)
    appeal_until = fields.DatetimeField(null=True)
    appealed_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)
    rail_reference = fields.CharField(max_length=128, null=True, unique=True)
    version = fields.IntField(default=1)

    class Meta:
        table = "dispute"


class DisputeEvidence(Model):
    """What somebody said or showed in a dispute."""

    id = fields.BigIntField(primary_key=True)
    dispute: fields.ForeignKeyRelation[Dispute] = fields.ForeignKeyField(
        "parking.Dispute", related_name="evidence", on_delete=fields.RESTRICT
    )
    dispute_id: int
    person_id = fields.BigIntField(null=True)
    party = fields.CharField(max_length=8)
    text = fields.CharField(max_length=4000)
    at = fields.DatetimeField()

    class Meta:
        table = "dispute_evidence"
