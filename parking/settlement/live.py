"""Following settlements and one's own wallet. A message says only that something has changed: the
rows are read again, so what the bus lost, repeated or reordered costs nothing."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

from parking.accounts.viewer import Viewer
from parking.errors import InvalidInput, NotFound
from parking.events.bus import Bus
from parking.occupancy.state import UpdateKind
from parking.reservations.queries import reservations_by_id
from parking.reservations.record import person_topic
from parking.settlement.figures.holdings import Wallet, own_wallets
from parking.settlement.queries import (
    MoneyFilter,
    find_settlements,
    settlements_by_id,
    settlements_of_reservations,
)
from parking.settlement.records import SettlementRecord
from parking.settlement.rules import may_earn, may_see
from parking.settlement.topics import (
    organisation_money_topic,
    person_money_topic,
    place_money_topic,
    settlement_topic,
)
from parking.storage.sql import database

SNAPSHOT_MAX = 100
"""So many settlements a snapshot tells, the newest first."""


@dataclass(frozen=True, slots=True)
class SettlementsUpdate:
    """A SNAPSHOT has the newest settlements; a DELTA those that are new, or beside which something
    has changed, as they are now."""

    kind: UpdateKind
    settlements: list[SettlementRecord]


@dataclass(frozen=True, slots=True)
class Followed:
    """Whose settlements are followed: one booking's, or those of a list."""

    topic: str
    wanted: MoneyFilter
    reservation_id: int | None = None


async def followed(
    viewer: Viewer,
    reservation_id: int | None = None,
    organisation_id: int | None = None,
    place_id: int | None = None,
) -> Followed:
    """A booking's for who may see its money, a lessor's for its OWNERs and OPERATORs, a place's for
    its OPERATORs, without any the viewer's own. Raises NotFound, and InvalidInput for several."""
    given = [key for key in (reservation_id, organisation_id, place_id) if key is not None]
    if len(given) > 1:
        raise InvalidInput("placeId", "Name one of reservation, organisation and place.")
    if reservation_id is not None:
        await _require_money_seen(viewer, reservation_id)
        return Followed(settlement_topic(reservation_id), MoneyFilter(), reservation_id)
    if organisation_id is not None:
        if not may_earn(viewer, organisation_id):
            raise NotFound("there is no such organisation")
        wanted = MoneyFilter(organisation_id=organisation_id)
        return Followed(organisation_money_topic(organisation_id), wanted)
    if place_id is not None:
        await _require_place_run(viewer, place_id)
        return Followed(place_money_topic(place_id), MoneyFilter(place_id=place_id))
    person_id = own_person(viewer)
    return Followed(person_money_topic(person_id), MoneyFilter(person_id=person_id))


def own_person(viewer: Viewer) -> int:
    """Who follows their own money. Raises NotFound for API keys, links and nobody."""
    if viewer.person_id is None or viewer.link_of is not None:
        raise NotFound("only a signed-in person has money of their own")
    return viewer.person_id


async def _require_money_seen(viewer: Viewer, reservation_id: int) -> None:
    found = (await reservations_by_id(viewer, [reservation_id])).get(reservation_id)
    sides = None if found is None else (found.person_id, found.organisation_id, found.operator_id)
    if sides is None or not may_see(viewer, *sides, reservation_id):
        raise NotFound("there is no such reservation")


async def _require_place_run(viewer: Viewer, place_id: int) -> None:
    row = await database().fetch_one("SELECT organisation_id FROM place WHERE id = $1", place_id)
    if row is None or not may_see(viewer, None, None, row["organisation_id"]):
        raise NotFound("there is no such place")


async def follow_settlements(
    viewer: Viewer, which: Followed, bus: Bus
) -> AsyncIterator[SettlementsUpdate]:
    """The newest first; then each that is new or has a new version. After a gap of the bus the
    newest again."""
    async with bus.subscribe(which.topic) as messages:
        versions: dict[int, int] = {}
        yield await _snapshot(viewer, which, versions)
        async for message in messages:
            told = {} if message.body is None else json.loads(message.body)
            if message.body is None:
                yield await _snapshot(viewer, which, versions)
            elif "settlement_id" in told:
                changed = await _changed(viewer, which, told["settlement_id"], versions)
                if changed:
                    yield SettlementsUpdate(UpdateKind.DELTA, changed)


async def _snapshot(viewer: Viewer, which: Followed, versions: dict[int, int]) -> SettlementsUpdate:
    if which.reservation_id is None:
        found = await find_settlements(viewer, which.wanted, limit=SNAPSHOT_MAX)
    else:
        one = await settlements_of_reservations(viewer, [which.reservation_id])
        found = list(one.values())
    versions.clear()
    versions.update((each.id, each.version) for each in found)
    return SettlementsUpdate(UpdateKind.SNAPSHOT, found)


async def _changed(
    viewer: Viewer, which: Followed, settlement_id: int, versions: dict[int, int]
) -> list[SettlementRecord]:
    found = await settlements_by_id(viewer, [settlement_id])
    fresh = [
        each
        for each in found.values()
        if versions.get(each.id, 0) < each.version and _is_wanted(each, which.wanted)
    ]
    versions.update((each.id, each.version) for each in fresh)
    return fresh


def _is_wanted(settlement: SettlementRecord, wanted: MoneyFilter) -> bool:
    """An organisation hears of what it lets, runs and pays for; its list has what it lets."""
    return all(
        getattr(wanted, name) in (None, getattr(settlement, name))
        for name in ("person_id", "organisation_id", "place_id")
    )


async def follow_wallets(viewer: Viewer, bus: Bus) -> AsyncIterator[list[Wallet]]:
    """The viewer's own wallets now, then each time that something in them has changed: also by the
    steps of their bookings, which take money. Raises NotFound."""
    person_id = own_person(viewer)
    async with bus.subscribe(person_money_topic(person_id), person_topic(person_id)) as messages:
        told = await own_wallets(viewer)
        yield told
        async for _ in messages:
            now = await own_wallets(viewer)
            if now != told:
                told = now
                yield now
