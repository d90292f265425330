"""Writing the demo's last day: what the sensors would have said, and how the bays stand now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from berth.demo.day import Habit, Turn, day_of, popularities
from berth.demo.devices import READER_LIFETIME_SECONDS
from parking.clock import Clock
from parking.devices.health import HealthNote, write_events, write_notes
from parking.devices.provision import LIFETIME_SECONDS
from parking.devices.rules import HealthValue
from parking.events.bus import Bus
from parking.occupancy.change import PlaceChange, changing_places
from parking.occupancy.models import Axis, LockState, Occupancy, Service, Source
from parking.occupancy.rows import Fact, StateRow
from parking.storage.sql import Sql, database

_QUIET: dict[str, HealthValue] = {"reset_cause": "power-on", "error_codes": "", "alarms": ""}
SENSOR_MAKE = _QUIET | {"manufacturer": "Berth", "model": "Virtual sensor", "firmware": "1.0"}
READER_MAKE = _QUIET | {"manufacturer": "Berth", "model": "Virtual reader", "firmware": "1.0"}
LOCK_MAKE = _QUIET | {"manufacturer": "Berth", "model": "Virtual lock", "firmware": "1.0"}
BOOT = 0
"""Real reports count boots under their credential's generation, so all of them are newer."""


@dataclass(frozen=True, slots=True)
class WatchedSpace:
    """A space with its devices; `lock_id` and `reader_id` are None where there is none."""

    space_id: int
    number: str
    sensor_id: int
    lock_id: int | None
    is_closed: bool
    reader_id: int | None = None


async def make_history(
    place_id: int, zone: str, habit: Habit, spaces: Sequence[WatchedSpace], clock: Clock, bus: Bus
) -> None:
    """The last 24 hours of a place, unless it has a history already. One transaction."""
    now = clock.now()
    if await _has_history(place_id):
        return
    async with changing_places([place_id], clock, bus) as change:
        states = await change.states([space.space_id for space in spaces])
        for space, popularity in zip(spaces, popularities(len(spaces)), strict=True):
            turns = day_of(habit, zone, now, popularity, f"{place_id}/{space.number}")
            if space.is_closed:
                turns = [Turn(turns[0].at, is_occupied=False)]
            state = states[space.space_id]
            _keep(change, state, space, turns, now)
            change.put(state)
        await _note_health(change.sql, spaces, now)


async def _has_history(place_id: int) -> bool:
    row = await database().fetch_one(
        "SELECT 1 AS one FROM observation WHERE place_id = $1 LIMIT 1", place_id
    )
    return row is not None


def _keep(
    change: PlaceChange, state: StateRow, space: WatchedSpace, turns: list[Turn], now: datetime
) -> None:
    """The turns as observations, the last one as the state."""
    for sequence, turn in enumerate(turns, start=1):
        occupancy = Occupancy.OCCUPIED if turn.is_occupied else Occupancy.FREE
        change.keep(_fact(state, Axis.OCCUPANCY, occupancy, turn.at, space.sensor_id, sequence))
        state.occupancy, state.occupancy_since = occupancy, turn.at
    state.observed_at, state.source = now, Source.DEVICE
    state.occupancy_device_id, state.occupancy_sequence = space.sensor_id, len(turns)
    if space.is_closed:
        state.service = Service.CLOSED
    if space.lock_id is not None:
        # A lock keeps a free bay free: up while nobody stands there.
        state.lock = LockState.LOWERED if turns[-1].is_occupied else LockState.RAISED
        state.lock_since, state.lock_device_id, state.lock_sequence = turns[-1].at, space.lock_id, 1
        change.keep(_fact(state, Axis.LOCK, state.lock, turns[-1].at, space.lock_id, 1))


def _fact(
    state: StateRow, axis: Axis, value: str, at: datetime, device_id: int, sequence: int
) -> Fact:
    return Fact(
        space_id=state.space_id,
        place_id=state.place_id,
        axis=axis,
        value=value,
        observed_at=at,
        received_at=at,
        source=Source.DEVICE,
        device_id=device_id,
        person_id=None,
        boot=BOOT,
        sequence=sequence,
    )


async def _note_health(sql: Sql, spaces: Iterable[WatchedSpace], now: datetime) -> None:
    """Health as the last reports would have left it; one battery in forty is nearly empty."""
    notes, events = [], {}
    for space in spaces:
        for device_id, make, lifetime in (
            (space.sensor_id, SENSOR_MAKE, LIFETIME_SECONDS),
            (space.lock_id, LOCK_MAKE, LIFETIME_SECONDS),
            (space.reader_id, READER_MAKE, READER_LIFETIME_SECONDS),
        ):
            if device_id is not None:
                random = Random(device_id)  # noqa: S311 - a picture of health, nothing secret
                is_low = random.random() < 1 / 40
                percent = random.randint(4, 14) if is_low else random.randint(45, 99)
                telemetry: dict[str, HealthValue] = {
                    "battery_percent": percent,
                    "battery_volts": round(3.0 + 0.6 * percent / 100, 2),
                    "rssi_dbm": random.randint(-104, -71),
                }
                notes.append(HealthNote(device_id, lifetime, now, "", values=telemetry))
                events[device_id] = {**make, "serial": f"{device_id:06}", "battery_low": is_low}
    await write_notes(sql, sorted(notes, key=lambda note: note.device_id))
    await write_events(sql, events)
