"""What is told beside a right to fetch a car: the place, the bay, and what was paid."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from parking.access.delegations.records import DelegationRecord
from parking.access.delegations.rules import LIVE
from parking.access.linked import way_of
from parking.accounts.viewer import Viewer
from parking.locations.fetching.queries import delegations_seen
from parking.places.records import SpaceRecord
from parking.reservations.record import locked_reservation
from parking.storage.sql import database


class SeenFacts(NamedTuple):
    """For owner and fetcher. `paid_minor` is None until the stay is settled."""

    place_name: str
    time_zone: str
    currency: str
    paid_minor: int | None


class FetchFacts(NamedTuple):
    """For who has the address: where the car is by its booking, while the right is live; after that
    `level` and `space_number` are empty, `space_id` is None, and there are no bays to draw."""

    place_name: str
    address: str
    time_zone: str
    latitude: float | None
    longitude: float | None
    level: str
    space_number: str
    space_id: int | None
    bays: Sequence[SpaceRecord]


async def facts_seen(viewer: Viewer, ids: Sequence[int], now: datetime) -> Mapping[int, SeenFacts]:
    """Of the rights that the viewer may see."""
    sql, seen = database(), sorted(await delegations_seen(viewer, ids, now))
    rows = await sql.fetch(
        "SELECT d.id, p.name AS place_name, p.time_zone, d.currency, f.amount_minor AS paid_minor"
        "  FROM exit_delegation d JOIN place p ON p.id = d.place_id"
        "  LEFT JOIN fetch_payment f ON f.delegation_id = d.id"
        f" WHERE d.id {sql.any_of('$1')}",
        seen,
    )
    return {row.pop("id"): SeenFacts(**row) for row in map(dict, rows)}


async def facts_to_fetch(delegation: DelegationRecord) -> FetchFacts:
    """Of a right that was found by its address."""
    way = await way_of(await locked_reservation(database(), delegation.reservation_id))
    place, is_live = way.place, delegation.state in LIVE
    return FetchFacts(
        place_name=place.name,
        address=place.address,
        time_zone=place.time_zone,
        latitude=place.latitude,
        longitude=place.longitude,
        level=way.level if is_live else "",
        space_number=way.space.number if is_live else "",
        space_id=way.space.id if is_live else None,
        bays=way.bays if is_live else (),
    )
