"""What is told of a place and an issuer to whoever scans a code: names that are printed beside it,
also where place or organisation are not public otherwise."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from parking.storage.sql import database


class PlaceSign(NamedTuple):
    """What stands over a place's gate: told also of places that are not public, to whoever holds
    something that is printed for it."""

    place_id: int
    name: str
    address: str
    time_zone: str
    currency: str


async def place_signs(place_ids: Sequence[int]) -> Mapping[int, PlaceSign]:
    """The sign of each of these places."""
    sql = database()
    rows = await sql.fetch(
        "SELECT id AS place_id, name, address, time_zone, currency FROM place"
        f" WHERE id {sql.any_of('$1')}",
        list(place_ids),
    )
    return {row["place_id"]: PlaceSign(**row) for row in rows}


async def issuer_names(organisation_ids: Sequence[int]) -> Mapping[int, str]:
    """The names of those of these organisations that have, or were offered, a contract to grant
    rights."""
    sql = database()
    rows = await sql.fetch(
        f"SELECT o.id, o.name FROM organisation o WHERE o.id {sql.any_of('$1')}"
        " AND EXISTS (SELECT 1 FROM rights_contract k WHERE k.issuer_id = o.id)",
        list(organisation_ids),
    )
    return {row["id"]: row["name"] for row in rows}
