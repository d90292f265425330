"""Tables of people, organisations and what lets them in."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model


class Role(StrEnum):
    """What a member may do in an organisation (DESIGN section 8).

    PLATFORM is held in one like the others, but is about the platform as a whole: its fee
    contracts, disputes and totals. Only the command line gives it (`berth organisation platform`).
    """

    OPERATOR = "OPERATOR"
    ATTENDANT = "ATTENDANT"
    MERCHANT = "MERCHANT"
    OWNER = "OWNER"
    DRIVER = "DRIVER"
    PLATFORM = "PLATFORM"


class Person(Model):
    """A human being who can sign in by phone or e-mail."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=200, default="")
    phone = fields.CharField(max_length=20, null=True, unique=True, description="E.164")
    email = fields.CharField(max_length=254, null=True, unique=True, description="lower case")
    locale = fields.CharField(max_length=16, default="en")
    created_at = fields.DatetimeField()

    class Meta:
        table = "person"


class Organisation(Model):
    """An operator, a merchant, an owners' association: whoever runs something together."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=200)
    created_at = fields.DatetimeField()

    class Meta:
        table = "organisation"


class Membership(Model):
    """A person's role in an organisation; one row a role."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation["Person"] = fields.ForeignKeyField(
        "parking.Person", related_name="memberships"
    )
    person_id: int
    organisation: fields.ForeignKeyRelation["Organisation"] = fields.ForeignKeyField(
        "parking.Organisation", related_name="memberships"
    )
    organisation_id: int
    role = fields.CharEnumField(Role, max_length=16)
    created_at = fields.DatetimeField()

    class Meta:
        table = "membership"
        unique_together = (("person", "organisation", "role"),)


class ApiKey(Model):
    """A key for a merchant's or operator's system: stored hashed, scoped, revocable."""

    id = fields.BigIntField(primary_key=True)
    organisation: fields.ForeignKeyRelation["Organisation"] = fields.ForeignKeyField(
        "parking.Organisation", related_name="api_keys"
    )
    organisation_id: int
    name = fields.CharField(max_length=100)
    hint = fields.CharField(max_length=12, description="first characters, to tell keys apart")
    key_hash = fields.CharField(max_length=64, unique=True)
    scopes = fields.TextField(default="", description="space-separated scope words")
    created_by: fields.ForeignKeyNullableRelation["Person"] = fields.ForeignKeyField(
        "parking.Person", null=True, related_name="created_api_keys"
    )
    created_by_id: int | None
    created_at = fields.DatetimeField()
    last_used_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "api_key"


class ExternalIdentity(Model):
    """A person as an external OpenID Connect issuer knows them: (issuer, subject) never changes."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation["Person"] = fields.ForeignKeyField(
        "parking.Person", related_name="external_identities"
    )
    person_id: int
    issuer = fields.CharField(max_length=255, description="the token's `iss`")
    subject = fields.CharField(max_length=255, description="the token's `sub`")
    created_at = fields.DatetimeField()

    class Meta:
        table = "external_identity"
        unique_together = (("issuer", "subject"),)


class Invitation(Model):
    """An offer of a role to whoever can prove an address; a membership only once accepted."""

    id = fields.BigIntField(primary_key=True)
    organisation: fields.ForeignKeyRelation["Organisation"] = fields.ForeignKeyField(
        "parking.Organisation", related_name="invitations"
    )
    organisation_id: int
    address = fields.CharField(max_length=254, db_index=True, description="E.164 or e-mail")
    role = fields.CharEnumField(Role, max_length=16)
    invited_by: fields.ForeignKeyNullableRelation["Person"] = fields.ForeignKeyField(
        "parking.Person", null=True, related_name="sent_invitations"
    )
    invited_by_id: int | None
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    accepted_at = fields.DatetimeField(null=True)
    withdrawn_at = fields.DatetimeField(null=True)

    class Meta:
        table = "invitation"


class SignInCode(Model):
    """A one-time code sent to a phone or e-mail address; only the newest of an address counts."""

    id = fields.BigIntField(primary_key=True)
    address = fields.CharField(max_length=254, db_index=True)
    code_hash = fields.CharField(max_length=64, description="HMAC-SHA-256, hex")
    request_key = fields.CharField(max_length=64, null=True, description="hash, finds a repeat")
    requested_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    tries = fields.IntField(default=0)
    used_at = fields.DatetimeField(null=True)
    redeem_key = fields.CharField(max_length=64, null=True, description="hash, finds a repeat")

    class Meta:
        table = "sign_in_code"


class AttemptWindow(Model):
    """How often something limited was tried since the window opened; shared by all processes."""

    subject = fields.CharField(max_length=128, primary_key=True, description="what is limited")
    count = fields.IntField()
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "attempt_window"


class SignIn(Model):
    """One sign-in on one device: a family of refresh tokens, ended as a whole."""

    id = fields.BigIntField(primary_key=True)
    person: fields.ForeignKeyRelation["Person"] = fields.ForeignKeyField(
        "parking.Person", related_name="sign_ins"
    )
    person_id: int
    family = fields.CharField(max_length=40, unique=True, description="`sid` of access tokens")
    started_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True, description="moves with each refresh")
    ended_at = fields.DatetimeField(null=True, description="signed out or revoked")

    class Meta:
        table = "sign_in"


class RefreshToken(Model):
    """One link in a chain of rotating refresh tokens; each works once."""

    id = fields.BigIntField(primary_key=True)
    sign_in: fields.ForeignKeyRelation["SignIn"] = fields.ForeignKeyField(
        "parking.SignIn", related_name="refresh_tokens"
    )
    sign_in_id: int
    token_hash = fields.CharField(max_length=64, unique=True)
    issued_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "refresh_token"


class AuditEntry(Model):
    """Who did what to which object, when."""

    id = fields.BigIntField(primary_key=True)
    actor = fields.CharField(max_length=64, description="`person:7`, `api_key:3`, `system`")
    verb = fields.CharField(max_length=64)
    subject = fields.CharField(max_length=64, description="`place:12`")
    organisation_id = fields.BigIntField(null=True, db_index=True)
    at = fields.DatetimeField(db_index=True)
    detail = fields.TextField(default="{}", description="JSON, without secrets")

    class Meta:
        table = "audit_entry"


class IdempotentAnswer(Model):
    """The stored answer of a mutation: the same key and input give it again."""

    id = fields.BigIntField(primary_key=True)
    actor = fields.CharField(max_length=64)
    key = fields.CharField(max_length=128)
    verb = fields.CharField(max_length=64)
    input_hash = fields.CharField(max_length=64)
    answer = fields.TextField(description="JSON")
    at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "idempotent_answer"
        unique_together = (("actor", "key"),)
