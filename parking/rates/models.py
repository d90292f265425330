"""Tables of what parking costs: rate tables in the APDS structure, kept as data."""

from tortoise import fields
from tortoise.models import Model

from parking.accounts.models import Organisation


class RateTable(Model):
    """A tariff: the APDS RateTable → RateLineCollection → RateLine as one JSON document.

    The document is parsed by `parking.rates.document`. Editing it raises `version`; quotes and
    reservations keep a copy of what they were priced with, so an edit never reaches them.
    """

    id = fields.BigIntField(primary_key=True)
    organisation: fields.ForeignKeyRelation[Organisation] = fields.ForeignKeyField(
        "parking.Organisation", related_name="rate_tables"
    )
    organisation_id: int
    name = fields.CharField(max_length=200)
    currency = fields.CharField(max_length=3, description="ISO 4217")
    document = fields.TextField(description="JSON")
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()
    retired_at = fields.DatetimeField(null=True)

    class Meta:
        table = "rate_table"
