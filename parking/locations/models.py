"""Tables of shared positions: what is known of where a car stands, who sees it, and by what."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from parking.locations.kinds import (
    BindingScope,
    BindingSide,
    BindingState,
    InvitationWay,
    LinkOutcome,
    PositionState,
    RefinementState,
    Terminal,
    VersionKind,
    VersionSource,
)


class ParkingPosition(Model):
    """Where one car stands, from when it was left until it is gone. At most one ACTIVE position a
    reservation (`parking_position_reservation`). What is known is in its versions."""

    id = fields.BigIntField(primary_key=True)
    person_id = fields.BigIntField(description="the sharer")
    reservation_id = fields.BigIntField(null=True)
    booked_space_id = fields.BigIntField(
        null=True, description="the booking's bay, as it was followed last"
    )
    place_id = fields.BigIntField(null=True, description="of the newest version")
    title = fields.CharField(max_length=100, default="", description="the sharer's own words")
    state = fields.CharEnumField(PositionState, max_length=6, default=PositionState.ACTIVE)
    version = fields.IntField(default=1, description="the newest one's number")
    change = fields.IntField(default=1, description="counts everything that watchers hear of")
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    tell_at = fields.DatetimeField(null=True, description="when its receivers are to be told")
    told_at = fields.DatetimeField(null=True, description="when they were told last")

    class Meta:
        table = "parking_position"
        indexes = (Index(fields=("person_id", "id")), Index(fields=("ended_at",)))


class PositionVersion(Model):
    """What is known, by whom, since when. Append-only. Coordinates are WGS 84."""

    id = fields.BigIntField(primary_key=True)
    position: fields.ForeignKeyRelation[ParkingPosition] = fields.ForeignKeyField(
        "parking.ParkingPosition", related_name="versions"
    )
    position_id: int
    number = fields.IntField()
    kind = fields.CharEnumField(VersionKind, max_length=9)
    source = fields.CharEnumField(VersionSource, max_length=12)
    actor = fields.CharField(max_length=40, description="such as person:12")
    at = fields.DatetimeField()
    place_id = fields.BigIntField(null=True)
    space_id = fields.BigIntField(null=True)
    subplace_id = fields.BigIntField(null=True)
    floor = fields.CharField(max_length=100, default="")
    area = fields.CharField(max_length=100, default="")
    bay = fields.CharField(max_length=40, default="", description="the space's number, or typed")
    latitude = fields.FloatField(null=True)
    longitude = fields.FloatField(null=True)
    accuracy_metres = fields.FloatField(null=True)
    note = fields.CharField(max_length=500, default="")
    photo_id = fields.BigIntField(null=True)
    refinement_id = fields.BigIntField(null=True)

    class Meta:
        table = "position_version"
        unique_together = (("position", "number"),)


class PositionPhoto(Model):
    """A picture, in the store under `key`; without metadata, scaled, JPEG."""

    id = fields.BigIntField(primary_key=True)
    position: fields.ForeignKeyRelation[ParkingPosition] = fields.ForeignKeyField(
        "parking.ParkingPosition", related_name="photos"
    )
    position_id: int
    key = fields.CharField(max_length=64, unique=True)
    bytes = fields.IntField()
    width_pixels = fields.IntField()
    height_pixels = fields.IntField()
    created_by = fields.BigIntField(description="person")
    created_at = fields.DatetimeField()

    class Meta:
        table = "position_photo"
        indexes = (Index(fields=("position_id", "id")),)


class PhotoErasure(Model):
    """A picture whose row is gone and which the store has yet to let go of: kept until it has."""

    id = fields.BigIntField(primary_key=True)
    key = fields.CharField(max_length=64, unique=True)
    due_at = fields.DatetimeField()
    attempts = fields.IntField(default=0)

    class Meta:
        table = "photo_erasure"


class RefinementRequest(Model):
    """A question to a terminal: where exactly? At most one live one of a position and terminal."""

    id = fields.BigIntField(primary_key=True)
    position: fields.ForeignKeyRelation[ParkingPosition] = fields.ForeignKeyField(
        "parking.ParkingPosition", related_name="refinements"
    )
    position_id: int
    place_id = fields.BigIntField()
    terminal = fields.CharEnumField(Terminal, max_length=12)
    state = fields.CharEnumField(RefinementState, max_length=9, default=RefinementState.OPEN)
    words = fields.CharField(
        max_length=500, default="", description="what helps to find the car, for the attendant"
    )
    asked_number = fields.IntField(description="the position's newest version then")
    asked_at = fields.DatetimeField()
    due_at = fields.DatetimeField(null=True, description="MAP_SERVICE: when to ask, a lease")
    attempts = fields.IntField(default=0)
    taken_by = fields.BigIntField(null=True, description="person")
    taken_at = fields.DatetimeField(null=True)
    answered_by = fields.BigIntField(null=True, description="person")
    answered_at = fields.DatetimeField(null=True)
    answer_number = fields.IntField(null=True, description="the version that the answer became")
    reason = fields.CharField(max_length=200, default="", description="FAILED: why")
    version = fields.IntField(default=1)

    class Meta:
        table = "refinement_request"
        indexes = (
            Index(fields=("place_id", "state", "id")),
            Index(fields=("position_id", "id")),
        )


class PositionBinding(Model):
    """A receiver who sees a sharer's positions, with both sides' consent (CLAIMS E10). The side
    that has not agreed yet is null. The token of the invitation is stored hashed, until it is
    answered. Of one pair at most one ACTIVE one is for all positions, and one for each of them
    (`position_binding_pair`)."""

    id = fields.BigIntField(primary_key=True)
    sharer_id = fields.BigIntField(null=True)
    receiver_id = fields.BigIntField(null=True)
    state = fields.CharEnumField(BindingState, max_length=9, default=BindingState.REQUESTED)
    scope = fields.CharEnumField(BindingScope, max_length=8)
    position_id = fields.BigIntField(null=True, description="of ONE_STAY")
    until = fields.DatetimeField(null=True, description="of UNTIL")
    asked_by = fields.CharEnumField(BindingSide, max_length=8)
    way = fields.CharEnumField(InvitationWay, max_length=6)
    token_hash = fields.CharField(max_length=64, null=True, unique=True)
    phone = fields.CharField(
        max_length=20, default="", description="E.164; of PHONE, until answered"
    )
    sharer_name = fields.CharField(max_length=100, default="", description="as the receiver calls")
    receiver_name = fields.CharField(max_length=100, default="", description="as the sharer calls")
    locale = fields.CharField(max_length=16, default="en", description="of the receiver's notices")
    asked_at = fields.DatetimeField()
    answer_until = fields.DatetimeField()
    answered_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    ended_by = fields.CharField(max_length=8, default="", description="a BindingSide, or SYSTEM")
    version = fields.IntField(default=1)

    class Meta:
        table = "position_binding"
        indexes = (
            Index(fields=("sharer_id", "id")),
            Index(fields=("receiver_id", "id")),
            Index(fields=("position_id",)),
        )


class PositionLink(Model):
    """A secure link to one position; whoever has its address sees a snapshot (CLAIMS E8, E13). Its
    token is stored hashed: the address is shown once, to its maker."""

    id = fields.BigIntField(primary_key=True)
    position: fields.ForeignKeyRelation[ParkingPosition] = fields.ForeignKeyField(
        "parking.ParkingPosition", related_name="links"
    )
    position_id: int
    token_hash = fields.CharField(max_length=64, unique=True)
    label = fields.CharField(max_length=100, default="", description="for whom, the sharer's words")
    passcode_hash = fields.CharField(max_length=128, default="")
    wrong_tries = fields.IntField(default=0)
    views_max = fields.IntField(null=True)
    views = fields.IntField(default=0)
    shows_photo = fields.BooleanField(default=True)
    shows_note = fields.BooleanField(default=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)
    revoked_reason = fields.CharField(max_length=40, default="")
    version = fields.IntField(default=1)

    class Meta:
        table = "position_link"
        indexes = (Index(fields=("position_id", "id")),)


class PositionAccess(Model):
    """Somebody opened a link, or a receiver looked: for the sharer (CLAIMS E17). Without address;
    `device` is a coarse word such as `phone, Safari`."""

    id = fields.BigIntField(primary_key=True)
    position_id = fields.BigIntField()
    link_id = fields.BigIntField(null=True)
    binding_id = fields.BigIntField(null=True)
    version_number = fields.IntField(null=True, description="what was shown")
    outcome = fields.CharEnumField(LinkOutcome, max_length=14)
    device = fields.CharField(max_length=60, default="")
    at = fields.DatetimeField()

    class Meta:
        table = "position_access"
        indexes = (Index(fields=("position_id", "id")),)


class FetchPayment(Model):
    """What a fetcher pays of a stay that they end (CLAIMS E15): reserved in their wallet when they
    agree, moved to the owner's when the stay is settled, else given up."""

    id = fields.BigIntField(primary_key=True)
    delegation_id = fields.BigIntField(unique=True)
    reservation_id = fields.BigIntField(db_index=True)
    payer_id = fields.BigIntField(description="person: the fetcher")
    owner_id = fields.BigIntField(description="person: the driver of the booking")
    currency = fields.CharField(max_length=3)
    amount_max_minor = fields.BigIntField()
    amount_minor = fields.BigIntField(null=True, description="once it is resolved")
    created_at = fields.DatetimeField()
    resolved_at = fields.DatetimeField(null=True)

    class Meta:
        table = "fetch_payment"
