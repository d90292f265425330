"""Table of reminders: what was decided, so that nothing is told twice."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from parking.reservations.models import Reservation


class Reminder(Model):
    """That it was decided whether to tell of one moment of a booking: its start or end, as it was
    then (`anchor_at`). A later end is another moment. Commits together with the notices."""

    id = fields.BigIntField(primary_key=True)
    reservation: fields.ForeignKeyRelation[Reservation] = fields.ForeignKeyField(
        "parking.Reservation", related_name="reminders"
    )
    reservation_id: int
    topic = fields.CharField(max_length=40)
    anchor_at = fields.DatetimeField()
    at = fields.DatetimeField()

    class Meta:
        table = "reminder"
        unique_together = (("reservation", "topic", "anchor_at"),)
        indexes = (Index(fields=("at",)),)
