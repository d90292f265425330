"""Who takes part in a simulation: which devices, in which kind of place, as they stand now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from berth.device_file import DeviceEntry, read_devices
from berth.finding import find_place
from berth.simulate.provisioning import Bench, WantedDevice, ensure_devices
from parking.devices.models import DeviceKind
from parking.devices.provision import LIFETIME_SECONDS
from parking.errors import BerthError
from parking.occupancy.models import LockState, Occupancy
from parking.places.models import PlaceKind
from parking.storage.sql import as_time_or_none, database


class NobodyToSimulate(BerthError):
    """There is no virtual device."""

    code = "NOBODY_TO_SIMULATE"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a space stands by the platform's word; None where it does not know."""

    is_occupied: bool | None = None
    since: datetime | None = None
    is_raised: bool | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What kind of place it is, and where its clocks are."""

    kind: PlaceKind = PlaceKind.LOT
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Cast:
    """The devices by space, with what is known of their spaces and places."""

    bays: Mapping[tuple[int, int | None], Sequence[DeviceEntry]]
    standings: Mapping[int, Standing]
    places: Mapping[int, Surroundings]

    @property
    def devices(self) -> list[DeviceEntry]:
        """All of them."""
        return [entry for each in self.bays.values() for entry in each]


def chosen(
    entries: Iterable[DeviceEntry],
    places: Sequence[int] | None,
    sensors: int | None,
    locks: int | None,
) -> list[DeviceEntry]:
    """The devices of these places (None: all): readers, and at most so many sensors and locks.

    Raises `NobodyToSimulate`.
    """
    left = {DeviceKind.SENSOR: sensors, DeviceKind.LOCK: locks, DeviceKind.READER: None}
    found = []
    for entry in entries:
        count = left[entry.kind]
        if (places is not None and entry.place_id not in places) or count == 0:
            continue
        left[entry.kind] = None if count is None else count - 1
        found.append(entry)
    if not found:
        raise NobodyToSimulate(
            "there is no virtual device to run; `berth seed` makes the demo's, and "
            "`berth simulate --place NAME --provision` gives a place's spaces virtual sensors"
        )
    return found


def cast_of(
    entries: Iterable[DeviceEntry],
    standings: Mapping[int, Standing],
    places: Mapping[int, Surroundings],
) -> Cast:
    """The devices grouped by the space they are in."""
    bays: dict[tuple[int, int | None], list[DeviceEntry]] = {}
    for index, entry in enumerate(entries):
        # Devices in no space are each on their own.
        key = (entry.place_id, -index - 1 if entry.space_id is None else entry.space_id)
        bays.setdefault(key, []).append(entry)
    return Cast(bays, standings, places)


async def find_places(called: Sequence[str]) -> list[int]:
    """Ids of the places with these ids, external ids or names. Raises `NotFound`."""
    return [await find_place(each) for each in called]


async def provision_places(
    places: Sequence[int], sensors: int | None, locks: int | None, bench: Bench
) -> None:
    """Give spaces without a sensor a virtual one, and the first `locks` spaces a virtual lock.

    Devices that are there already, real or virtual, stay as they are.
    """
    filed = {entry.endpoint for entry in read_devices(bench.file)}
    for place_id in places:
        spaces = await database().fetch(SELECT_BARE, place_id)
        wanted = [
            *_wanted(spaces, DeviceKind.SENSOR, place_id, sensors),
            *_wanted(spaces, DeviceKind.LOCK, place_id, locks or 0),
        ]
        await ensure_devices([each for each in wanted if each.endpoint not in filed], bench)


async def read_standings(entries: Iterable[DeviceEntry]) -> dict[int, Standing]:
    """How the spaces of these devices stand, by id."""
    sql = database()
    ids = sorted({entry.space_id for entry in entries if entry.space_id is not None})
    rows = await sql.fetch(
        "SELECT space_id, occupancy, occupancy_since, lock FROM space_state"
        f" WHERE space_id {sql.any_of('$1')}",
        ids,
    )
    return {row["space_id"]: _standing(row) for row in rows}


async def read_surroundings(entries: Iterable[DeviceEntry]) -> dict[int, Surroundings]:
    """The places of these devices, by id."""
    sql = database()
    ids = sorted({entry.place_id for entry in entries})
    rows = await sql.fetch(
        f"SELECT id, kind, time_zone FROM place WHERE id {sql.any_of('$1')}", ids
    )
    return {row["id"]: Surroundings(PlaceKind(row["kind"]), row["time_zone"]) for row in rows}


SELECT_BARE = """
SELECT s.id, s.number,
       (SELECT d.endpoint FROM device d
         WHERE d.space_id = s.id AND d.kind = 'SENSOR' AND d.revoked_at IS NULL LIMIT 1) AS sensor,
       (SELECT d.endpoint FROM device d
         WHERE d.space_id = s.id AND d.kind = 'LOCK' AND d.revoked_at IS NULL LIMIT 1) AS lock
  FROM space s WHERE s.place_id = $1 AND s.retired_at IS NULL ORDER BY s.id
"""


def _wanted(
    spaces: Sequence[Mapping[str, Any]], kind: DeviceKind, place_id: int, count: int | None
) -> list[WantedDevice]:
    word = kind.value.lower()
    found = []
    for row in spaces[:count]:
        endpoint = f"virtual-{word}-{row['id']}"
        # A virtual one whose secret was lost gets a new one; a real one is left alone.
        if row[word] in (None, endpoint):
            found.append(
                WantedDevice(endpoint, kind, place_id, row["id"], row["number"], LIFETIME_SECONDS)
            )
    return found


def _standing(row: Mapping[str, Any]) -> Standing:
    occupancy, lock = Occupancy(row["occupancy"]), LockState(row["lock"])
    is_known = occupancy is not Occupancy.UNKNOWN
    is_lock_known = lock in (LockState.RAISED, LockState.LOWERED)
    return Standing(
        is_occupied=occupancy is Occupancy.OCCUPIED if is_known else None,
        since=as_time_or_none(row["occupancy_since"]) if is_known else None,
        is_raised=lock is LockState.RAISED if is_lock_known else None,
    )
