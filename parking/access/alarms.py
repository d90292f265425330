"""Alarms: raised when something at a bay contradicts itself, cleared when it is over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from parking.access.contradictions import contradictions
from parking.access.models import AlarmKind
from parking.access.rules import may_tend
from parking.access.watch_facts import Watched, bays_to_watch
from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import NotFound
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.occupancy.change import PlaceChange
from parking.storage.sql import Sql, as_time, as_time_or_none, database
from parking.storage.transactions import retried, transaction

ALARM_COLUMNS = """
       a.id, a.place_id, a.space_id, a.device_id, a.reservation_id, a.kind, a.raised_at,
       a.cleared_at, a.acknowledged_at, a.acknowledged_by, a.detail
"""

INSERT_ALARM = """
INSERT INTO alarm (place_id, space_id, device_id, reservation_id, kind, raised_at, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT DO NOTHING
"""

NEWEST_MAX = 200

ENDED_BY_PEOPLE = frozenset({AlarmKind.OPENED_WITHOUT_RIGHT})
"""Something that happened, not something that is: it is over when somebody has seen it."""


@dataclass(frozen=True, slots=True)
class AlarmRecord:
    """An alarm; times are aware UTC. It is live while `cleared_at` is None."""

    id: int
    place_id: int
    space_id: int
    device_id: int | None
    reservation_id: int | None
    kind: AlarmKind
    raised_at: datetime
    cleared_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: int | None
    detail: str


def alarm_of(row: Mapping[str, Any]) -> AlarmRecord:
    """A row of `ALARM_COLUMNS`, typed."""
    typed = {
        "kind": AlarmKind(row["kind"]),
        "raised_at": as_time(row["raised_at"]),
        "cleared_at": as_time_or_none(row["cleared_at"]),
        "acknowledged_at": as_time_or_none(row["acknowledged_at"]),
    }
    return AlarmRecord(**{**row, **typed})


def alarms_topic(place_id: int) -> str:
    """The bus topic of a place's alarms: `{"place_id": …}`; what has changed is read anew."""
    return f"place:{place_id}:alarms"


async def announce_alarms(bus: Bus, place_ids: Sequence[int]) -> None:
    """Tell who watches; inside a transaction `bus` has to hold its messages (`HeldBus`)."""
    for place_id in sorted(set(place_ids)):
        await bus.publish(alarms_topic(place_id), orjson.dumps({"place_id": place_id}))


async def raise_alarm(
    sql: Sql,
    bay: Watched,
    kind: AlarmKind,
    detail: str,
    at: datetime,
) -> bool:
    """Raise an alarm at a bay; False where that kind is live there already."""
    reservation_id = bay.claim.reservation_id if bay.claim is not None else None
    written = await sql.execute(
        INSERT_ALARM, bay.place_id, bay.space_id, bay.device_id, reservation_id, kind, at, detail
    )
    return written == 1


async def clear_alarm(sql: Sql, space_id: int, kind: AlarmKind, at: datetime) -> bool:
    """It is over; False where there was none."""
    written = await sql.execute(
        "UPDATE alarm SET cleared_at = $3 WHERE space_id = $1 AND kind = $2 AND cleared_at IS NULL",
        space_id,
        kind,
        at,
    )
    return written > 0


async def watch_bays(clock: Clock, bus: Bus) -> int:
    """Look at every bay that may contradict itself; how many alarms were raised or cleared.

    Any number of workers may look at a time: an index keeps an alarm from being raised twice.
    """
    changed, after = 0, 0
    while True:
        bays = await bays_to_watch(database(), clock.now(), after)
        if not bays:
            return changed
        after = bays[-1].space_id
        wrong = [bay for bay in bays if contradictions(bay, clock.now()).keys() != _watched(bay)]
        if wrong:
            changed += await retried(lambda wrong=wrong: _take_down(wrong, clock, bus))  # type: ignore[misc]


async def _take_down(bays: Sequence[Watched], clock: Clock, bus: Bus) -> int:
    async with HeldBus(bus) as held, transaction() as sql:
        places = [bay.place_id for bay in bays if await _adjust(sql, bay, clock.now())]
        await announce_alarms(held, places)
    return len(places)


async def adjust_alarms(change: PlaceChange, space_ids: list[int]) -> None:
    """The same at once, in the transaction of a report about these bays."""
    for bay in await bays_to_watch(change.sql, change.at, 0, space_ids):
        if await _adjust(change.sql, bay, change.at):
            body = orjson.dumps({"place_id": bay.place_id})
            change.tell(alarms_topic(bay.place_id), body)


async def _adjust(sql: Sql, bay: Watched, at: datetime) -> bool:
    """Make the live alarms of a bay those that its facts give; whether anything changed."""
    wrong = contradictions(bay, at)
    steps = [
        await raise_alarm(sql, bay, kind, detail, at)
        for kind, detail in wrong.items()
        if kind not in bay.alarms
    ]
    over = sorted(_watched(bay) - wrong.keys())
    steps += [await clear_alarm(sql, bay.space_id, kind, at) for kind in over]
    return any(steps)


def _watched(bay: Watched) -> frozenset[AlarmKind]:
    """The live alarms of the kinds that come and go by themselves."""
    return bay.alarms - ENDED_BY_PEOPLE


async def acknowledge_alarm(
    viewer: Viewer, alarm_id: int, *, clock: Clock, bus: Bus
) -> AlarmRecord:
    """Somebody has seen it and goes there; the first who says so is noted. Raises NotFound."""
    async with HeldBus(bus) as held, transaction() as sql:
        row = await sql.fetch_one(
            f"SELECT {ALARM_COLUMNS}, p.organisation_id FROM alarm a"
            " JOIN place p ON p.id = a.place_id WHERE a.id = $1",
            alarm_id,
        )
        if row is None or not may_tend(viewer, row["organisation_id"]):
            raise NotFound("there is no such alarm")
        at = clock.now()
        await sql.execute(
            "UPDATE alarm SET acknowledged_at = $2, acknowledged_by = $3"
            " WHERE id = $1 AND acknowledged_at IS NULL",
            alarm_id,
            at,
            viewer.person_id,
        )
        if AlarmKind(row["kind"]) in ENDED_BY_PEOPLE:
            await clear_alarm(sql, row["space_id"], AlarmKind(row["kind"]), at)
        subject, organisation_id = f"alarm:{alarm_id}", row["organisation_id"]
        await record_audit(sql, viewer, "acknowledge_alarm", subject, organisation_id, {}, at)
        await announce_alarms(held, [row["place_id"]])
        return (await alarms_by_id(sql, [alarm_id]))[alarm_id]


async def alarms_by_id(sql: Sql, alarm_ids: Sequence[int]) -> dict[int, AlarmRecord]:
    """These alarms, whoever asks."""
    rows = await sql.fetch(
        f"SELECT {ALARM_COLUMNS} FROM alarm a WHERE a.id {sql.any_of('$1')}", list(alarm_ids)
    )
    return {row["id"]: alarm_of(row) for row in rows}


async def alarms_of_place(place_id: int, *, live_only: bool = True) -> list[AlarmRecord]:
    """A place's alarms, newest first, at most `NEWEST_MAX`."""
    condition = " AND a.cleared_at IS NULL" if live_only else ""
    rows = await database().fetch(
        f"SELECT {ALARM_COLUMNS} FROM alarm a WHERE a.place_id = $1{condition}"
        " ORDER BY a.id DESC LIMIT $2",
        place_id,
        NEWEST_MAX,
    )
    return [alarm_of(row) for row in rows]
