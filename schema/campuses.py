"""Campuses: estates and malls, several places under one name."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.places.queries import campuses_by_id
from parking.places.records import CampusRecord
from parking.places.search import PlaceFilter
from schema import accounts, merchant_units, places
from schema.context import Info
from schema.execution import COST, VOLATILE, Cost
from schema.fields import resolved
from schema.ids import global_id
from schema.loaders import load
from schema.refusals import known
from schema.relay import PAGE_SIZE_DEFAULT, After, Connection, First, Node, page

if TYPE_CHECKING:
    from schema.accounts import Organisation
    from schema.merchant_units import PlanConnector
    from schema.places import Place

CONNECTORS_ASSUMED = 50


@strawberry.type(description="An estate or mall: several places under one name.")
class Campus(Node):
    """`parking.places.records.CampusRecord`."""

    name: str = strawberry.field(description="Its name.", metadata={VOLATILE: True})
    key: strawberry.Private[int]
    organisation_key: strawberry.Private[int]

    @resolved("Who runs it; null unless the viewer belongs to them.")
    async def organisation(
        self, info: Info
    ) -> Annotated["Organisation", strawberry.lazy("schema.accounts")] | None:
        return await accounts.load_organisation(info, self.organisation_key)

    @resolved("Its places that the viewer may see, by name.", metadata={VOLATILE: True})
    async def places(
        self, info: Info, first: First = PAGE_SIZE_DEFAULT, after: After = None
    ) -> Connection[Annotated["Place", strawberry.lazy("schema.places")]]:
        wanted = PlaceFilter(campus_id=self.key)
        return await places.place_page(info, wanted, page(first, after))

    @resolved(
        "Its doors, lifts, stairs and ramps, by which one walks from a merchant to a space.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=CONNECTORS_ASSUMED)},
    )
    async def connectors(
        self, info: Info
    ) -> list[Annotated["PlanConnector", strawberry.lazy("schema.merchant_units")]]:
        return await merchant_units.load_connectors(info, self.key)


def campus_of(view: CampusRecord) -> Campus:
    """The domain's campus as the schema's type."""
    return Campus(
        id=global_id("Campus", view.id),
        name=view.name,
        key=view.id,
        organisation_key=view.organisation_id,
    )


async def load_campus(info: Info, key: int | None) -> Campus | None:
    """The campus, if the viewer may know of it."""
    view = await load(info.context, campuses_by_id, key)
    return None if view is None else campus_of(view)


async def load_known_campus(info: Info, key: int) -> Campus:
    """One that a verb has just made or changed; an error if it is gone since."""
    return known(await load_campus(info, key))
