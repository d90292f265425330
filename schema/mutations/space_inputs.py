"""What clients give to make or change a space."""

import strawberry

from parking.places.edits import SpaceEdit
from parking.places.new import NewSpace
from schema.ids import wanted_key
from schema.mutations.once import changes, keyed


@strawberry.input(description="A new space: a bay, its rectangle on the plan and its attributes.")
class NewSpaceInput:
    """`parking.places.new.NewSpace`."""

    number: str = strawberry.field(description="The number painted on it, unique in its place.")
    subplace_id: strawberry.ID | None = strawberry.field(
        default=None, description="The subplace it lies in."
    )
    external_id: str | None = strawberry.field(
        default=None, description="Its id in another system."
    )
    x_metres: float = strawberry.field(default=0.0, description="Plan: centre, to the right.")
    y_metres: float = strawberry.field(default=0.0, description="Plan: centre, downwards.")
    width_metres: float = strawberry.field(default=2.5, description="Width, 0.5 to 60.")
    length_metres: float = strawberry.field(default=5.0, description="Length, 0.5 to 60.")
    rotation_degrees: float = strawberry.field(
        default=0.0, description="Clockwise; at 0 the length lies along y."
    )
    latitude: float | None = strawberry.field(
        default=None, description="Degrees north, WGS 84; with `longitude` or not at all."
    )
    longitude: float | None = strawberry.field(
        default=None, description="Degrees east, WGS 84; with `latitude` or not at all."
    )
    is_ev: bool = strawberry.field(
        default=False, description="Whether an electric vehicle can charge there."
    )
    is_accessible: bool = strawberry.field(
        default=False, description="Whether it is for disabled drivers."
    )
    height_max_metres: float | None = strawberry.field(
        default=None, description="The highest vehicle that fits, in metres."
    )


@strawberry.input(description="Changes of a space; what is left out stays.")
class UpdateSpaceInput:
    """`parking.places.edits.SpaceEdit`."""

    space_id: strawberry.ID = strawberry.field(description="The space's id.")
    number: strawberry.Maybe[str] = strawberry.field(
        default=None, description="The number painted on it, unique in its place."
    )
    subplace_id: strawberry.Maybe[strawberry.ID | None] = strawberry.field(
        default=None, description="The subplace it lies in; null: none."
    )
    external_id: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="Its id in another system; null: none."
    )
    x_metres: strawberry.Maybe[float] = strawberry.field(
        default=None, description="Plan: centre, to the right."
    )
    y_metres: strawberry.Maybe[float] = strawberry.field(
        default=None, description="Plan: centre, downwards."
    )
    width_metres: strawberry.Maybe[float] = strawberry.field(
        default=None, description="Width, 0.5 to 60."
    )
    length_metres: strawberry.Maybe[float] = strawberry.field(
        default=None, description="Length, 0.5 to 60."
    )
    rotation_degrees: strawberry.Maybe[float] = strawberry.field(
        default=None, description="Clockwise; at 0 the length lies along y."
    )
    latitude: strawberry.Maybe[float | None] = strawberry.field(
        default=None, description="Degrees north; null with `longitude` null: not known."
    )
    longitude: strawberry.Maybe[float | None] = strawberry.field(
        default=None, description="Degrees east; null with `latitude` null: not known."
    )
    is_ev: strawberry.Maybe[bool] = strawberry.field(
        default=None, description="Whether an electric vehicle can charge there."
    )
    is_accessible: strawberry.Maybe[bool] = strawberry.field(
        default=None, description="Whether it is for disabled drivers."
    )
    height_max_metres: strawberry.Maybe[float | None] = strawberry.field(
        default=None, description="The highest vehicle that fits; null: not limited or known."
    )


def new_space_of(given: NewSpaceInput) -> NewSpace:
    """The domain's new space."""
    subplace = given.subplace_id
    values = dict(vars(given))
    values["subplace_id"] = None if subplace is None else wanted_key(subplace, "Subplace")
    return NewSpace(**values)


def space_edit_of(given: UpdateSpaceInput) -> SpaceEdit:
    """The domain's edit."""
    wanted = keyed(changes(given), subplace_id="Subplace")
    return SpaceEdit(id=wanted_key(given.space_id, "Space"), **wanted)
