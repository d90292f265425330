"""Subplaces: the levels, rows and zones of a place."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.places.models import SubplaceKind
from parking.places.queries import subplaces_by_id, subplaces_by_place
from parking.places.records import SubplaceRecord
from schema import places
from schema.context import Info
from schema.fields import resolved
from schema.ids import global_id
from schema.loaders import load
from schema.refusals import known
from schema.relay import Node

if TYPE_CHECKING:
    from schema.places import Place


@strawberry.type(description="A level, row or zone of a place.")
class Subplace(Node):
    """`parking.places.records.SubplaceRecord`."""

    name: str = strawberry.field(description="Its name, unique in its place.")
    kind: SubplaceKind = strawberry.field(description="What part it is.")
    level: int = strawberry.field(description="Storey: 0 is the ground, negative is below.")
    position: int = strawberry.field(description="Order within its parent.")
    parent_id: strawberry.ID | None = strawberry.field(description="The id of what it is part of.")
    place_key: strawberry.Private[int]
    parent_key: strawberry.Private[int | None]

    @resolved("The subplace that it is part of.")
    async def parent(self, info: Info) -> "Subplace | None":
        return await load_subplace(info, self.parent_key)

    @resolved("The place that it is part of.")
    async def place(self, info: Info) -> Annotated["Place", strawberry.lazy("schema.places")]:
        return await places.load_known_place(info, self.place_key)


def subplace_of(view: SubplaceRecord) -> Subplace:
    """The domain's subplace as the schema's type."""
    parent = view.parent_id
    return Subplace(
        id=global_id("Subplace", view.id),
        name=view.name,
        kind=view.kind,
        level=view.level,
        position=view.position,
        parent_id=None if parent is None else global_id("Subplace", parent),
        place_key=view.place_id,
        parent_key=parent,
    )


async def load_subplace(info: Info, key: int | None) -> Subplace | None:
    """The subplace, if the viewer may see its place."""
    view = await load(info.context, subplaces_by_id, key)
    return None if view is None else subplace_of(view)


async def load_known_subplace(info: Info, key: int) -> Subplace:
    """One that a verb has just made or changed; an error if it is gone since."""
    return known(await load_subplace(info, key))


async def load_subplaces(info: Info, place_key: int) -> list[Subplace]:
    """All subplaces of a place, in order; none of a place that the viewer may not see."""
    views = await load(info.context, subplaces_by_place, place_key)
    return [subplace_of(view) for view in views or ()]
