"""Tables of bookings: quotes, reservations and their agreements, series, the waitlist."""

from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from parking.listings.models import Listing
from parking.occupancy.models import Claim
from parking.places.models import Place, Space


class QuoteKind(StrEnum):
    """What a quote is for."""

    BOOKING = "BOOKING"
    EXTENSION = "EXTENSION"


class ReservationState(StrEnum):
    """The state machine is `parking.reservations.rules`.

    REQUESTED waits for the lessor (listings that ask); then it is as DESIGN section 2 names it.
    """

    REQUESTED = "REQUESTED"
    PENDING_PAYMENT = "PENDING_PAYMENT"
    CONFIRMED = "CONFIRMED"
    ACTIVE = "ACTIVE"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    NO_SHOW = "NO_SHOW"


class Party(StrEnum):
    """Who ended a reservation before its time; empty when nobody did."""

    DRIVER = "DRIVER"
    OWNER = "OWNER"
    OPERATOR = "OPERATOR"
    SYSTEM = "SYSTEM"


class WaitlistState(StrEnum):
    """Where somebody who waits for a space stands."""

    WAITING = "WAITING"
    OFFERED = "OFFERED"
    TAKEN = "TAKEN"
    EXPIRED = "EXPIRED"
    LEFT = "LEFT"


class Quote(Model):
    """A binding price for one space and window, until it expires. Used at most once."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharEnumField(QuoteKind, max_length=9, default=QuoteKind.BOOKING)
    person_id = fields.BigIntField(null=True)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField(
        "parking.Listing", related_name="quotes"
    )
    listing_id: int
    space: fields.ForeignKeyRelation[Space] = fields.ForeignKeyField(
        "parking.Space", related_name="quotes"
    )
    space_id: int
    reservation_id = fields.BigIntField(null=True, description="of an EXTENSION")
    plate = fields.CharField(max_length=20, default="")
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    currency = fields.CharField(max_length=3)
    amount_minor = fields.BigIntField()
    lines = fields.TextField(description="JSON: the priced lines")
    terms = fields.TextField(description="JSON: rate document, cancellation, turnover, mode")
    listing_version = fields.IntField()
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "quote"


class ReservationSeries(Model):
    """A recurring booking: `rule` is an RFC 5545 RRULE; each turn is a reservation of its own."""

    id = fields.BigIntField(primary_key=True)
    person_id = fields.BigIntField(db_index=True)
    rule = fields.CharField(max_length=200)
    created_at = fields.DatetimeField()
    cancelled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "reservation_series"


class Reservation(Model):
    """A booking of `[starts_at, ends_at)`. It blocks its space until `blocked_until` (turnover).

    `organisation_id` is the lessor, `person_id` the driver. `claim` is what it shows on its space
    at present. `terms` is the snapshot it was made under; `version` rises with every event. The
    database lets no two live ones of a space overlap (`reservation_no_overlap`).
    """

    id = fields.BigIntField(primary_key=True)
    state = fields.CharEnumField(ReservationState, max_length=15)
    listing: fields.ForeignKeyRelation[Listing] = fields.ForeignKeyField(
        "parking.Listing", related_name="reservations"
    )
    listing_id: int
    space: fields.ForeignKeyRelation[Space] = fields.ForeignKeyField(
        "parking.Space", related_name="reservations"
    )
    space_id: int
    place_id = fields.BigIntField()
    organisation_id = fields.BigIntField()
    person_id = fields.BigIntField()
    guest_name = fields.CharField(max_length=100, default="")
    plate = fields.CharField(max_length=20, default="")
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    blocked_until = fields.DatetimeField()
    hold_until = fields.DatetimeField(null=True, description="REQUESTED, PENDING_PAYMENT: lapses")
    currency = fields.CharField(max_length=3)
    amount_minor = fields.BigIntField()
    lines = fields.TextField(description="JSON: the priced lines")
    terms = fields.TextField(description="JSON")
    quote_id = fields.BigIntField(null=True)
    series_id = fields.BigIntField(null=True, db_index=True)
    waitlist_entry_id = fields.BigIntField(null=True)
    claim = fields.CharEnumField(Claim, max_length=8, default=Claim.NONE)
    link_generation = fields.IntField(default=1)
    version = fields.IntField(default=1)
    cancelled_by = fields.CharField(max_length=8, default="", description="a Party")
    reason = fields.CharField(max_length=500, default="")
    refund_minor = fields.BigIntField(null=True, description="due by the cancellation terms")
    created_at = fields.DatetimeField()
    confirmed_at = fields.DatetimeField(null=True)
    started_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "reservation"
        indexes = (
            Index(fields=("person_id", "id")),
            Index(fields=("organisation_id", "starts_at")),
            Index(fields=("place_id", "starts_at")),
            Index(fields=("space_id", "starts_at")),
        )


class ReservationEvent(Model):
    """One step in the life of a reservation; commits together with the step."""

    id = fields.BigIntField(primary_key=True)
    reservation: fields.ForeignKeyRelation["Reservation"] = fields.ForeignKeyField(
        "parking.Reservation", related_name="events"
    )
    reservation_id: int
    version = fields.IntField()
    kind = fields.CharField(max_length=32, description="CDS-like, such as `reservation_confirmed`")
    at = fields.DatetimeField(db_index=True)
    actor = fields.CharField(max_length=40, default="")
    detail = fields.TextField(description="JSON")

    class Meta:
        table = "reservation_event"
        unique_together = (("reservation", "version"),)


class LeaseAgreement(Model):
    """What both sides agreed to; never edited: a change is the next version."""

    id = fields.BigIntField(primary_key=True)
    reservation: fields.ForeignKeyRelation["Reservation"] = fields.ForeignKeyField(
        "parking.Reservation", related_name="agreements"
    )
    reservation_id: int
    version = fields.IntField()
    terms = fields.TextField(description="JSON: parties, space, window, price, cancellation")
    digest = fields.CharField(max_length=64, description="SHA-256 of `terms`, hex")
    renter_accepted_at = fields.DatetimeField(null=True)
    lessor_accepted_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "lease_agreement"
        unique_together = (("reservation", "version"),)


class WaitlistEntry(Model):
    """Somebody waits for any space of a place for a window; first come, first offered.

    Who waits at several places for one bay has an entry at each, the best place's first: `wish_id`
    is the id of that first one, in all of them.
    """

    id = fields.BigIntField(primary_key=True)
    place: fields.ForeignKeyRelation[Place] = fields.ForeignKeyField(
        "parking.Place", related_name="waitlist"
    )
    place_id: int
    state = fields.CharEnumField(WaitlistState, max_length=8, default=WaitlistState.WAITING)
    person_id = fields.BigIntField(db_index=True)
    plate = fields.CharField(max_length=20, default="")
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    filters = fields.TextField(description="JSON")
    reservation_id = fields.BigIntField(null=True, description="the hold that is offered")
    offer_expires_at = fields.DatetimeField(null=True)
    wish_id = fields.BigIntField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "waitlist_entry"
        indexes = (Index(fields=("place_id", "id")),)
