"""Places and spaces in bulk: straight into the tables, as an operating platform would hold them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from parking.accounts.viewer import SYSTEM
from parking.clock import SystemClock
from parking.devices.models import DeviceKind
from parking.devices.provision import DeviceDraft, provision_many
from parking.devices.sealing import Sealer
from parking.storage.database import connect, disconnect
from parking.storage.migrate import migrate
from parking.storage.sql import Sql, database
from parking.storage.transactions import transaction

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
SOUTH, WEST, STEP_DEGREES = 47.0, 7.0, 0.01
"""Places stand in rows of ten, a hundredth of a degree apart."""
PLACES_IN_ROW = 10
DEVICES_AT_ONCE = 20_000
LIFETIME_SECONDS = 93_600

INSERT_PLACE = (
    "INSERT INTO place (id, name, kind, time_zone, currency, latitude, longitude, version, state,"
    " available_count, occupied_count, created_at, organisation_id)"
    " VALUES ($1, $2, 'GARAGE', 'Europe/Zurich', 'CHF', $3, $4, $5, 'SPACES_AVAILABLE',"
    " $6, $7, $8, 1)"
)
COUNTING = "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $1)"
INSERT_SPACES = (
    f"INSERT INTO space (id, place_id, number, x_metres, y_metres) {COUNTING}"
    " SELECT i + 1, i / $2 + 1, CAST(10001 + i % $2 AS VARCHAR(40)),"
    " i % 20 * 2.6, i % $2 / 20 * 8.0 FROM n"
)
INSERT_STATES = (
    "INSERT INTO space_state (space_id, place_id, occupancy, occupancy_since, observed_at, source,"
    f" status, version) {COUNTING}"
    " SELECT i + 1, i / $2 + 1, CASE i % 2 WHEN 0 THEN 'OCCUPIED' ELSE 'FREE' END, $3, $3,"
    " 'DEVICE', CASE i % 2 WHEN 0 THEN 'OCCUPIED' ELSE 'AVAILABLE' END, i % $2 + 1 FROM n"
)
"""Both databases count by themselves: 200,000 rows in a second or two."""


@dataclass(frozen=True, slots=True)
class Estate:
    """Places 1 to `places`, each with as many spaces; ids count from 1, place by place."""

    places: int
    spaces_each: int

    def spaces_of(self, place_id: int) -> range:
        """The ids of a place's spaces."""
        first = (place_id - 1) * self.spaces_each + 1
        return range(first, first + self.spaces_each)

    def position_of(self, place_id: int) -> tuple[float, float]:
        """Latitude and longitude."""
        row, column = divmod(place_id - 1, PLACES_IN_ROW)
        return SOUTH + row * STEP_DEGREES, WEST + column * STEP_DEGREES


async def build(url: str, estate: Estate) -> None:
    """Migrate an empty database and fill it; every other space is occupied."""
    await migrate(url)
    await connect(url)
    try:
        async with transaction() as sql:
            await sql.execute(
                "INSERT INTO organisation (id, name, created_at) VALUES (1, 'Bench', $1)", OPENED
            )
            await sql.execute_many(INSERT_PLACE, list(_places(estate)))
            size = estate.places * estate.spaces_each, estate.spaces_each
            await sql.execute(INSERT_SPACES, *size)
            await sql.execute(INSERT_STATES, *size, OPENED)
        await analyse(database())
    finally:
        await disconnect()


async def analyse(sql: Sql) -> None:
    """What PostgreSQL's autovacuum does by itself within a minute; SQLite keeps no statistics."""
    if sql.dialect == "postgres":
        await sql.execute("ANALYZE")


def _places(estate: Estate) -> Iterator[tuple[Any, ...]]:
    each = estate.spaces_each
    for place in range(1, estate.places + 1):
        latitude, longitude = estate.position_of(place)
        occupied = sum(space % 2 for space in estate.spaces_of(place))
        name = f"Garage {place:06}"
        yield place, name, latitude, longitude, each, each - occupied, occupied, OPENED


async def provision(
    url: str, secret: str, estate: Estate, spaces: Sequence[int]
) -> list[dict[str, str]]:
    """A sensor in each of these spaces; the devices' secrets in the same order."""
    await connect(url)
    try:
        made: list[dict[str, str]] = []
        for start in range(0, len(spaces), DEVICES_AT_ONCE):
            drafts = [
                DeviceDraft(
                    f"sensor-{space}",
                    DeviceKind.SENSOR,
                    (space - 1) // estate.spaces_each + 1,
                    space,
                    LIFETIME_SECONDS,
                )
                for space in spaces[start : start + DEVICES_AT_ONCE]
            ]
            done = await provision_many(SYSTEM, drafts, SystemClock(), Sealer(secret.encode()))
            made += [each.secret.as_dict() for each in done if each.secret is not None]
        await analyse(database())
        return made
    finally:
        await disconnect()
