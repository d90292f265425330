"""Tables of the estate: campus, place, subplace, space."""

from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from parking.accounts.models import Organisation


class PlaceKind(StrEnum):
    """What sort of place it is, in a driver's words."""

    GARAGE = "GARAGE"
    LOT = "LOT"
    ON_STREET = "ON_STREET"
    PRIVATE_DRIVE = "PRIVATE_DRIVE"


class PlaceState(StrEnum):
    """How full a place is; decided with hysteresis by `parking.occupancy.rules`."""

    SPACES_AVAILABLE = "SPACES_AVAILABLE"
    ALMOST_FULL = "ALMOST_FULL"
    FULL = "FULL"
    CLOSED = "CLOSED"
    UNKNOWN = "UNKNOWN"


class SubplaceKind(StrEnum):
    """APDS hierarchy element kinds that Berth draws."""

    FLOOR_OR_LEVEL = "FLOOR_OR_LEVEL"
    ROW = "ROW"
    IDENTIFIED_AREA = "IDENTIFIED_AREA"


class Campus(Model):
    """An estate or mall: several places under one roof or name."""

    id = fields.BigIntField(primary_key=True)
    organisation: fields.ForeignKeyRelation[Organisation] = fields.ForeignKeyField(
        "parking.Organisation", related_name="campuses"
    )
    organisation_id: int
    name = fields.CharField(max_length=200)
    created_at = fields.DatetimeField()

    class Meta:
        table = "campus"


class Place(Model):
    """A lot, garage or private drive; `version` rises with every change of anything in it."""

    id = fields.BigIntField(primary_key=True)
    organisation: fields.ForeignKeyRelation[Organisation] = fields.ForeignKeyField(
        "parking.Organisation", related_name="places"
    )
    organisation_id: int
    campus: fields.ForeignKeyNullableRelation["Campus"] = fields.ForeignKeyField(
        "parking.Campus", null=True, related_name="places"
    )
    campus_id: int | None
    name = fields.CharField(max_length=200)
    kind = fields.CharEnumField(PlaceKind, max_length=16)
    time_zone = fields.CharField(max_length=64, description="IANA")
    currency = fields.CharField(max_length=3, description="ISO 4217")
    address = fields.CharField(max_length=300, default="")
    latitude = fields.FloatField(null=True)
    longitude = fields.FloatField(null=True)
    is_public = fields.BooleanField(default=True, description="live status readable by anyone")
    is_open = fields.BooleanField(default=True)
    external_id = fields.CharField(max_length=200, null=True)
    version = fields.BigIntField(default=0)
    state = fields.CharEnumField(PlaceState, max_length=20, default=PlaceState.UNKNOWN)
    available_count = fields.IntField(default=0)
    reserved_count = fields.IntField(default=0)
    occupied_count = fields.IntField(default=0)
    closed_count = fields.IntField(default=0)
    unknown_count = fields.IntField(default=0)
    created_at = fields.DatetimeField()
    retired_at = fields.DatetimeField(null=True)

    class Meta:
        table = "place"
        unique_together = (("organisation", "external_id"),)
        indexes = (Index(fields=("latitude", "longitude")), Index(fields=("name", "id")))


class Subplace(Model):
    """A level, row or zone of a place."""

    id = fields.BigIntField(primary_key=True)
    place: fields.ForeignKeyRelation["Place"] = fields.ForeignKeyField(
        "parking.Place", related_name="subplaces"
    )
    place_id: int
    parent: fields.ForeignKeyNullableRelation["Subplace"] = fields.ForeignKeyField(
        "parking.Subplace", null=True, related_name="children"
    )
    parent_id: int | None
    kind = fields.CharEnumField(SubplaceKind, max_length=16)
    name = fields.CharField(max_length=100)
    level = fields.IntField(default=0, description="0 = ground, negative = below")
    position = fields.IntField(default=0, description="order within its parent")

    class Meta:
        table = "subplace"
        unique_together = (("place", "name"),)


class Space(Model):
    """A bay: where one vehicle stands. Plan coordinates are metres on its level, y downwards."""

    id = fields.BigIntField(primary_key=True)
    place: fields.ForeignKeyRelation["Place"] = fields.ForeignKeyField(
        "parking.Place", related_name="spaces"
    )
    place_id: int
    subplace: fields.ForeignKeyNullableRelation["Subplace"] = fields.ForeignKeyField(
        "parking.Subplace", null=True, related_name="spaces"
    )
    subplace_id: int | None
    number = fields.CharField(max_length=40)
    external_id = fields.CharField(max_length=200, null=True)
    x_metres = fields.FloatField(default=0.0, description="plan: centre")
    y_metres = fields.FloatField(default=0.0, description="plan: centre")
    width_metres = fields.FloatField(default=2.5)
    length_metres = fields.FloatField(default=5.0)
    rotation_degrees = fields.FloatField(default=0.0, description="clockwise, 0 = length along y")
    latitude = fields.FloatField(null=True)
    longitude = fields.FloatField(null=True)
    is_ev = fields.BooleanField(default=False)
    is_accessible = fields.BooleanField(default=False)
    height_max_metres = fields.FloatField(null=True)
    retired_at = fields.DatetimeField(null=True)

    class Meta:
        table = "space"
        unique_together = (("place", "number"),)
