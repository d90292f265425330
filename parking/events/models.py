"""The event row that commits together with each change of a place."""

from tortoise import fields
from tortoise.models import Model


class PlaceEvent(Model):
    """One change of a place: what consumers resume from. Kept for a retention time.

    `payload` is the JSON text of the change as subscribers receive it.
    """

    id = fields.BigIntField(primary_key=True)
    place_id = fields.BigIntField()
    version = fields.BigIntField()
    kind = fields.CharField(max_length=32, description="CDS-like name, such as `space_changed`")
    at = fields.DatetimeField(db_index=True)
    payload = fields.TextField()

    class Meta:
        table = "place_event"
        unique_together = (("place_id", "version"),)
