"""Where a merchant may bring guests: whoever runs the place has agreed to it.

Anybody can make an organisation, and an order keeps a bay for a guest who has not paid yet: so it
takes a contract between operator and merchant (`parking.rights.contracts`), or a place of its own.
"""

from collections.abc import Sequence
from datetime import datetime

from parking.storage.sql import Sql


async def contracted_places(
    sql: Sql, organisation_id: int, place_ids: Sequence[int], at: datetime
) -> set[int]:
    """Of these places those that the merchant runs, or at which it has a contract now."""
    rows = await sql.fetch(
        f"SELECT p.id FROM place p WHERE p.id {sql.any_of('$1')} AND (p.organisation_id = $2"
        " OR EXISTS (SELECT 1 FROM rights_contract k WHERE k.place_id = p.id"
        " AND k.issuer_id = $2 AND k.state = 'ACTIVE' AND k.valid_from <= $3"
        " AND (k.valid_until IS NULL OR k.valid_until > $3)))",
        list(place_ids),
        organisation_id,
        at,
    )
    return {row["id"] for row in rows}
