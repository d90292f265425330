"""Titles: proof that an organisation may let a space."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.listings.models import TitleState
from parking.listings.queries import TitleFilter, find_titles, titles_of_spaces, visible_titles
from parking.listings.records import TitleRecord
from schema import accounts, spaces
from schema.context import Info, viewer_of
from schema.fields import resolved
from schema.ids import global_id, wanted_key
from schema.loaders import load
from schema.refusals import known
from schema.relay import (
    PAGE_SIZE_DEFAULT,
    After,
    Connection,
    First,
    Node,
    after_id,
    connection,
    page,
)

if TYPE_CHECKING:
    from schema.accounts import Organisation
    from schema.spaces import Space


@strawberry.type(
    description="Proof that an organisation may let a space; decided by the place's operator. Seen"
    " by both of them."
)
class Title(Node):
    """`parking.listings.records.TitleRecord`."""

    state: TitleState = strawberry.field(description="What the operator has decided.")
    document_reference: str = strawberry.field(description="Where the proof is: deed, lease …")
    reason: str = strawberry.field(description="Why it was declined or revoked; else empty.")
    organisation_id: strawberry.ID = strawberry.field(description="Who wants to let the space.")
    organisation_name: str = strawberry.field(description="Their name.")
    space_id: strawberry.ID = strawberry.field(description="The space's id.")
    requested_at: datetime = strawberry.field(description="When it was asked for.")
    decided_at: datetime | None = strawberry.field(description="When it was last decided.")
    record: strawberry.Private[TitleRecord]

    @resolved("The space; null unless the viewer may see its place.")
    async def space(
        self, info: Info
    ) -> Annotated["Space", strawberry.lazy("schema.spaces")] | None:
        return await spaces.load_space(info, self.record.space_id)

    @resolved("Who wants to let the space; null unless the viewer belongs to them.")
    async def organisation(
        self, info: Info
    ) -> Annotated["Organisation", strawberry.lazy("schema.accounts")] | None:
        return await accounts.load_organisation(info, self.record.organisation_id)


def title_of(record: TitleRecord) -> Title:
    """The domain's title as the schema's type."""
    return Title(
        id=global_id("Title", record.id),
        state=record.state,
        document_reference=record.document_reference,
        reason=record.reason,
        organisation_id=global_id("Organisation", record.organisation_id),
        organisation_name=record.organisation_name,
        space_id=global_id("Space", record.space_id),
        requested_at=record.requested_at,
        decided_at=record.decided_at,
        record=record,
    )


async def load_title(info: Info, key: int | None) -> Title | None:
    """The title, if the viewer may see it."""
    record = await load(info.context, visible_titles, key)
    return None if record is None else title_of(record)


async def load_known_title(info: Info, key: int) -> Title:
    """One that a verb has just made or changed; an error if it is gone since."""
    return known(await load_title(info, key))


async def load_titles_of_space(info: Info, space_key: int) -> list[Title]:
    """The titles to a space that the viewer may see, newest first."""
    records = await load(info.context, titles_of_spaces, space_key)
    return [title_of(record) for record in records or ()]


@strawberry.input(description="Which titles; what is left out does not matter.")
class TitleFilterInput:
    """`parking.listings.queries.TitleFilter`."""

    organisation_id: strawberry.ID | None = strawberry.field(
        default=None, description="Asked for by this organisation."
    )
    place_id: strawberry.ID | None = strawberry.field(
        default=None, description="To spaces of this place."
    )
    states: list[TitleState] | None = strawberry.field(
        default=None, description="In one of these states; REQUESTED is the operator's queue."
    )


def _filter(wanted: TitleFilterInput | None) -> TitleFilter:
    given = wanted or TitleFilterInput()
    organisation, place = given.organisation_id, given.place_id
    return TitleFilter(
        organisation_id=None if organisation is None else wanted_key(organisation, "Organisation"),
        place_id=None if place is None else wanted_key(place, "Place"),
        states=given.states,
    )


@strawberry.type
class TitleQueries:
    """Root fields about titles."""

    @resolved("Titles that the viewer may see, oldest first.")
    async def titles(
        self,
        info: Info,
        filter: Annotated[
            TitleFilterInput | None, strawberry.argument(description="Which ones; null: all.")
        ] = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> Connection[Title]:
        asked = page(first, after)
        viewer, begin = viewer_of(info.context), after_id(asked)
        found = await find_titles(viewer, _filter(filter), limit=asked.limit, after=begin)
        return connection(asked, found, lambda record: (record.id,), title_of)
