"""Tables of what opens a bay: credentials, their use, commands to locks, alarms."""

from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from parking.devices.models import Device
from parking.reservations.models import Reservation


class CredentialKind(StrEnum):
    """How somebody proves a right at a bay."""

    QR_CODE = "QR_CODE"
    KEY = "KEY"
    LICENSE_PLATE = "LICENSE_PLATE"


class LockTarget(StrEnum):
    """Where the arm is to go."""

    RAISED = "RAISED"
    LOWERED = "LOWERED"


class CommandState(StrEnum):
    """DEVICES section 3. The last four are final."""

    QUEUED = "QUEUED"
    DELIVERED = "DELIVERED"
    ACCEPTED = "ACCEPTED"
    DONE = "DONE"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    SUPERSEDED = "SUPERSEDED"


class CommandCause(StrEnum):
    """Why there is a command."""

    CREDENTIAL = "CREDENTIAL"
    HOLDER = "HOLDER"
    OWNER = "OWNER"
    OPERATOR = "OPERATOR"
    RESERVATION = "RESERVATION"
    DEPARTURE = "DEPARTURE"
    REPAIR = "REPAIR"


class AlarmKind(StrEnum):
    """What contradicts itself at a bay."""

    OCCUPIED_WITHOUT_RIGHT = "OCCUPIED_WITHOUT_RIGHT"
    RAISED_YET_OCCUPIED = "RAISED_YET_OCCUPIED"
    OPEN_WITHOUT_CAR = "OPEN_WITHOUT_CAR"
    FORCED = "FORCED"
    OBSTRUCTED = "OBSTRUCTED"
    LOCK_SILENT = "LOCK_SILENT"
    OVERSTAY = "OVERSTAY"
    OPENED_WITHOUT_RIGHT = "OPENED_WITHOUT_RIGHT"


class DelegationPayer(StrEnum):
    """Who pays a stay that somebody else than its driver ends."""

    OWNER = "OWNER"
    """The driver of the booking, as if they had come themselves."""
    FETCHER = "FETCHER"
    """Who fetches the car, up to an amount that both have agreed to."""


class DelegationState(StrEnum):
    """Where a delegated exit right stands. The last four are final.

    OFFERED: its fetcher has yet to agree to pay. ACTIVE: it opens. LEAVING: a reader at the bay has
    let the car go, and the gate will.
    """

    OFFERED = "OFFERED"
    ACTIVE = "ACTIVE"
    LEAVING = "LEAVING"
    USED = "USED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    ENDED = "ENDED"
    """The car left without it."""


class Credential(Model):
    """A proof of entitlement for one reservation at one bay; a key is stored hashed only."""

    id = fields.BigIntField(primary_key=True)
    reservation: fields.ForeignKeyRelation[Reservation] = fields.ForeignKeyField(
        "parking.Reservation", related_name="credentials"
    )
    reservation_id: int
    space_id = fields.BigIntField()
    kind = fields.CharEnumField(CredentialKind, max_length=13)
    key_hash = fields.CharField(max_length=128, default="")
    valid_from = fields.DatetimeField()
    valid_until = fields.DatetimeField()
    created_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "credential"
        indexes = (Index(fields=("space_id", "kind")),)


class CredentialToken(Model):
    """A QR credential that was shown: what it says, so that it can be revoked while it lasts."""

    id = fields.BigIntField(primary_key=True)
    cti = fields.CharField(max_length=64, unique=True, description="hex")
    kid = fields.CharField(max_length=32, description="of the signing key, hex")
    token_hash = fields.CharField(max_length=66, description="RFC 9770, hex")
    reservation: fields.ForeignKeyRelation[Reservation] = fields.ForeignKeyField(
        "parking.Reservation", related_name="credential_tokens"
    )
    reservation_id: int
    place_id = fields.BigIntField()
    space_id = fields.BigIntField()
    delegation_id = fields.BigIntField(null=True, description="shown by who fetches the car")
    not_before = fields.DatetimeField()
    issued_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "credential_token"
        indexes = (Index(fields=("place_id", "expires_at")),)


class CredentialUse(Model):
    """A one-time id (`cti`, RFC 8392 section 3.1.7) that was used; it never opens again."""

    id = fields.BigIntField(primary_key=True)
    cti = fields.CharField(max_length=64, unique=True, description="hex")
    reservation_id = fields.BigIntField()
    reader_device_id = fields.BigIntField(null=True)
    used_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "credential_use"


