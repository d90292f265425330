"""Following rights: a driver's own, and those of an organisation that issues them or runs places.
A message says only that something has changed: the rows are read again, so what the bus lost,
repeated or reordered costs nothing."""

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from parking.accounts.viewer import Viewer
from parking.errors import NotFound
from parking.events.bus import Bus
from parking.occupancy.state import UpdateKind
from parking.rights.granting.holding import live_redemptions, rights_of_person
from parking.rights.queries import (
    RightsFilter,
    find_rights,
    find_signals,
    redemptions_by_id,
    rights_by_id,
    signals_by_id,
)
from parking.rights.records import RedemptionRecord, RightRecord, SignalRecord
from parking.rights.rules import may_read_issued, may_read_run
from parking.rights.topics import organisation_rights_topic, person_rights_topic

SNAPSHOT_MAX = 100
"""So many rights a snapshot tells, the newest first."""

Row: TypeAlias = RightRecord | RedemptionRecord | SignalRecord
R = TypeVar("R", RightRecord, RedemptionRecord, SignalRecord)
Marks: TypeAlias = dict[tuple[type[Row], int], object]


@dataclass(frozen=True, slots=True)
class RightsUpdate:
    """A SNAPSHOT has the rights that may still be used (to an organisation: the newest of every
    state) with their unsettled redemptions, and the unseen signals; a DELTA those that are new or
    have changed, as they are now."""

    kind: UpdateKind
    rights: list[RightRecord]
    redemptions: list[RedemptionRecord]
    signals: list[SignalRecord]


@dataclass(frozen=True, slots=True)
class Followed:
    """Whose rights are followed: an organisation's, or else the viewer's own."""

    topic: str
    organisation_id: int | None = None


def own_rights(viewer: Viewer) -> Followed:
    """The viewer's own, or those of the vehicle whose code they gave. Raises NotFound for API keys,
    links and nobody."""
    if viewer.person_id is None or viewer.link_of is not None:
        raise NotFound("only a driver has rights of their own; sign in, or give a vehicle code")
    return Followed(person_rights_topic(viewer.person_id))


def issued_rights(viewer: Viewer, organisation_id: int) -> Followed:
    """What an organisation issues, and what is granted at places that it runs. Raises NotFound."""
    if not may_read_issued(viewer, organisation_id) and not may_read_run(viewer, organisation_id):
        raise NotFound("there is no such organisation")
    topic = organisation_rights_topic(organisation_id)
    return Followed(topic, organisation_id)


async def follow_rights(viewer: Viewer, which: Followed, bus: Bus) -> AsyncIterator[RightsUpdate]:
    """The present ones first; then each that is new or has changed. After a gap of the bus the
    present ones again."""
    async with bus.subscribe(which.topic) as messages:
        told: Marks = {}
        yield await _snapshot(viewer, which, told)
        async for message in messages:
            if message.body is None:
                yield await _snapshot(viewer, which, told)
                continue
            changed = await _changed(viewer, json.loads(message.body), told)
            if changed.rights or changed.redemptions or changed.signals:
                yield changed


async def _snapshot(viewer: Viewer, which: Followed, told: Marks) -> RightsUpdate:
    signals: list[SignalRecord] = []
    if which.organisation_id is None:
        rights = await rights_of_person(viewer)
    else:
        rights = await _issued(viewer, which.organisation_id)
        signals = await _unseen(viewer, which.organisation_id)
    redemptions = await live_redemptions(viewer, rights)
    told.clear()
    rows: list[Row] = [*rights, *redemptions, *signals]
    told.update((_key(each), _mark(each)) for each in rows)
    return RightsUpdate(UpdateKind.SNAPSHOT, rights, redemptions, signals)


async def _issued(viewer: Viewer, organisation_id: int) -> list[RightRecord]:
    """The newest of both sides; where it issues at a place of its own, one is on both."""
    made, granted = (
        RightsFilter(organisation_id=organisation_id),
        RightsFilter(operator_id=organisation_id),
    )
    return _newest(
        [
            *await find_rights(viewer, made, limit=SNAPSHOT_MAX),
            *await find_rights(viewer, granted, limit=SNAPSHOT_MAX),
        ]
    )


async def _unseen(viewer: Viewer, organisation_id: int) -> list[SignalRecord]:
    made, granted = (
        RightsFilter(organisation_id=organisation_id, is_seen=False),
        RightsFilter(operator_id=organisation_id, is_seen=False),
    )
    return _newest(
        [
            *await find_signals(viewer, made, limit=SNAPSHOT_MAX),
            *await find_signals(viewer, granted, limit=SNAPSHOT_MAX),
        ]
    )


def _newest(found: Iterable[R]) -> list[R]:
    by_id = {each.id: each for each in found}
    return [by_id[key] for key in sorted(by_id, reverse=True)[:SNAPSHOT_MAX]]


async def _changed(viewer: Viewer, about: Mapping[str, Any], told: Marks) -> RightsUpdate:
    """What the message is about and the viewer may see, where it is not as it was told before."""
    rights = await rights_by_id(viewer, _named(about, "right_id"))
    redemptions = await redemptions_by_id(viewer, _named(about, "redemption_id"))
    signals = await signals_by_id(viewer, _named(about, "signal_id"))
    return RightsUpdate(
        UpdateKind.DELTA,
        _fresh(rights, told),
        _fresh(redemptions, told),
        _fresh(signals, told),
    )


def _named(about: Mapping[str, Any], key: str) -> list[int]:
    return [about[key]] if key in about else []


def _fresh(found: Mapping[int, R], told: Marks) -> list[R]:
    fresh = [each for each in found.values() if told.get(_key(each)) != _mark(each)]
    told.update((_key(each), _mark(each)) for each in fresh)
    return fresh


def _key(row: Row) -> tuple[type[Row], int]:
    return type(row), row.id


def _mark(row: Row) -> object:
    """By what a row is known to be as it was: a right never goes back to an earlier version."""
    if isinstance(row, RightRecord):
        return row.version
    if isinstance(row, RedemptionRecord):
        return row.state, row.finished_at
    return (row.seen_at,)  # never None, which is what is known of a row that was not told
