"""The demo: believable, the same again when seeded again, whole after an interruption."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from berth.demo.day import DAY, SHOPPING, day_of, occupied_share, popularities
from berth.demo.leasing import PLATE
from berth.demo.places import demo_places
from parking.clock import TestClock
from parking.occupancy.history import place_history
from parking.storage.database import connect, disconnect
from parking.storage.sql import as_time, database
from tests.berth.conftest import given
from tests.support.running import berth, berth_json

TABLES = (
    "person", "organisation", "place", "space", "device", "device_credential", "observation",
    "listing", "rate_table", "reservation", "merchant_unit", "merchant_order",
    "merchant_order_event", "sms_message", "plan_connector",
)  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A seeded database of each dialect, for tests that only look."""
    databases = request.getfixturevalue(f"{request.param}_databases")
    with databases.fresh() as fresh:
        berth("seed", **given(fresh, tmp_path_factory.mktemp("seeded")))
        yield fresh


async def rows(url: str, query: str) -> list[dict[str, Any]]:
    await connect(url)
    try:
        return await database().fetch(query)
    finally:
        await disconnect()


async def counts(url: str) -> dict[str, int]:
    """Rows by table."""
    query = " UNION ALL ".join(f"SELECT '{t}' AS name, COUNT(*) AS n FROM {t}" for t in TABLES)
    return {row["name"]: row["n"] for row in await rows(url, query)}


def test_no_two_bays_of_a_level_overlap_on_the_plan() -> None:
    for demo in demo_places():
        boxes = []
        for space in demo.draft.spaces:
            wide, long = space.width or 0, space.length or 0
            across, along = (long, wide) if space.rotation == 90 else (wide, long)
            x, y = space.x or 0, space.y or 0
            box = (x - across / 2, y - along / 2, x + across / 2, y + along / 2)
            boxes.append((space.level, space.number, box))
        for one in boxes:
            for other in boxes:
                assert one[1] == other[1] or one[0] != other[0] or not overlap(one[2], other[2])


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    slack = 0.01
    return (
        one[0] < other[2] - slack and other[0] < one[2] - slack
        and one[1] < other[3] - slack and other[1] < one[3] - slack
    )  # fmt: skip


def test_a_day_is_the_same_for_the_same_seed_and_ends_as_full_as_its_hour() -> None:
    until = TestClock().now().replace(hour=12)
    days = [
        day_of(SHOPPING, "Asia/Shanghai", until, popularity, f"bay {index}")
        for index, popularity in enumerate(popularities(200))
    ]
    again = day_of(SHOPPING, "Asia/Shanghai", until, 0.75, "bay 0")
    assert days[0] == again
    assert occupied_share(days) == pytest.approx(SHOPPING.shares[20], abs=0.12)
    for turns in days:
        assert turns[0].at == until - DAY
        assert all(a.at < b.at and a.is_occupied != b.is_occupied for a, b in pairwise(turns))
        assert turns[-1].at <= until


async def test_the_demo_is_what_was_promised(url: str) -> None:
    places = await rows(url, "SELECT kind, time_zone, name FROM place")
    assert Counter(p["kind"] for p in places) == {
        "GARAGE": 1, "LOT": 1, "ON_STREET": 1, "PRIVATE_DRIVE": 1,
    }  # fmt: skip
    assert {p["time_zone"] for p in places} == {"Asia/Shanghai", "Europe/Berlin"}
    assert (await counts(url))["space"] >= 240
    roles = {row["role"] for row in await rows(url, "SELECT role FROM membership")}
    assert roles == {"OPERATOR", "ATTENDANT", "MERCHANT", "OWNER", "DRIVER", "PLATFORM"}
    spaces = await rows(url, "SELECT is_ev, is_accessible, latitude FROM space")
    assert sum(bool(s["is_ev"]) for s in spaces) > 10
    assert sum(bool(s["is_accessible"]) for s in spaces) > 4
    assert all(s["latitude"] is not None for s in spaces)
    levels = await rows(url, "SELECT DISTINCT level FROM subplace")
    assert {row["level"] for row in levels} == {-4, -3, -2, -1, 0}


async def test_a_shop_has_orders_in_every_state_that_its_page_tells_of(url: str) -> None:
    orders = await rows(url, "SELECT state, service_at, walk_metres FROM merchant_order")
    states = Counter(each["state"] for each in orders)
    assert states.pop("BOOKED") == 5
    assert states == {"WAITLISTED": 1, "REFUSED": 1, "UNWANTED": 1, "CANCELLED": 1}
    booked = [each for each in orders if each["state"] == "BOOKED"]
    assert all(each["walk_metres"] is not None for each in booked), "there is a way to each"
    results = await rows(url, "SELECT result FROM sms_message ORDER BY id")
    assert [each["result"] for each in results] == ["DONE", "UNCLEAR"]
    phones = await rows(url, "SELECT guest_phone FROM merchant_order WHERE guest_phone <> ''")
    assert all(each["guest_phone"].startswith("+447700900") for each in phones), "nobody's"


