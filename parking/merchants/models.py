"""Tables of merchants: units, how one walks from them, who may send orders, and the orders."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from parking.merchants.kinds import (
    ConnectorKind,
    OrderSource,
    OrderState,
    Payer,
    ToldSteps,
    UnitState,
)


class MerchantUnit(Model):
    """A shop, restaurant or practice of a merchant in a mall (campus), on its plan in metres.

    A period is `lead_minutes` before the service to `tail_minutes` after it; a service without an
    end lasts `stay_minutes`. `raise_minutes`: the lock is raised so long before; None is at once.
    """

    id = fields.BigIntField(primary_key=True)
    organisation_id = fields.BigIntField()
    campus_id = fields.BigIntField(db_index=True)
    name = fields.CharField(max_length=100)
    external_id = fields.CharField(max_length=100, null=True)
    level = fields.IntField(default=0)
    x_metres = fields.FloatField()
    y_metres = fields.FloatField()
    lead_minutes = fields.IntField()
    tail_minutes = fields.IntField()
    stay_minutes = fields.IntField()
    raise_minutes = fields.IntField(null=True)
    payer = fields.CharEnumField(Payer, max_length=8)
    locale = fields.CharField(max_length=16, default="en", description="of what it is told")
    orders_per_day_max = fields.IntField(null=True)
    told_email = fields.CharField(max_length=254, null=True)
    told_phone = fields.CharField(max_length=20, null=True, description="E.164")
    told_steps = fields.CharEnumField(ToldSteps, max_length=8, default=ToldSteps.ALL)
    state = fields.CharEnumField(UnitState, max_length=6, default=UnitState.ACTIVE)
    version = fields.IntField(default=1)
    created_by = fields.BigIntField(null=True, description="person")
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "merchant_unit"
        unique_together = (("organisation_id", "external_id"),)
        indexes = (Index(fields=("organisation_id", "id")),)


class MerchantUnitPlace(Model):
    """A place that a unit's guests may be sent to; the lowest rank is tried first."""

    id = fields.BigIntField(primary_key=True)
    place_id = fields.BigIntField(db_index=True)
    rank = fields.IntField()
    unit: fields.ForeignKeyRelation[MerchantUnit] = fields.ForeignKeyField(
        "parking.MerchantUnit", related_name="places"
    )
    unit_id: int

    class Meta:
        table = "merchant_unit_place"
        unique_together = (("unit", "place_id"),)


class PlanConnector(Model):
    """Where a door, lift, stairs or ramp is on one level of a plan: of the mall (`place_id` None),
    or of a place. Those of one name in a mall are the same thing, so one can walk between them."""

    id = fields.BigIntField(primary_key=True)
    campus_id = fields.BigIntField()
    place_id = fields.BigIntField(null=True)
    kind = fields.CharEnumField(ConnectorKind, max_length=8)
    name = fields.CharField(max_length=60)
    level = fields.IntField()
    x_metres = fields.FloatField()
    y_metres = fields.FloatField()

    class Meta:
        table = "plan_connector"
        indexes = (Index(fields=("campus_id", "id")),)


class MerchantSender(Model):
    """A phone number (E.164) that may send a unit's orders by SMS. One live unit a number."""

    id = fields.BigIntField(primary_key=True)
    number = fields.CharField(max_length=20)
    created_by = fields.BigIntField(null=True, description="person")
    created_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)
    unit: fields.ForeignKeyRelation[MerchantUnit] = fields.ForeignKeyField(
        "parking.MerchantUnit", related_name="senders", on_delete=fields.RESTRICT
    )
    unit_id: int

    class Meta:
        table = "merchant_sender"


class MerchantHook(Model):
    """What a merchant's order system signs its webhooks with; the secret is sealed."""

    id = fields.BigIntField(primary_key=True)
    public_id = fields.CharField(max_length=32, unique=True)
    secret = fields.TextField(description="sealed")
    organisation_id = fields.BigIntField()
    created_by = fields.BigIntField(null=True, description="person")
    created_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "merchant_hook"
        indexes = (Index(fields=("organisation_id", "id")),)


class MerchantOrder(Model):
    """An order of a unit (CLAIMS D1): when, for whom, whether with parking, and what came of it.

    `stamp` is when its newest message was made; of messages with one stamp `digest` decides. While
    `is_due` something is to be carried out: placed, or given back. `look_at` is when its lock is
    looked at next. `needs` is JSON of `parking.merchants.records.Needs`.
    """

    id = fields.BigIntField(primary_key=True)
    order_ref = fields.CharField(max_length=100)
    organisation_id = fields.BigIntField()
    source = fields.CharEnumField(OrderSource, max_length=7)
    stamp = fields.DatetimeField()
    digest = fields.CharField(max_length=64)
    state = fields.CharEnumField(OrderState, max_length=10)
    is_due = fields.BooleanField(default=False)
    wants_parking = fields.BooleanField()
    service_at = fields.DatetimeField(null=True, description="None: cancelled before it was told")
    service_ends_at = fields.DatetimeField(null=True)
    party = fields.IntField(null=True)
    guest_name = fields.CharField(max_length=100, default="")
    guest_phone = fields.CharField(max_length=20, default="")
    guest_locale = fields.CharField(max_length=16, default="", description="empty: not told")
    plate = fields.CharField(max_length=20, default="")
    needs = fields.TextField(default="{}", description="JSON")
    person_id = fields.BigIntField(null=True)
    starts_at = fields.DatetimeField(null=True)
    ends_at = fields.DatetimeField(null=True)
    place_id = fields.BigIntField(null=True)
    space_id = fields.BigIntField(null=True)
    reservation_id = fields.BigIntField(null=True, db_index=True)
    reservation_state = fields.CharField(max_length=15, default="")
    waitlist_entry_id = fields.BigIntField(null=True)
    walk_metres = fields.FloatField(null=True)
    look_at = fields.DatetimeField(null=True)
    try_at = fields.DatetimeField(null=True, description="it failed: not before then again")
    arrived_at = fields.DatetimeField(null=True, description="the guest said so; not the sensor")
    reason_code = fields.CharField(max_length=32, default="")
    reason = fields.CharField(max_length=500, default="")
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()
    unit: fields.ForeignKeyRelation[MerchantUnit] = fields.ForeignKeyField(
        "parking.MerchantUnit", related_name="orders", on_delete=fields.RESTRICT
    )
    unit_id: int

    class Meta:
        table = "merchant_order"
        unique_together = (("unit", "order_ref"),)
        indexes = (
            Index(fields=("organisation_id", "service_at")),
            Index(fields=("unit_id", "service_at")),
            Index(fields=("person_id", "id")),
            Index(fields=("place_id", "starts_at")),
        )


class MerchantOrderEvent(Model):
    """One step in the life of an order; commits together with the step."""

    id = fields.BigIntField(primary_key=True)
    version = fields.IntField()
    kind = fields.CharField(max_length=32, description="a value of `OrderStep`")
    at = fields.DatetimeField()
    actor = fields.CharField(max_length=40, default="")
    detail = fields.TextField(description="JSON")
    told_at = fields.DatetimeField(null=True, description="guest and merchant have their notices")
    try_at = fields.DatetimeField(null=True, description="telling failed: not before then again")
    order: fields.ForeignKeyRelation[MerchantOrder] = fields.ForeignKeyField(
        "parking.MerchantOrder", related_name="events", on_delete=fields.RESTRICT
    )
    order_id: int

    class Meta:
        table = "merchant_order_event"
        unique_together = (("order", "version"),)
