"""Tables of what is known about a space: the four axes, and the observations behind them."""

from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from parking.places.models import Space


class Occupancy(StrEnum):
    """Whether a vehicle stands in the space."""

    FREE = "FREE"
    OCCUPIED = "OCCUPIED"
    UNKNOWN = "UNKNOWN"


class Service(StrEnum):
    """Whether the operator offers the space."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"


class Claim(StrEnum):
    """Whether somebody has a right to the space now."""

    NONE = "NONE"
    HELD = "HELD"
    RESERVED = "RESERVED"


class LockState(StrEnum):
    """What the lock arm of the space says."""

    RAISED = "RAISED"
    LOWERED = "LOWERED"
    MOVING = "MOVING"
    OBSTRUCTED = "OBSTRUCTED"
    FORCED = "FORCED"
    FAULT = "FAULT"
    UNKNOWN = "UNKNOWN"


class SpaceStatus(StrEnum):
    """The one word for display, derived from the four axes by `rules.space_status`."""

    AVAILABLE = "AVAILABLE"
    RESERVED = "RESERVED"
    OCCUPIED = "OCCUPIED"
    CLOSED = "CLOSED"
    UNKNOWN = "UNKNOWN"


class Source(StrEnum):
    """Who says so."""

    DEVICE = "DEVICE"
    PERSON = "PERSON"
    STALENESS = "STALENESS"
    NONE = "NONE"


class Axis(StrEnum):
    """Which of a space's axes an observation is about."""

    OCCUPANCY = "OCCUPANCY"
    LOCK = "LOCK"


class SpaceState(Model):
    """The present state of one space: one narrow row, because it is what changes.

    `occupancy_since` is when the present occupancy began; `occupancy_boot` and
    `occupancy_sequence` are those of the newest report taken, by which later ones are ordered.
    """

    space: fields.OneToOneRelation[Space] = fields.OneToOneField(
        "parking.Space", primary_key=True, related_name="state"
    )
    space_id: int
    place_id = fields.BigIntField(db_index=True)
    occupancy = fields.CharEnumField(Occupancy, max_length=8, default=Occupancy.UNKNOWN)
    occupancy_since = fields.DatetimeField(null=True)
    observed_at = fields.DatetimeField(null=True)
    source = fields.CharEnumField(Source, max_length=10, default=Source.NONE)
    occupancy_device_id = fields.BigIntField(null=True, db_index=True)
    occupancy_boot = fields.BigIntField(default=0)
    occupancy_sequence = fields.BigIntField(default=0)
    service = fields.CharEnumField(Service, max_length=6, default=Service.OPEN)
    claim = fields.CharEnumField(Claim, max_length=8, default=Claim.NONE)
    lock = fields.CharEnumField(LockState, max_length=10, default=LockState.UNKNOWN)
    lock_since = fields.DatetimeField(null=True)
    lock_device_id = fields.BigIntField(null=True, db_index=True)
    lock_boot = fields.BigIntField(default=0)
    lock_sequence = fields.BigIntField(default=0)
    status = fields.CharEnumField(SpaceStatus, max_length=9, default=SpaceStatus.UNKNOWN)
    version = fields.BigIntField(default=0, description="the place's version at the last change")

    class Meta:
        # No index on what changes often: PostgreSQL then updates in place (HOT).
        table = "space_state"


class Observation(Model):
    """A fact from a device or person, kept for history. Append-only."""

    id = fields.BigIntField(primary_key=True)
    space_id = fields.BigIntField()
    place_id = fields.BigIntField()
    axis = fields.CharEnumField(Axis, max_length=9)
    value = fields.CharField(max_length=10)
    observed_at = fields.DatetimeField(description="when it became so, as far as is known")
    received_at = fields.DatetimeField()
    source = fields.CharEnumField(Source, max_length=10)
    device_id = fields.BigIntField(null=True)
    person_id = fields.BigIntField(null=True)
    boot = fields.BigIntField(default=0)
    sequence = fields.BigIntField(default=0)

    class Meta:
        table = "observation"
        unique_together = (("device_id", "space_id", "axis", "boot", "sequence"),)
        indexes = (
            Index(fields=("space_id", "axis", "observed_at")),
            Index(fields=("place_id", "axis", "observed_at")),
        )
