"""Statements by hand mean the same on both dialects."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from parking.accounts.models import Organisation
from parking.storage.sql import as_time, as_time_or_none
from parking.storage.sql import database as db

INSERT = "INSERT INTO organisation (name, created_at) VALUES ($1, $2)"
NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


async def test_execute_tells_how_many_rows_it_changed() -> None:
    assert await db().execute(INSERT, "a", NOON) == 1
    assert await db().execute(INSERT, "b", NOON) == 1
    assert await db().execute("UPDATE organisation SET name = $1", "c") == 2
    assert await db().execute("DELETE FROM organisation WHERE name = $1", "nobody") == 0


async def test_execute_counts_rows_of_insert_from_select() -> None:
    await db().execute_many(INSERT, [("a", NOON), ("b", NOON), ("c", NOON)])
    copied = "INSERT INTO organisation (name, created_at) SELECT name, created_at FROM organisation"
    assert await db().execute(copied) == 3
    assert await db().execute(f"WITH x AS (SELECT 1 AS one) {copied}, x") == 6


async def test_insert_returning_gives_the_new_row() -> None:
    rows = await db().fetch(f"{INSERT} RETURNING id, name", "a", NOON)
    assert [row["name"] for row in rows] == ["a"]
    assert isinstance(rows[0]["id"], int)


async def test_placeholders_may_repeat_and_come_in_any_order() -> None:
    row = await db().fetch_one("SELECT CAST($2 AS TEXT) AS b, CAST($1 AS TEXT) AS a", "x", "y")
    assert row == {"b": "y", "a": "x"}
    await db().execute(INSERT, "same", NOON)
    query = "SELECT name FROM organisation WHERE name = $1 OR name = $1"
    assert await db().fetch_one(query, "same") == {"name": "same"}


async def test_fetch_one_is_none_when_there_is_no_row() -> None:
    assert await db().fetch_one("SELECT id FROM organisation WHERE name = $1", "nobody") is None


async def test_a_list_is_one_value() -> None:
    await db().execute_many(INSERT, [(name, NOON) for name in "abc"])
    query = f"SELECT name FROM organisation WHERE name {db().any_of('$1')} ORDER BY name"
    assert [row["name"] for row in await db().fetch(query, ["c", "a", "x"])] == ["a", "c"]
    assert await db().fetch(query, []) == []


@pytest.mark.parametrize("offset_hours", [0, 8, -5])
async def test_times_of_any_zone_come_back_as_the_same_instant_in_utc(offset_hours: int) -> None:
    zone = timezone(timedelta(hours=offset_hours))
    await db().execute(INSERT, "a", NOON.astimezone(zone))
    row = await db().fetch_one("SELECT created_at FROM organisation")
    assert row is not None
    assert as_time(row["created_at"]) == NOON
    assert as_time(row["created_at"]).utcoffset() == timedelta(0)


async def test_times_compare_as_times_whatever_their_fraction() -> None:
    instants = [NOON + timedelta(microseconds=us) for us in (0, 1, 500_000, 999_999, 1_000_000)]
    await db().execute_many(INSERT, [(str(n), at) for n, at in reversed(list(enumerate(instants)))])
    rows = await db().fetch("SELECT name FROM organisation ORDER BY created_at")
    assert [row["name"] for row in rows] == ["0", "1", "2", "3", "4"]
    query = "SELECT count(*) AS n FROM organisation WHERE created_at > $1"
    assert await db().fetch(query, instants[1]) == [{"n": 3}]


async def test_a_naive_time_is_refused_by_sqlite() -> None:
    if db().dialect == "sqlite":
        with pytest.raises(ValueError, match="time zone"):
            await db().execute(INSERT, "a", datetime(2026, 1, 5))  # noqa: DTZ001


async def test_models_and_statements_read_each_other() -> None:
    made = await Organisation.create(name="by model", created_at=NOON)
    row = await db().fetch_one("SELECT * FROM organisation WHERE created_at = $1", NOON)
    assert row is not None
    assert (row["id"], as_time(row["created_at"])) == (made.id, NOON)
    await db().execute(INSERT, "by hand", NOON + timedelta(seconds=1))
    assert (await Organisation.get(created_at__gt=NOON)).name == "by hand"


async def test_a_constraint_is_an_integrity_error() -> None:
    query = "INSERT INTO person (phone, created_at) VALUES ($1, $2)"
    await db().execute(query, "+4930123456", NOON)
    with pytest.raises(IntegrityError):
        await db().execute(query, "+4930123456", NOON)


async def test_execute_many_outside_a_transaction_keeps_all_or_nothing() -> None:
    query = "INSERT INTO person (phone, created_at) VALUES ($1, $2)"
    with pytest.raises(IntegrityError):
        await db().execute_many(query, [("+4930123456", NOON), ("+4930123456", NOON)])
    assert await db().fetch("SELECT id FROM person") == []


async def test_execute_many_of_nothing_does_nothing() -> None:
    await db().execute_many(INSERT, [])
    assert await db().fetch("SELECT id FROM organisation") == []


async def test_bulk_create_of_models_works() -> None:
    await Organisation.bulk_create([Organisation(name=str(n), created_at=NOON) for n in range(50)])
    assert await Organisation.all().count() == 50


async def test_a_mistaken_statement_is_an_operational_error() -> None:
    with pytest.raises(OperationalError):
        await db().fetch("SELECT nothing FROM nowhere")


async def test_as_time_or_none_passes_null_on() -> None:
    row = await db().fetch_one("SELECT NULL AS at")
    assert row is not None
    assert as_time_or_none(row["at"]) is None
