"""Reservations as a reader meets them: by id, by the key typed, by the plate seen."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from parking.access.bays import CLAIMANT_COLUMNS, claimant_of
from parking.access.check import Booking, Reader, booking_fault
from parking.access.key_numbers import TRIES_PER_READER, TRIES_PER_RESERVATION, is_key
from parking.accounts.attempts import give_back_attempt, take_attempt
from parking.devices.sealing import Sealer
from parking.errors import TooManyTries
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction

AROUND = timedelta(days=1)
"""How far from now a booking may be for a key or plate to be told why it does not open."""
KEYS_AT_ONCE_MAX = 4
"""Bookings of a bay that a typed key is compared with: each comparison is slow on purpose."""
PLATES_AT_ONCE_MAX = 20

SELECT_BOOKING = f"""
SELECT {CLAIMANT_COLUMNS}, r.place_id, EXISTS (
         SELECT 1 FROM reservation o
          WHERE o.space_id = r.space_id AND o.id <> r.id AND o.state IN ('CONFIRMED', 'ACTIVE')
            AND o.starts_at <= $1 AND (o.state = 'ACTIVE' OR o.ends_at > $1)) AS is_taken
  FROM reservation r
"""

NEAR = "r.starts_at < $2 AND r.ends_at > $3"
LIKELY_FIRST = "(CASE WHEN r.state IN ('CONFIRMED', 'ACTIVE') THEN 0 ELSE 1 END), r.starts_at, r.id"


async def booking_by_id(sql: Sql, reservation_id: int, now: datetime) -> Booking | None:
    """The reservation as it stands at `now`."""
    row = await sql.fetch_one(f"{SELECT_BOOKING} WHERE r.id = $2", now, reservation_id)
    return None if row is None else _booking(row)


async def booking_by_plate(sql: Sql, reader: Reader, plate: str, now: datetime) -> Booking | None:
    """The booking of this plate (normalised) that opens now, else one of those about now."""
    column, key = _where(reader)
    rows = await sql.fetch(
        f"{SELECT_BOOKING} WHERE r.{column} = $4 AND {NEAR} AND r.plate = $5 AND r.plate <> ''"
        f" ORDER BY {LIKELY_FIRST} LIMIT {PLATES_AT_ONCE_MAX}",
        now, now + AROUND, now - AROUND, key, plate,
    )  # fmt: skip
    found = [_booking(row) for row in rows]
    opening = (each for each in found if booking_fault(each, reader, now) is None)
    return next(opening, next(iter(found), None))


async def booking_by_key(reader: Reader, key: str, now: datetime, sealer: Sealer) -> int | None:
    """The id of the bay's booking that has this key; None when none has.

    A wrong key costs the reader, and each booking it was compared with, one of their few tries;
    that is kept whatever happens next. Raises TooManyTries.
    """
    tried = await retried(lambda: _take_tries(reader, now))
    for row in tried:
        if await is_key(row["key_hash"], key, row["id"], sealer):
            await retried(lambda: _give_back(reader, [each["id"] for each in tried]))
            return int(row["id"])
    return None


async def _take_tries(reader: Reader, now: datetime) -> list[dict[str, Any]]:
    """The bookings that may still be compared with. Raises TooManyTries when none may."""
    async with transaction() as sql:
        await take_attempt(sql, TRIES_PER_READER, _reader(reader), b"", now)
        rows = await sql.fetch(
            "SELECT r.id, c.key_hash FROM reservation r"
            " JOIN credential c ON c.reservation_id = r.id AND c.kind = 'KEY'"
            "  AND c.revoked_at IS NULL"
            f" WHERE r.space_id = $1 AND {NEAR} ORDER BY {LIKELY_FIRST} LIMIT {KEYS_AT_ONCE_MAX}",
            reader.space_id, now + AROUND, now - AROUND,
        )  # fmt: skip
        tried, refusal = [], None
        for row in sorted(rows, key=lambda each: each["id"]):
            try:
                await take_attempt(sql, TRIES_PER_RESERVATION, str(row["id"]), b"", now)
                tried.append(row)
            except TooManyTries as error:
                refusal = error
    if refusal is not None and not tried:
        raise refusal
    return tried


async def _give_back(reader: Reader, reservation_ids: list[int]) -> None:
    async with transaction() as sql:
        await give_back_attempt(sql, TRIES_PER_READER, _reader(reader), b"")
        for each in reservation_ids:
            await give_back_attempt(sql, TRIES_PER_RESERVATION, str(each), b"")


def _reader(reader: Reader) -> str:
    return f"device:{reader.device_id}"


def _where(reader: Reader) -> tuple[str, int]:
    if reader.space_id is None:
        return "place_id", reader.place_id
    return "space_id", reader.space_id


def _booking(row: Mapping[str, Any]) -> Booking:
    return Booking(claimant_of(row), row["place_id"], bool(row["is_taken"]))
