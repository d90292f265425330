"""All that a booking is decided on, read by one statement."""

from datetime import datetime, timedelta
from typing import NamedTuple

from parking.listings.records import SELECT_LISTINGS, ListingRecord, listing_record
from parking.occupancy.models import Occupancy, Service
from parking.storage.sql import Sql
from parking.windows import Window


class Facts(NamedTuple):
    """A listing, one of its spaces, and how they stand to a window and a plate.

    `renter_name` is that of the person who asks. `is_open_then`: an opening covers the window.
    `is_plate_listed`: the listing names the plate. `is_in_use`: a booking of the space is ACTIVE,
    so that a car in it is expected to leave. `document` is the rate table's JSON; `service` and
    `occupancy` are None for a space that was retired.
    """

    listing: ListingRecord
    lessor_name: str
    operator_name: str
    renter_name: str
    rate_table_version: int
    document: str
    rate_currency: str
    space_id: int
    number: str
    service: Service | None
    occupancy: Occupancy | None
    is_open_then: bool
    is_plate_listed: bool
    is_in_use: bool

    @property
    def is_offered(self) -> bool:
        """Whether place and space are open."""
        return self.listing.is_place_open and self.service is Service.OPEN


_READ = f"""
SELECT b.*, lo.name AS lessor_name, oo.name AS operator_name,
       COALESCE((SELECT n.name FROM person n WHERE n.id = $6), '') AS renter_name,
       t.version AS rate_table_version, t.document, t.currency AS rate_currency,
       s.id AS space_id, s.number, st.service, st.occupancy,
       EXISTS (SELECT 1 FROM listing_opening o WHERE o.listing_id = b.id
                  AND o.starts_at <= $3 AND o.ends_at >= $4) AS is_open_then,
       EXISTS (SELECT 1 FROM listing_plate n WHERE n.listing_id = b.id
                  AND n.plate = $5) AS is_plate_listed,
       EXISTS (SELECT 1 FROM reservation r WHERE r.space_id = s.id
                  AND r.state = 'ACTIVE') AS is_in_use
  FROM ({SELECT_LISTINGS} WHERE l.id = $1 AND p.retired_at IS NULL) b
  JOIN listing_space ls ON ls.listing_id = b.id
  JOIN space s ON s.id = ls.space_id
  JOIN rate_table t ON t.id = b.rate_table_id
  JOIN organisation lo ON lo.id = b.organisation_id
  JOIN organisation oo ON oo.id = b.operator_id
  LEFT JOIN space_state st ON st.space_id = s.id
 WHERE s.id = $2
"""
_FURTHER = Facts._fields[1:]


async def read_facts(
    sql: Sql,
    person_id: int | None,
    listing_id: int,
    space_id: int,
    window: Window,
    plate: str,
) -> Facts | None:
    """The facts, None when there is no such listing or the space is not in it."""
    row = await sql.fetch_one(
        _READ, listing_id, space_id, window.starts_at, window.ends_at, plate, person_id
    )
    if row is None:
        return None
    further = {name: row.pop(name) for name in _FURTHER}
    service, occupancy = further["service"], further["occupancy"]
    typed = {
        "service": None if service is None else Service(service),
        "occupancy": None if occupancy is None else Occupancy(occupancy),
    }
    truths = {name: bool(further[name]) for name in further if name.startswith("is_")}
    return Facts(listing=listing_record(row), **{**further, **typed, **truths})


async def is_taken(
    sql: Sql, space_id: int, window: Window, turnover: timedelta, now: datetime, but: int = 0
) -> bool:
    """Whether a live booking, other than a lapsed hold and the one with the id `but`, is in the
    way. What it says may be over at once: whoever writes is told by the database."""
    rows = await sql.fetch(
        "SELECT 1 AS taken FROM reservation r WHERE r.space_id = $1 AND r.id <> $5"
        " AND r.state IN ('REQUESTED', 'PENDING_PAYMENT', 'CONFIRMED', 'ACTIVE')"
        " AND r.starts_at < $3 AND r.blocked_until > $2"
        " AND (r.state IN ('CONFIRMED', 'ACTIVE') OR r.hold_until > $4) LIMIT 1",
        space_id,
        window.starts_at,
        window.ends_at + turnover,
        now,
        but,
    )
    return bool(rows)


async def first_free_space(sql: Sql, listing_id: int, window: Window, now: datetime) -> int | None:
    """Any space of the listing that is free in the window, by id; None when all are taken."""
    row = await sql.fetch_one("SELECT turnover_minutes FROM listing WHERE id = $1", listing_id)
    if row is None:
        return None
    ends_at = window.ends_at + timedelta(minutes=row["turnover_minutes"])
    found = await sql.fetch_one(
        "SELECT ls.space_id FROM listing_space ls JOIN space_state st ON st.space_id = ls.space_id"
        " WHERE ls.listing_id = $1 AND st.service = 'OPEN' AND NOT EXISTS ("
        "SELECT 1 FROM reservation r WHERE r.space_id = ls.space_id"
        " AND r.state IN ('REQUESTED', 'PENDING_PAYMENT', 'CONFIRMED', 'ACTIVE')"
        " AND r.starts_at < $3 AND r.blocked_until > $2"
        " AND (r.state IN ('CONFIRMED', 'ACTIVE') OR r.hold_until > $4))"
        " ORDER BY CASE st.occupancy WHEN 'FREE' THEN 0 WHEN 'UNKNOWN' THEN 1 ELSE 2 END,"
        " ls.space_id LIMIT 1",
        listing_id,
        window.starts_at,
        ends_at,
        now,
    )
    return None if found is None else int(found["space_id"])


async def listing_of_space(sql: Sql, space_id: int, window: Window) -> int | None:
    """The listing by which a space can be had in the window: the first that is open then, else
    any that is active."""
    row = await sql.fetch_one(
        "SELECT l.id FROM listing l JOIN listing_space ls ON ls.listing_id = l.id"
        " WHERE ls.space_id = $1 AND l.state = 'ACTIVE' ORDER BY CASE WHEN EXISTS ("
        "SELECT 1 FROM listing_opening o WHERE o.listing_id = l.id"
        " AND o.starts_at <= $2 AND o.ends_at >= $3) THEN 0 ELSE 1 END, l.id LIMIT 1",
        space_id,
        window.starts_at,
        window.ends_at,
    )
    return None if row is None else int(row["id"])
