"""Table of pieces of long messages; whole ones are `parking.notices.models.SmsMessage`."""

from tortoise import fields
from tortoise.models import Model


class SmsPart(Model):
    """A piece of a long SMS, from a provider that does not join them itself (TS 23.040, UDH)."""

    id = fields.BigIntField(primary_key=True)
    provider = fields.CharField(max_length=16)
    provider_id = fields.CharField(max_length=128)
    sender = fields.CharField(max_length=20)
    recipient = fields.CharField(max_length=20)
    reference = fields.IntField()
    number = fields.IntField(description="from 1")
    total = fields.IntField()
    text = fields.CharField(max_length=160)
    received_at = fields.DatetimeField()
    joined_at = fields.DatetimeField(null=True)

    class Meta:
        table = "sms_part"
        unique_together = (("provider", "provider_id"),)
