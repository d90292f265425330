"""How devices are doing: kept coalesced, told to who watches (`devices:{place_id}`)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson

from parking.clock import as_utc
from parking.devices.rules import HealthValue
from parking.events.bus import Bus
from parking.storage.sql import Sql, as_time_or_none

FLUSH_SECONDS = 2.0
"""How long last-seen times and telemetry may wait in memory: what a crash can take of them."""


@dataclass(slots=True)
class HealthNote:
    """News of one device since the last flush."""

    device_id: int
    lifetime_seconds: int
    seen_at: datetime
    address: str
    boot: int | None = None
    sequence: int | None = None
    values: dict[str, HealthValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HealthSnapshot:
    """A device's health as watchers see it; times are aware UTC."""

    device_id: int
    place_id: int
    space_id: int | None
    endpoint: str
    kind: str
    last_seen_at: datetime | None
    stale_at: datetime | None
    boot: int
    sequence: int
    reset_cause: str
    battery_percent: int | None
    battery_volts: float | None
    battery_low: bool
    rssi_dbm: int | None
    sinr_db: int | None
    error_codes: str
    alarms: str
    clock_offset_seconds: float | None
    firmware: str


HEALTH_COLUMNS = """
       d.id AS device_id, d.place_id, d.space_id, d.endpoint, d.kind, h.last_seen_at, h.stale_at,
       h.boot, h.sequence, h.reset_cause, h.battery_percent, h.battery_volts, h.battery_low,
       h.rssi_dbm, h.sinr_db, h.error_codes, h.alarms, h.clock_offset_seconds, d.firmware
"""

UPDATE_HEALTH = """
UPDATE device_health
   SET last_seen_at = $2, silent_after = $3, stale_at = NULL, address = $4,
       boot = COALESCE($5, boot), sequence = COALESCE($6, sequence),
       battery_percent = COALESCE($7, battery_percent),
       battery_volts = COALESCE($8, battery_volts),
       rssi_dbm = COALESCE($9, rssi_dbm), sinr_db = COALESCE($10, sinr_db),
       clock_offset_seconds = COALESCE($11, clock_offset_seconds)
 WHERE device_id = $1
"""

UPDATE_EVENTS = """
UPDATE device_health
   SET reset_cause = COALESCE($2, reset_cause), battery_low = COALESCE($3, battery_low),
       error_codes = COALESCE($4, error_codes), alarms = COALESCE($5, alarms),
       lock_moves = COALESCE($6, lock_moves)
 WHERE device_id = $1
"""

UPDATE_IDENTITY = """
UPDATE device
   SET manufacturer = COALESCE($2, manufacturer), model = COALESCE($3, model),
       serial = COALESCE($4, serial), firmware = COALESCE($5, firmware)
 WHERE id = $1
"""

EVENT_COLUMNS = ("reset_cause", "battery_low", "error_codes", "alarms", "lock_moves")
IDENTITY_COLUMNS = ("manufacturer", "model", "serial", "firmware")
TELEMETRY_COLUMNS = (
    "battery_percent", "battery_volts", "rssi_dbm", "sinr_db", "clock_offset_seconds",
)  # fmt: skip


class HealthBook:
    """Gathers news of many devices in memory until `take` hands them over for one write.

    It holds one note a device, so the number of provisioned devices bounds it.
    """

    def __init__(self) -> None:
        self._notes: dict[int, HealthNote] = {}

    def __len__(self) -> int:
        return len(self._notes)

    def note(self, news: HealthNote) -> None:
        """Add news of a device; the newest value of each sort is kept."""
        known = self._notes.get(news.device_id)
        if known is None:
            self._notes[news.device_id] = news
            return
        known.seen_at, known.address = news.seen_at, news.address
        if news.boot is not None:
            known.boot, known.sequence = news.boot, news.sequence
        if news.values:
            known.values.update(news.values)

    def take(self) -> list[HealthNote]:
        """All news, in order of device id; the book is empty afterwards."""
        notes = sorted(self._notes.values(), key=lambda note: note.device_id)
        self._notes = {}
        return notes

    def put_back(self, notes: Iterable[HealthNote]) -> None:
        """The write failed: keep the news, under what came since."""
        newer, self._notes = self._notes, {note.device_id: note for note in notes}
        for note in newer.values():
            self.note(note)


