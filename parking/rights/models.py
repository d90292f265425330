"""Tables of rights: what is granted, on whose account, by which code, to whom, and its use."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from parking.reservations.models import Reservation
from parking.rights.kinds import (
    ContractState,
    GrantCodeKind,
    GrantCodeState,
    RedemptionState,
    RedemptionWay,
    RightKind,
    RightState,
    SignalKind,
    SpecificationState,
)
from parking.vehicles.models import Enrolment, Vehicle


class RightSpecification(Model):
    """The template of a right (APDS RightSpecification), an issuer's (`organisation_id`). It is
    worth `worth_max_minor` at most; `terms` is JSON of `parking.rights.terms.Terms`."""

    id = fields.BigIntField(primary_key=True)
    organisation_id = fields.BigIntField()
    state = fields.CharEnumField(
        SpecificationState, max_length=8, default=SpecificationState.ACTIVE
    )
    name = fields.CharField(max_length=100)
    kind = fields.CharEnumField(RightKind, max_length=7)
    value = fields.BigIntField(default=0)
    currency = fields.CharField(max_length=3)
    worth_max_minor = fields.BigIntField(null=True)
    terms = fields.TextField(description="JSON")
    version = fields.IntField(default=1)
    created_by = fields.BigIntField(null=True, description="person")
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "right_specification"
        indexes = (Index(fields=("organisation_id", "id")),)


class RightsContract(Model):
    """What an issuer may grant at a place: so many rights (`quota`), for so much money (`budget`,
    of which `committed` is promised to rights that may still be used and `spent` is paid), each at
    `price` at most (the rest of its worth is the operator's own gift). No right is ever worth more
    than `worth_max`, whatever a lessor asks: the database wants it wherever somebody pays for what
    another has decided. `granted` counts rights that
    are used or may still be. The database holds quota and budget. `per_stay_max` is how many rights
    of this issuer one stay takes."""

    id = fields.BigIntField(primary_key=True)
    state = fields.CharEnumField(ContractState, max_length=8, default=ContractState.OFFERED)
    issuer_id = fields.BigIntField(description="organisation")
    operator_id = fields.BigIntField(description="organisation")
    place_id = fields.BigIntField(db_index=True)
    currency = fields.CharField(max_length=3)
    quota = fields.BigIntField(null=True)
    granted = fields.BigIntField(default=0)
    budget_minor = fields.BigIntField(null=True)
    committed_minor = fields.BigIntField(default=0)
    spent_minor = fields.BigIntField(default=0)
    price_minor = fields.BigIntField(null=True)
    worth_max_minor = fields.BigIntField(null=True)
    per_stay_max = fields.IntField(default=1)
    valid_from = fields.DatetimeField()
    valid_until = fields.DatetimeField(null=True)
    reason = fields.CharField(max_length=500, default="")
    version = fields.IntField(default=1)
    created_by = fields.BigIntField(null=True, description="person")
    decided_by = fields.BigIntField(null=True, description="person")
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "rights_contract"
        indexes = (Index(fields=("issuer_id", "id")), Index(fields=("operator_id", "id")))


class PlaceRightsRule(Model):
    """How many rights of all issuers one stay takes at a place, and whether its operator wants
    proof that a driver may speak for the vehicle. Without a row: the defaults of
    `parking.rights.limits`."""

    id = fields.BigIntField(primary_key=True)
    place_id = fields.BigIntField(unique=True)
    per_stay_max = fields.IntField()
    needs_proof = fields.BooleanField(default=False)
    changed_by = fields.BigIntField(null=True, description="person")
    changed_at = fields.DatetimeField()

    class Meta:
        table = "place_rights_rule"


class GrantCode(Model):
    """The preset graphic code (CLAIMS A1): a public id behind `/g/`. `uses` counts rights that it
    granted, and is never above `uses_max`. Reissued, it names the one in its place."""

    id = fields.BigIntField(primary_key=True)
    public_id = fields.CharField(max_length=32, unique=True)
    state = fields.CharEnumField(GrantCodeState, max_length=7, default=GrantCodeState.ACTIVE)
    kind = fields.CharEnumField(GrantCodeKind, max_length=8)
    specification: fields.ForeignKeyRelation[RightSpecification] = fields.ForeignKeyField(
        "parking.RightSpecification", related_name="grant_codes", on_delete=fields.RESTRICT
    )
    specification_id: int
    contract: fields.ForeignKeyRelation[RightsContract] = fields.ForeignKeyField(
        "parking.RightsContract", related_name="grant_codes", on_delete=fields.RESTRICT
    )
    contract_id: int
    organisation_id = fields.BigIntField(description="the issuer")
    place_id = fields.BigIntField(db_index=True)
    label = fields.CharField(max_length=100, default="")
    uses = fields.BigIntField(default=0)
    uses_max = fields.BigIntField(null=True)
    needs_reference = fields.BooleanField(default=False, description="of the purchase")
    valid_from = fields.DatetimeField()
    valid_until = fields.DatetimeField(null=True)
    latitude = fields.FloatField(null=True)
    longitude = fields.FloatField(null=True)
    radius_metres = fields.IntField(null=True)
    reason = fields.CharField(max_length=500, default="")
    version = fields.IntField(default=1)
    created_by = fields.BigIntField(null=True, description="person")
    created_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)
    replaced_by: fields.ForeignKeyNullableRelation["GrantCode"] = fields.ForeignKeyField(
        "parking.GrantCode", related_name="replaces", null=True, on_delete=fields.RESTRICT
    )
    replaced_by_id: int | None

    class Meta:
        table = "grant_code"
        indexes = (Index(fields=("organisation_id", "id")),)


class AssignedRight(Model):
    """A right of one driver's vehicle (CLAIMS A11). `value` is what is left of `granted_value`;
    `commit_minor` what is promised of the contract's budget for it; `terms` the specification's as
    they were when it was granted. `day` is the date at the place; the database lets a code grant
    each enrolment an `ordinal` of a day once (`assigned_right_once`), and an issuer for a purchase
    `reference` once at each place."""

    id = fields.BigIntField(primary_key=True)
    state = fields.CharEnumField(RightState, max_length=8, default=RightState.HELD)
    specification: fields.ForeignKeyRelation[RightSpecification] = fields.ForeignKeyField(
        "parking.RightSpecification", related_name="rights", on_delete=fields.RESTRICT
    )
    specification_id: int
    contract: fields.ForeignKeyRelation[RightsContract] = fields.ForeignKeyField(
        "parking.RightsContract", related_name="rights", on_delete=fields.RESTRICT
    )
    contract_id: int
    grant_code: fields.ForeignKeyRelation[GrantCode] = fields.ForeignKeyField(
        "parking.GrantCode", related_name="rights", on_delete=fields.RESTRICT
    )
    grant_code_id: int
    enrolment: fields.ForeignKeyRelation[Enrolment] = fields.ForeignKeyField(
        "parking.Enrolment", related_name="rights", on_delete=fields.RESTRICT
    )
    enrolment_id: int
    vehicle: fields.ForeignKeyRelation[Vehicle] = fields.ForeignKeyField(
        "parking.Vehicle", related_name="rights", on_delete=fields.RESTRICT
    )
    vehicle_id: int
    person_id = fields.BigIntField()
    organisation_id = fields.BigIntField(description="the issuer")
    operator_id = fields.BigIntField(description="organisation of the place")
    place_id = fields.BigIntField(description="of the code; where else it holds is in `terms`")
    kind = fields.CharEnumField(RightKind, max_length=7)
    value = fields.BigIntField(default=0)
    granted_value = fields.BigIntField(default=0)
    currency = fields.CharField(max_length=3)
    worth_max_minor = fields.BigIntField(null=True)
    commit_minor = fields.BigIntField(default=0)
    terms = fields.TextField(description="JSON")
    day = fields.CharField(max_length=10)
    ordinal = fields.IntField(default=0)
    reference = fields.CharField(max_length=64, default="")
    valid_from = fields.DatetimeField()
    valid_until = fields.DatetimeField()
    reason = fields.CharField(max_length=500, default="")
    version = fields.IntField(default=1)
    granted_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "assigned_right"
        unique_together = (("grant_code_id", "enrolment_id", "day", "ordinal"),)
        indexes = (
            Index(fields=("enrolment_id", "id")),
            Index(fields=("person_id", "id")),
            Index(fields=("organisation_id", "id")),
            Index(fields=("operator_id", "id")),
            Index(fields=("contract_id", "id")),
            Index(fields=("grant_code_id", "granted_at")),
            Index(fields=("vehicle_id", "specification_id", "day")),
        )


class Redemption(Model):
    """A right is promised to a stay, and pays its part when that is settled: one live redemption of
    a right at a time (`redemption_live`). `validation_id` is the promise in the settlement;
    `expected_minor` what the driver was told; `issuer_minor` and `operator_minor` who paid what in
    the end, and `invoice_id` and `carrier_invoice_id` the bills of the two. `day` is the date at
    the place, `plate` the stay's."""

    id = fields.BigIntField(primary_key=True)
    state = fields.CharEnumField(RedemptionState, max_length=9, default=RedemptionState.LIVE)
    way = fields.CharEnumField(RedemptionWay, max_length=9)
    assigned_right: fields.ForeignKeyRelation[AssignedRight] = fields.ForeignKeyField(
        "parking.AssignedRight", related_name="redemptions", on_delete=fields.RESTRICT
    )
    assigned_right_id: int
    reservation: fields.ForeignKeyRelation[Reservation] = fields.ForeignKeyField(
        "parking.Reservation", related_name="redemptions", on_delete=fields.RESTRICT
    )
    reservation_id: int
    session_id = fields.BigIntField(null=True)
    validation_id = fields.BigIntField(null=True, unique=True)
    person_id = fields.BigIntField()
    organisation_id = fields.BigIntField(description="the issuer")
    operator_id = fields.BigIntField()
    place_id = fields.BigIntField()
    plate = fields.CharField(max_length=20, default="")
    day = fields.CharField(max_length=10)
    currency = fields.CharField(max_length=3)
    expected_minor = fields.BigIntField(default=0)
    issuer_minor = fields.BigIntField(null=True)
    operator_minor = fields.BigIntField(null=True)
    minutes_used = fields.BigIntField(null=True)
    at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)
    invoice_id = fields.BigIntField(null=True, db_index=True)
    carrier_invoice_id = fields.BigIntField(null=True, db_index=True)

    class Meta:
        table = "redemption"
        indexes = (
            Index(fields=("plate", "day")),
            Index(fields=("person_id", "id")),
            Index(fields=("place_id", "id")),
            Index(fields=("organisation_id", "finished_at")),
        )


