"""What a verb must know before it writes: that the thing is there and the viewer may change it."""

from collections.abc import Sequence

from parking.accounts.rules import acts_in
from parking.accounts.viewer import Viewer
from parking.errors import Conflict, InvalidInput, NotFound
from parking.listings.new import NewListing
from parking.listings.records import ListingRecord, listings_by_id
from parking.listings.rules import has_title_by_itself, require_manageable
from parking.places.queries import spaces_by_id
from parking.storage.locks import lock_places
from parking.storage.sql import Sql


async def managed_listing(viewer: Viewer, listing_id: int, sql: Sql | None = None) -> ListingRecord:
    """The listing, which the viewer may change. Raises NotFound or NotPermitted."""
    found = (await listings_by_id([listing_id], sql)).get(listing_id)
    if found is None:
        raise NotFound("there is no such listing")
    require_manageable(viewer, found)
    return found


async def locked_listing(sql: Sql, viewer: Viewer, listing_id: int) -> ListingRecord:
    """The same, with its place locked: nobody books there or decides on titles meanwhile."""
    listing = await managed_listing(viewer, listing_id, sql)
    await lock_places(sql, [listing.place_id])
    return await managed_listing(viewer, listing_id, sql)


async def require_spaces(viewer: Viewer, place_id: int, space_ids: Sequence[int]) -> None:
    """Raises InvalidInput for a space that is not one of the place's in use."""
    found = await spaces_by_id(viewer, space_ids)
    for index, space_id in enumerate(space_ids):
        space = found.get(space_id)
        if space is None or space.place_id != place_id:
            message = "there is no such space in the place; take one of the listing's place"
            raise InvalidInput(f"space_ids.{index}", message)


async def require_rate_table(sql: Sql, rate_table_id: int, organisation_id: int) -> None:
    """Raises InvalidInput when the rate table is not one of the lessor's in use."""
    row = await sql.fetch_one(
        "SELECT 1 AS held FROM rate_table"
        " WHERE id = $1 AND organisation_id = $2 AND retired_at IS NULL",
        rate_table_id,
        organisation_id,
    )
    if row is None:
        message = "the lessor has no such rate table in use; take one of the lessor's"
        raise InvalidInput("rate_table_id", message)


def require_audience(viewer: Viewer, new: NewListing) -> None:
    """Raises InvalidInput for an organisation that the viewer has nothing to do with."""
    audience = new.audience_organisation_id
    if audience is None or audience == new.organisation_id or acts_in(viewer, audience):
        return
    message = "there is no such organisation, or you are not in it; take one of yours"
    raise InvalidInput("audience_organisation_id", message)


async def require_publishable(sql: Sql, listing: ListingRecord) -> None:
    """Raises Conflict when the listing cannot be (or stay) ACTIVE.

    Codes: PLACE_RETIRED, SPACE_RETIRED, TITLE_MISSING, RATE_TABLE_RETIRED, CURRENCY_DIFFERS.
    """
    if listing.is_place_retired:
        raise Conflict("the place is out of use; withdraw the listing", code="PLACE_RETIRED")
    await _require_spaces_in_use(sql, listing)
    if not has_title_by_itself(listing.organisation_id, listing.operator_id):
        await _require_titles(sql, listing)
    await _require_rates(sql, listing)


async def _require_spaces_in_use(sql: Sql, listing: ListingRecord) -> None:
    row = await sql.fetch_one(
        "SELECT s.number FROM listing_space ls JOIN space s ON s.id = ls.space_id"
        " WHERE ls.listing_id = $1 AND s.retired_at IS NOT NULL ORDER BY s.number LIMIT 1",
        listing.id,
    )
    if row is not None:
        message = f"space {row['number']} is out of use; take it out of the listing"
        raise Conflict(message, code="SPACE_RETIRED")


async def _require_titles(sql: Sql, listing: ListingRecord) -> None:
    rows = await sql.fetch(
        "SELECT s.number FROM listing_space ls JOIN space s ON s.id = ls.space_id"
        " WHERE ls.listing_id = $1 AND NOT EXISTS (SELECT 1 FROM title t"
        " WHERE t.space_id = ls.space_id AND t.organisation_id = $2 AND t.state = 'APPROVED')"
        " ORDER BY s.number LIMIT 10",
        listing.id,
        listing.organisation_id,
    )
    if rows:
        numbers = ", ".join(row["number"] for row in rows)
        message = f"the place's operator has approved no title to: {numbers}; request it first"
        raise Conflict(message, code="TITLE_MISSING")


async def _require_rates(sql: Sql, listing: ListingRecord) -> None:
    row = await sql.fetch_one(
        "SELECT currency, retired_at FROM rate_table WHERE id = $1", listing.rate_table_id
    )
    if row is None or row["retired_at"] is not None:
        raise Conflict(
            "the rate table is out of use; give the listing another", code="RATE_TABLE_RETIRED"
        )
    if row["currency"] != listing.currency:
        message = f"the rates are in {row['currency']}, the place's prices in {listing.currency}"
        raise Conflict(f"{message}; take rates in that currency", code="CURRENCY_DIFFERS")