class AccessEvent(Model):
    """A credential was shown: what came of it. Append-only.

    `boot` and `sequence` are the reader's numbers of the message, where it sends them: the same
    message sent again is the same event.
    """

    id = fields.BigIntField(primary_key=True)
    place_id = fields.BigIntField()
    space_id = fields.BigIntField(null=True)
    reservation_id = fields.BigIntField(null=True, db_index=True)
    reader_device_id = fields.BigIntField(null=True)
    kind = fields.CharEnumField(CredentialKind, max_length=13)
    outcome = fields.CharField(max_length=32, description="GRANTED or a refusal's code")
    is_offline = fields.BooleanField(default=False)
    at = fields.DatetimeField()
    received_at = fields.DatetimeField()
    boot = fields.BigIntField(null=True)
    sequence = fields.BigIntField(null=True)

    class Meta:
        table = "access_event"
        unique_together = (("reader_device_id", "boot", "sequence"),)
        indexes = (Index(fields=("place_id", "id")),)


class LockCommand(Model):
    """An order to a lock. One live command a lock (`lock_command_live`); it expires."""

    id = fields.BigIntField(primary_key=True)
    device: fields.ForeignKeyRelation[Device] = fields.ForeignKeyField(
        "parking.Device", related_name="lock_commands"
    )
    device_id: int
    target = fields.CharEnumField(LockTarget, max_length=7)
    state = fields.CharEnumField(CommandState, max_length=10, default=CommandState.QUEUED)
    place_id = fields.BigIntField()
    space_id = fields.BigIntField()
    reservation_id = fields.BigIntField(null=True, db_index=True)
    cause = fields.CharEnumField(CommandCause, max_length=16)
    actor = fields.CharField(max_length=40)
    moves_expected = fields.BigIntField(null=True, description="the arm's move counter")
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    delivered_at = fields.DatetimeField(null=True)
    accepted_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)
    failure = fields.CharField(max_length=64, default="")
    result = fields.TextField(default="", description="what the device answered, JSON")

    class Meta:
        table = "lock_command"
        indexes = (Index(fields=("device_id", "id")), Index(fields=("space_id", "id")))


class Alarm(Model):
    """A contradiction at a bay, until it is over. One live alarm of a kind a space."""

    id = fields.BigIntField(primary_key=True)
    place_id = fields.BigIntField()
    space_id = fields.BigIntField()
    device_id = fields.BigIntField(null=True)
    reservation_id = fields.BigIntField(null=True)
    kind = fields.CharEnumField(AlarmKind, max_length=24)
    raised_at = fields.DatetimeField()
    cleared_at = fields.DatetimeField(null=True)
    acknowledged_at = fields.DatetimeField(null=True)
    acknowledged_by = fields.BigIntField(null=True, description="person")
    detail = fields.CharField(max_length=300, default="")

    class Meta:
        table = "alarm"
        indexes = (Index(fields=("place_id", "id")),)


class SigningKey(Model):
    """A key that QR credentials are signed with (Ed25519); the private half is sealed."""

    id = fields.BigIntField(primary_key=True)
    kid = fields.CharField(max_length=32, unique=True, description="hex")
    private_sealed = fields.TextField()
    public_key = fields.CharField(max_length=128, description="hex")
    created_at = fields.DatetimeField()
    retired_at = fields.DatetimeField(null=True)

    class Meta:
        table = "signing_key"


class ExitDelegation(Model):
    """A right to drive one car out once, given by its driver to somebody else (CLAIMS E15): apart
    from seeing where it stands. One live one a reservation. The token of its address is hashed."""

    id = fields.BigIntField(primary_key=True)
    token_hash = fields.CharField(max_length=64, null=True, unique=True)
    reservation: fields.ForeignKeyRelation[Reservation] = fields.ForeignKeyField(
        "parking.Reservation", related_name="exit_delegations"
    )
    reservation_id: int
    place_id = fields.BigIntField()
    person_id = fields.BigIntField(description="the driver of the booking, whose right it is")
    fetcher_id = fields.BigIntField(null=True, description="a person; None: whoever has the link")
    position_id = fields.BigIntField(null=True)
    binding_id = fields.BigIntField(null=True)
    label = fields.CharField(max_length=100, default="", description="for whom, the driver's words")
    payer = fields.CharEnumField(DelegationPayer, max_length=7)
    amount_max_minor = fields.BigIntField(null=True, description="what a FETCHER pays at most")
    currency = fields.CharField(max_length=3, default="")
    state = fields.CharEnumField(DelegationState, max_length=8, default=DelegationState.OFFERED)
    valid_until = fields.DatetimeField()
    created_at = fields.DatetimeField()
    accepted_at = fields.DatetimeField(null=True)
    opened_at = fields.DatetimeField(null=True)
    used_at = fields.DatetimeField(null=True)
    used_device_id = fields.BigIntField(null=True)
    ended_at = fields.DatetimeField(null=True)
    told_version = fields.IntField(default=0, description="up to which all have been told")
    version = fields.IntField(default=1)

    class Meta:
        table = "exit_delegation"
        indexes = (Index(fields=("person_id", "id")), Index(fields=("fetcher_id", "id")))