class ExitCode(Model):
    """The code at a place's exits, behind `/x/`: it says which place is left."""

    id = fields.BigIntField(primary_key=True)
    public_id = fields.CharField(max_length=32, unique=True)
    place_id = fields.BigIntField(db_index=True)
    label = fields.CharField(max_length=100, default="")
    created_by = fields.BigIntField(null=True, description="person")
    created_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "exit_code"


class RightsInvoice(Model):
    """What an issuer's redemptions of a month came to; the database lets nobody edit or delete it.
    `body` is JSON of all lines, `digest` SHA-256 of it."""

    id = fields.BigIntField(primary_key=True)
    number = fields.CharField(max_length=32, unique=True)
    organisation_id = fields.BigIntField(description="the issuer")
    currency = fields.CharField(max_length=3)
    month = fields.CharField(max_length=7)
    redemptions = fields.BigIntField()
    amount_minor = fields.BigIntField()
    body = fields.TextField(description="JSON")
    digest = fields.CharField(max_length=64)
    issued_at = fields.DatetimeField()

    class Meta:
        table = "rights_invoice"
        unique_together = (("organisation_id", "currency", "month"),)


class RightsSignal(Model):
    """Something at a grant code looks like fraud; for its issuer and the place's operator."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharEnumField(SignalKind, max_length=16)
    grant_code: fields.ForeignKeyRelation[GrantCode] = fields.ForeignKeyField(
        "parking.GrantCode", related_name="signals", on_delete=fields.RESTRICT
    )
    grant_code_id: int
    organisation_id = fields.BigIntField(description="the issuer")
    operator_id = fields.BigIntField()
    place_id = fields.BigIntField()
    detail = fields.TextField(description="JSON")
    at = fields.DatetimeField()
    seen_at = fields.DatetimeField(null=True)
    seen_by = fields.BigIntField(null=True, description="person")

    class Meta:
        table = "rights_signal"
        indexes = (
            Index(fields=("grant_code_id", "kind", "at")),
            Index(fields=("organisation_id", "id")),
            Index(fields=("operator_id", "id")),
        )
