"""A space's state and a place's update as plain values, and how they travel as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson

from parking.clock import as_utc
from parking.occupancy.models import Claim, LockState, Occupancy, Service, Source, SpaceStatus
from parking.occupancy.rules import Counts
from parking.places.models import PlaceState


@dataclass(frozen=True, slots=True)
class SpaceSnapshot:
    """The public state of one space: what subscribers see.

    `since` is when the present occupancy began, `observed_at` when a device or person last said
    so, `version` the place's version at the space's last change. Times are aware UTC.
    """

    space_id: int
    number: str
    occupancy: Occupancy = Occupancy.UNKNOWN
    since: datetime | None = None
    observed_at: datetime | None = None
    source: Source = Source.NONE
    service: Service = Service.OPEN
    claim: Claim = Claim.NONE
    lock: LockState = LockState.UNKNOWN
    lock_since: datetime | None = None
    status: SpaceStatus = SpaceStatus.UNKNOWN
    version: int = 0


class UpdateKind(StrEnum):
    """Whether an update replaces everything known of the place or adds to it."""

    SNAPSHOT = "SNAPSHOT"
    DELTA = "DELTA"


@dataclass(frozen=True, slots=True)
class PlaceUpdate:
    """A place at `version`; a DELTA continues exactly from `previous_version`."""

    place_id: int
    version: int
    at: datetime
    state: PlaceState
    counts: Counts
    spaces: tuple[SpaceSnapshot, ...] = ()
    kind: UpdateKind = UpdateKind.DELTA
    previous_version: int | None = None
    is_inventory: bool = False
    """Spaces were added, removed or edited: what a consumer knows of the plan is out of date."""


def merge(updates: Sequence[PlaceUpdate]) -> PlaceUpdate:
    """Consecutive updates as one: the newest state of each space that any of them names."""
    assert updates, "nothing to merge"
    first, last = updates[0], updates[-1]
    newest: dict[int, SpaceSnapshot] = {}
    for update in updates:
        if update.kind is UpdateKind.SNAPSHOT:
            newest, first = {}, update
        newest.update((space.space_id, space) for space in update.spaces)
    return replace(
        last,
        spaces=tuple(newest.values()),
        kind=first.kind,
        previous_version=first.previous_version,
        is_inventory=any(update.is_inventory for update in updates),
    )


def encode_update(update: PlaceUpdate) -> bytes:
    """The JSON that event rows keep and the bus carries."""
    return orjson.dumps(
        {
            "place": update.place_id,
            "from": update.previous_version,
            "version": update.version,
            "at": update.at,
            "state": update.state,
            "counts": update.counts,
            "spaces": update.spaces,
            "inventory": update.is_inventory,
        },
        option=orjson.OPT_UTC_Z,
    )


def decode_update(body: bytes | str) -> PlaceUpdate:
    """The inverse of `encode_update`; always a DELTA."""
    raw = orjson.loads(body)
    return PlaceUpdate(
        place_id=raw["place"],
        version=raw["version"],
        previous_version=raw["from"],
        at=as_utc(datetime.fromisoformat(raw["at"])),
        state=PlaceState(raw["state"]),
        counts=Counts(**raw["counts"]),
        spaces=tuple(_space(space) for space in raw["spaces"]),
        is_inventory=raw["inventory"],
    )


def _time(value: str | None) -> datetime | None:
    return None if value is None else as_utc(datetime.fromisoformat(value))


def _space(raw: Mapping[str, Any]) -> SpaceSnapshot:
    return SpaceSnapshot(
        space_id=raw["space_id"],
        number=raw["number"],
        occupancy=Occupancy(raw["occupancy"]),
        since=_time(raw["since"]),
        observed_at=_time(raw["observed_at"]),
        source=Source(raw["source"]),
        service=Service(raw["service"]),
        claim=Claim(raw["claim"]),
        lock=LockState(raw["lock"]),
        lock_since=_time(raw["lock_since"]),
        status=SpaceStatus(raw["status"]),
        version=raw["version"],
    )
