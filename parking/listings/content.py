"""What a listing is made of besides its row: spaces, windows, exceptions, plates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from parking.listings.models import ExceptionKind
from parking.listings.records import ExceptionRecord, WindowRecord
from parking.storage.sql import Sql, database

LOCAL_TIME = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a listing is open: weekly windows and exceptions, in the place's local time."""

    windows: tuple[WindowRecord, ...] = ()
    exceptions: tuple[ExceptionRecord, ...] = ()


async def schedules(ids: Sequence[int], sql: Sql | None = None) -> Mapping[int, Schedule]:
    """The windows and exceptions of each of these listings, in their order."""
    sql = sql or database()
    windows = await _rows(sql, "listing_window", ids, "id")
    exceptions = await _rows(sql, "listing_exception", ids, "local_from, id")
    return {
        each: Schedule(
            tuple(_window(row) for row in windows if row["listing_id"] == each),
            tuple(_exception(row) for row in exceptions if row["listing_id"] == each),
        )
        for each in ids
    }


async def schedule_of(listing_id: int, sql: Sql | None = None) -> Schedule:
    """The windows and exceptions of one listing."""
    return (await schedules([listing_id], sql))[listing_id]


async def spaces_of_listings(ids: Sequence[int], sql: Sql | None = None) -> Mapping[int, list[int]]:
    """The ids of the spaces in use of each of these listings, by number."""
    sql = sql or database()
    rows = await sql.fetch(
        "SELECT ls.listing_id, ls.space_id FROM listing_space ls"
        " JOIN space s ON s.id = ls.space_id"
        f" WHERE ls.listing_id {sql.any_of('$1')} AND s.retired_at IS NULL"
        " ORDER BY ls.listing_id, s.number",
        list(ids),
    )
    found: dict[int, list[int]] = {each: [] for each in ids}
    for row in rows:
        found[row["listing_id"]].append(row["space_id"])
    return found


async def plates_of_listings(ids: Sequence[int], sql: Sql | None = None) -> Mapping[int, list[str]]:
    """The plates of each of these listings, in order."""
    found: dict[int, list[str]] = {each: [] for each in ids}
    for row in await _rows(sql or database(), "listing_plate", ids, "plate"):
        found[row["listing_id"]].append(row["plate"])
    return found


async def write_schedule(sql: Sql, listing_id: int, schedule: Schedule) -> None:
    """Put this schedule in the place of the one before."""
    await sql.execute("DELETE FROM listing_window WHERE listing_id = $1", listing_id)
    await sql.execute("DELETE FROM listing_exception WHERE listing_id = $1", listing_id)
    await sql.execute_many(
        "INSERT INTO listing_window"
        " (listing_id, weekdays, minute_from, minute_until, first_date, last_date)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        [
            (listing_id, *each[:3], _text(each.first_date), _text(each.last_date))
            for each in schedule.windows
        ],
    )
    await sql.execute_many(
        "INSERT INTO listing_exception (listing_id, kind, local_from, local_until, note)"
        " VALUES ($1, $2, $3, $4, $5)",
        [
            (
                listing_id,
                each.kind.value,
                each.local_from.strftime(LOCAL_TIME),
                each.local_until.strftime(LOCAL_TIME),
                each.note,
            )
            for each in schedule.exceptions
        ],
    )


async def write_spaces(sql: Sql, listing_id: int, space_ids: Sequence[int]) -> None:
    """Put these spaces in the place of those before."""
    await sql.execute("DELETE FROM listing_space WHERE listing_id = $1", listing_id)
    await sql.execute_many(
        "INSERT INTO listing_space (listing_id, space_id) VALUES ($1, $2)",
        [(listing_id, each) for each in space_ids],
    )


async def write_plates(sql: Sql, listing_id: int, plates: Sequence[str]) -> None:
    """Put these plates, normalised, in the place of those before."""
    await sql.execute("DELETE FROM listing_plate WHERE listing_id = $1", listing_id)
    await sql.execute_many(
        "INSERT INTO listing_plate (listing_id, plate) VALUES ($1, $2)",
        [(listing_id, each) for each in plates],
    )


async def _rows(sql: Sql, table: str, ids: Sequence[int], order: str) -> list[dict[str, Any]]:
    return await sql.fetch(
        f"SELECT * FROM {table} WHERE listing_id {sql.any_of('$1')} ORDER BY {order}", list(ids)
    )


def _window(row: Mapping[str, Any]) -> WindowRecord:
    return WindowRecord(
        row["weekdays"],
        row["minute_from"],
        row["minute_until"],
        _date(row["first_date"]),
        _date(row["last_date"]),
    )


def _exception(row: Mapping[str, Any]) -> ExceptionRecord:
    return ExceptionRecord(
        ExceptionKind(row["kind"]),
        datetime.fromisoformat(row["local_from"]),
        datetime.fromisoformat(row["local_until"]),
        row["note"],
    )


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
