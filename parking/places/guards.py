"""What a verb must know before it writes: that the thing is there and the viewer may change it."""

from collections.abc import Iterable, Sequence

from parking.accounts.viewer import Viewer
from parking.errors import Conflict, InvalidInput, NotFound
from parking.places.queries import place_by_id, spaces_by_id, subplaces_by_id
from parking.places.records import PlaceRecord, SpaceRecord, SubplaceRecord
from parking.places.rules import require_operator
from parking.storage.sql import Sql


async def operated_place(viewer: Viewer, place_id: int) -> PlaceRecord:
    """The place, which the viewer may change. Raises NotFound or NotPermitted."""
    place = await place_by_id(viewer, place_id)
    require_operator(viewer, place.organisation_id, place.is_public)
    return place


async def operated_spaces(viewer: Viewer, space_ids: Sequence[int]) -> list[SpaceRecord]:
    """The spaces, of places that the viewer may change. Raises NotFound or NotPermitted."""
    found = await spaces_by_id(viewer, space_ids)
    if any(space_id not in found for space_id in space_ids):
        raise NotFound("there is no such space")
    for place_id in sorted({space.place_id for space in found.values()}):
        await operated_place(viewer, place_id)
    return [found[space_id] for space_id in dict.fromkeys(space_ids)]


async def operated_subplace(viewer: Viewer, subplace_id: int) -> SubplaceRecord:
    """The subplace, of a place that the viewer may change. Raises NotFound or NotPermitted."""
    found = (await subplaces_by_id(viewer, [subplace_id])).get(subplace_id)
    if found is None:
        raise NotFound("there is no such subplace")
    await operated_place(viewer, found.place_id)
    return found


async def require_organisation(sql: Sql, organisation_id: int) -> None:
    """Raises NotFound when there is no such organisation."""
    if not await sql.fetch("SELECT id FROM organisation WHERE id = $1", organisation_id):
        raise NotFound("there is no such organisation")


async def require_campus_of(sql: Sql, campus_id: int | None, organisation_id: int) -> None:
    """Raises InvalidInput when the campus is not one of the organisation."""
    if campus_id is None:
        return
    row = await sql.fetch_one("SELECT organisation_id FROM campus WHERE id = $1", campus_id)
    if row is None or row["organisation_id"] != organisation_id:
        raise InvalidInput("campusId", "there is no such campus in the place's organisation")


async def require_subplaces_of(
    sql: Sql, subplace_ids: Iterable[int | None], place_id: int, field: str
) -> None:
    """Raises InvalidInput when one of the subplaces is not of the place; None is no subplace."""
    wanted = {subplace_id for subplace_id in subplace_ids if subplace_id is not None}
    if not wanted:
        return
    rows = await sql.fetch(
        f"SELECT id FROM subplace WHERE place_id = $1 AND id {sql.any_of('$2')}",
        place_id,
        sorted(wanted),
    )
    if len(rows) != len(wanted):
        raise InvalidInput(field, "there is no such subplace in the place")


async def uses_currency(sql: Sql, place_id: int) -> bool:
    """Whether something of the place is priced in its currency: a listing on offer, a booking that
    is not over, or an issuer's contract. The words of other nouns' tables, for what they say
    holds the place."""
    rows = await sql.fetch(
        "SELECT 1 AS held FROM listing WHERE place_id = $1 AND state = 'ACTIVE'"
        " UNION SELECT 1 AS held FROM reservation WHERE place_id = $1"
        " AND state IN ('REQUESTED', 'PENDING_PAYMENT', 'CONFIRMED', 'ACTIVE')"
        " UNION SELECT 1 AS held FROM rights_contract WHERE place_id = $1"
        " AND state IN ('OFFERED', 'ACTIVE')",
        place_id,
    )
    return bool(rows)


async def require_currency_unused(sql: Sql, place_id: int) -> None:
    """Raises Conflict `CURRENCY_IN_USE`. The place must be locked."""
    if await uses_currency(sql, place_id):
        raise Conflict(
            "listings on offer, bookings or issuers' contracts of the place are in its currency;"
            " pause the listings, end the contracts and wait until the bookings are over",
            code="CURRENCY_IN_USE",
        )