async def write_notes(sql: Sql, notes: Sequence[HealthNote]) -> None:
    """Store news of many devices, in order of device id; a stale device is not so any more."""
    await sql.execute_many(UPDATE_HEALTH, [_note_values(note) for note in notes])


def _note_values(note: HealthNote) -> tuple[Any, ...]:
    silent_after = note.seen_at + timedelta(seconds=note.lifetime_seconds)
    telemetry = tuple(note.values.get(column) for column in TELEMETRY_COLUMNS)
    head = (note.device_id, note.seen_at, silent_after, note.address, note.boot, note.sequence)
    return head + telemetry


async def write_events(sql: Sql, changed: Mapping[int, Mapping[str, HealthValue]]) -> None:
    """Store changes of the durable health of devices, in order of device id."""
    await sql.execute_many(UPDATE_EVENTS, _rows(changed, EVENT_COLUMNS))
    await sql.execute_many(UPDATE_IDENTITY, _rows(changed, IDENTITY_COLUMNS))


def _rows(
    changed: Mapping[int, Mapping[str, HealthValue]], columns: Sequence[str]
) -> list[tuple[HealthValue | None, ...]]:
    return [
        (device_id, *(values.get(column) for column in columns))
        for device_id, values in sorted(changed.items())
        if not values.keys().isdisjoint(columns)
    ]


async def read_health(sql: Sql, device_ids: Iterable[int]) -> list[HealthSnapshot]:
    """The health of these devices, in order of id; unknown ids are left out."""
    rows = await sql.fetch(
        f"SELECT {HEALTH_COLUMNS} FROM device d JOIN device_health h ON h.device_id = d.id"
        f" WHERE d.id {sql.any_of('$1')} ORDER BY d.id",
        sorted(device_ids),
    )
    return [health_snapshot(row) for row in rows]


def health_snapshot(row: Mapping[str, Any]) -> HealthSnapshot:
    """A row of `HEALTH_COLUMNS`, typed."""
    values = dict(row)
    values["last_seen_at"] = as_time_or_none(row["last_seen_at"])
    values["stale_at"] = as_time_or_none(row["stale_at"])
    values["battery_low"] = bool(row["battery_low"])
    return HealthSnapshot(**{name: values[name] for name in HealthSnapshot.__slots__})


def health_topic(place_id: int) -> str:
    """The bus topic of the health of a place's devices."""
    return f"devices:{place_id}"


async def publish_health(bus: Bus, snapshots: Sequence[HealthSnapshot], at: datetime) -> None:
    """Tell watchers, one message a place: `{"place": 1, "at": …, "devices": [snapshot, …]}`."""
    by_place: dict[int, list[dict[str, Any]]] = {}
    for snapshot in snapshots:
        # Not `asdict`: it copies deeply, at a quarter of a millisecond a device.
        plain = {name: getattr(snapshot, name) for name in HealthSnapshot.__slots__}
        by_place.setdefault(snapshot.place_id, []).append(plain)
    for place_id, devices in by_place.items():
        body = {"place": place_id, "at": at, "devices": devices}
        await bus.publish(health_topic(place_id), orjson.dumps(body, option=orjson.OPT_UTC_Z))


def decode_health(body: bytes) -> list[HealthSnapshot]:
    """The devices of a `devices:{place_id}` message."""
    return [
        HealthSnapshot(
            **{
                **raw,
                "last_seen_at": _instant(raw["last_seen_at"]),
                "stale_at": _instant(raw["stale_at"]),
            }
        )
        for raw in orjson.loads(body)["devices"]
    ]


def _instant(text: str | None) -> datetime | None:
    return None if text is None else as_utc(datetime.fromisoformat(text))
