"""A library of spaces in bulk: listings always open, with bookings, straight into the tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from parking.storage.sql import Sql

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
HORIZON_DAYS = 90
RATES = 20
"""Different rate tables; places take them in turn."""
CURRENCY = "CHF"
BOOKING_HOURS, PAUSE_HOURS = 4, 8
"""Every space has a booking of 4 hours each 8 hours, so at any time half of them are taken."""

INSERT_RATE = (
    "INSERT INTO rate_table (id, name, currency, document, created_at, changed_at, organisation_id)"
    " VALUES ($1, $2, $3, $4, $5, $5, $6)"
)
INSERT_LISTING = (
    "INSERT INTO listing (id, name, state, horizon_days, cancellation, openings_until, created_at,"
    " changed_at, place_id, organisation_id, rate_table_id)"
    " SELECT p.id, p.name, 'ACTIVE', $1, '{}', $2, $3, $3, p.id, p.organisation_id, p.id % $4 + 1"
    " FROM place p"
)
INSERT_LISTING_SPACES = (
    "INSERT INTO listing_space (listing_id, space_id) SELECT place_id, id FROM space ORDER BY id"
)
INSERT_OPENINGS = (
    "INSERT INTO listing_opening (listing_id, starts_at, ends_at) SELECT id, $1, $2 FROM listing"
)
INSERT_RESERVATIONS = (
    "INSERT INTO reservation (state, place_id, organisation_id, person_id, starts_at, ends_at,"
    " blocked_until, currency, amount_minor, lines, terms, created_at, listing_id, space_id)"
    " SELECT $1, s.place_id, $2, 1, {starts}, {ends}, {ends}, $3, 800, '[]', '{{}}', $4,"
    " s.place_id, s.id FROM space s"
)


@dataclass(frozen=True, slots=True)
class Bookings:
    """How many bookings each space has behind it, and before it."""

    past: int
    coming: int


async def fill_library(sql: Sql, bookings: Bookings, document: str, organisation_id: int) -> None:
    """Every space of every place is listed, and booked over and over."""
    rates = [
        (i, f"Rate {i}", CURRENCY, document, OPENED, organisation_id) for i in range(1, RATES + 1)
    ]
    await sql.execute_many(INSERT_RATE, rates)
    until = NOW + timedelta(days=HORIZON_DAYS + 30)
    await sql.execute(INSERT_LISTING, HORIZON_DAYS, until, OPENED, RATES)
    await sql.execute(INSERT_LISTING_SPACES)
    await sql.execute(INSERT_OPENINGS, OPENED, until)
    for state, hours in _turns(bookings):
        starts = NOW + timedelta(hours=hours)
        statement = INSERT_RESERVATIONS.format(
            starts=_shifted(sql, starts), ends=_shifted(sql, starts + timedelta(hours=4))
        )
        await sql.execute(statement, state, organisation_id, CURRENCY, OPENED)
    await sql.execute("ANALYZE")


def _turns(bookings: Bookings) -> Iterator[tuple[str, int]]:
    """State and start, in hours from now, of each booking that every space has."""
    for turn in range(bookings.past, 0, -1):
        yield "COMPLETED", -turn * (BOOKING_HOURS + PAUSE_HOURS) - BOOKING_HOURS
    for turn in range(bookings.coming):
        yield "CONFIRMED", (turn + 1) * (BOOKING_HOURS + PAUSE_HOURS)


def _shifted(sql: Sql, instant: datetime) -> Any:
    """The instant, some hours later from space to space, so that they are not all taken at once."""
    hours = f"(s.id % {BOOKING_HOURS + PAUSE_HOURS})"
    if sql.dialect == "postgres":
        return f"TIMESTAMPTZ '{instant.isoformat()}' + {hours} * INTERVAL '1 hour'"
    plain = instant.strftime("%Y-%m-%d %H:%M:%S")
    moved = f"strftime('%Y-%m-%d %H:%M:%S', '{plain}', '+' || {hours} || ' hours')"
    return f"{moved} || '.000000+00:00'"
