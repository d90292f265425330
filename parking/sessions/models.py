"""Tables of actual use: sessions, their segments, and how far events were followed."""

from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from parking.places.models import Space
from parking.reservations.models import Reservation


class SessionState(StrEnum):
    """Whether the vehicle is still there."""

    OPEN = "OPEN"
    ENDED = "ENDED"


class SegmentKind(StrEnum):
    """Why a part of a session is priced by itself."""

    EARLY = "EARLY"
    BOOKED = "BOOKED"
    EXTENSION = "EXTENSION"
    OVERSTAY = "OVERSTAY"


class SessionCause(StrEnum):
    """What began or ended a session."""

    DEVICE = "DEVICE"
    CREDENTIAL = "CREDENTIAL"
    OPERATOR = "OPERATOR"
    SYSTEM = "SYSTEM"


class Session(Model):
    """Actual use of a space under a reservation, priced when it ends. One open session a space."""

    id = fields.BigIntField(primary_key=True)
    reservation: fields.ForeignKeyRelation[Reservation] = fields.ForeignKeyField(
        "parking.Reservation", related_name="sessions"
    )
    reservation_id: int
    space: fields.ForeignKeyRelation[Space] = fields.ForeignKeyField(
        "parking.Space", related_name="sessions"
    )
    space_id: int
    place_id = fields.BigIntField()
    person_id = fields.BigIntField(null=True)
    plate = fields.CharField(max_length=20, default="")
    state = fields.CharEnumField(SessionState, max_length=9, default=SessionState.OPEN)
    started_at = fields.DatetimeField()
    started_by = fields.CharEnumField(SessionCause, max_length=10)
    ended_at = fields.DatetimeField(null=True)
    ended_by = fields.CharField(max_length=10, default="", description="a SessionCause")
    overstay_since = fields.DatetimeField(null=True)
    left_at = fields.DatetimeField(null=True, description="OPEN: the bay was seen free since")
    currency = fields.CharField(max_length=3)
    amount_minor = fields.BigIntField(null=True)
    lines = fields.TextField(description="JSON: the priced lines, once ended")
    version = fields.IntField(default=1)

    class Meta:
        table = "session"
        indexes = (
            Index(fields=("person_id", "id")),
            Index(fields=("place_id", "started_at")),
            Index(fields=("space_id", "started_at")),
        )


class Segment(Model):
    """A part of a session with one right and one rate."""

    id = fields.BigIntField(primary_key=True)
    session: fields.ForeignKeyRelation["Session"] = fields.ForeignKeyField(
        "parking.Session", related_name="segments"
    )
    session_id: int
    position = fields.IntField()
    kind = fields.CharEnumField(SegmentKind, max_length=10)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField(null=True)
    amount_minor = fields.BigIntField(null=True)
    lines = fields.TextField(description="JSON")

    class Meta:
        table = "segment"
        unique_together = (("session", "position"),)


class FollowCursor(Model):
    """Up to which version of a place a follower has acted on its events."""

    id = fields.BigIntField(primary_key=True)
    follower = fields.CharField(max_length=32)
    place_id = fields.BigIntField()
    version = fields.BigIntField()

    class Meta:
        table = "follow_cursor"
        unique_together = (("follower", "place_id"),)
