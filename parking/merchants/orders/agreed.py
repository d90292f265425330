"""Where a merchant may bring guests: whoever runs the place has agreed to it.

Anybody can make an organisation, and an order keeps a bay for a guest who has not paid yet: so it
takes a contract between operator and merchant (`parking.rights.contracts`), or a place of its own.
"""

from datetime import datetime

from parking.merchants.records import UnitRecord
from parking.storage.sql import Sql


async def usable_places(sql: Sql, unit: UnitRecord, at: datetime) -> list[int]:
    """Of the unit's places those that its merchant runs, or at which it has a contract now; best
    first."""
    rows = await sql.fetch(
        "SELECT p.id FROM merchant_unit_place u JOIN place p ON p.id = u.place_id"
        " WHERE u.unit_id = $1 AND (p.organisation_id = $2"
        " OR EXISTS (SELECT 1 FROM rights_contract k WHERE k.place_id = p.id"
        " AND k.issuer_id = $2 AND k.state = 'ACTIVE' AND k.valid_from <= $3"
        " AND (k.valid_until IS NULL OR k.valid_until > $3))) ORDER BY u.rank",
        unit.id,
        unit.organisation_id,
        at,
    )
    return [row["id"] for row in rows]
