"""Tables of settlement: who gets what, from which account, and what rails were asked to do."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from parking.accounts.models import Organisation
from parking.reservations.models import Reservation
from parking.settlement.kinds import (
    ChargeKind,
    EscrowState,
    Outcome,
    PaymentState,
    PayoutCause,
    PayoutParty,
    PayoutSchedule,
    PayoutState,
    Purpose,
    RailOrderKind,
    RailOrderState,
    ValidationKind,
)


class FeeContract(Model):
    """Commission, property's share and tax from `valid_from` on; JSON in `contracts.fees`.

    For one lessor, one place, both, or (with neither) everybody; the most particular one that is
    valid when a booking is confirmed holds for it (a place's and lessor's own, then the lessor's,
    then the place's, then everybody's). Never edited: a new one ends the one before.
    """

    id = fields.BigIntField(primary_key=True)
    organisation_id = fields.BigIntField(null=True, db_index=True, description="the lessor")
    place_id = fields.BigIntField(null=True, db_index=True)
    terms = fields.TextField(description="JSON")
    valid_from = fields.DatetimeField()
    valid_until = fields.DatetimeField(null=True)
    created_by = fields.BigIntField(null=True, description="person")
    created_at = fields.DatetimeField()

    class Meta:
        table = "fee_contract"


class PaymentAccount(Model):
    """An account that a driver has bound: `customer` and `reference` are the rail's own words for
    who pays and with what; `label` is for people ("Visa, ends in 4242"). Never card numbers."""

    id = fields.BigIntField(primary_key=True)
    person_id = fields.BigIntField(db_index=True)
    rail = fields.CharField(max_length=16)
    customer = fields.CharField(max_length=128, default="")
    reference = fields.CharField(max_length=128, default="")
    label = fields.CharField(max_length=100, default="")
    is_default = fields.BooleanField(default=False)
    created_at = fields.DatetimeField()
    removed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "payment_account"


class EscrowAccount(Model):
    """The pocket of one reservation: third-party money, never the platform's. `organisation_id` is
    the lessor, `operator_id` who runs the place (the property). `contract` is the snapshot of the
    fees as they were at confirmation; `secured_minor` is what was moved in by the driver."""

    id = fields.BigIntField(primary_key=True)
    reservation: fields.OneToOneRelation[Reservation] = fields.OneToOneField(
        "parking.Reservation", related_name="escrow", on_delete=fields.RESTRICT
    )
    reservation_id: int
    state = fields.CharEnumField(EscrowState, max_length=7, default=EscrowState.OPEN)
    person_id = fields.BigIntField()
    organisation_id = fields.BigIntField()
    operator_id = fields.BigIntField()
    place_id = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    rail = fields.CharField(max_length=16)
    payment_account: fields.ForeignKeyNullableRelation[PaymentAccount] = fields.ForeignKeyField(
        "parking.PaymentAccount", related_name="escrows", null=True, on_delete=fields.RESTRICT
    )
    payment_account_id: int | None
    secured_minor = fields.BigIntField(default=0)
    contract = fields.TextField(description="JSON")
    opened_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "escrow_account"


class Settlement(Model):
    """Who got what of a reservation; written once, when it has ended. The database holds that

    secured + validation + topped up + receivable = owner + property + platform + tax + refund

    and that cost = owner + property + platform + tax. `lines` are the priced lines of the cost,
    `parts` says of each amount how it was reckoned (both JSON). `version` rises when a dispute or a
    correction changes what is shown beside it; the amounts are never edited.
    """

    id = fields.BigIntField(primary_key=True)
    reservation: fields.OneToOneRelation[Reservation] = fields.OneToOneField(
        "parking.Reservation", related_name="settlement", on_delete=fields.RESTRICT
    )
    reservation_id: int
    outcome = fields.CharEnumField(Outcome, max_length=9)
    person_id = fields.BigIntField()
    organisation_id = fields.BigIntField()
    operator_id = fields.BigIntField()
    place_id = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    cost_minor = fields.BigIntField()
    secured_minor = fields.BigIntField()
    validation_minor = fields.BigIntField(default=0)
    topped_up_minor = fields.BigIntField(default=0)
    receivable_minor = fields.BigIntField(default=0)
    owner_minor = fields.BigIntField()
    property_minor = fields.BigIntField()
    platform_minor = fields.BigIntField()
    tax_minor = fields.BigIntField()
    refund_minor = fields.BigIntField()
    lines = fields.TextField(description="JSON")
    parts = fields.TextField(description="JSON")
    version = fields.IntField(default=1)
    at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "settlement"
        indexes = (
            Index(fields=("person_id", "id")),
            Index(fields=("organisation_id", "at")),
            Index(fields=("place_id", "at")),
        )


class ChargeRecord(Model):
    """A bill as it was issued, or its reversal; the database lets nobody edit or delete it. `body`
    (JSON) has all that a receipt shows; `digest` is SHA-256 of it."""

    id = fields.BigIntField(primary_key=True)
    settlement: fields.ForeignKeyRelation[Settlement] = fields.ForeignKeyField(
        "parking.Settlement", related_name="charge_records", on_delete=fields.RESTRICT
    )
    settlement_id: int
    number = fields.CharField(max_length=24, unique=True)
    kind = fields.CharEnumField(ChargeKind, max_length=6)
    person_id = fields.BigIntField()
    organisation_id = fields.BigIntField()
    operator_id = fields.BigIntField()
    place_id = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    amount_minor = fields.BigIntField()
    body = fields.TextField(description="JSON")
    digest = fields.CharField(max_length=64)
    issued_at = fields.DatetimeField()
    corrects: fields.ForeignKeyNullableRelation["ChargeRecord"] = fields.ForeignKeyField(
        "parking.ChargeRecord", related_name="credits", null=True, on_delete=fields.RESTRICT
    )
    corrects_id: int | None

    class Meta:
        table = "charge_record"
        indexes = (
            Index(fields=("person_id", "id")),
            Index(fields=("organisation_id", "issued_at")),
            Index(fields=("place_id", "issued_at")),
        )


class Validation(Model):
    """A merchant's discount on one stay, paid by the merchant inside its settlement.

    `right_id` is the assigned right that was redeemed for it, if one was. It is worth `most_minor`
    at most; of that its merchant pays `price_minor` at most, and the rest is carried by the
    organisation `carrier_id`: `carried_minor` of `paid_minor`. So much of the first amount as
    `covered_minor` was not secured from the driver because of it: then it cannot be taken back."""

    id = fields.BigIntField(primary_key=True)
    reservation: fields.ForeignKeyRelation[Reservation] = fields.ForeignKeyField(
        "parking.Reservation", related_name="validations", on_delete=fields.RESTRICT
    )
    reservation_id: int
    organisation_id = fields.BigIntField(description="the merchant")
    kind = fields.CharEnumField(ValidationKind, max_length=7)
    value = fields.BigIntField(default=0)
    label = fields.CharField(max_length=100, default="")
    paid_minor = fields.BigIntField(null=True)
    right_id = fields.BigIntField(null=True)
    most_minor = fields.BigIntField(null=True)
    price_minor = fields.BigIntField(null=True)
    carrier_id = fields.BigIntField(null=True, description="organisation")
    carried_minor = fields.BigIntField(default=0)
    covered_minor = fields.BigIntField(default=0)
    created_by = fields.BigIntField(null=True, description="person")
    created_at = fields.DatetimeField()
    returned_at = fields.DatetimeField(null=True)
    settlement: fields.ForeignKeyNullableRelation[Settlement] = fields.ForeignKeyField(
        "parking.Settlement", related_name="validations", null=True, on_delete=fields.RESTRICT
    )
    settlement_id: int | None

    class Meta:
        table = "validation"
        indexes = (Index(fields=("organisation_id", "created_at")),)


class Payment(Model):
    """Money asked of a driver's bound account through an outer rail. `public_id` is its name in the
    ledger and its idempotency key at the rail; `action` is where the driver has to agree.
    `secured_at` is when the amount went into its reservation's escrow; the database lets only one
    payment for a reservation wait for that (`payment_under_way`)."""

    id = fields.BigIntField(primary_key=True)
    public_id = fields.CharField(max_length=64, unique=True)
    state = fields.CharEnumField(PaymentState, max_length=13)
    purpose = fields.CharEnumField(Purpose, max_length=9)
    person_id = fields.BigIntField()
    reservation: fields.ForeignKeyNullableRelation[Reservation] = fields.ForeignKeyField(
        "parking.Reservation", related_name="payments", null=True, on_delete=fields.RESTRICT
    )
    reservation_id: int | None
    payment_account: fields.ForeignKeyNullableRelation[PaymentAccount] = fields.ForeignKeyField(
        "parking.PaymentAccount", related_name="payments", null=True, on_delete=fields.RESTRICT
    )
    payment_account_id: int | None
    rail = fields.CharField(max_length=16)
    currency = fields.CharField(max_length=3)
    amount_minor = fields.BigIntField()
    captured_minor = fields.BigIntField(default=0)
    refunded_minor = fields.BigIntField(default=0)
    rail_reference = fields.CharField(max_length=128, null=True)
    action = fields.CharField(max_length=500, default="")
    reason = fields.CharField(max_length=500, default="")
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True)
    secured_at = fields.DatetimeField(null=True)

    class Meta:
        table = "payment"
        indexes = (Index(fields=("person_id", "id")),)
        unique_together = (("rail", "rail_reference"),)


class RailOrder(Model):
    """Something a rail is asked to do; written in the transaction that decides it and done by a
    worker after the commit, as often as it takes, always under the same key; only when the rail
    answered with an error of its own, which it remembers under that key, and knows of no effect,
    does `generation` make it another."""

    id = fields.BigIntField(primary_key=True)
    key = fields.CharField(max_length=64, unique=True)
    kind = fields.CharEnumField(RailOrderKind, max_length=9)
    state = fields.CharEnumField(RailOrderState, max_length=12)
    payment: fields.ForeignKeyNullableRelation[Payment] = fields.ForeignKeyField(
        "parking.Payment", related_name="orders", null=True, on_delete=fields.RESTRICT
    )
    payment_id: int | None
    payout: fields.ForeignKeyNullableRelation["Payout"] = fields.ForeignKeyField(
        "parking.Payout", related_name="orders", null=True, on_delete=fields.RESTRICT
    )
    payout_id: int | None
    rail = fields.CharField(max_length=16)
    currency = fields.CharField(max_length=3)
    amount_minor = fields.BigIntField()
    attempts = fields.IntField(default=0)
    generation = fields.IntField(default=0)
    due_at = fields.DatetimeField()
    last_error = fields.CharField(max_length=500, default="")
    rail_reference = fields.CharField(max_length=128, null=True)
    created_at = fields.DatetimeField()
    done_at = fields.DatetimeField(null=True)

    class Meta:
        table = "rail_order"


class RailEvent(Model):
    """What a rail told by webhook; each of its ids once, whatever comes how often. While it is not
    handled it is tried again from `due_at` on."""

    id = fields.BigIntField(primary_key=True)
    rail = fields.CharField(max_length=16)
    event_id = fields.CharField(max_length=128)
    kind = fields.CharField(max_length=64)
    body = fields.TextField()
    occurred_at = fields.DatetimeField()
    received_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    handled_at = fields.DatetimeField(null=True)
    outcome = fields.CharField(max_length=200, default="")

    class Meta:
        table = "rail_event"
        unique_together = (("rail", "event_id"),)


class PayoutTerms(Model):
    """When and how an organisation is paid what it is owed. `delay_days` after a settlement it may
    be paid out; below `minimum_minor` it waits for the next time. `next_at` is worked out in
    `time_zone`."""

    id = fields.BigIntField(primary_key=True)
    organisation: fields.OneToOneRelation[Organisation] = fields.OneToOneField(
        "parking.Organisation", related_name="payout_terms", on_delete=fields.RESTRICT
    )
    organisation_id: int
    schedule = fields.CharEnumField(PayoutSchedule, max_length=7)
    day = fields.IntField(default=1)
    delay_days = fields.IntField()
    minimum_minor = fields.BigIntField()
    rail = fields.CharField(max_length=16)
    reference = fields.CharField(max_length=128, default="", description="the rail's account")
    time_zone = fields.CharField(max_length=64)
    next_at = fields.DatetimeField(db_index=True)
    changed_at = fields.DatetimeField()

    class Meta:
        table = "payout_terms"


class Payout(Model):
    """What was sent to an organisation (APDS PaymentAssignment); its items say for which
    settlements."""

    id = fields.BigIntField(primary_key=True)
    public_id = fields.CharField(max_length=64, unique=True)
    organisation: fields.ForeignKeyRelation[Organisation] = fields.ForeignKeyField(
        "parking.Organisation", related_name="payouts", on_delete=fields.RESTRICT
    )
    organisation_id: int
    state = fields.CharEnumField(PayoutState, max_length=7)
    currency = fields.CharField(max_length=3)
    amount_minor = fields.BigIntField()
    rail = fields.CharField(max_length=16)
    reference = fields.CharField(max_length=128, default="")
    rail_reference = fields.CharField(max_length=128, null=True)
    reason = fields.CharField(max_length=500, default="")
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "payout"


class PayoutItem(Model):
    """What an organisation is owed of one settlement: its SHARE as OWNER or as PROPERTY, or what a
    DISPUTE or CORRECTION changed afterwards (may be negative). Without a payout it is still owed;
    those of an organisation sum to its payable accounts. A payout that fails gives its items up."""

    id = fields.BigIntField(primary_key=True)
    settlement: fields.ForeignKeyRelation[Settlement] = fields.ForeignKeyField(
        "parking.Settlement", related_name="payout_items", on_delete=fields.RESTRICT
    )
    settlement_id: int
    payout: fields.ForeignKeyNullableRelation[Payout] = fields.ForeignKeyField(
        "parking.Payout", related_name="items", null=True, on_delete=fields.RESTRICT
    )
    payout_id: int | None
    organisation_id = fields.BigIntField()
    party = fields.CharEnumField(PayoutParty, max_length=8)
    cause = fields.CharEnumField(PayoutCause, max_length=10)
    currency = fields.CharField(max_length=3)
    amount_minor = fields.BigIntField()
    at = fields.DatetimeField()

    class Meta:
        table = "payout_item"
        indexes = (Index(fields=("organisation_id", "at")),)


class MoneyEvent(Model):
    """What followers of money were told by the transaction that moved it, or are to be told still:
    the process may have died before the bus had it. Kept for a retention time."""

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField(db_index=True)
    topics = fields.TextField(description="JSON list")
    body = fields.TextField(description="JSON, as subscribers receive it")

    class Meta:
        table = "money_event"
