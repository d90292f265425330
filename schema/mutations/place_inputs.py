"""What clients give to make or change a place."""

import strawberry

from parking.places.edits import PlaceEdit
from parking.places.models import PlaceKind
from parking.places.new import NewPlace
from schema.ids import wanted_key
from schema.mutations.once import changes, keyed
from schema.scalars import Currency, TimeZone


@strawberry.input(description="A new place, empty as yet.")
class CreatePlaceInput:
    """`parking.places.new.NewPlace`."""

    organisation_id: strawberry.ID = strawberry.field(description="Who runs it.")
    name: str = strawberry.field(description="Its name, 1 to 200 characters.")
    kind: PlaceKind = strawberry.field(description="What sort of place it is.")
    time_zone: TimeZone = strawberry.field(description="Where its clocks are.")
    currency: Currency = strawberry.field(description="What its prices are in.")
    address: str = strawberry.field(default="", description="Postal address, on one line.")
    latitude: float | None = strawberry.field(
        default=None, description="Degrees north, WGS 84; with `longitude` or not at all."
    )
    longitude: float | None = strawberry.field(
        default=None, description="Degrees east, WGS 84; with `latitude` or not at all."
    )
    campus_id: strawberry.ID | None = strawberry.field(
        default=None, description="A campus of the same organisation."
    )
    is_public: bool = strawberry.field(
        default=True, description="Whether anybody may read its live status."
    )
    external_id: str | None = strawberry.field(
        default=None, description="Its id in another system, unique in the organisation."
    )


@strawberry.input(description="Changes of a place; what is left out stays.")
class UpdatePlaceInput:
    """`parking.places.edits.PlaceEdit`."""

    place_id: strawberry.ID = strawberry.field(description="The place's id.")
    name: strawberry.Maybe[str] = strawberry.field(default=None, description="Its name.")
    kind: strawberry.Maybe[PlaceKind] = strawberry.field(
        default=None, description="What sort of place it is."
    )
    time_zone: strawberry.Maybe[TimeZone] = strawberry.field(
        default=None, description="Where its clocks are."
    )
    currency: strawberry.Maybe[Currency] = strawberry.field(
        default=None, description="What its prices are in."
    )
    address: strawberry.Maybe[str] = strawberry.field(
        default=None, description="Postal address, on one line; may be empty."
    )
    latitude: strawberry.Maybe[float | None] = strawberry.field(
        default=None, description="Degrees north; null with `longitude` null: not known."
    )
    longitude: strawberry.Maybe[float | None] = strawberry.field(
        default=None, description="Degrees east; null with `latitude` null: not known."
    )
    campus_id: strawberry.Maybe[strawberry.ID | None] = strawberry.field(
        default=None, description="A campus of the same organisation; null: none."
    )
    is_public: strawberry.Maybe[bool] = strawberry.field(
        default=None, description="Whether anybody may read its live status."
    )
    external_id: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="Its id in another system; null: none."
    )


def new_place_of(given: CreatePlaceInput) -> NewPlace:
    """The domain's new place."""
    campus = given.campus_id
    return NewPlace(
        organisation_id=wanted_key(given.organisation_id, "Organisation"),
        name=given.name,
        kind=given.kind,
        time_zone=given.time_zone,
        currency=given.currency,
        address=given.address,
        latitude=given.latitude,
        longitude=given.longitude,
        campus_id=None if campus is None else wanted_key(campus, "Campus"),
        is_public=given.is_public,
        external_id=given.external_id,
    )


def place_edit_of(given: UpdatePlaceInput) -> PlaceEdit:
    """The domain's edit."""
    wanted = keyed(changes(given), campus_id="Campus")
    return PlaceEdit(id=wanted_key(given.place_id, "Place"), **wanted)
