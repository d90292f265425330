"""Recording reports: the verb that turns what devices and people say into states and history."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

from parking.clock import Clock
from parking.events.bus import Bus
from parking.occupancy.change import PlaceChange, begin_change, publish_updates
from parking.occupancy.models import Axis, LockState, Occupancy, Source
from parking.occupancy.rows import Fact, StateRow
from parking.occupancy.state import PlaceUpdate
from parking.storage.sql import Sql
from parking.storage.transactions import transaction


@dataclass(frozen=True, slots=True)
class Report:
    """One thing that a device or person says of a space.

    `observed_at` is the instant it speaks of, `since` when that state began if the speaker knows,
    `received_at` when the platform heard it; all aware UTC. Reports of one device on one axis are
    ordered by (`boot`, `sequence`).
    """

    space_id: int
    place_id: int
    axis: Axis
    value: str
    observed_at: datetime
    received_at: datetime
    device_id: int | None = None
    boot: int = 0
    sequence: int = 0
    source: Source = Source.DEVICE
    person_id: int | None = None
    since: datetime | None = None

    @property
    def began_at(self) -> datetime:
        """When the reported state began, as far as is known."""
        return self.observed_at if self.since is None else self.since


DURATION_TOLERANCE = timedelta(seconds=5)
"""Devices round durations and their clocks drift: a smaller difference is the same beginning."""


class Verdict(Enum):
    """What a report means for the state it meets."""

    CHANGE = auto()
    REFRESH = auto()
    LATE = auto()
    DUPLICATE = auto()


def judge(report: Report, state: StateRow) -> Verdict:
    """Whether the report changes the state, confirms it, comes late, or was here already (I8).

    Reports of the device that spoke last are ordered by (boot, sequence), whatever the order of
    arrival. Between different speakers (a replaced device, a person, silence) arrival decides.
    """
    value, device_id, boot, sequence = _held(state, report.axis)
    if report.source is Source.DEVICE and report.device_id == device_id:
        if (report.boot, report.sequence) == (boot, sequence):
            return Verdict.DUPLICATE
        if (report.boot, report.sequence) < (boot, sequence):
            return Verdict.LATE
    if report.value != value or _began_again(report, state):
        return Verdict.CHANGE
    return Verdict.REFRESH


def _began_again(report: Report, state: StateRow) -> bool:
    """The same value, but begun anew: a change away and back went by unseen."""
    since = _since(state, report.axis)
    if report.since is None or since is None:
        return False
    return report.since - since > DURATION_TOLERANCE


async def record(reports: Sequence[Report], clock: Clock, bus: Bus) -> list[PlaceUpdate]:
    """Record a group of reports in one transaction; returns one update a changed place.

    Reports of spaces that do not exist (any more) are left out. Raises only what the database
    raises, and then nothing of the group is recorded.
    """
    async with transaction() as sql:
        change = await record_within(sql, reports, clock.now())
    updates = change.updates()
    await publish_updates(bus, updates)
    return updates


async def record_within(sql: Sql, reports: Sequence[Report], at: datetime) -> PlaceChange:
    """`record` inside the caller's transaction; the caller publishes `updates()` after commit."""
    change = await begin_change(sql, sorted({r.place_id for r in reports}), at)
    states = await change.states(sorted({r.space_id for r in reports}))
    for report in reports:
        state = states.get(report.space_id)
        if state is not None:
            _take(change, state, report)
    await change.write()
    return change


def _take(change: PlaceChange, state: StateRow, report: Report) -> None:
    match judge(report, state):
        case Verdict.CHANGE:
            since = _begins(report, state)
            _hold(state, report, since)
            change.keep(_fact(report, since))
            change.put(state)
        case Verdict.REFRESH:
            _confirm(state, report)
            change.touch(state)
        case Verdict.LATE:
            _take_late(change, state, report)
        case Verdict.DUPLICATE:
            pass


def _take_late(change: PlaceChange, state: StateRow, report: Report) -> None:
    """Keep a late report as history.

    If it says that the space was otherwise after the present state is held to have begun, then
    the present state began again by the newest report: history gets that too.
    """
    since, value = _since(state, report.axis), _held(state, report.axis)[0]
    began_at = report.began_at
    if since is not None and since < began_at and value != report.value:
        newest_at = state.observed_at if report.axis is Axis.OCCUPANCY else None
        if newest_at is None or newest_at <= began_at:
            began_at = since
        else:
            _begin_again(change, state, report, newest_at)
    change.keep(_fact(report, began_at))


def _begin_again(change: PlaceChange, state: StateRow, late: Report, newest_at: datetime) -> None:
    state.occupancy_since = newest_at
    again = replace(
        late,
        value=state.occupancy,
        source=state.source,
        device_id=state.occupancy_device_id,
        boot=state.occupancy_boot,
        sequence=state.occupancy_sequence,
    )
    change.keep(_fact(again, newest_at))
    change.put(state)


def _held(state: StateRow, axis: Axis) -> tuple[str, int | None, int, int]:
    if axis is Axis.OCCUPANCY:
        device_id, boot = state.occupancy_device_id, state.occupancy_boot
        return state.occupancy, device_id, boot, state.occupancy_sequence
    return state.lock, state.lock_device_id, state.lock_boot, state.lock_sequence


def _since(state: StateRow, axis: Axis) -> datetime | None:
    return state.occupancy_since if axis is Axis.OCCUPANCY else state.lock_since


def _begins(report: Report, state: StateRow) -> datetime:
    """When the new state begins: never before the one it ends, whatever the device's clock says."""
    since = _since(state, report.axis)
    return report.began_at if since is None else max(report.began_at, since)


def _hold(state: StateRow, report: Report, since: datetime) -> None:
    if report.axis is Axis.OCCUPANCY:
        state.occupancy = Occupancy(report.value)
        state.occupancy_since = since
        state.source = report.source
    else:
        state.lock = LockState(report.value)
        state.lock_since = since
    _confirm(state, report)


def _confirm(state: StateRow, report: Report) -> None:
    """Note the newest word, though it says nothing new.

    Silence and people leave the device's (boot, sequence) in place: its next report must be newer
    than its last one, not than theirs.
    """
    if report.axis is Axis.OCCUPANCY and report.source is not Source.STALENESS:
        state.observed_at = report.observed_at
    if report.source is not Source.DEVICE:
        return
    if report.axis is Axis.OCCUPANCY:
        state.source = report.source
        state.occupancy_device_id = report.device_id
        state.occupancy_boot, state.occupancy_sequence = report.boot, report.sequence
    else:
        state.lock_device_id = report.device_id
        state.lock_boot, state.lock_sequence = report.boot, report.sequence


def _fact(report: Report, observed_at: datetime) -> Fact:
    return Fact(
        space_id=report.space_id,
        place_id=report.place_id,
        axis=report.axis,
        value=report.value,
        observed_at=observed_at,
        received_at=report.received_at,
        source=report.source,
        device_id=report.device_id,
        person_id=report.person_id,
        boot=report.boot,
        sequence=report.sequence,
    )
