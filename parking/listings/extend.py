"""Keeping openings worked out: by the verb that changes a listing, and ahead of time by the worker.

Searches and reservations ask `listing_opening` only. While a listing is ACTIVE it reaches past its
horizon by the longest stay, so that a booking at the very horizon finds its window covered.
"""

from datetime import datetime, timedelta

from parking.listings.content import schedule_of
from parking.listings.models import ListingState
from parking.listings.openings import openings
from parking.listings.records import ListingRecord, listings_by_id
from parking.listings.rules import longest_stay
from parking.storage.locks import lock_places
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction
from parking.windows import Window

KEPT_BEHIND = timedelta(days=1)
"""What is over is kept for so long: a booking that began a moment ago is still checked."""
WORKED_AHEAD = timedelta(days=7)
"""How far past what is needed it is worked out, and so how often a listing has to be extended."""
LISTINGS_AT_ONCE_MAX = 50

DUE = """
SELECT l.id FROM listing l JOIN place p ON p.id = l.place_id
 WHERE l.state = 'ACTIVE' AND (l.extend_at <= $1 OR l.openings_zone <> p.time_zone)
 ORDER BY l.extend_at, l.id LIMIT $2
"""


async def rewrite_openings(sql: Sql, listing: ListingRecord, now: datetime) -> None:
    """Work the openings of a listing out anew, in the caller's transaction."""
    until = needed_until(listing, now) + WORKED_AHEAD
    validity = (listing.valid_from, listing.valid_until)
    schedule = await schedule_of(listing.id, sql)
    found = openings(
        schedule.windows, schedule.exceptions, validity, listing.zone, now - KEPT_BEHIND, until
    )
    await _replace(sql, listing.id, found)
    is_whole = listing.valid_until is not None and listing.valid_until <= until
    await sql.execute(
        "UPDATE listing SET openings_until = $2, openings_zone = $3, extend_at = $4 WHERE id = $1",
        listing.id,
        until,
        listing.time_zone,
        None if is_whole else now + WORKED_AHEAD,
    )


def needed_until(listing: ListingRecord, now: datetime) -> datetime:
    """By when the last booking that can be made now may end."""
    return now + timedelta(days=listing.horizon_days) + longest_stay(listing)


async def extend_openings(now: datetime, limit: int = LISTINGS_AT_ONCE_MAX) -> int:
    """Go on with ACTIVE listings that will soon lack openings, or whose place's time zone is
    another one by now; how many. Any number of workers may do this at the same time."""
    rows = await database().fetch(DUE, now, limit)
    for row in rows:
        await _extend(row["id"], now)
    return len(rows)


async def _extend(listing_id: int, now: datetime) -> None:
    async def once() -> None:
        async with transaction() as sql:
            listing = (await listings_by_id([listing_id], sql)).get(listing_id)
            if listing is None:
                return
            await lock_places(sql, [listing.place_id])
            listing = (await listings_by_id([listing_id], sql)).get(listing_id)
            if listing is not None and is_due(listing, now):
                await rewrite_openings(sql, listing, now)

    await retried(once)


def is_due(listing: ListingRecord, now: datetime) -> bool:
    """Whether the worker has to work out more; the same as `DUE` asks."""
    if listing.state is not ListingState.ACTIVE:
        return False
    is_soon = listing.extend_at is not None and listing.extend_at <= now
    return is_soon or listing.openings_zone != listing.time_zone


async def _replace(sql: Sql, listing_id: int, found: list[Window]) -> None:
    await sql.execute("DELETE FROM listing_opening WHERE listing_id = $1", listing_id)
    await sql.execute_many(
        "INSERT INTO listing_opening (listing_id, starts_at, ends_at) VALUES ($1, $2, $3)",
        [(listing_id, each.starts_at, each.ends_at) for each in found],
    )
