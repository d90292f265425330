"""Tables of the devices in the bays: who they are, how they are protected, how they are doing."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from parking.places.models import Place, Space


class DeviceKind(StrEnum):
    """What the device is for."""

    SENSOR = "SENSOR"
    LOCK = "LOCK"
    READER = "READER"


class Device(Model):
    """A sensor, lock or reader. `endpoint` is its LwM2M endpoint client name (`ep`)."""

    id = fields.BigIntField(primary_key=True)
    endpoint = fields.CharField(max_length=64, unique=True)
    kind = fields.CharEnumField(DeviceKind, max_length=8)
    place: fields.ForeignKeyRelation[Place] = fields.ForeignKeyField(
        "parking.Place", related_name="devices"
    )
    place_id: int
    space: fields.ForeignKeyNullableRelation[Space] = fields.ForeignKeyField(
        "parking.Space", null=True, related_name="devices"
    )
    space_id: int | None
    lifetime_seconds = fields.IntField(default=93_600, description="silence that makes it stale")
    is_unsecured = fields.BooleanField(default=False, description="development only, DEVICES 4")
    manufacturer = fields.CharField(max_length=100, default="")
    model = fields.CharField(max_length=100, default="")
    serial = fields.CharField(max_length=100, default="")
    firmware = fields.CharField(max_length=100, default="")
    created_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "device"


class DeviceHealth(Model):
    """What the last uplinks said of the device itself; written coalesced, never once a report."""

    device: fields.OneToOneRelation["Device"] = fields.OneToOneField(
        "parking.Device", primary_key=True, related_name="health"
    )
    device_id: int
    last_seen_at = fields.DatetimeField(null=True)
    silent_after = fields.DatetimeField(null=True, description="last seen plus lifetime")
    stale_at = fields.DatetimeField(null=True, description="since when it is held to be silent")
    orphaned_at = fields.DatetimeField(
        null=True, description="moved or revoked: what it said of a space is to be forgotten"
    )
    address = fields.CharField(max_length=80, default="")
    boot = fields.BigIntField(default=0)
    sequence = fields.BigIntField(default=0)
    reset_cause = fields.CharField(max_length=40, default="")
    battery_percent = fields.IntField(null=True)
    battery_volts = fields.FloatField(null=True)
    battery_low = fields.BooleanField(default=False)
    rssi_dbm = fields.IntField(null=True)
    sinr_db = fields.IntField(null=True)
    error_codes = fields.CharField(max_length=200, default="", description="space-separated")
    alarms = fields.CharField(max_length=200, default="", description="space-separated, active")
    clock_offset_seconds = fields.FloatField(null=True)
    lock_moves = fields.BigIntField(null=True, description="how often a lock's arm moved")

    class Meta:
        table = "device_health"


class DeviceCredential(Model):
    """OSCORE material (RFC 8613) of a device; the secret is sealed with the installation's key."""

    id = fields.BigIntField(primary_key=True)
    device: fields.ForeignKeyRelation["Device"] = fields.ForeignKeyField(
        "parking.Device", related_name="credentials"
    )
    device_id: int
    kid = fields.CharField(max_length=16, description="device's sender id, hex")
    kid_context = fields.CharField(max_length=32, default="", description="ID context, hex")
    secret_sealed = fields.TextField(description="master secret, encrypted")
    master_salt = fields.CharField(max_length=32, default="", description="hex")
    generation = fields.IntField(default=1)
    created_at = fields.DatetimeField()
    first_used_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "device_credential"
        unique_together = (("kid", "kid_context"),)


class SecurityState(Model):
    """What must survive `kill -9` of a security context.

    `sender_sequence_reserved`: no number below it will be used again. `gateway` holds the context
    now; another gateway that takes it over starts with an Echo round (RFC 8613 appendix B.1.2).
    """

    credential: fields.OneToOneRelation["DeviceCredential"] = fields.OneToOneField(
        "parking.DeviceCredential", primary_key=True, related_name="security_state"
    )
    credential_id: int
    sender_sequence_reserved = fields.BigIntField(default=0)
    gateway = fields.CharField(max_length=64, default="")
    updated_at = fields.DatetimeField()

    class Meta:
        table = "security_state"


class Registration(Model):
    """A device's registration in the resource directory (`/rd`, LwM2M 1.1 section 6.2)."""

    device: fields.OneToOneRelation["Device"] = fields.OneToOneField(
        "parking.Device", primary_key=True, related_name="registration"
    )
    device_id: int
    location = fields.CharField(max_length=32, unique=True, description="the id in /rd/{id}")
    lifetime_seconds = fields.IntField()
    version = fields.CharField(max_length=8, default="1.1")
    binding = fields.CharField(max_length=8, default="U")
    queue_mode = fields.BooleanField(default=False)
    objects = fields.TextField(default="", description="the link format payload as sent")
    registered_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "registration"
