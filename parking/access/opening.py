"""From when a bay opens to its driver, told to who shows a credential too early."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from parking.access.rules import EARLY_MARGIN
from parking.storage.sql import Sql, as_time

_OTHERS = """
SELECT o.ends_at FROM reservation o
 WHERE o.space_id = $1 AND o.id <> $2 AND o.state IN ('CONFIRMED', 'ACTIVE')
   AND o.starts_at < $3 AND o.ends_at > $4
"""


def opens_at(starts_at: datetime, others_end: Iterable[datetime]) -> datetime:
    """The margin before the start, but not before everybody else's window is over, as `may_use`
    says; whoever stays on beyond theirs cannot be foreseen."""
    return min(starts_at, max([starts_at - EARLY_MARGIN, *others_end]))


async def opening_of(
    sql: Sql, space_id: int, reservation_id: int, starts_at: datetime, now: datetime
) -> datetime:
    """The same, of a reservation of this bay that begins then."""
    return opens_at(starts_at, await _others_end(sql, space_id, reservation_id, starts_at, now))


async def _others_end(
    sql: Sql, space_id: int, reservation_id: int, starts_at: datetime, now: datetime
) -> Sequence[datetime]:
    """When the bookings of the bay end that begin before and are not over."""
    rows = await sql.fetch(_OTHERS, space_id, reservation_id, starts_at, now)
    return [as_time(row["ends_at"]) for row in rows]


def on_display(opens: datetime, zone: ZoneInfo, now: datetime) -> str:
    """For a reader: `11:45` on the clocks of the place, with the day if it is another, such as
    `01-06 11:45`; empty when it should be open already."""
    if opens <= now:
        return ""
    local = opens.astimezone(zone)
    is_today = local.date() == now.astimezone(zone).date()
    return local.strftime("%H:%M" if is_today else "%m-%d %H:%M")
