"""How somebody who has never been there finds a bay on foot (CLAIMS E9): in by the door that is
nearest to it, over lifts and stairs. From the ways that the mall has drawn; see `walking`."""

from parking.merchants.connectors import link
from parking.merchants.orders.guests import GuestWay, level_names
from parking.merchants.queries import links_of
from parking.merchants.route import to_bay
from parking.merchants.walking import Spot
from parking.storage.sql import database

_BAY = """
SELECT s.place_id, s.number, s.x_metres, s.y_metres, COALESCE(u.level, 0) AS level, p.campus_id
  FROM space s JOIN place p ON p.id = s.place_id LEFT JOIN subplace u ON u.id = s.subplace_id
 WHERE s.id = $1
"""
NO_WAY = GuestWay(None, (), (), {})


async def way_to_bay(space_id: int | None) -> GuestWay:
    """The walk to a bay, whoever asks; empty where no way from a door to it is drawn."""
    sql = database()
    bay = await sql.fetch_one(_BAY, space_id)
    if bay is None or bay["campus_id"] is None:
        return NO_WAY
    links = [link(each) for each in await links_of(sql, bay["campus_id"])]
    plans = {each.spot.plan for each in links}
    plan = bay["place_id"] if bay["place_id"] in plans else None
    spot = Spot(plan, bay["level"], bay["x_metres"], bay["y_metres"])
    walk = to_bay(links, spot, bay["number"])
    return GuestWay(plan, (), walk, await level_names(sql, bay["place_id"]))
