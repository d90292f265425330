"""Finding a bay on foot where one has never been, from the ways that the mall has drawn."""

from parking.clock import TestClock
from parking.merchants.connectors import NewConnector, set_connectors
from parking.merchants.finding import NO_WAY, way_to_bay
from parking.merchants.kinds import ConnectorKind
from parking.places.models import Campus, Place
from tests.support.estate import OPENED
from tests.support.parked import Parked, make_parked


async def draw(parked: Parked, *ways: NewConnector) -> None:
    """The place is in a mall with these ways."""
    company, place_id = parked.estate.organisation_id, parked.estate.place_id
    mall = await Campus.create(organisation_id=company, name="Mall", created_at=OPENED)
    await Place.filter(id=place_id).update(campus_id=mall.id)
    await set_connectors(parked.operator, mall.id, ways, clock=parked.clock)


async def test_the_walk_is_on_the_places_own_plan_or_the_malls(
    database: str, clock: TestClock
) -> None:
    parked = await make_parked(clock)
    space_id = parked.estate.space_ids[0]
    assert await way_to_bay(None) == await way_to_bay(space_id) == NO_WAY
    for place_id in (parked.estate.place_id, None):
        await draw(
            parked,
            NewConnector(ConnectorKind.ENTRANCE, "North", 0.0, 9.0, place_id=place_id),
            NewConnector(ConnectorKind.LIFT, "A", 4.0, 9.0, place_id=place_id),
            NewConnector(ConnectorKind.LIFT, "A", 4.0, 0.0, level=1, place_id=place_id),
        )
        found = await way_to_bay(space_id)
        names = [(point.kind.value, point.name, point.spot.level) for point in found.walk]
        assert names == [
            ("ENTRANCE", "North", 0), ("LIFT", "A", 0), ("LIFT", "A", 1), ("BAY", "A-01", 1),
        ]  # fmt: skip
        assert (found.plan, found.levels) == (place_id, {1: "Level 1", 2: "Level 2"})


async def test_without_a_door_outdoors_nothing_is_said(database: str, clock: TestClock) -> None:
    parked = await make_parked(clock)
    await draw(parked, NewConnector(ConnectorKind.LIFT, "A", 4.0, 0.0, level=1))
    assert (await way_to_bay(parked.estate.space_ids[0])).walk == []
