"""Waitlists: who waits for a space of a place, and what they are offered."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.reservations.models import WaitlistState
from parking.reservations.waiting import WaitlistEntry as DomainEntry
from parking.reservations.waiting import entries_by_id, entry_key, find_entries
from schema import places, reservations
from schema.context import Info, viewer_of
from schema.fields import resolved
from schema.ids import global_id, wanted_key
from schema.loaders import load
from schema.refusals import RefusalsAsErrors, known
from schema.relay import PAGE_SIZE_DEFAULT, After, Connection, First, Node, connection, page

if TYPE_CHECKING:
    from schema.places import Place
    from schema.reservations import Reservation


@strawberry.type(description="Somebody waits for any space of a place, for a window.")
class WaitlistEntry(Node):
    """`parking.reservations.waiting.WaitlistEntry`."""

    state: WaitlistState = strawberry.field(description="Where it stands.")
    starts_at: datetime = strawberry.field(description="When the window begins.")
    ends_at: datetime = strawberry.field(description="When the window ends.")
    plate: str = strawberry.field(description="The vehicle, normalised; may be empty.")
    is_ev: bool | None = strawberry.field(description="With a charger, or without; null: either.")
    is_accessible: bool | None = strawberry.field(
        description="For disabled drivers, or not; null: either."
    )
    height_metres: float | None = strawberry.field(description="Of the vehicle; null: any.")
    position: int = strawberry.field(
        description="1 for the head of the place's queue; 0 for who does not wait any more."
    )
    offer_expires_at: datetime | None = strawberry.field(
        description="Until when the offer can be accepted; null: none was made."
    )
    created_at: datetime = strawberry.field(description="When it was joined.")
    domain: strawberry.Private[DomainEntry]

    @resolved("The place; null if it was retired, or is private to others.")
    async def place(
        self, info: Info
    ) -> Annotated["Place", strawberry.lazy("schema.places")] | None:
        return await places.load_place(info, self.domain.place_id)

    @resolved("The hold that is, or was, offered; null: none yet.")
    async def reservation(
        self, info: Info
    ) -> Annotated["Reservation", strawberry.lazy("schema.reservations")] | None:
        return await reservations.load_reservation(info, self.domain.reservation_id)


def waitlist_entry_of(entry: DomainEntry) -> WaitlistEntry:
    """The domain's entry as the schema's type."""
    return WaitlistEntry(
        id=global_id("WaitlistEntry", entry.id),
        state=entry.state,
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        plate=entry.plate,
        is_ev=entry.filters.is_ev,
        is_accessible=entry.filters.is_accessible,
        height_metres=entry.filters.height_metres,
        position=entry.position,
        offer_expires_at=entry.offer_expires_at,
        created_at=entry.created_at,
        domain=entry,
    )


async def load_waitlist_entry(info: Info, key: int | None) -> WaitlistEntry | None:
    """The entry, if the viewer may see it."""
    found = await load(info.context, entries_by_id, key)
    return None if found is None else waitlist_entry_of(found)


async def load_known_entry(info: Info, key: int) -> WaitlistEntry:
    """One that a verb has just made or changed; an error if it is gone since."""
    return known(await load_waitlist_entry(info, key))


@strawberry.type
class WaitlistQueries:
    """Root fields about waitlists."""

    @resolved(
        "Who waits, in the order of joining: the viewer's own entries, and all of the places where"
        " the viewer works.",
        extensions=[RefusalsAsErrors()],
    )
    async def waitlist(
        self,
        info: Info,
        place_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Of this place; null: of all.")
        ] = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> Connection[WaitlistEntry]:
        place = None if place_id is None else wanted_key(place_id, "Place")
        asked, viewer = page(first, after), viewer_of(info.context)
        found = await find_entries(viewer, place, limit=asked.limit, after=asked.after)
        return connection(asked, found, entry_key, waitlist_entry_of)
