"""Tables of offers: proof of title, listings, when they are open."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from parking.accounts.models import Organisation
from parking.places.models import Place, Space
from parking.rates.models import RateTable


class TitleState(StrEnum):
    """Whether the place's operator lets somebody offer a space."""

    REQUESTED = "REQUESTED"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    REVOKED = "REVOKED"


class ListingState(StrEnum):
    """Whether an offer can be found. None of them touches agreements already made."""

    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    WITHDRAWN = "WITHDRAWN"


class BookingMode(StrEnum):
    """Whether the lessor agrees beforehand, by publishing, or to each request."""

    INSTANT = "INSTANT"
    ASK = "ASK"


class Audience(StrEnum):
    """Who may book."""

    PUBLIC = "PUBLIC"
    ORGANISATION = "ORGANISATION"
    PLATES = "PLATES"


class ExceptionKind(StrEnum):
    """What an exception does to the weekly windows."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"


class Title(Model):
    """Proof that an organisation may offer a space; decided by the operator of the place."""

    id = fields.BigIntField(primary_key=True)
    space: fields.ForeignKeyRelation[Space] = fields.ForeignKeyField(
        "parking.Space", related_name="titles"
    )
    space_id: int
    organisation: fields.ForeignKeyRelation[Organisation] = fields.ForeignKeyField(
        "parking.Organisation", related_name="titles"
    )
    organisation_id: int
    document_reference = fields.CharField(max_length=300)
    state = fields.CharEnumField(TitleState, max_length=9, default=TitleState.REQUESTED)
    reason = fields.CharField(max_length=500, default="")
    requested_by = fields.BigIntField(null=True, description="person")
    requested_at = fields.DatetimeField()
    decided_by = fields.BigIntField(null=True, description="person")
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "title"


class Listing(Model):
    """An offer of spaces of one place, by the organisation that has title to them (the lessor).

    `cancellation` is JSON (`parking.listings.cancellation`). `openings_until` is how far
    `listing_opening` has been worked out, `openings_zone` in which time zone; at `extend_at` (while
    ACTIVE), or when the place's zone is another one, the worker does it anew.
    """

    id = fields.BigIntField(primary_key=True)
    place: fields.ForeignKeyRelation[Place] = fields.ForeignKeyField(
        "parking.Place", related_name="listings"
    )
    place_id: int
    organisation: fields.ForeignKeyRelation[Organisation] = fields.ForeignKeyField(
        "parking.Organisation", related_name="listings"
    )
    organisation_id: int
    rate_table: fields.ForeignKeyRelation[RateTable] = fields.ForeignKeyField(
        "parking.RateTable", related_name="listings"
    )
    rate_table_id: int
    name = fields.CharField(max_length=200)
    state = fields.CharEnumField(ListingState, max_length=9, default=ListingState.DRAFT)
    mode = fields.CharEnumField(BookingMode, max_length=7, default=BookingMode.INSTANT)
    audience = fields.CharEnumField(Audience, max_length=12, default=Audience.PUBLIC)
    audience_organisation_id = fields.BigIntField(null=True)
    stay_minutes_min = fields.IntField(default=15)
    stay_minutes_max = fields.IntField(null=True)
    lead_minutes = fields.IntField(default=0, description="least time from booking to start")
    horizon_days = fields.IntField(default=90, description="how far ahead one may book")
    turnover_minutes = fields.IntField(default=0, description="kept free after each booking")
    cancellation = fields.TextField(description="JSON")
    valid_from = fields.DatetimeField(null=True)
    valid_until = fields.DatetimeField(null=True)
    openings_until = fields.DatetimeField(null=True)
    openings_zone = fields.CharField(max_length=64, default="", description="IANA, as worked out")
    extend_at = fields.DatetimeField(null=True, db_index=True)
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "listing"


class ListingSpace(Model):
    """One space of a listing."""

    id = fields.BigIntField(primary_key=True)
    listing: fields.ForeignKeyRelation["Listing"] = fields.ForeignKeyField(
        "parking.Listing", related_name="spaces"
    )
    listing_id: int
    space: fields.ForeignKeyRelation[Space] = fields.ForeignKeyField(
        "parking.Space", related_name="listing_spaces"
    )
    space_id: int

    class Meta:
        table = "listing_space"
        unique_together = (("listing", "space"),)


class ListingWindow(Model):
    """A weekly window in the place's local time.

    `weekdays` has bit 0 for Monday to bit 6 for Sunday, of the day on which it begins. Minutes
    count from that day's midnight; above 1,440 it ends on a later day. Where they
    are set, it begins on no day before `first_date` or after `last_date` (`2026-12-24`). A listing
    without any window is open always.
    """

    id = fields.BigIntField(primary_key=True)
    listing: fields.ForeignKeyRelation["Listing"] = fields.ForeignKeyField(
        "parking.Listing", related_name="windows"
    )
    listing_id: int
    weekdays = fields.IntField()
    minute_from = fields.IntField()
    minute_until = fields.IntField()
    first_date = fields.CharField(max_length=10, null=True)
    last_date = fields.CharField(max_length=10, null=True)

    class Meta:
        table = "listing_window"


class ListingException(Model):
    """Dates that differ from the weekly windows; local times as `2026-12-24T18:00`."""

    id = fields.BigIntField(primary_key=True)
    listing: fields.ForeignKeyRelation["Listing"] = fields.ForeignKeyField(
        "parking.Listing", related_name="exceptions"
    )
    listing_id: int
    kind = fields.CharEnumField(ExceptionKind, max_length=6)
    local_from = fields.CharField(max_length=16)
    local_until = fields.CharField(max_length=16)
    note = fields.CharField(max_length=200, default="")

    class Meta:
        table = "listing_exception"


class ListingPlate(Model):
    """A plate that may book where the audience is PLATES; normalised."""

    id = fields.BigIntField(primary_key=True)
    listing: fields.ForeignKeyRelation["Listing"] = fields.ForeignKeyField(
        "parking.Listing", related_name="plates"
    )
    listing_id: int
    plate = fields.CharField(max_length=20)

    class Meta:
        table = "listing_plate"
        unique_together = (("listing", "plate"),)


class ListingOpening(Model):
    """An interval `[starts_at, ends_at)` in which the listing is open: windows and exceptions,
    worked out in the place's time zone and joined where they touch. What searches and reservations
    ask; the worker keeps it ahead of every horizon."""

    id = fields.BigIntField(primary_key=True)
    listing: fields.ForeignKeyRelation["Listing"] = fields.ForeignKeyField(
        "parking.Listing", related_name="openings"
    )
    listing_id: int
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()

    class Meta:
        table = "listing_opening"
        unique_together = (("listing", "starts_at"),)