async def test_every_space_has_a_sensor_and_some_a_lock(url: str) -> None:
    kinds = await rows(url, "SELECT kind, COUNT(*) AS n FROM device GROUP BY kind")
    by_kind = {row["kind"]: row["n"] for row in kinds}
    assert by_kind["SENSOR"] == (await counts(url))["space"]
    assert 10 < by_kind["LOCK"] < by_kind["SENSOR"]
    silent = await rows(url, "SELECT 1 AS one FROM device_health WHERE silent_after IS NULL")
    assert not silent, "else the worker would find them silent at once"


async def test_counts_kept_on_places_are_those_of_their_spaces(url: str) -> None:
    found = await rows(
        url,
        "SELECT p.id, p.available_count + p.occupied_count + p.closed_count AS told,"
        " p.unknown_count, COUNT(*) AS n FROM place p JOIN space s ON s.place_id = p.id"
        " GROUP BY p.id",
    )
    assert all((row["told"], row["unknown_count"]) == (row["n"], 0) for row in found)


async def test_the_last_day_is_there_to_be_drawn(url: str) -> None:
    [newest] = await rows(
        url, "SELECT MAX(observed_at) AS at, MIN(place_id) AS id FROM observation"
    )
    now = as_time(newest["at"])
    await connect(url)
    try:
        hour = timedelta(hours=1)
        buckets = await place_history(newest["id"], now - DAY, now, hour, now)
    finally:
        await disconnect()
    known = [b.utilisation for b in buckets[1:] if b.utilisation is not None]
    assert len(known) >= 22
    assert max(known) - min(known) > 0.3, "a day has its ups and downs"


async def test_seeding_again_changes_nothing(seeded: dict[str, Any]) -> None:
    url, file = seeded["DATABASE_URL"], seeded["DATA_DIR"] / "devices.json"
    before, secrets = await counts(url), file.read_bytes()
    told = berth_json("seed", **seeded)
    assert told == {"places": 4, "spaces": before["space"], "devices": before["device"]}
    assert await counts(url) == before
    assert file.read_bytes() == secrets


async def test_devices_whose_secrets_were_lost_get_new_ones(sqlite_seeded: dict[str, Any]) -> None:
    url, file = sqlite_seeded["DATABASE_URL"], sqlite_seeded["DATA_DIR"] / "devices.json"
    before = json.loads(file.read_text())["devices"]
    kept = [entry for entry in before if entry["kind"] == "LOCK"]
    file.write_text(json.dumps({"devices": kept}))
    berth("device", "revoke", "hof-a01", **sqlite_seeded)
    berth("seed", **sqlite_seeded)
    after = {e["endpoint"]: e["secret"] for e in json.loads(file.read_text())["devices"]}
    assert after.keys() == {entry["endpoint"] for entry in before} - {"hof-a01"}, "it is revoked"
    for entry in before:
        if entry["endpoint"] in after:
            assert (after[entry["endpoint"]] == entry["secret"]) is (entry in kept)
    credentials = (await counts(url))["device_credential"]
    assert credentials == 2 * len(before) - len(kept) - 1


def test_the_file_of_secrets_is_its_owners_only(sqlite_seeded: dict[str, Any]) -> None:
    file = sqlite_seeded["DATA_DIR"] / "devices.json"
    assert file.stat().st_mode & 0o777 == 0o600


async def test_a_few_bays_are_let_and_the_driver_has_booked_two(url: str) -> None:
    listings = await rows(url, "SELECT id, state FROM listing ORDER BY id")
    assert [each["state"] for each in listings] == ["ACTIVE"] * 3
    bookings = await rows(
        url,
        "SELECT state, listing_id, amount_minor, currency FROM reservation"
        f" WHERE plate = '{PLATE}'",
    )
    assert {each["listing_id"] for each in bookings} == {each["id"] for each in listings[:2]}
    assert {(b["state"], b["amount_minor"], b["currency"]) for b in bookings} == {
        ("CONFIRMED", 1800, "CNY"), ("CONFIRMED", 540, "EUR"),
    }  # fmt: skip
    bare = await rows(
        url,
        "SELECT 1 AS one FROM listing_space ls WHERE 2 <> (SELECT COUNT(*) FROM device d"
        " WHERE d.space_id = ls.space_id AND d.kind IN ('LOCK', 'READER'))",
    )
    assert not bare, "each has a lock and a reader"
