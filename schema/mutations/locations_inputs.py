"""What clients say of where a car stands."""

from typing import Any

import strawberry

from parking.locations.kinds import VersionKind
from parking.locations.positions.record import NewPosition
from parking.locations.positions.revise import Revision
from parking.locations.refinement.answer import TerminalAnswer
from schema.ids import wanted_key
from schema.mutations.once import changes, keyed
from schema.scalars import Version


@strawberry.input(description="A fix of a phone, or a point on a map. WGS 84.")
class CoordinatesInput:
    """Three values of `parking.locations.positions.facts.Facts`."""

    latitude: float = strawberry.field(description="Degrees north, -90 to 90.")
    longitude: float = strawberry.field(description="Degrees east, -180 to 180.")
    accuracy_metres: float | None = strawberry.field(
        default=None, description="How good they are; null: not known."
    )


@strawberry.input(
    description="A new position: from a booking of the viewer, or by hand with at least one of"
    " place, floor, area, bay, space, coordinates and note. What is said by hand is put over what"
    " the booking says."
)
class RecordPositionInput:
    """`parking.locations.positions.record.NewPosition`."""

    reservation_id: strawberry.ID | None = strawberry.field(
        default=None, description="The viewer's booking, CONFIRMED or ACTIVE."
    )
    title: str = strawberry.field(default="", description="At most 100 characters.")
    place_id: strawberry.Maybe[strawberry.ID] = strawberry.field(
        default=None, description="A place that the viewer may see."
    )
    space_id: strawberry.Maybe[strawberry.ID] = strawberry.field(
        default=None, description="A space that the viewer may see; it brings its own facts."
    )
    floor: strawberry.Maybe[str] = strawberry.field(
        default=None, description="At most 100 characters."
    )
    area: strawberry.Maybe[str] = strawberry.field(
        default=None, description="At most 100 characters."
    )
    bay: strawberry.Maybe[str] = strawberry.field(
        default=None, description="At most 40 characters."
    )
    coordinates: strawberry.Maybe[CoordinatesInput] = strawberry.field(
        default=None, description="Where the car is."
    )
    note: strawberry.Maybe[str] = strawberry.field(
        default=None, description="For the sharer and receivers, at most 500 characters."
    )


@strawberry.input(
    description="The next version of a position. What is not given is kept, unless the car was"
    " MOVED. In a CORRECTED one null takes away."
)
class RevisePositionInput:
    """`parking.locations.positions.revise.Revision`."""

    position_id: strawberry.ID = strawberry.field(description="The position's id.")
    kind: VersionKind = strawberry.field(description="REFINED, CORRECTED or MOVED.")
    place_id: strawberry.Maybe[strawberry.ID | None] = strawberry.field(
        default=None, description="A place that the viewer may see, or that of the position."
    )
    space_id: strawberry.Maybe[strawberry.ID | None] = strawberry.field(
        default=None, description="A space that the viewer may see; it brings its own facts."
    )
    floor: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="At most 100 characters."
    )
    area: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="At most 100 characters."
    )
    bay: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="At most 40 characters."
    )
    coordinates: strawberry.Maybe[CoordinatesInput | None] = strawberry.field(
        default=None, description="Where the car is."
    )
    note: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="At most 500 characters."
    )
    photo_id: strawberry.Maybe[strawberry.ID | None] = strawberry.field(
        default=None, description="A photo that was sent for this position."
    )


@strawberry.input(
    description="What a terminal says of where the car stands: at least one of floor, area, bay,"
    " space and coordinates."
)
class AnswerRefinementInput:
    """`parking.locations.refinement.answer.TerminalAnswer`."""

    request_id: strawberry.ID = strawberry.field(description="The question's id.")
    version: Version = strawberry.field(description="The question's version that was seen.")
    space_id: strawberry.Maybe[strawberry.ID] = strawberry.field(
        default=None, description="A space of the place; it brings its own facts."
    )
    floor: strawberry.Maybe[str] = strawberry.field(
        default=None, description="At most 100 characters."
    )
    area: strawberry.Maybe[str] = strawberry.field(
        default=None, description="At most 100 characters."
    )
    bay: strawberry.Maybe[str] = strawberry.field(
        default=None, description="At most 40 characters."
    )
    coordinates: strawberry.Maybe[CoordinatesInput] = strawberry.field(
        default=None, description="Where the car is."
    )


def new_position_of(given: RecordPositionInput) -> NewPosition:
    """The input as the domain's."""
    booked = given.reservation_id
    key = None if booked is None else wanted_key(booked, "Reservation")
    return NewPosition(key, given.title, _said(given))


def revision_of(given: RevisePositionInput) -> Revision:
    """The input as the domain's."""
    key = wanted_key(given.position_id, "ParkingPosition")
    return Revision(key, given.kind, _said(given))


def answer_of(given: AnswerRefinementInput) -> TerminalAnswer:
    """The input as the domain's."""
    key = wanted_key(given.request_id, "RefinementRequest")
    return TerminalAnswer(key, given.version, _said(given))


def _said(given: Any) -> dict[str, Any]:
    """What was given, by the names of `Facts`; null for what is to be taken away."""
    said = keyed(changes(given), place_id="Place", space_id="Space", photo_id="PositionPhoto")
    if "coordinates" in said:
        point = said.pop("coordinates")
        names = ("latitude", "longitude", "accuracy_metres")
        said |= {name: None if point is None else getattr(point, name) for name in names}
    return said
